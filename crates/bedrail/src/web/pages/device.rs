//! One device: can I keep using it, and what do I do?

use askama::Template;
use axum::extract::{Path, State as Extract};
use bedrail_app::Error;
use bedrail_app::devices::{self, DeviceDetail, FindingRow};
use bedrail_app::firewall::{Between, Shield, ShieldState};
use bedrail_app::rights::Right;
use bedrail_app::support::Support;
use bedrail_model::answer::Answer;
use bedrail_model::device::Exposure;
use bedrail_model::ids::DeviceId;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::affected::place;
use super::decisions::DecidedView;
use super::devices::support;
use super::exposure::KnownView;
use super::medical::OfReleaseView;
use super::{Page, show};
use crate::web::assets;
use crate::web::draw::branches::{self, Branch};
use crate::web::draw::reach;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::answer_word;
use crate::web::parts::{Grounds, WeaknessWords, Why, release_name};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::tone::{Tone, pressing};
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    device: DeviceView,
    /// Whether a bill may be added.
    adds: bool,
    medical: Vec<OfReleaseView>,
}

#[derive(Template)]
#[template(path = "device_sheet.html")]
struct DeviceSheet {
    t: &'static Texts,
    device: DeviceView,
    printed: String,
}

/// One device, for its page and for its sheet on paper.
struct DeviceView {
    id: String,
    name: String,
    title: String,
    headline: String,
    next: (String, String),
    steps: Vec<String>,
    facts: Vec<(&'static str, String, String)>,
    release_link: String,
    reach: String,
    reach_reading: String,
    /// How that is known.
    known: KnownView,
    ways: [(&'static str, &'static str); 2],
    tree: Option<TreeView>,
    contents: String,
    /// Where a bill or a file of its release is added.
    upload: String,
    findings: Vec<FindingView>,
    not_assessed: Vec<(String, &'static str, String)>,
    /// Firewalls in front of it: the sentence, where it leads, and what each does about its weaknesses.
    between: Vec<(String, String, Vec<Shielding>)>,
    timeline: Vec<(String, String)>,
}

/// What a firewall does about a weakness: its mark, and whether it does it.
type Shielding = (Tone, &'static str, String);

/// What stands in front of a device. What is shielded is not fixed: no answer changes.
fn between(it: &Between) -> (String, String, Vec<(Tone, &'static str, String)>) {
    let t = &texts().firewall;
    let shield = |it: &Shield| {
        let (tone, mark) = match it.state {
            ShieldState::Holds => (Tone::Known, t.shielded),
            ShieldState::DetectsOnly => (Tone::Plan, t.sees),
            ShieldState::Leaks => (Tone::Act, t.leaks),
            ShieldState::NotShown => (Tone::Unknown, t.not_said),
        };
        (tone, mark, harmless(&it.sentence()).into_owned())
    };
    let link = format!("/firewall/{}", it.firewall);
    (harmless(&it.sentence()).into_owned(), link, it.shields.iter().map(shield).collect())
}

/// The software tree with its marked branches, and the table behind it.
struct TreeView {
    reading: String,
    wide: String,
    narrow: String,
    /// The way down, the mark, and its word.
    rows: Vec<(String, Tone, &'static str)>,
}

/// A finding on a device or a release.
pub(crate) struct FindingView {
    /// What the weakness is.
    pub(crate) weakness: WeaknessWords,
    /// Colour.
    pub(crate) tone: Tone,
    /// "affected".
    pub(crate) answer: &'static str,
    /// Why, in a clause.
    pub(crate) reason: &'static str,
    /// "log4j-core 2.14.1".
    pub(crate) component: String,
    /// "2.15.0".
    pub(crate) fixed_in: String,
    /// The chain.
    pub(crate) why: Why,
    /// What was decided on it.
    pub(crate) decided: Option<DecidedView>,
    /// Where a decision on it is taken.
    pub(crate) decide: String,
}

impl FindingView {
    /// A finding of a release on a device that stands this exposed.
    pub(crate) fn of(
        row: &FindingRow,
        (release, decide): (&str, &Link),
        exposure: Exposure,
        now: Timestamp,
    ) -> FindingView {
        let grounds = Grounds {
            release,
            path: &row.path,
            component: Some(&row.component),
            version: row.version.as_deref(),
            purl: row.purl.as_deref(),
            identified: row.identified.as_ref(),
            answer: row.answer,
            reason: row.reason,
            fixed_in: &row.fixed_in,
            evidence: &row.evidence,
        };
        let mut why = Why::of(&grounds);
        why.steps.push((texts().device.first_found)(&words::minute(row.first_seen)));
        FindingView {
            weakness: WeaknessWords::of(&row.weakness, now),
            tone: Tone::of_answer(row.answer, Some(&row.weakness), exposure),
            answer: answer_word(row.answer),
            reason: row.reason.sentence(),
            component: row
                .version
                .as_ref()
                .map_or_else(|| row.component.clone(), |version| format!("{} {version}", row.component)),
            fixed_in: row.fixed_in.join(", "),
            why,
            decided: row.decision.as_ref().map(DecidedView::of),
            decide: decide.with("weakness", &row.weakness.id).to_string(),
        }
    }
}

/// `GET /devices/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let actor = frame.visitor.actor();
    let detail = devices::get(&state.ctx, &actor, device_id(&id)?).await?;
    let medical = bedrail_app::medical::of_release(&state.ctx, &actor, detail.row.release).await?;
    let mut device = device_view(&detail, state.now());
    device.headline = super::medical::in_headline(&medical, |t| t.this_device) + device.headline.as_str();
    let adds = frame.visitor.may(Right::ChangeReleases);
    show(&DevicePage { frame, device, adds, medical: super::medical::of_release(&medical) })
}

/// `GET /devices/{id}/sheet`: one sheet of paper for the ward.
pub(crate) async fn sheet(visitor: SignedIn, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = devices::get(&state.ctx, &visitor.actor(), device_id(&id)?).await?;
    show(&DeviceSheet {
        t: texts(),
        device: device_view(&detail, state.now()),
        printed: words::minute(state.now()),
    })
}

/// A device's id in an address; what is no id names nothing.
pub(crate) fn device_id(text: &str) -> Result<DeviceId, Error> {
    text.parse().map_err(|_| Error::not_found("this device"))
}

fn device_view(detail: &DeviceDetail, now: Timestamp) -> DeviceView {
    let (row, facts) = (&detail.row, &detail.row.facts);
    let release = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let decide = Link::to("/decisions/new").with("device", row.id);
    let t = &texts().device;
    let kind = facts.kind.clone().unwrap_or_else(|| t.a_device.to_owned());
    DeviceView {
        id: row.id.to_string(),
        name: row.name.clone(),
        title: format!(
            "{} · {kind}, {release} · {}",
            row.name,
            place(facts.site.as_deref(), facts.ward.as_deref())
        ),
        headline: device_headline(detail, &kind),
        next: next_step(detail),
        steps: what_to_do(detail, now),
        facts: fact_rows(detail, now),
        release_link: format!("/releases/{}", row.release),
        reach: reach::reach(facts.exposure, &row.name, row.affected > 0),
        reach_reading: reach::reading(facts.exposure),
        known: KnownView::of(&detail.reach),
        ways: reach::ways(facts.exposure),
        tree: tree(detail, &release),
        contents: match detail.components {
            Some(count) => (t.lists)(count),
            None => t.no_bill.to_owned(),
        },
        upload: Link::to("/releases/upload")
            .with_some("maker", facts.maker.as_deref())
            .with_some("model", facts.model.as_deref())
            .with_some("version", facts.version.as_deref())
            .to_string(),
        findings: detail
            .findings
            .iter()
            .map(|finding| FindingView::of(finding, (&release, &decide), facts.exposure, now))
            .collect(),
        not_assessed: detail
            .not_assessed
            .iter()
            .map(|(reason, count, names)| {
                let more = if *count > names.len() as u64 { " …" } else { "" };
                ((texts().counts.components)(*count), reason.sentence(), names.join(", ") + more)
            })
            .collect(),
        between: detail.between.iter().map(between).collect(),
        timeline: detail.timeline.iter().map(|(at, what)| (words::time(*at), what.clone())).collect(),
    }
}

/// The tree of what is marked inside the device's release.
fn tree(detail: &DeviceDetail, release: &str) -> Option<TreeView> {
    let exposure = detail.row.facts.exposure;
    let tone = |row: &FindingRow| Tone::of_answer(row.answer, Some(&row.weakness), exposure);
    let marked =
        detail.findings.iter().filter(|row| row.answer != Answer::NotAffected && !row.path.is_empty());
    let branches: Vec<Branch<'_>> =
        marked.clone().map(|row| Branch { path: &row.path, tone: tone(row) }).collect();
    let mut rows: Vec<(String, Tone, &'static str)> =
        marked.map(|row| (row.path.join(" → "), tone(row), answer_word(row.answer))).collect();
    rows.dedup_by(|a, b| a.0 == b.0 && a.2 == b.2);
    let deepest = branches.iter().map(|branch| branch.path.len()).max()?;
    let mut components: Vec<&[String]> = branches.iter().map(|branch| branch.path).collect();
    components.sort_unstable();
    components.dedup();
    let reading = (texts().device.tree_reading)(components.len() as u64, deepest as u64);
    let draw = |width, class| branches::draw(release, &branches, width, class);
    Some(TreeView { reading, wide: draw(520.0, "wide-only")?, narrow: draw(350.0, "narrow-only")?, rows })
}

/// The first line: can I keep using it?
fn device_headline(detail: &DeviceDetail, kind: &str) -> String {
    let (row, t) = (&detail.row, &texts().device);
    let outside = row.facts.exposure == Exposure::Outside;
    if !row.has_sbom {
        let unknown = if outside { t.unknown_outside } else { t.unknown };
        return unknown(kind);
    }
    match (u64::from(row.affected), u64::from(row.known_exploited), u64::from(row.cannot_tell)) {
        (0, _, 0) => (t.clear)(kind),
        (0, _, unknown) => (t.clear_but)(kind, unknown),
        (affected, 0, _) if outside => (t.affected_outside)(kind, affected),
        (affected, 0, _) => (t.affected)(kind, affected),
        (affected, exploited, _) if outside => (t.exploited_outside)(kind, affected, exploited),
        (affected, exploited, _) => (t.exploited)(kind, affected, exploited),
    }
}

fn next_step(detail: &DeviceDetail) -> (String, String) {
    let t = &texts().device;
    if !detail.row.has_sbom {
        (t.ask_inside.to_owned(), format!("/releases/{}", detail.row.release))
    } else if detail.row.affected > 0 {
        (t.print_sheet.to_owned(), format!("/devices/{}/sheet", detail.row.id))
    } else {
        (t.see_inside.to_owned(), format!("/releases/{}", detail.row.release))
    }
}

/// What to do, in plain steps, the most urgent first. Nothing here touches the device by itself.
fn what_to_do(detail: &DeviceDetail, now: Timestamp) -> Vec<String> {
    let (row, facts, t) = (&detail.row, &detail.row.facts, &texts().device);
    let maker = facts.maker.as_deref().unwrap_or(t.the_maker);
    let mut steps = Vec::new();
    let affected: Vec<&FindingRow> =
        detail.findings.iter().filter(|finding| finding.answer == Answer::Affected).collect();
    let urgent = affected.iter().any(|finding| pressing(&finding.weakness, facts.exposure));
    if facts.exposure == Exposure::Outside && row.affected > 0 {
        steps.push(t.do_close.to_owned());
    }
    if urgent {
        steps.push(t.do_tell.to_owned());
    }
    if let Some(finding) = affected.iter().find(|finding| !finding.fixed_in.is_empty()) {
        steps.push((t.do_fix)(maker, &finding.component, &finding.fixed_in));
    }
    if !row.has_sbom {
        steps.push((t.do_bill)(maker));
    }
    if detail.reach.judged.contradicted {
        steps.push(t.do_list.to_owned());
    }
    if facts.exposure == Exposure::Unknown {
        steps.push(t.do_exposure.to_owned());
    }
    if facts.owner.is_none() {
        steps.push(t.do_owner.to_owned());
    }
    if support(facts, now).is_some_and(|(_, tone)| tone == Tone::Plan) {
        steps.push(t.do_support.to_owned());
    }
    if steps.is_empty() {
        steps.push(t.do_nothing.to_owned());
    }
    steps
}

/// Facts in reading order, with the field's name in the sources.
fn fact_rows(detail: &DeviceDetail, now: Timestamp) -> Vec<(&'static str, String, String)> {
    let (facts, t, words) = (&detail.row.facts, &texts().device, &texts().words);
    let rows: [(&'static str, &str, Option<&String>); 13] = [
        (t.kind, "kind", facts.kind.as_ref()),
        (t.maker, "maker", facts.maker.as_ref()),
        (t.model, "model", facts.model.as_ref()),
        (t.version, "version", facts.version.as_ref()),
        (t.operating_system, "operating_system", facts.operating_system.as_ref()),
        (t.asset_tag, "asset_tag", facts.asset_tag.as_ref()),
        (t.serial, "serial", facts.serial.as_ref()),
        (t.udi, "udi", facts.udi.as_ref()),
        (words.site, "site", facts.site.as_ref()),
        (words.ward, "ward", facts.ward.as_ref()),
        (words.owner, "owner", facts.owner.as_ref()),
        (t.address, "address", facts.address.as_ref()),
        (t.host_name, "host_name", facts.host_name.as_ref()),
    ];
    let source = |field: &str| {
        detail
            .sources
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, source)| source.clone())
            .unwrap_or_default()
    };
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|(label, field, value)| {
            (label, value.cloned().unwrap_or_else(|| t.not_said.to_owned()), source(field))
        })
        .collect();
    // Where it was seen, the list is not the source of it.
    let by = match detail.reach.judged.source {
        Some(by) if detail.reach.judged.by.is_some() => by.words().to_owned(),
        _ => source("exposure"),
    };
    rows.push((words.exposure, facts.exposure.sentence().to_owned(), by));
    let ends = support(facts, now).map_or(t.not_said.to_owned(), |(text, _)| text);
    rows.push((words.support, ends, source("support_ends")));
    if let Some(said) = &detail.system_support {
        rows.push((t.system_support, system_support(said), t.system_support_by.to_owned()));
    }
    rows
}

/// Until when the operating system is supported, in words.
fn system_support(said: &Support) -> String {
    let t = &texts().device;
    match said {
        Support::Ended(day, grounds) => {
            let system = format!("{} {}", grounds.product, grounds.cycle);
            (t.system_ended)(&system, day.map(|day| day.to_string()).as_deref())
        }
        Support::Ends(day, grounds) => {
            let system = format!("{} {}", grounds.product, grounds.cycle);
            (t.system_ends)(&system, day.map(|day| day.to_string()).as_deref())
        }
        Support::NotKnown(why) => (t.system_not_known)(why.words()),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&DevicePage {
        frame: sample::frame("/devices/x"),
        device: device_view(&sample::device(), sample::now()),
        adds: true,
        medical: super::medical::of_release(&[sample::of_release()]),
    })
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_sheet() -> Page {
    use crate::web::sample;
    show(&DeviceSheet {
        t: texts(),
        device: device_view(&sample::device(), sample::now()),
        printed: words::minute(sample::now()),
    })
}
