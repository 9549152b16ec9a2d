//! The questionnaire by link: a vendor answers without an account, once, within two weeks. Only the hash of the link is kept; a link
//! that is wrong, used, out of date or replaced by a newer one shows nothing, not even for whom it was.

use std::collections::BTreeMap;
use std::net::IpAddr;

use bedrail_comply::agreement::{ANSWERS, QUESTIONS};
use bedrail_model::ids::VendorId;
use bedrail_store::{organisations, vendors as rows};
use jiff::SignedDuration;

use super::one;
use crate::link_code::{self, digest, gone, org_of};
use crate::rights::Right;
use crate::typed::{choice, line, needed_line};
use crate::{Actor, Context, Error};

/// Days until a link expires.
pub const DAYS: i64 = 14;

/// What stands on the page behind a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub organisation: String,
    /// The token of the form: nobody sends it who has not seen the page.
    pub form: String,
}

/// What a vendor answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Who answers.
    pub answerer: String,
    /// By question: answer and note.
    pub answers: BTreeMap<String, (String, String)>,
}

/// The token of the form behind a link. It follows from the secret, and does not give it away.
fn form(code: &str) -> String {
    link_code::form("form of the questionnaire", code)
}

/// Makes a link for a vendor, whose earlier unused links open nothing any more; hands its path out, this once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn link(ctx: &Context, actor: &Actor, vendor: VendorId) -> Result<String, Error> {
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.link").await?;
    let name = one(&change, vendor).await?.name;
    let code = link_code::made(change.org());
    let expires = change.at() + SignedDuration::from_hours(24 * DAYS);
    rows::add_link(&change, &digest(&code), vendor, expires).await?;
    change.commit(&name, &format!("a link to the questionnaire, for {DAYS} days")).await?;
    Ok(format!("/vendors/answer/{code}"))
}

async fn opened(ctx: &Context, code: &str) -> Result<(Actor, VendorId, String), Error> {
    let actor = Actor::system(org_of(code)?);
    let view = ctx.view(&actor, Right::SeeFleet).await?;
    let vendor = rows::open_link(&view, &digest(code), ctx.clock.now()).await?.ok_or_else(gone)?;
    let organisation = organisations::one(&view).await?.name;
    Ok((actor, vendor, organisation))
}

/// What a link asks.
///
/// # Errors
/// [`Error::NotFound`] for a link that opens nothing, or nothing any more.
pub async fn look(ctx: &Context, code: &str) -> Result<Asked, Error> {
    let (_, _, organisation) = opened(ctx, code).await?;
    Ok(Asked { organisation, form: form(code) })
}

/// Takes the answers of a link, once.
///
/// # Errors
/// As [`look`]; [`Error::NotFound`] where the token of the form is not the link's; [`Error::Invalid`] where a question is not
/// answered. The link stands then.
pub async fn take(
    ctx: &Context,
    code: &str,
    token: &str,
    given: &Answers,
    address: Option<IpAddr>,
) -> Result<(), Error> {
    if form(code) != token {
        return Err(gone());
    }
    let (actor, vendor, _) = opened(ctx, code).await?;
    let answerer = needed_line("your name", &given.answerer)?;
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let said = given.answers.get(question.id);
        let (answer, note) = said.map_or(("", ""), |(answer, note)| (answer.as_str(), note.as_str()));
        let answer = choice("an answer", answer, &ANSWERS, "")?;
        if answer.is_empty() {
            return Err(Error::invalid(format!("a question is not answered: {}", question.text)));
        }
        answers.push((question.id.to_owned(), answer, line("a remark", note)?));
    }
    let actor = actor.called("a vendor, by link").at(address);
    let change = ctx.change(&actor, Right::KeepProgramme, "vendor.answer").await?;
    let name = one(&change, vendor).await?.name;
    // Of two who send the form at once, one finds the link used.
    if !rows::answer(&change, &digest(code), &answerer, &answers).await? {
        return Err(gone());
    }
    Ok(change.commit(&name, "answered the questionnaire").await?)
}
