//! Deciding: what somebody makes of an item, and what will be done. The first word that says what it is stops the clock for
//! deciding; "not known yet" is written down and stops nothing.

use bedrail_model::ids::AlertItemId;
use bedrail_store::alerts::items::{self as rows, ItemRow, NOT_KNOWN, StepRow, Verdict as VerdictRow};
use jiff::Timestamp;

use super::work::{self, check_sentence};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What an item is. A new one is a variant and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Somebody attacks us.
    Attack,
    /// Somebody of ours did what is not allowed.
    Breach,
    /// It happened, and does no harm.
    Harmless,
    /// The rule fired on something else.
    FalseAlarm,
    /// Nobody can tell yet.
    NotKnown,
}

/// A row of the list of verdicts.
#[derive(Debug, Clone, Copy)]
pub struct VerdictRowOf {
    /// Which.
    pub verdict: Verdict,
    /// The stable code.
    pub code: &'static str,
    /// In words.
    pub words: &'static str,
}

/// All of them, in the order they are offered.
pub const VERDICTS: &[VerdictRowOf] = &[
    VerdictRowOf { verdict: Verdict::Attack, code: "attack", words: "an attack" },
    VerdictRowOf { verdict: Verdict::Breach, code: "breach", words: "a breach of our policy" },
    VerdictRowOf { verdict: Verdict::Harmless, code: "harmless", words: "harmless" },
    VerdictRowOf { verdict: Verdict::FalseAlarm, code: "false_alarm", words: "a false alarm" },
    VerdictRowOf { verdict: Verdict::NotKnown, code: NOT_KNOWN, words: "not known yet" },
];

impl Verdict {
    fn row(self) -> &'static VerdictRowOf {
        VERDICTS.iter().find(|row| row.verdict == self).unwrap_or(&VERDICTS[VERDICTS.len() - 1])
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// In words.
    pub fn words(self) -> &'static str {
        self.row().words
    }

    /// The verdict that a person or a program names by its code.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the verdicts that there are.
    pub fn named(code: &str) -> Result<Verdict, Error> {
        VERDICTS.iter().find(|row| row.code == code).map(|row| row.verdict).ok_or_else(|| {
            let known: Vec<&str> = VERDICTS.iter().map(|row| row.code).collect();
            Error::Invalid {
                message: "that is nothing that an alert can be".into(),
                hint: Some(format!("it is one of {}", known.join(", "))),
            }
        })
    }
}

/// What somebody made of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is.
    pub verdict: Verdict,
    /// What will be done.
    pub sentence: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

impl Decision {
    pub(super) fn of(row: VerdictRow) -> Decision {
        Decision {
            verdict: Verdict::named(&row.code).unwrap_or(Verdict::NotKnown),
            sentence: row.sentence,
            at: row.at,
            by: row.by,
        }
    }
}

/// Whether the clock for deciding still runs.
pub(super) fn is_undecided(item: &ItemRow) -> bool {
    item.verdict.as_ref().is_none_or(|verdict| verdict.code == NOT_KNOWN)
}

/// Writes down what open items are, and what will be done. Who decides on what nobody has, has it. Each must have as many
/// events as were seen, so that nobody decides on what they have not looked at.
///
/// # Errors
/// [`Error::Invalid`] without a sentence, [`Error::Conflict`] where one is closed or has got more events meanwhile; nothing
/// is changed then.
pub async fn decide(
    ctx: &Context,
    actor: &Actor,
    seen: &[(AlertItemId, u64)],
    verdict: Verdict,
    sentence: &str,
) -> Result<(), Error> {
    check_sentence(sentence)?;
    let sentence = sentence.trim();
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.decide").await?;
    let mut words = Vec::new();
    for (id, events) in seen {
        let item = work::open_item(&change, *id).await?;
        let row = VerdictRow {
            code: verdict.code().to_owned(),
            sentence: sentence.to_owned(),
            at: change.at(),
            by: actor.name.clone(),
        };
        if !rows::decide(&change, *id, &row, *events).await? {
            return Err(work::moved_on(&item, *events));
        }
        if item.taken.is_none() && rows::take(&change, *id, &actor.name, None).await? {
            let step = work::step(&change, &item, "taken", &actor.name, "by deciding on it");
            rows::add_step(&change, *id, &step).await?;
        }
        let counts = is_undecided(&item) && verdict != Verdict::NotKnown;
        let text = format!("{}. {sentence}", verdict.words());
        let kind = if counts { "decided" } else { "judged" };
        let step = work::step(&change, &item, kind, &actor.name, &text);
        rows::add_step(&change, *id, &step).await?;
        words.push(work::name_of(&item));
    }
    if words.is_empty() {
        return Ok(());
    }
    change.commit(&work::said(&words), &format!("it is {} — {sentence}", verdict.words())).await?;
    Ok(())
}

/// The step of an item that is closed without somebody having said before what it is: closing says it.
pub(super) fn by_closing(step: &StepRow, item: &ItemRow) -> Option<StepRow> {
    is_undecided(item).then(|| StepRow {
        kind: "decided".into(),
        text: "by closing it".into(),
        due: Some(item.due[1]),
        ..step.clone()
    })
}
