//! `bedrail waf`: the firewall in front of devices, and its rule sets. No engine is in this program: judges are processes
//! of their own.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bedrail_app::clock::Clock;
use bedrail_app::rules_mirror::RulesMirror;
use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::difference::Difference;
use bedrail_waf_rules::life::{Plan, SiteId};
use bedrail_waf_rules::trust::{Pin, PinnedKey};
use bedrail_waf_rules::version::Channel;
use bedrail_waf_run::RulesError;
use bedrail_waf_run::desk::{Desk, Settings};
use bedrail_waf_run::key::{self, Key};
use bedrail_waf_run::log::Sentence;
use bedrail_waf_run::look::{Looked, Schedule};
use bedrail_waf_run::overview::overview;
use bedrail_waf_run::update::{self, Promotion, Source};
use serde::Serialize;

use crate::cli::args::{
    Place, ProfileWord, TextOrJson, Waf, WafCommand, WafMirror, WafRulesCommand, WafUpdate,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// The file of the installation's own key.
const KEY_FILE: &str = "audit.key";
/// Bytes of a public key file.
const MOST_KEY: u64 = 1 << 20;

pub(crate) fn run(place: &Place, options: Waf) -> Result<Exit, Failure> {
    match options.command {
        WafCommand::Run { config, no_follow, profile, mirror } => {
            serve(&config, !no_follow, profile.into(), &mirror)
        }
        WafCommand::Status { state } => {
            let text = bedrail_waf::cli::status(&state).map_err(|error| {
                let doing = format!("the proxy of {} does not answer", state.display());
                Failure::because(&doing, &error)
                    .hint("it is started with `bedrail waf run`, by the same user")
            })?;
            writeln!(io::stdout(), "{text}")?;
            Ok(Exit::Success)
        }
        WafCommand::Rules(rules) => self::rules(place, rules.command),
    }
}

impl From<ProfileWord> for Profile {
    fn from(word: ProfileWord) -> Profile {
        match word {
            ProfileWord::Hospital => Profile::Hospital,
            ProfileWord::Plain => Profile::Plain,
        }
    }
}

fn failed(error: &RulesError) -> Failure {
    Failure::because("rule sets", error)
}

fn settings(state: &Path, engine: PathBuf, profile: Profile) -> Settings {
    Settings { state: state.to_owned(), engine, profile, plan: Plan::default(), own_tests: None }
}

fn mirror(url: &str, ca: Option<&Path>) -> Result<RulesMirror, Failure> {
    RulesMirror::new(url, ca).map_err(|words| Failure::new(format!("--mirror: {words}")))
}

fn channel(long_support: bool) -> Channel {
    if long_support { Channel::LongSupport } else { Channel::Newest }
}

/// The mirror that is asked by itself, where one was named.
fn schedule(asked: &WafMirror) -> Result<Option<(Schedule, RulesMirror)>, Failure> {
    let (Some(url), Some(key)) = (&asked.url, &asked.key) else { return Ok(None) };
    let schedule = Schedule {
        mirror: url.clone(),
        channel: channel(asked.long_support),
        key: pinned(key)?,
        every: asked.hours * 3_600,
    };
    Ok(Some((schedule, mirror(url, asked.ca.as_deref())?)))
}

fn serve(config: &Path, follow: bool, profile: Profile, asked: &WafMirror) -> Result<Exit, Failure> {
    let now = || Clock::System.now();
    let read = bedrail_waf::config::read(config)
        .map_err(|error| Failure::because(&config.display().to_string(), &error))?;
    let reports = read.events.parent().unwrap_or(&read.state).to_owned();
    let settings = settings(&read.state, read.engine, profile);
    let asked = schedule(asked)?;
    let ran = bedrail_waf::cli::run(config, now, |started| {
        let mut out = io::stderr().lock();
        for address in started.addresses {
            // Nobody is left to tell when standard error is gone.
            let _ = writeln!(out, "listening on {address}");
        }
        for (name, error) in started.not_loaded {
            let _ = writeln!(out, "warning: {name} is not in use: {error}");
        }
        let say = |text: &str| {
            let _ = writeln!(io::stderr(), "{text}");
        };
        bedrail_waf_run::report::in_background(settings.state.clone(), reports, now, say);
        if let Some((schedule, mirror)) = asked {
            bedrail_waf_run::look::in_background(settings.clone(), schedule, mirror, now, say);
        }
        if follow {
            bedrail_waf_run::follow::in_background(settings, now, say);
        }
    });
    ran.map_err(|error| Failure::because("the firewall", &error))?;
    Ok(Exit::Success)
}

fn rules(place: &Place, command: WafRulesCommand) -> Result<Exit, Failure> {
    let now = Clock::System.now();
    let none = PathBuf::from("bedrail-waf-engine");
    match command {
        WafRulesCommand::Sign { folder, key, name, rules_version, format } => {
            let key = own_key(place, key)?;
            let version = rules_version.map(|it| it.parse()).transpose();
            let version = version.map_err(|error| Failure::because("--rules-version", &error))?;
            let head = key::sign(&folder, &key, name.as_deref(), version, now).map_err(|it| failed(&it))?;
            let text = format!(
                "signed {} {} in {} with the key of this installation; nobody else vouches for it",
                head.name,
                head.version,
                folder.display()
            );
            show_said(&[Sentence { at: now, text, alert: false }], format)?;
        }
        WafRulesCommand::Update(options) => return update(place, &options),
        WafRulesCommand::Status { at } => {
            let settings = settings(&at.state, none, Profile::Hospital);
            let desk = Desk::open(&settings).map_err(|it| failed(&it))?;
            let state = desk.shelf.state().map_err(|it| failed(&it.into()))?;
            let asked = Looked::read(&at.state).map_err(|it| failed(&it))?;
            let view = overview(&state, asked, now);
            match at.format {
                TextOrJson::Text => io::stdout().write_all(view.text().as_bytes())?,
                TextOrJson::Json => show_json(&view)?,
            }
        }
        WafRulesCommand::Promote { site, now_current, by, at } => {
            let settings = settings(&at.state, none, Profile::Hospital);
            let desk = Desk::open(&settings).map_err(|it| failed(&it))?;
            let what = match site {
                Some(key) => Promotion::Site(
                    SiteId::new(&key).ok_or_else(|| Failure::usage(format!("{key} is no key of a site")))?,
                ),
                None if now_current => Promotion::Current,
                None => Promotion::Every,
            };
            let said = update::promote(&desk, &what, &by, now).map_err(|it| failed(&it))?;
            show_said(&said, at.format)?;
        }
        WafRulesCommand::Rollback { by, reason, at } => {
            let settings = settings(&at.state, none, Profile::Hospital);
            let desk = Desk::open(&settings).map_err(|it| failed(&it))?;
            let said = update::rollback(&desk, &by, &reason, now).map_err(|it| failed(&it))?;
            show_said(&said, at.format)?;
        }
    }
    Ok(Exit::Success)
}

fn own_key(place: &Place, file: Option<PathBuf>) -> Result<Key, Failure> {
    Key::read(&file.unwrap_or_else(|| place.data_dir().join(KEY_FILE))).map_err(|it| failed(&it))
}

/// Exit code 4 where a rule set was rejected, which is an answer and no failure.
fn update(place: &Place, options: &WafUpdate) -> Result<Exit, Failure> {
    let now = Clock::System.now();
    let mut settings = settings(&options.at.state, options.engine.clone(), options.profile.into());
    settings.own_tests.clone_from(&options.own_tests);
    let pinned = options.key.as_deref().map(pinned).transpose()?;
    let own = options.pack.as_ref().map(|_| own_key(place, options.pack_key.clone())).transpose()?;
    let channel = channel(options.long_support);
    let from = match (&options.mirror, &options.bundle, &options.pack, &pinned, &own) {
        (Some(url), _, _, Some(key), _) if url.contains("://") => {
            let mut mirror = mirror(url, options.mirror_ca.as_deref())?;
            let bundle = update::offered(&settings.state, url, channel, &mut mirror);
            Source::Fetched { bundle: bundle.map_err(|it| failed(&it))?, key }
        }
        (Some(folder), _, _, Some(key), _) => Source::Mirror { folder: folder.into(), channel, key },
        (_, Some(archive), _, Some(key), _) => {
            Source::Bundle { archive: archive.clone(), signature: options.signature.clone(), key }
        }
        (_, _, Some(pack), _, Some(own)) => Source::Pack { pack: pack.clone(), public: own.public() },
        _ => return Err(Failure::usage("say --mirror or --bundle with --key, or --pack")),
    };
    let desk = Desk::open(&settings).map_err(|it| failed(&it))?;
    let updated = update::update(&desk, &from, now).map_err(|it| failed(&it))?;
    match options.at.format {
        TextOrJson::Json => show_json(&updated)?,
        TextOrJson::Text => {
            show_said(&updated.said, TextOrJson::Text)?;
            if let Some(found) = &updated.difference {
                io::stdout().write_all(report(found).as_bytes())?;
            }
            if let Some(own) = &updated.own_tests {
                io::stdout().write_all(own.text().as_bytes())?;
            }
        }
    }
    let rejected = updated.said.iter().any(|it| it.alert);
    Ok(if rejected { Exit::Incomplete } else { Exit::Success })
}

fn pinned(path: &Path) -> Result<PinnedKey, Failure> {
    let doing = path.display().to_string();
    let length = std::fs::metadata(path).map_err(|error| Failure::because(&doing, &error))?.len();
    if length > MOST_KEY {
        return Err(Failure::new(format!("{doing}: it has more than {MOST_KEY} bytes; a key has not")));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::because(&doing, &error))?;
    PinnedKey::read(&bytes, &Pin::core_rule_set()).map_err(|error| Failure::because(&doing, &error))
}

/// Old against new, for people.
fn report(found: &Difference) -> String {
    let mut out = format!("difference to the rule set that decides, over {} requests:\n", found.judged);
    for (what, changes) in [("new blocks", &found.new_blocks), ("lost blocks", &found.lost_blocks)] {
        out.push_str(&format!("  {what}: {}\n", changes.len()));
        for change in changes.iter().take(20) {
            out.push_str(&format!("    {} (rules {:?})\n", change.request, change.rules));
        }
        if changes.len() > 20 {
            out.push_str(&format!("    and {} more; --format json has all\n", changes.len() - 20));
        }
    }
    for (rule, (before, now)) in found.per_rule.iter().take(20) {
        out.push_str(&format!("  rule {rule}: {before} before, {now} now\n"));
    }
    if found.per_rule.len() > 20 {
        out.push_str(&format!("  and {} rules more; --format json has all\n", found.per_rule.len() - 20));
    }
    if found.unjudged > 0 {
        out.push_str(&format!("  without a verdict of both: {}\n", found.unjudged));
    }
    let ((middle_before, middle), (slow_before, slow)) = (found.middle_micros, found.slow_micros);
    out.push_str(&format!(
        "  time to judge: median {middle_before} µs before, {middle} now; 99 of 100 within {slow_before} µs before, {slow} now\n"
    ));
    out
}

fn show_said(said: &[Sentence], format: TextOrJson) -> Result<(), Failure> {
    match format {
        TextOrJson::Json => show_json(&said)?,
        TextOrJson::Text => {
            let mut out = io::stdout().lock();
            for one in said {
                writeln!(out, "{}{}", if one.alert { "alert: " } else { "" }, one.text)?;
            }
        }
    }
    Ok(())
}

fn show_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::because("cannot write the answer", &error))?;
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}
