//! From a source to the stages on sites: fetched, trusted, compiled, tested. And what a person decides.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrail_waf_rules::difference::{Difference, Outcome, difference};
use bedrail_waf_rules::disk::Shelf;
use bedrail_waf_rules::hash::sha256;
use bedrail_waf_rules::life::{Compiled, Fact, Plan, SiteId, SitePlan, Stage, State, Tested};
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::source::{self, Bundle};
use bedrail_waf_rules::suite;
use bedrail_waf_rules::tree::{self, Limits, Tree};
use bedrail_waf_rules::trust::{self, PinnedKey, Trusted, pack};
use bedrail_waf_rules::version::Channel;
use jiff::Timestamp;
use serde::Serialize;

use crate::desk::{Assembled, Desk, reports_everywhere};
use crate::engine::{self, Fresh};
use crate::log::Sentence;
use crate::own_tests::{self, OwnReport};
use crate::{RulesError, good, io};

/// Bytes of a signature.
const MOST_SIGNATURE: u64 = 64 << 10;
/// A judge of the tests is ready within this, twice the longest time of compilation seen being far below.
pub(crate) const READY: Duration = Duration::from_secs(60);
/// The site that the suites are judged as: one that no exclusion names.
const NO_SITE: &str = "suite";

/// Where a rule set comes from, and who is believed.
#[derive(Debug)]
pub enum Source<'a> {
    /// A mirror folder with releases.
    Mirror {
        /// The folder.
        folder: PathBuf,
        /// Which releases.
        channel: Channel,
        /// The key of those who make releases.
        key: &'a PinnedKey,
    },
    /// What [`offered`] got from a mirror behind a URL; `None`: it has nothing newer.
    Fetched {
        /// The release.
        bundle: Option<Bundle>,
        /// The key of those who make releases.
        key: &'a PinnedKey,
    },
    /// An archive of a release.
    Bundle {
        /// The archive.
        archive: PathBuf,
        /// Its signature; `None`: the same name with `.asc`.
        signature: Option<PathBuf>,
        /// The key of those who make releases.
        key: &'a PinnedKey,
    },
    /// A pack: a folder or archive that this installation signed.
    Pack {
        /// Folder or archive.
        pack: PathBuf,
        /// The public key of this installation.
        public: &'a [u8],
    },
}

/// Gets what a mirror behind a URL has that is newer than what is held. The rule sets are not locked meanwhile.
///
/// # Errors
/// [`RulesError::Source`], [`RulesError::Disk`].
pub fn offered(
    state: &Path,
    base: &str,
    channel: Channel,
    client: &mut dyn source::Get,
) -> Result<Option<Bundle>, RulesError> {
    let held = Shelf::open(state)?.state()?.held().map(|it| it.version);
    Ok(source::from_url(base, channel, held.as_ref(), &Limits::default(), client)?)
}

/// What an update did.
#[derive(Debug, Serialize)]
pub struct Updated {
    /// What was said.
    pub said: Vec<Sentence>,
    /// The rule set that is now on its way; `None`: nothing new, or rejected.
    pub candidate: Option<String>,
    /// Old against new over the plain pages, the attacks of our suite and the recorded good requests; `None` where there is no old one.
    pub difference: Option<Difference>,
    /// How its own tests ended; `None` where there are none, or it did not come so far.
    pub own_tests: Option<OwnReport>,
}

impl Updated {
    fn nothing(said: Vec<Sentence>) -> Updated {
        Updated { said, candidate: None, difference: None, own_tests: None }
    }
}

/// Fetches a rule set and carries it to the sites, or as far as it comes. What does not hold is rejected, which is no error.
///
/// # Errors
/// [`RulesError`]: nothing could be fetched, there is no engine, the folder cannot be written.
pub fn update(desk: &Desk<'_>, from: &Source<'_>, now: Timestamp) -> Result<Updated, RulesError> {
    let mut said = Vec::new();
    let Some(got) = fetch(desk, from, now, &mut said)? else {
        said.extend(desk.say("the source has nothing newer than what is held".to_owned(), false, now)?);
        return Ok(Updated::nothing(said));
    };
    let trusted = match got {
        Ok(trusted) => trusted,
        Err(trust::TrustError::Same { version }) => {
            said.extend(desk.say(format!("version {version} is held already, nothing to do"), false, now)?);
            return Ok(Updated::nothing(said));
        }
        Err(error) => {
            said.extend(desk.take(&Fact::Refused { reason: error.to_string() }, now)?);
            return Ok(Updated::nothing(said));
        }
    };
    said.extend(desk.take(&Fact::Trusted(&trusted), now)?);
    let (mut found, mut own) = (None, None);
    if let Some(set) = waiting(&desk.shelf.state()?, Stage::Trusted) {
        desk.shelf.store(&set.id, trusted.tree())?;
        (found, own) = try_out(desk, now, &mut said)?;
    }
    let state = desk.shelf.state()?;
    let candidate = state.candidate.map(|it| it.set.id.to_string());
    Ok(Updated { said, candidate, difference: found, own_tests: own })
}

fn waiting(state: &State, stage: Stage) -> Option<bedrail_waf_rules::life::RuleSet> {
    state.candidate.as_ref().filter(|it| it.stage == stage).map(|it| it.set.clone())
}

type Got = Result<Trusted, trust::TrustError>;

fn fetch(
    desk: &Desk<'_>,
    from: &Source<'_>,
    now: Timestamp,
    said: &mut Vec<Sentence>,
) -> Result<Option<Got>, RulesError> {
    let limits = Limits::default();
    let held = desk.shelf.state()?.held();
    let (bundle, key) = match from {
        Source::Mirror { folder, channel, key } => {
            let version = held.as_ref().map(|it| &it.version);
            (source::from_folder(folder, *channel, version, &limits)?, *key)
        }
        Source::Fetched { bundle, key } => (bundle.clone(), *key),
        Source::Bundle { archive, signature, key } => {
            let mut bundle = source::from_file(archive, &limits)?;
            if let Some(path) = signature {
                bundle.signature = Some(read_signature(path)?);
            }
            (Some(bundle), *key)
        }
        Source::Pack { pack: path, public } => {
            let tree = open(path, &limits)?;
            let received = sha256(tree.get(pack::MANIFEST).unwrap_or_default());
            let from = path.display().to_string();
            said.extend(desk.take(&Fact::Fetched { received, from }, now)?);
            return Ok(Some(trust::local(&tree, public, held.as_ref(), &limits)));
        }
    };
    let Some(Bundle { from, archive, signature, .. }) = bundle else { return Ok(None) };
    said.extend(desk.take(&Fact::Fetched { received: sha256(&archive), from }, now)?);
    Ok(Some(trust::release(&archive, signature.as_deref(), key, held.as_ref(), &limits, now)))
}

fn open(path: &Path, limits: &Limits) -> Result<Tree, RulesError> {
    if path.is_dir() {
        return Ok(tree::open_folder(path, limits)?);
    }
    Ok(tree::open_archive(&source::from_file(path, limits)?.archive, limits)?)
}

fn read_signature(path: &Path) -> Result<Vec<u8>, RulesError> {
    let length = std::fs::metadata(path).map_err(io("read", path))?.len();
    if length > MOST_SIGNATURE {
        let place = path.display().to_string();
        return Err(source::SourceError::TooLarge { place, limit: MOST_SIGNATURE }.into());
    }
    std::fs::read(path).map_err(io("read", path))
}

/// The difference to the rule set that decides, and how the new one's own tests ended.
type TriedOut = (Option<Difference>, Option<OwnReport>);

/// Compiles and tests what waits for that.
fn try_out(desk: &Desk<'_>, now: Timestamp, said: &mut Vec<Sentence>) -> Result<TriedOut, RulesError> {
    let (settings, plan) = (desk.settings, &desk.settings.plan);
    let Some(set) = waiting(&desk.shelf.state()?, Stage::Trusted) else { return Ok((None, None)) };
    let new = desk.assembled(&set, &std::collections::BTreeSet::new(), now)?;
    let (compiled, judge) = compile(desk, &new)?;
    said.extend(desk.take(&Fact::Compiled(compiled), now)?);
    let state = desk.shelf.state()?;
    let (Some(judge), Some(_)) = (judge, waiting(&state, Stage::Compiled)) else {
        return Ok((None, None));
    };
    let decides = match &state.current {
        Some(current) => {
            let sites = sites_of(&state);
            Some(desk.assembled(current, &reports_everywhere(&state, &sites, now), now)?)
        }
        None => None,
    };
    let old = decides.as_ref().map(|it| Fresh::start(&settings.engine, &it.folder, &settings.state, READY));
    let old = old.transpose()?;
    let folders = (new.folder.as_path(), decides.as_ref().map(|it| it.folder.as_path()));
    let own = own_tests::prepare(settings, &set, &desk.shelf, folders)?;
    // This takes minutes: the loop that watches what decides goes on meanwhile.
    let (mut tested, found, own) = desk.unlocked(|| {
        let (tested, found) = test(desk, &judge, old.as_ref(), plan)?;
        Ok((tested, found, own.map(|own| own.ask(settings)).transpose()?))
    })?;
    let waits = waiting(&desk.shelf.state()?, Stage::Compiled);
    if waits.is_none_or(|it| it.id != set.id) {
        let text = format!("{} was tested, but was given up meanwhile; nothing changes", set.id);
        said.extend(desk.say(text, false, now)?);
        return Ok((found, own));
    }
    if let Some(own) = &own {
        own.enter(&mut tested);
    }
    tested.own_before = state.current.as_ref().and_then(|it| it.own_tests);
    said.extend(desk.take(&Fact::Tested(tested), now)?);
    Ok((found, own))
}

fn compile(desk: &Desk<'_>, new: &Assembled) -> Result<(Compiled, Option<Fresh>), RulesError> {
    let (settings, plan) = (desk.settings, &desk.settings.plan);
    let none =
        |error: String| Compiled { rules: Vec::new(), time_ms: 0, memory_bytes: 0, error: Some(error) };
    let time_ms = match engine::check(&settings.engine, &new.folder, plan)? {
        Ok(time_ms) => time_ms,
        Err(words) => return Ok((none(words), None)),
    };
    match Fresh::start(&settings.engine, &new.folder, &settings.state, READY) {
        Ok(judge) => {
            let memory_bytes = judge.memory();
            Ok((Compiled { rules: new.rules.clone(), time_ms, memory_bytes, error: None }, Some(judge)))
        }
        Err(error) => Ok((none(error.to_string()), None)),
    }
}

/// Sites that are known by name: those with recorded traffic are found by their files, others by the state.
fn sites_of(state: &State) -> Vec<SiteId> {
    state.report_only.keys().cloned().collect()
}

fn with_recordings(state: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(state.join("waf").join("good")).into_iter().flatten().flatten();
    let mut sites: Vec<String> = entries
        .filter_map(|it| it.file_name().to_string_lossy().strip_suffix(".jsonl").map(str::to_owned))
        .collect();
    sites.sort();
    sites
}

fn test(
    desk: &Desk<'_>,
    new: &Fresh,
    old: Option<&Fresh>,
    plan: &Plan,
) -> Result<(Tested, Option<Difference>), RulesError> {
    let each = Duration::from_millis(plan.request_ms.saturating_mul(2).max(1_000));
    let (attacks, plain) = (suite::attacks(), suite::plain());
    let mut tested = Tested::default();
    let (mut names, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let mut ask = |site: &str, requests: &[Request]| -> Result<Vec<Outcome>, RulesError> {
        let outcomes = new.judge(site, requests, each)?;
        if let Some(old) = old {
            before.extend(old.judge(site, requests, each)?);
            names.extend(requests.iter().map(|it| it.name.clone()));
            after.extend(outcomes.iter().cloned());
        }
        Ok(outcomes)
    };
    let of = |requests: &[Request], outcomes: &[Outcome], stopped: bool| -> Vec<String> {
        let pairs = requests.iter().zip(outcomes).filter(|(_, it)| it.stopped != Some(stopped));
        pairs.map(|(request, _)| request.name.clone()).collect()
    };
    let outcomes = ask(NO_SITE, &attacks)?;
    tested.attacks_missed = of(&attacks, &outcomes, true);
    let mut slowest = outcomes.iter().map(|it| it.micros).max().unwrap_or(0);
    let outcomes = ask(NO_SITE, &plain)?;
    tested.plain_stopped = of(&plain, &outcomes, false);
    slowest = slowest.max(outcomes.iter().map(|it| it.micros).max().unwrap_or(0));
    let suites = attacks.len() + plain.len();
    for site in with_recordings(&desk.settings.state) {
        let requests = good::recorded(&desk.settings.state, &site)?;
        let outcomes = ask(&site, &requests)?;
        slowest = slowest.max(outcomes.iter().map(|it| it.micros).max().unwrap_or(0));
        tested.replayed += requests.len() as u64;
        if old.is_none() {
            tested.new_blocks += outcomes.iter().filter(|it| it.stopped != Some(false)).count() as u64;
        }
    }
    tested.slowest_ms = slowest / 1_000;
    if old.is_some() {
        let pairs = before.iter().zip(&after).skip(suites);
        let is_new =
            |(was, is): &(&Outcome, &Outcome)| was.stopped == Some(false) && is.stopped != Some(false);
        tested.new_blocks = pairs.filter(is_new).count() as u64;
    }
    let found = old.map(|_| difference(&names, &before, &after));
    Ok((tested, found))
}

/// How far a person carries a rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promotion {
    /// One stage on, at one site.
    Site(SiteId),
    /// One stage on, at every site.
    Every,
    /// It decides everywhere, now.
    Current,
}

/// Promotes what is on its way.
///
/// # Errors
/// [`RulesError::NotNow`] where nothing is, or not at that site.
pub fn promote(
    desk: &Desk<'_>,
    what: &Promotion,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Sentence>, RulesError> {
    named(by)?;
    let state = desk.shelf.state()?;
    let on_sites = state.candidate.as_ref().filter(|it| it.stage == Stage::OnSites);
    let Some(candidate) = on_sites else {
        let text = "no rule set is on its way through the sites; hint: `bedrail waf rules update` brings one";
        return Err(RulesError::NotNow(text.to_owned()));
    };
    let id = &candidate.set.id;
    let at_once = |site: &SiteId, plan: &mut Plan| {
        let own = plan.of(site).clone();
        let own = SitePlan { shadow: 0, shadow_requests: 0, canary: 0, canary_requests: 0, ..own };
        plan.sites.insert(site.clone(), own);
    };
    let mut plan = desk.settings.plan.clone();
    let text = match what {
        Promotion::Current => return desk.take(&Fact::Promote { by: by.to_owned() }, now),
        Promotion::Site(site) if !candidate.sites.contains_key(site) => {
            return Err(RulesError::NotNow(format!(
                "{id} is not at {site} yet; hint: the proxy has to run, a site enters with its first look"
            )));
        }
        Promotion::Site(site) => {
            at_once(site, &mut plan);
            format!("{by} promotes {id} at {site}")
        }
        Promotion::Every if candidate.sites.is_empty() => {
            return Err(RulesError::NotNow(format!(
                "{id} is at no site yet; hint: the proxy has to run, a site enters with its first look"
            )));
        }
        Promotion::Every => {
            candidate.sites.keys().for_each(|site| at_once(site, &mut plan));
            format!("{by} promotes {id} at every site")
        }
    };
    let mut said = desk.say(text, false, now)?;
    said.extend(desk.take_by(&Fact::Tick, &plan, now)?);
    Ok(said)
}

/// Gives up what is on its way; where nothing is, the rule set before the present one decides again.
///
/// # Errors
/// [`RulesError::NotNow`] where there is neither.
pub fn rollback(
    desk: &Desk<'_>,
    by: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Vec<Sentence>, RulesError> {
    named(by)?;
    let state = desk.shelf.state()?;
    if state.candidate.is_none() && state.previous.is_none() {
        return Err(RulesError::NotNow(
            "nothing is on its way, and there is no rule set to go back to".to_owned(),
        ));
    }
    desk.take(&Fact::Rollback { by: by.to_owned(), reason: reason.to_owned() }, now)
}

fn named(by: &str) -> Result<(), RulesError> {
    let text = "who decides this is said by name and role; hint: --by \"NAME, ROLE\"";
    if by.trim().is_empty() { Err(RulesError::NotNow(text.to_owned())) } else { Ok(()) }
}
