//! Self-assessment: the questions of the catalogues in plain words, for each site where they are about sites; saved one by one, so
//! that who stops goes on where they stopped. A "no" becomes an action, which a "yes" that shows something closes.

use std::collections::{BTreeSet, HashSet};

use bedrail_comply::fact::Fact;
pub use bedrail_comply::questions::Question;
use bedrail_comply::questions::{self, Answered};
use bedrail_model::action::Kind;
use bedrail_model::ids::{ActionId, SelfAnswerId};
pub use bedrail_store::self_answers::SelfAnswerRow;
use bedrail_store::{Change, actions as action_rows, documents, self_answers as rows};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{catalogues, gather, proof};
use crate::actions::{self, NewAction};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, vault};

/// The answers, with words for people.
pub const ANSWERS: &[(&str, &str)] = &[("yes", "yes"), ("no", "no"), ("not_sure", "not sure")];

/// The longest note, and the longest line, in characters.
const LONGEST: usize = 1_000;
const LONGEST_LINE: usize = 200;

/// A question as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The site that it is asked for; empty where it is asked once.
    pub site: String,
    /// The answer that counts.
    pub answer: Option<SelfAnswerRow>,
}

/// The questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// Those that are wanted, in the order of the catalogues.
    pub rows: Vec<Asked>,
    /// How many are answered yes or no, of all.
    pub answered: usize,
    /// All of them.
    pub total: usize,
    /// The sites of the device lists.
    pub sites: Vec<String>,
}

/// Which questions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Of this site; those that are asked once are of every site.
    pub site: Option<String>,
    /// Only those without a yes or a no.
    pub open: bool,
    /// Of this requirement.
    pub requirement: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The requirement whose question it is.
    pub requirement: String,
    /// The site.
    pub site: Option<String>,
    /// `yes`, `no`, `not_sure`.
    pub answer: String,
    /// What is to be said with it.
    pub note: Option<String>,
    /// Where to look: a page of the program, the number of a paper.
    pub evidence: Option<String>,
    /// A document that shows it, with its name.
    pub document: Option<(String, Document)>,
    /// Of a "no": who closes the gap.
    pub owner: Option<String>,
    /// Of a "no": by the end of which day.
    pub due: Option<Date>,
}

fn known_sites(fleet: &crate::fleet::Fleet) -> Vec<String> {
    let named = fleet.devices.places.iter().filter(|place| !place.site.is_empty());
    named.map(|place| place.site.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The questions, each with the answer that counts.
///
/// # Errors
/// [`Error::Denied`] without the right; [`Error::Invalid`] for a site that no list names; [`Error::NotFound`] for a requirement without
/// a question; when the database cannot be used.
pub async fn questions(ctx: &Context, actor: &Actor, wanted: &Wanted) -> Result<Questions, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let given = rows::all(&view).await?;
    let sites = known_sites(&fleet);
    if let Some(site) = wanted.site.as_ref().filter(|site| !site.is_empty() && !sites.contains(site)) {
        return Err(Error::Invalid {
            message: format!("no list of devices has a site \"{}\"", site.escape_debug()),
            hint: Some(format!("the sites are {}", sites.join(", "))),
        });
    }
    let mut all = Vec::new();
    for question in questions::questions(catalogues()?) {
        let places = if questions::per_site(&question) && !sites.is_empty() {
            sites.clone()
        } else {
            vec![String::new()]
        };
        for site in places {
            let mine = |row: &&SelfAnswerRow| row.requirement == question.requirement && row.site == site;
            all.push(Asked { answer: given.iter().find(mine).cloned(), question: question.clone(), site });
        }
    }
    if let Some(id) = &wanted.requirement
        && all.iter().all(|it| it.question.requirement != *id)
    {
        return Err(Error::not_found(format!("question of {}", id.escape_debug())));
    }
    // An engagement's auditor sees its questions, of its sites.
    all.retain(|it| {
        super::in_scope(actor.scope(), &it.question.requirement)
            && (it.site.is_empty() || actor.scope().is_none_or(|scope| scope.takes_site(&it.site)))
    });
    let settled = |it: &Asked| it.answer.as_ref().is_some_and(|answer| answer.answer != "not_sure");
    let (total, answered) = (all.len(), all.iter().filter(|it| settled(it)).count());
    all.retain(|it| {
        wanted.site.as_ref().is_none_or(|site| it.site.is_empty() || it.site == *site)
            && !(wanted.open && settled(it))
            && wanted.requirement.as_ref().is_none_or(|id| *id == it.question.requirement)
    });
    Ok(Questions { rows: all, answered, total, sites })
}

fn line(text: Option<&str>, most: usize) -> Result<String, Error> {
    let text = text.unwrap_or_default().trim();
    if text.chars().count() > most || text.chars().any(|it| it.is_control() && it != '\n' && it != '\r') {
        return Err(Error::invalid(format!(
            "a text of the answer is longer than {most} characters, or no text"
        )));
    }
    Ok(text.to_owned())
}

/// Saves an answer. A "no" becomes an action of the owner, or keeps the one that an earlier "no" made; a "yes" with a document or
/// with where to look closes it.
///
/// # Errors
/// [`Error::NotFound`] for a requirement without a question; [`Error::Invalid`] for an unknown site or answer, a "no" without who
/// closes the gap and until when, or a document of another type; [`Error::Denied`] without the right.
pub async fn reply(ctx: &Context, actor: &Actor, reply: Reply) -> Result<SelfAnswerId, Error> {
    actor.need(Right::KeepProgramme)?;
    if ANSWERS.iter().all(|(code, _)| *code != reply.answer) {
        return Err(Error::Invalid {
            message: "that is no answer".into(),
            hint: Some("yes, no or not_sure".into()),
        });
    }
    let wanted = Wanted { requirement: Some(reply.requirement.clone()), ..Wanted::default() };
    let asked = questions(ctx, actor, &wanted).await?;
    let site = line(reply.site.as_deref(), LONGEST_LINE)?;
    let found = asked.rows.iter().find(|it| it.site.to_lowercase() == site.to_lowercase());
    let Some(asked) = found else {
        if asked.rows.is_empty() {
            return Err(Error::not_found(format!("question of {}", reply.requirement.escape_debug())));
        }
        let sites: Vec<&str> = asked.rows.iter().map(|it| it.site.as_str()).collect();
        return Err(Error::Invalid {
            message: "say for which site".into(),
            hint: Some(if sites == [""] {
                "this one is asked once, without a site".into()
            } else {
                sites.join(", ")
            }),
        });
    };
    let (note, evidence) =
        (line(reply.note.as_deref(), LONGEST)?, line(reply.evidence.as_deref(), LONGEST_LINE)?);
    let gap = match reply.answer.as_str() {
        "no" => Some(gap(asked, &reply)?),
        _ => None,
    };
    let document = match reply.document {
        Some((name, document)) => Some((proof::accepted(&name, &document).await?, document)),
        None => None,
    };
    let kept = match &document {
        Some((_, document)) => Some(vault::keep(ctx, document).await?),
        None => None,
    };
    let change = ctx.change(actor, Right::KeepProgramme, "programme.answer").await?;
    if let (Some((name, document)), Some(kept)) = (&document, &kept) {
        let size = usize::try_from(document.length()).unwrap_or(usize::MAX);
        documents::add(&change, &kept.sha256, "proof", name, size).await?;
    }
    let sha256 = kept.as_ref().map(|kept| kept.sha256.to_vec());
    let action =
        carry(&change, asked, gap, (&evidence, document.as_ref().map(|(name, _)| name.as_str()))).await?;
    let row = SelfAnswerRow {
        id: SelfAnswerId::generate(),
        requirement: asked.question.requirement.clone(),
        site: asked.site.clone(),
        answer: reply.answer,
        note,
        evidence,
        sha256,
        action,
        added: change.at(),
        added_by: change.actor().to_owned(),
    };
    rows::add(&change, &row).await?;
    let place = if row.site.is_empty() { String::new() } else { format!(" at {}", row.site) };
    change.commit(&asked.question.citation, &format!("{}{place}", row.answer)).await?;
    Ok(row.id)
}

/// The action of a gap.
fn gap(asked: &Asked, reply: &Reply) -> Result<NewAction, Error> {
    let place = if asked.site.is_empty() { String::new() } else { format!(" ({})", asked.site) };
    let (Some(owner), Some(due)) = (reply.owner.clone(), reply.due) else {
        return Err(Error::Invalid {
            message: "a \"no\" is a gap: say who closes it and until when".into(),
            hint: Some("give an owner and a day".into()),
        });
    };
    let new = NewAction {
        kind: Kind::Other,
        what: format!("Close the gap{place}: {} {}", asked.question.text, asked.question.citation),
        owner,
        due,
        proof_needed: Some(asked.question.evidence.join("; ")).filter(|text| !text.is_empty()),
        ..NewAction::default()
    };
    actions::check(&new)?;
    Ok(new)
}

/// Puts the action of a gap down, or closes the one that is open by what shows it.
async fn carry(
    change: &Change,
    asked: &Asked,
    gap: Option<NewAction>,
    (evidence, document): (&str, Option<&str>),
) -> Result<Option<ActionId>, Error> {
    let earlier = asked.answer.as_ref().and_then(|answer| answer.action);
    let open = match earlier {
        Some(id) => {
            action_rows::one(change, id).await?.filter(|it| it.state == bedrail_model::action::State::Open)
        }
        None => None,
    };
    match (gap, open) {
        (Some(_), Some(open)) => Ok(Some(open.id)),
        (Some(new), None) => Ok(Some(actions::put(change, &new, actions::About::default()).await?)),
        (None, Some(open)) => {
            let shown: Vec<&str> =
                [Some(evidence).filter(|it| !it.is_empty()), document].into_iter().flatten().collect();
            if shown.is_empty() {
                // A word closes nothing; the action goes on with the answer.
                return Ok(Some(open.id));
            }
            action_rows::end(change, open.id, true, &shown.join("; ")).await?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}

/// The facts that answers are, as known by a moment: of a question and a site the last one counts.
pub(super) fn facts(given: &[SelfAnswerRow], known_by: Timestamp) -> Result<Vec<Fact>, Error> {
    let (mut met, mut facts) = (HashSet::new(), Vec::new());
    // The newest come first.
    for row in given.iter().filter(|row| row.added <= known_by) {
        if !met.insert((row.requirement.as_str(), row.site.as_str())) {
            continue;
        }
        let Some(requirement) = catalogues()?.requirement(&row.requirement) else { continue };
        let answer = match row.answer.as_str() {
            "yes" => questions::Answer::Yes,
            "no" => questions::Answer::No,
            _ => continue,
        };
        for signal in requirement.signals.iter().filter(|signal| questions::by_hand(signal)) {
            let about =
                if row.site.is_empty() { gather::subject_name(signal.about) } else { row.site.as_str() };
            let answered = Answered {
                signal: signal.id.to_owned(),
                answer: answer.clone(),
                about: about.to_owned(),
                by: row.added_by.clone(),
                at: row.added,
                document: row.sha256.as_deref().and_then(|digest| digest.try_into().ok()),
            };
            let fact = questions::fact(&answered, &TimeZone::UTC)
                .map_err(|error| Error::Internal(Box::new(error)))?;
            facts.extend(fact);
        }
    }
    Ok(facts)
}
