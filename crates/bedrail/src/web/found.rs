//! What the search found, in words and with its address: for the page, the suggestions and the API alike.

use bedrail_app::search::{Group, Hit, Kind};

use super::link::Link;
use super::pages::devices::state_of;
use super::parts::{release_name, weakness_tone};
use super::texts::Texts;
use super::tone::Tone;
use super::viewer::texts;

/// One hit in words.
#[derive(Debug, Clone)]
pub(crate) struct HitWords {
    /// Its name.
    pub(crate) title: String,
    /// What it is, where it stands.
    pub(crate) detail: String,
    /// Its page.
    pub(crate) link: String,
    /// How it stands, where that asks for anything: a shape and its word.
    pub(crate) mark: Option<(Tone, String)>,
}

impl HitWords {
    /// Puts a hit into words.
    pub(crate) fn of(hit: &Hit) -> HitWords {
        let t = texts();
        let (title, detail, link, mark) = match hit {
            Hit::Device { row, matched } => {
                let (state, tone) = state_of(row);
                let mark = (tone != Tone::Plain).then_some((tone, state));
                (row.name.clone(), device(t, row, matched.as_ref()), format!("/devices/{}", row.id), mark)
            }
            Hit::Weakness { weakness, affected, cannot_tell } => {
                let (touched, tone) = match (*affected, *cannot_tell) {
                    (0, 0) => (t.search.touches_nothing.to_owned(), Tone::Plain),
                    (0, blind) => ((t.search.untold)(blind), Tone::Unknown),
                    (affected, _) => ((t.search.affected)(affected), weakness_tone(weakness)),
                };
                (weakness.id.clone(), weakness.summary.clone(), question(&weakness.id), Some((tone, touched)))
            }
            Hit::Component { name, releases, devices } => {
                (name.clone(), (t.search.spread)(*releases, *devices), question(name), None)
            }
            Hit::Maker { name, releases, devices } => {
                (name.clone(), (t.search.spread)(*releases, *devices), list(Kind::Maker, name), None)
            }
            Hit::Release { id, name, devices, has_sbom } => {
                let mark = (!has_sbom).then(|| (Tone::Unknown, t.search.no_bill.to_owned()));
                (name.clone(), (t.counts.devices)(*devices), format!("/releases/{id}"), mark)
            }
            Hit::Person(member) => {
                let roles: Vec<&str> = member.grant.roles.iter().map(|role| role.name()).collect();
                (
                    member.name.clone(),
                    join(&[&member.full_name, &roles.join(", ")]),
                    format!("/people/{}", member.id),
                    None,
                )
            }
        };
        HitWords { title, detail, link, mark }
    }
}

/// What a device is and where it stands; the fact that bears the text first, where it is not the name.
fn device(
    t: &Texts,
    row: &bedrail_app::devices::DeviceRow,
    matched: Option<&(&'static str, String)>,
) -> String {
    let facts = &row.facts;
    let matched = matched.map(|(field, value)| {
        let field = match *field {
            "serial" => t.field.serial,
            "udi" => t.field.udi,
            "address" => t.field.address,
            "host_name" => t.field.host_name,
            _ => t.field.asset_tag,
        };
        format!("{field} {value}")
    });
    let place = [facts.site.as_deref(), facts.ward.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let release = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    join(&[
        matched.as_deref().unwrap_or_default(),
        facts.kind.as_deref().unwrap_or_default(),
        &release,
        &place.join(", "),
    ])
}

fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// The address that asks the main question about a text.
pub(crate) fn question(text: &str) -> String {
    Link::to("/affected").with("q", text).to_string()
}

/// The list that holds all hits of a kind.
pub(crate) fn list(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Device => Link::to("/devices").with("text", text).to_string() + "#list",
        Kind::Weakness => Link::to("/advisories").with("text", text).to_string(),
        Kind::Component => question(text),
        Kind::Maker | Kind::Release => Link::to("/releases").with("text", text).to_string(),
        Kind::Person => "/people".to_owned(),
    }
}

/// What was found of one kind, in words.
#[derive(Debug, Clone)]
pub(crate) struct GroupWords {
    /// The stable code of the kind.
    pub(crate) code: &'static str,
    /// The kind's name.
    pub(crate) name: &'static str,
    /// "12 devices".
    pub(crate) counted: String,
    /// All of them, exactly.
    pub(crate) total: u64,
    /// The list that holds them all, where more were found than are shown.
    pub(crate) all: Option<String>,
    /// The best of them.
    pub(crate) hits: Vec<HitWords>,
}

impl GroupWords {
    /// Puts a group into words; `text` is what was looked for.
    pub(crate) fn of(group: &Group, text: &str) -> GroupWords {
        let (t, counts) = (&texts().search, &texts().counts);
        let (name, count) = match group.kind {
            Kind::Device => (t.devices, counts.devices),
            Kind::Weakness => (t.weaknesses, counts.weaknesses),
            Kind::Component => (t.components, counts.components),
            Kind::Maker => (t.makers, counts.makers),
            Kind::Release => (t.releases, counts.releases),
            Kind::Person => (t.people, counts.people),
        };
        let more = group.total > group.hits.len() as u64;
        GroupWords {
            code: group.kind.code(),
            name,
            counted: count(group.total),
            total: group.total,
            all: more.then(|| list(group.kind, text)),
            hits: group.hits.iter().map(HitWords::of).collect(),
        }
    }
}
