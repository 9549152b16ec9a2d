//! What a person meant by the text of the question.

use bedrail_model::finding::Weakness;
use bedrail_model::purl::Parts;
use bedrail_store::View;

use super::ids::{self, Found};
use super::nicknames::{self, Nickname};
use super::{Reading, Understood};
use crate::fleet::Fleet;
use crate::medical::statements::{self, Statements};
use crate::{Context, Error};

/// The question, understood, with what the answer needs.
pub(crate) enum Asked {
    /// A weakness that is known.
    Weakness(Box<Weakness>),
    /// A weakness id that nothing is known of.
    UnknownWeakness(String),
    /// A medical advisory by its own id, put as a weakness, with what it says of our releases.
    Advisory(Box<Weakness>, Statements),
    /// Several weaknesses, each by its id and, where it is known, what it is; and how many more the text names.
    Several { weaknesses: Vec<(String, Option<Weakness>)>, left_out: u64 },
    /// Software: indices into the fleet's software.
    Software { understood: Understood, software: Vec<u32> },
    /// A maker: indices of its releases.
    Maker { name: String, releases: Vec<u32> },
}

/// Longest text that is looked through; a pasted advisory has its ids near its top.
const LONGEST: usize = 100_000;
/// Longest text that is looked up as the id of an advisory.
const ADVISORY_ID: usize = 300;
/// Series of advisories that are on products alone.
const OF_PRODUCTS: &[&str] = &["ICSMA-", "ICSA-"];
/// Weaknesses of one text that are answered; the largest families with one name have fewer.
const WEAKNESSES: usize = 50;
/// Names told of a component search.
const NAMES: usize = 20;

/// Reads the question: what it asks, and how its words were read where that needs saying.
pub(crate) async fn read(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    text: &str,
) -> Result<(Asked, Vec<Reading>), Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Invalid {
            message: "the question is empty".into(),
            hint: Some("ask for an id such as CVE-2021-44228, a package, a component name or a maker".into()),
        });
    }
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let found = ids::all(text);
    let whole = nicknames::whole(text);
    let meant = whole.filter(|nickname| !nickname.ordinary() || !is_name_here(fleet, nickname));
    let nicknames = if meant.is_some() { Vec::from_iter(meant) } else { nicknames::within(text) };
    let held = text.len() <= ADVISORY_ID && statements::is_advisory(ctx, fleet, view, text).await?;
    if held
        && whole.is_none()
        && nicknames.is_empty()
        && names_an_advisory_only(ctx, fleet, view, text, &found).await?
        && let Some(asked) = statements::of_advisory(ctx, fleet, view, text).await?
    {
        let reading =
            Reading::Advisory { id: asked.weakness.id.clone(), weaknesses: asked.weakness.mentions.clone() };
        return Ok((Asked::Advisory(Box::new(asked.weakness), asked.statements), vec![reading]));
    }
    if !(found.is_empty() && nicknames.is_empty()) {
        let readings = readings(&found, &nicknames);
        return Ok((named_weaknesses(ctx, view, found, &nicknames).await?, readings));
    }
    let also = whole.map(Reading::AlsoNickname);
    let also = also.into_iter().chain(held.then(|| Reading::AlsoAdvisory(text.to_owned())));
    let also = also.collect();
    Ok((thing(ctx, fleet, view, text).await?, also))
}

/// Whether a text that is the id of an advisory can mean nothing else. One that other records know, or that something here is called
/// by, is asked about as ever: an advisory on products never stands in the way of what bills of materials say.
async fn names_an_advisory_only(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    text: &str,
    found: &[Found],
) -> Result<bool, Error> {
    let of_products = match found {
        [] => true,
        // CISA's two series are of products alone, and no database of packages has them.
        [one] => {
            one.id.eq_ignore_ascii_case(text) && OF_PRODUCTS.iter().any(|series| one.id.starts_with(series))
        }
        _ => false,
    };
    Ok(of_products
        && Parts::read(text).is_none()
        && ctx.inner.judge.mentioned_by(text).is_empty()
        && ctx.weakness(view, text).await?.is_none()
        && !is_called(fleet, text))
}

/// Whether a component, a maker or a model here bears a name that holds this text as words of its own.
fn is_called(fleet: &Fleet, text: &str) -> bool {
    let lower = text.to_lowercase();
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let holds = |name: &str| {
        let mut places = name.match_indices(&lower);
        places.any(|(at, it)| {
            edge(name[..at].chars().next_back()) && edge(name[at + it.len()..].chars().next())
        })
    };
    fleet.bills.software.iter().any(|software| holds(&software.search))
        || fleet.products.releases.iter().any(|release| {
            holds(&release.row.maker.to_lowercase()) || holds(&release.row.model.to_lowercase())
        })
}

/// Whether a component or a maker here bears the name of a weakness as a word of its own.
fn is_name_here(fleet: &Fleet, nickname: &Nickname) -> bool {
    let name = nickname.name.to_lowercase();
    let word = |text: &str| text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name);
    fleet.bills.software.iter().any(|software| word(&software.search))
        || fleet.products.releases.iter().any(|release| word(&release.row.maker.to_lowercase()))
}

/// What was read otherwise than it was written.
fn readings(found: &[Found], nicknames: &[&'static Nickname]) -> Vec<Reading> {
    let mended = found.iter().filter_map(|found| {
        let typed = found.typed.clone()?;
        Some(Reading::Mended { typed, id: found.id.clone() })
    });
    nicknames.iter().copied().map(Reading::Nickname).chain(mended).collect()
}

/// The weaknesses that ids and nicknames name, each once, whichever of its names is used.
async fn named_weaknesses(
    ctx: &Context,
    view: &View,
    found: Vec<Found>,
    nicknames: &[&'static Nickname],
) -> Result<Asked, Error> {
    let ids = found.into_iter().map(|found| found.id);
    let called = nicknames.iter().flat_map(|nickname| nickname.ids).map(|id| (*id).to_owned());
    let mut ids: Vec<String> = ids.chain(called).collect();
    let left_out = ids.len().saturating_sub(WEAKNESSES) as u64;
    ids.truncate(WEAKNESSES);
    let mut weaknesses: Vec<(String, Option<Weakness>)> = Vec::new();
    for id in ids {
        let known = ctx.weakness(view, &id).await?;
        let id = known.as_ref().map_or(id, |known| known.id.clone());
        if !weaknesses.iter().any(|(other, _)| *other == id) {
            weaknesses.push((id, known));
        }
    }
    match weaknesses.pop() {
        Some((_, Some(known))) if weaknesses.is_empty() => Ok(Asked::Weakness(Box::new(known))),
        Some((id, None)) if weaknesses.is_empty() => Ok(Asked::UnknownWeakness(id)),
        last => {
            weaknesses.extend(last);
            Ok(Asked::Several { weaknesses, left_out })
        }
    }
}

/// Something other than a weakness: a package, a maker, a component's name; or an id of a kind that is not known here.
async fn thing(ctx: &Context, fleet: &Fleet, view: &View, text: &str) -> Result<Asked, Error> {
    if let Some(purl) = text.split_whitespace().find(|word| Parts::read(word).is_some()) {
        return Ok(package(fleet, purl));
    }
    if !text.contains(char::is_whitespace)
        && text.contains('-')
        && let Some(known) = ctx.weakness(view, text).await?
    {
        return Ok(Asked::Weakness(Box::new(known)));
    }
    let lower = text.to_lowercase();
    let exact = makers(fleet, |maker| maker == lower);
    if !exact.is_empty() {
        return Ok(maker(fleet, exact));
    }
    let named = component(fleet, text, &lower);
    let found = matches!(&named, Asked::Software { software, .. } if !software.is_empty());
    let part = makers(fleet, |maker| maker.contains(&lower));
    if !found && one_maker(fleet, &part) {
        return Ok(maker(fleet, part));
    }
    Ok(named)
}

fn package(fleet: &Fleet, purl: &str) -> Asked {
    let wanted = Parts::read(purl);
    let hit = |have: Parts| {
        wanted.as_ref().is_some_and(|wanted| {
            have.kind == wanted.kind
                && have.path == wanted.path
                && (wanted.version.is_none() || have.version == wanted.version)
        })
    };
    let software =
        search(fleet, |software| software.row.facts.purl.as_deref().and_then(Parts::read).is_some_and(hit));
    Asked::Software { understood: Understood::Package(purl.to_owned()), software }
}

fn component(fleet: &Fleet, text: &str, lower: &str) -> Asked {
    let mut software = search(fleet, |software| software.search.contains(lower));
    if software.is_empty()
        && let Some((name, version)) = lower.rsplit_once(char::is_whitespace)
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        // "log4j 2.14.1": a name and a version.
        let name = name.trim();
        software = search(fleet, |software| {
            let has = software.row.facts.version.as_deref();
            software.search.contains(name) && has.is_some_and(|has| has.eq_ignore_ascii_case(version))
        });
    }
    let mut met: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for at in &software {
        let name = fleet.bills.software[*at as usize].row.facts.name.as_str();
        *met.entry(name).or_default() += fleet.bills.uses(*at).len();
    }
    let count = met.len() as u64;
    let mut names: Vec<(&str, usize)> = met.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let names = names.into_iter().take(NAMES).map(|(name, _)| name.to_owned()).collect();
    let understood = Understood::ComponentName { text: text.to_owned(), names, count };
    Asked::Software { understood, software }
}

fn search(fleet: &Fleet, hit: impl Fn(&crate::fleet::bills::Software) -> bool) -> Vec<u32> {
    (0..).zip(&fleet.bills.software).filter(|(_, software)| hit(software)).map(|(at, _)| at).collect()
}

fn makers(fleet: &Fleet, hit: impl Fn(&str) -> bool) -> Vec<u32> {
    let releases = (0..).zip(&fleet.products.releases);
    releases.filter(|(_, release)| hit(&release.row.maker.to_lowercase())).map(|(at, _)| at).collect()
}

fn one_maker(fleet: &Fleet, releases: &[u32]) -> bool {
    let name = |at: &u32| fleet.products.releases[*at as usize].row.maker.to_lowercase();
    releases.first().is_some_and(|first| releases.iter().all(|at| name(at) == name(first)))
}

fn maker(fleet: &Fleet, releases: Vec<u32>) -> Asked {
    let name = releases.first().map(|at| fleet.products.releases[*at as usize].row.maker.clone());
    Asked::Maker { name: name.unwrap_or_default(), releases }
}
