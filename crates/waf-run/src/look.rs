//! Looks for newer rule sets by itself: a mirror over HTTPS is asked at intervals, moved so that not every installation asks at
//! the same minute. What it has takes the way of every rule set; who signed it decides, not where it came from.

use std::path::Path;
use std::time::Duration;

use bedrail_waf_rules::hash::sha256;
use bedrail_waf_rules::source::{self, Get};
use bedrail_waf_rules::trust::PinnedKey;
use bedrail_waf_rules::version::Channel;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, Settings};
use crate::update::{Source, offered, update};
use crate::{RulesError, io, put};

/// The file in the state folder that says when the mirror was asked.
pub const FILE: &str = "rules-asked.json";
/// Bytes of it.
const MOST: u64 = 64 << 10;
/// Between two glances at the clock.
const PAUSE: Duration = Duration::from_secs(20);

/// A mirror that is asked by itself.
#[derive(Debug)]
pub struct Schedule {
    /// `https://…`.
    pub mirror: String,
    /// Which releases.
    pub channel: Channel,
    /// The key of those who make releases.
    pub key: PinnedKey,
    /// Seconds between two looks, before they are moved.
    pub every: u32,
}

/// When a mirror was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The mirror.
    pub mirror: String,
    /// When it was asked last.
    pub asked_at: Timestamp,
    /// When it answered last.
    pub answered_at: Option<Timestamp>,
    /// Why it did not, the last time.
    pub trouble: Option<String>,
    /// When it is asked again, at the earliest.
    pub next_at: Timestamp,
}

impl Looked {
    /// Reads it; `None` where no mirror was asked yet.
    ///
    /// # Errors
    /// [`RulesError`] for a file that is damaged.
    pub fn read(state: &Path) -> Result<Option<Looked>, RulesError> {
        let path = state.join(FILE);
        let bad = |reason: String| RulesError::NotNow(format!("{}: {reason}", path.display()));
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > MOST => return Err(bad(format!("it has more than {MOST} bytes"))),
            _ => {}
        }
        let bytes = std::fs::read(&path).map_err(io("read", &path))?;
        serde_json::from_slice(&bytes).map(Some).map_err(|error| bad(error.to_string()))
    }

    fn keep(&self, state: &Path) -> Result<(), RulesError> {
        let path = state.join(FILE);
        let text = serde_json::to_vec(self).map_err(|bug| io("write", &path)(std::io::Error::other(bug)))?;
        put(&path, &text, 0o600)
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Looked { mirror, asked_at, answered_at, trouble, next_at } = self;
        let answered = answered_at.map_or_else(|| "never".to_owned(), |it| format!("{it:.0}"));
        let trouble = trouble.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
        format!(
            "mirror     {mirror}, asked {asked_at:.0}, answered {answered}{trouble}; asked again {next_at:.0}\n"
        )
    }
}

/// Asks the mirror where it is time. Says what is to be said; `false` where it was not time.
///
/// That it is asked is written down before, so that a program that starts again and again does not ask each time.
///
/// # Errors
/// [`RulesError`]. A mirror that does not answer is none: it stands in [`Looked`].
pub fn look(
    settings: &Settings,
    schedule: &Schedule,
    client: &mut dyn Get,
    now: Timestamp,
    tell: &impl Fn(&str),
) -> Result<bool, RulesError> {
    let before = Looked::read(&settings.state)?.filter(|it| it.mirror == schedule.mirror);
    if before.as_ref().is_some_and(|it| now < it.next_at) {
        return Ok(false);
    }
    // The state folder tells installations apart; nothing of it leaves the machine.
    let place = std::fs::canonicalize(&settings.state).map_err(io("read", &settings.state))?;
    let host = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let installation = sha256(format!("{} {}", host.trim(), place.display()).as_bytes());
    let mut looked = Looked {
        mirror: schedule.mirror.clone(),
        asked_at: now,
        answered_at: before.as_ref().and_then(|it| it.answered_at),
        trouble: before.and_then(|it| it.trouble),
        next_at: source::next_look(now, schedule.every, &installation),
    };
    looked.keep(&settings.state)?;
    match offered(&settings.state, &schedule.mirror, schedule.channel, client) {
        Ok(bundle) => {
            (looked.answered_at, looked.trouble) = (Some(now), None);
            looked.keep(&settings.state)?;
            if bundle.is_some() {
                let desk = Desk::open(settings)?;
                let updated = update(&desk, &Source::Fetched { bundle, key: &schedule.key }, now)?;
                updated.said.iter().for_each(|one| tell(&one.text));
            }
        }
        Err(RulesError::Source(error)) => {
            let text = error.to_string();
            if looked.trouble.as_ref() != Some(&text) {
                tell(&format!("mirror of rule sets: {text}"));
            }
            looked.trouble = Some(text);
            looked.keep(&settings.state)?;
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Asks at intervals, in a thread of its own, until the program ends.
pub fn in_background(
    settings: Settings,
    schedule: Schedule,
    mut client: impl Get + Send + 'static,
    clock: impl Fn() -> Timestamp + Send + 'static,
    tell: impl Fn(&str) + Send + 'static,
) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(PAUSE);
            if let Err(error) = look(&settings, &schedule, &mut client, clock(), &tell) {
                tell(&format!("mirror of rule sets: {error}"));
            }
        }
    });
}
