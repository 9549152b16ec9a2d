//! Statements of others on weaknesses in products (VEX): taken in as received, compared with what we have, and proposed.
//!
//! An issuer's word counts once a person of the organisation has pinned it, and only for the makers that it was pinned for
//! (design decision 7). Until then its statements are kept and propose nothing. `docs/vex.md` has the rules.

pub use bedrail_assess::vex::{Speaks, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{DecisionId, DocumentId, ReleaseId, VexDocumentId, VexStatementId};
use bedrail_model::vex::{Lapse, Statement};
use bedrail_store::vex as rows;
use jiff::Timestamp;

use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod accept;
mod add;
mod export;
mod idle;
mod issuers;
pub(crate) mod judged;
pub(crate) mod rule;
mod signing;
mod versions;

pub use accept::{Accept, accept};
pub use add::{AddVex, VexReceipt, add};
pub use bedrail_formats::vex::{Format, Written};
pub use export::{Export, export};
pub use idle::{Idle, IdleUse, Use};
pub use issuers::{Issuer, Pin, issuers, pin, unpin};
pub use rule::{Ruled, follow as follow_rules};
pub use signing::MOST_SIGNATURE;

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It speaks of something of ours, and waits for a person.
    Proposed,
    /// It may speak of something of ours; a person has to look.
    Unclear,
    /// What it says of our releases was accepted, and is in force.
    InForce,
    /// Nobody pinned its issuer, or not for the makers that it speaks of.
    Unpinned,
    /// It speaks of nothing of ours.
    Unmatched,
    /// It lacks what every statement has, and counts for nothing.
    Lapsed,
    /// Somebody put it aside.
    Declined,
    /// A later document of its issuer took its place.
    Replaced,
}

impl Standing {
    /// All of them, the pressing first.
    pub const ALL: [Standing; 8] = [
        Standing::Proposed,
        Standing::Unclear,
        Standing::InForce,
        Standing::Unpinned,
        Standing::Unmatched,
        Standing::Lapsed,
        Standing::Declined,
        Standing::Replaced,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Standing::Proposed => "proposed",
            Standing::Unclear => "unclear",
            Standing::InForce => "in_force",
            Standing::Unpinned => "unpinned",
            Standing::Unmatched => "unmatched",
            Standing::Lapsed => "lapsed",
            Standing::Declined => "declined",
            Standing::Replaced => "replaced",
        }
    }

    /// The standing that a code names.
    pub fn from_code(code: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|it| it.code() == code)
    }

    /// The standing in words.
    pub const fn words(self) -> &'static str {
        match self {
            Standing::Proposed => "proposed",
            Standing::Unclear => "a person has to look",
            Standing::InForce => "in force",
            Standing::Unpinned => "issuer not pinned",
            Standing::Unmatched => "matched nothing",
            Standing::Lapsed => "does not count",
            Standing::Declined => "put aside",
            Standing::Replaced => "replaced by a later document",
        }
    }
}

/// Why a named person has to accept a statement on a release, whatever rule there is for its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// A device of the release faces the outside, or nobody knows how far it can be reached from.
    Exposed,
    /// The weakness is known to be exploited.
    Exploited,
    /// A life may hang on a device of the release, or nobody said what it is.
    Life,
    /// The statement holds only by what is around the product.
    Surroundings,
    /// Another issuer says otherwise.
    Contradicted,
}

impl Need {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Need::Exposed => "exposed",
            Need::Exploited => "exploited",
            Need::Life => "life",
            Need::Surroundings => "surroundings",
            Need::Contradicted => "contradicted",
        }
    }

    /// The need as a clause.
    pub const fn sentence(self) -> &'static str {
        match self {
            Need::Exposed => "a device can be reached from outside, or it is not known how far",
            Need::Exploited => "the weakness is known to be exploited",
            Need::Life => "a life may hang on a device, or it is not known what it is",
            Need::Surroundings => "the statement holds only by what is around the product",
            Need::Contradicted => "another issuer says otherwise",
        }
    }
}

/// What a statement says of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The release.
    pub release: ReleaseId,
    /// Maker, model and version.
    pub release_name: String,
    /// Devices that run it.
    pub devices: u64,
    /// Whether it speaks of it: yes or cannot tell.
    pub speaks: Speaks,
    /// Why.
    pub why: Why,
    /// Components that it speaks of, with their versions; none for the release as a whole.
    pub components: Vec<String>,
    /// Our own answer on that weakness in that release; `None` where no finding is open.
    pub finding: Option<Answer>,
    /// Whether the issuer was pinned for this maker.
    pub pinned: bool,
    /// Why a named person has to accept it.
    pub needs: Vec<Need>,
    /// The decision in force that it was accepted by.
    pub decision: Option<DecisionId>,
}

/// A statement that says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// The other statement.
    pub statement: VexStatementId,
    /// Its issuer.
    pub issuer: String,
    /// What it says.
    pub status: bedrail_model::vex::Status,
    /// Of which release.
    pub release_name: String,
}

/// A statement as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// Id.
    pub id: VexStatementId,
    /// What it says.
    pub statement: Statement,
    /// The id that we call the weakness by; the statement's own where nothing is held of it.
    pub weakness: String,
    /// Where it stands.
    pub standing: Standing,
    /// What it lacks.
    pub lapse: Option<Lapse>,
    /// The document.
    pub document: VexDocumentId,
    /// The original as received.
    pub original: DocumentId,
    /// The issuer's id of the document.
    pub document_name: String,
    /// Format and version.
    pub format: String,
    /// The mark of confidentiality; empty for none.
    pub tlp: String,
    /// The issuer, as the document names it.
    pub issuer: String,
    /// What the issuer is pinned by.
    pub issuer_key: String,
    /// Whether the issuer is pinned by a key that did not sign the document.
    pub unsigned: bool,
    /// When it was received.
    pub added: Timestamp,
    /// What it says of our releases.
    pub spoken: Vec<Spoken>,
    /// Statements that say otherwise.
    pub otherwise: Vec<Otherwise>,
    /// What was accepted of it and does nothing any more, or stands on nothing.
    pub idle: Vec<IdleUse>,
}

/// Which statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VexFilter {
    /// Words of the weakness, the issuer, the products and the texts, all of them.
    pub text: Option<String>,
    /// Only those of a standing; without one, all but the replaced.
    pub standing: Option<Standing>,
    /// Only those that others contradict.
    pub contradicted: bool,
    /// Only those of which something was accepted that is unused, or expired.
    pub in_use: Option<Use>,
}

/// How many statements stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By standing, in the order of [`Standing::ALL`].
    pub by_standing: Vec<(Standing, u64)>,
    /// Those that others contradict.
    pub contradicted: u64,
    /// Those of which something was accepted that takes nothing away.
    pub unused: u64,
    /// Those of which something was accepted, and what it stood on is gone.
    pub expired: u64,
}

/// Statements, the pressing first, then the newest; with how many there are of each standing.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &VexFilter,
    page: &PageRequest,
) -> Result<(Page<StatementRow>, Tally), Error> {
    let all = judged::get(ctx, actor, Right::SeeFleet).await?.rows();
    let of = |row: &StatementRow, wanted: Use| row.idle.iter().any(|it| wanted.is(it.why));
    let tally = Tally {
        unused: all.iter().filter(|it| of(it, Use::Unused)).count() as u64,
        expired: all.iter().filter(|it| of(it, Use::Expired)).count() as u64,
        by_standing: Standing::ALL
            .into_iter()
            .map(|standing| (standing, all.iter().filter(|it| it.standing == standing).count() as u64))
            .collect(),
        contradicted: all.iter().filter(|it| !it.otherwise.is_empty()).count() as u64,
    };
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found: Vec<StatementRow> = all
        .into_iter()
        .filter(|row| match filter.standing {
            Some(standing) => row.standing == standing,
            // What a replaced statement left behind is shown with what it left.
            None => row.standing != Standing::Replaced || filter.in_use.is_some(),
        })
        .filter(|row| filter.in_use.is_none_or(|wanted| of(row, wanted)))
        .filter(|row| !filter.contradicted || !row.otherwise.is_empty())
        .filter(|row| {
            let searched = searched(row);
            words.iter().all(|word| searched.contains(word))
        })
        .collect();
    found.sort_by(|a, b| {
        let key = |row: &StatementRow| (row.standing, std::cmp::Reverse(row.added));
        key(a).cmp(&key(b)).then_with(|| (&a.weakness, a.id).cmp(&(&b.weakness, b.id)))
    });
    Ok((Page::cut(found, page, |row| row.id.to_string())?, tally))
}

/// One statement.
///
/// # Errors
/// [`Error::NotFound`] when it is not held.
pub async fn get(ctx: &Context, actor: &Actor, id: VexStatementId) -> Result<StatementRow, Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let found = judged.rows().into_iter().find(|row| row.id == id);
    found.ok_or_else(|| Error::not_found(format!("statement {id}")))
}

/// Puts a statement aside, or takes it up again.
///
/// # Errors
/// [`Error::NotFound`] when it is not held.
pub async fn decline(ctx: &Context, actor: &Actor, id: VexStatementId, aside: bool) -> Result<(), Error> {
    let row = get(ctx, actor, id).await?;
    let change = ctx.change(actor, Right::TakeStatements, "vex.decline").await?;
    if !rows::decline(&change, id, aside).await? {
        return Err(Error::not_found(format!("statement {id}")));
    }
    rule::ask(&change).await?;
    let detail = format!(
        "“{}” of {} on {}: {}",
        row.statement.status.name(),
        row.issuer,
        row.weakness,
        if aside { "put aside" } else { "taken up again" }
    );
    change.commit(&row.weakness, &detail).await?;
    Ok(())
}

/// What the search looks through, in lower case.
fn searched(row: &StatementRow) -> String {
    let said = &row.statement;
    let products = said.products.iter().flat_map(|it| {
        let parts = it.parts.iter().map(bedrail_model::vex::Product::words);
        std::iter::once(it.words()).chain(parts).collect::<Vec<_>>()
    });
    let texts = [&said.impact, &said.action, &said.notes].into_iter().flatten().cloned();
    let mut all: Vec<String> = said.weaknesses.iter().cloned().chain(products).chain(texts).collect();
    all.extend([row.weakness.clone(), row.issuer.clone(), row.document_name.clone()]);
    all.extend(row.spoken.iter().map(|it| it.release_name.clone()));
    all.join(" ").to_lowercase()
}
