//! The programme that the law asks for: how every requirement stands, from what Bedrail knows, from documents and from decisions;
//! how it stood on a past day; and the evidence binder. What is judged and how stands in `bedrail_comply`; here its facts come
//! from. No figure but two, and nobody types a state in.

mod anchor;
mod assess;
mod binder;
mod cut;
mod day;
mod decide;
mod gather;
mod job;
mod judged;
mod office;
mod practices;
mod proof;
mod value;

use std::sync::OnceLock;

use bedrail_comply::catalog::{Catalogues, Designation, Requirement};
use bedrail_comply::signal::Signal;
use bedrail_comply::state::{Share, State};
use bedrail_model::engagement::Scope;
pub use bedrail_store::programme::{DecisionRow, ProofRow, StateRow};
use jiff::Timestamp;
use jiff::civil::Date;

pub use anchor::{ANCHOR_KINDS, AnchorRow, NewAnchor, anchor, anchors};
pub use assess::{ANSWERS, Asked, Question, Questions, Reply, SelfAnswerRow, Wanted, questions, reply};
pub use binder::{Exported, Period, Sealed, VerifiedBinder, Wanted as WantedBinder, export, verify};
pub use day::{Past, days, note, on};
pub use decide::{Decide, OUTCOMES, decide};
pub use gather::{FED, FOLLOWING, Fed, LATER};
pub use job::{ask, may_seal};
pub(crate) use job::{note_all, write_binder};
pub use judged::{FactView, SignalView, State as StateWord};
pub(crate) use office::Office;
pub use practices::{Practice, Practices, practices};
pub use proof::{MOST_BYTES, Prove, prove, withdraw};
pub(crate) use proof::{file_name, told};

use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The two figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Requirements that apply.
    pub of: u32,
    /// Of these, those that are evidenced.
    pub evidenced: u32,
    /// Of these, those with something past its date.
    pub overdue: u32,
}

impl Figures {
    /// The share that is evidenced, in whole per cent, rounded down; `None` of nothing.
    pub fn evidenced_percent(self) -> Option<u32> {
        Share { count: self.evidenced, of: self.of }.percent()
    }

    /// The share with something overdue, in whole per cent, rounded up; `None` of nothing.
    pub fn overdue_percent(self) -> Option<u32> {
        Share { count: self.overdue, of: self.of }.percent_up()
    }
}

/// A catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRow {
    /// The name of its file without its ending: what filters name.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether its requirements are duties by law.
    pub binds: bool,
    /// The figures of its requirements.
    pub figures: Figures,
}

/// How a requirement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its catalogue.
    pub catalogue: String,
    /// Where it stands written.
    pub citation: String,
    /// A few words.
    pub title: String,
    /// The part of the rule.
    pub family: String,
    /// `standard`, `required`, `addressable`, `voluntary`, `informational`.
    pub designation: &'static str,
    /// `yes`, `no`, `not_assessed`.
    pub applies: &'static str,
    /// Its state.
    pub state: State,
    /// Whether something about it is past its date.
    pub overdue: bool,
    /// When the oldest fact that counts was observed.
    pub oldest: Option<Timestamp>,
    /// Why, in a sentence.
    pub reason: String,
    /// What would show it.
    pub evidence: Vec<String>,
}

/// The programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// When it was judged.
    pub at: Timestamp,
    /// The figures of the duties by law; what is voluntary is not counted in.
    pub figures: Figures,
    /// Catalogues, in order.
    pub catalogues: Vec<CatalogueRow>,
    /// Requirements, in order of the catalogues.
    pub rows: Vec<Row>,
}

/// One requirement with all that its state stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// How it stands.
    pub row: Row,
    /// The version of the catalogue that it was judged by.
    pub version: String,
    /// What it asks, in our words.
    pub meaning: String,
    /// The question for people.
    pub question: String,
    /// Its signals.
    pub signals: Vec<SignalView>,
    /// Documents that show one of its signals, the newest first, withdrawn ones too.
    pub proofs: Vec<ProofRow>,
    /// Decisions on it, the newest first.
    pub decisions: Vec<DecisionRow>,
    /// Whether it leaves a choice (45 CFR 164.306(d)).
    pub addressable: bool,
    /// Why nothing can be shown for it, and what is asked for instead.
    pub manual: Option<(String, String)>,
}

/// Which requirements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this catalogue.
    pub catalogue: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Only those with something past its date.
    pub overdue: bool,
    /// Words of the citation, the title and the id.
    pub text: Option<String>,
}

impl Filter {
    fn takes(&self, row: &Row) -> bool {
        let text = self.text.as_deref().unwrap_or_default().to_lowercase();
        let words = format!("{} {} {}", row.id, row.citation, row.title).to_lowercase();
        self.catalogue.as_ref().is_none_or(|id| *id == row.catalogue)
            && self.state.as_ref().is_none_or(|code| code == row.state.code())
            && (!self.overdue || row.overdue)
            && text.split_whitespace().all(|word| words.contains(word))
    }
}

/// All states, the strongest first, as filters name them.
pub const STATES: [State; 5] = [State::Evidenced, State::Claimed, State::Partly, State::Unknown, State::No];

/// The catalogues of this program, read once.
pub(crate) fn catalogues() -> Result<&'static Catalogues, Error> {
    static READ: OnceLock<Result<Catalogues, String>> = OnceLock::new();
    let read = READ.get_or_init(|| Catalogues::embedded().map_err(|error| error.to_string()));
    read.as_ref().map_err(|error| Error::Unavailable { message: error.clone(), hint: None })
}

/// Names of catalogues for people, by the file.
const NAMES: &[(&str, &str)] = &[
    ("hipaa-security-rule", "Security Rule"),
    ("privacy-and-admin", "Privacy Rule, administrative"),
    ("breach-notification", "Breach Notification Rule"),
    ("hph-performance-goals", "HPH performance goals"),
    ("hicp-405d", "405(d) HICP"),
    ("ciso-questions", "Questions of CISOs, steps of CISA"),
];

pub(crate) fn catalogue_id(file: &str) -> &str {
    file.strip_suffix(".yaml").unwrap_or(file)
}

fn catalogue_name(id: &str) -> &str {
    NAMES.iter().find(|(file, _)| *file == id).map_or(id, |(_, name)| name)
}

/// The requirement of an id.
fn requirement(id: &str) -> Result<&'static Requirement, Error> {
    let found = catalogues()?.requirement(id);
    found.ok_or_else(|| Error::not_found(format!("requirement {}", id.escape_debug())))
}

/// How the requirements stand now.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor, filter: &Filter) -> Result<Programme, Error> {
    let known = gather::known(ctx, actor, false).await?;
    let mut programme = judged::programme(&known.judged()?, known.now, actor.scope())?;
    programme.rows.retain(|row| filter.takes(row));
    Ok(programme)
}

/// The first requirement of a scope that is in no catalogue and names none.
pub(crate) fn unknown_requirement(scope: &Scope) -> Option<&str> {
    let known = |named: &str| {
        catalogues().is_ok_and(|all| {
            all.requirement(named).is_some() || all.files.iter().any(|file| catalogue_id(&file.file) == named)
        })
    };
    scope.requirements.iter().map(String::as_str).find(|named| !known(named))
}

/// Whether a requirement is in the scope of an engagement.
fn in_scope(scope: Option<&Scope>, id: &str) -> bool {
    let file = || catalogues().ok().and_then(|all| all.file_of(id)).map(|file| catalogue_id(&file.file));
    scope.is_none_or(|scope| scope.takes(id, file().unwrap_or_default()))
}

/// How the requirements stand now, with the papers of the office, decisions and documents: read once.
pub(crate) struct Whole {
    pub(crate) programme: Programme,
    pub(crate) office: Office,
    pub(crate) decisions: Vec<DecisionRow>,
    pub(crate) proofs: Vec<ProofRow>,
}

/// Reads all of it once.
pub(crate) async fn whole(ctx: &Context, actor: &Actor) -> Result<Whole, Error> {
    let known = gather::known(ctx, actor, false).await?;
    let programme = judged::programme(&known.judged()?, known.now, actor.scope())?;
    Ok(Whole { programme, office: known.office, decisions: known.decisions, proofs: known.proofs })
}

/// One requirement.
///
/// # Errors
/// [`Error::NotFound`] where no catalogue names it; [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: &str) -> Result<Detail, Error> {
    let wanted = requirement(id)?;
    if !in_scope(actor.scope(), id) {
        return Err(Error::not_found(format!("requirement {id} in the engagement")));
    }
    let known = gather::known(ctx, actor, false).await?;
    let judged = known.judged()?;
    let state = judged.states.iter().find(|state| state.requirement.id == id);
    let state = state.ok_or_else(|| Error::not_found(format!("requirement {id}")))?;
    let row = judged::row(state)?;
    let cut = cut::Cut::of(actor, &Scope::default());
    let shows = |proof: &&ProofRow| wanted.signals.iter().any(|signal| signal.id == proof.signal);
    Ok(Detail {
        row,
        version: state.catalogue.clone(),
        meaning: wanted.meaning.clone(),
        question: wanted.question.clone(),
        signals: state
            .applies_by
            .iter()
            .chain(&state.signals)
            .map(|it| cut.signal(judged::signal(it, &judged)))
            .collect(),
        proofs: known.proofs.iter().filter(shows).filter(|proof| cut.takes_proof(proof)).cloned().collect(),
        decisions: known.decisions.iter().filter(|it| it.requirement == id).cloned().collect(),
        addressable: wanted.designation == Designation::Addressable,
        manual: wanted.manual.as_ref().map(|it| (it.reason.clone(), it.proof.clone())),
    })
}

/// A signal that a requirement asks for: the one named, or the only one.
fn signal_of(requirement: &Requirement, id: Option<&str>) -> Result<&'static Signal, Error> {
    let names = || requirement.signals.iter().map(|it| it.id).collect::<Vec<_>>().join(", ");
    let found = match (id, requirement.signals.as_slice()) {
        (Some(id), signals) => signals.iter().copied().find(|signal| signal.id == id),
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    found.ok_or_else(|| Error::Invalid {
        message: format!("say which signal of {} the document shows", requirement.citation),
        hint: Some(format!("one of: {}", names())),
    })
}

/// Everything that counts for a person of today.
pub(crate) async fn see(ctx: &Context, actor: &Actor) -> Result<bedrail_store::View, Error> {
    ctx.view(actor, Right::SeeFleet).await
}

/// The day before which nothing is taken in: before the statute (Pub. L. 104-191).
const FIRST_DAY: Date = jiff::civil::date(1996, 8, 21);
