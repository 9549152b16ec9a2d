//! What follows from an exercise: each line an action on the board, with who and until when, closed by its proof.

use std::collections::HashMap;

use bedrail_model::action::{Action, Kind, Stage};
use bedrail_model::ids::ActionId;
use bedrail_model::text::squeezed;
use bedrail_store::response::{self as rows, FollowUpRow};
use bedrail_store::{View, actions as action_rows};
use jiff::civil::Date;

use super::{EntryKind, EntryRow, entries};
use crate::actions::{self, About, NewAction};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A line of an exercise that is to become an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFollowUp {
    /// The exercise, by its name in the plan.
    pub exercise: String,
    /// Its place in the plan; empty for everywhere.
    pub place: String,
    /// The line, as the exercise has it.
    pub what: String,
    /// Who does it.
    pub owner: String,
    /// By the end of which day.
    pub due: Date,
    /// What will show that it is done.
    pub proof_needed: Option<String>,
}

/// A line of an exercise, with how far its action is.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// The exercise, by its name.
    pub exercise: String,
    /// Its place.
    pub place: String,
    /// The line.
    pub what: String,
    /// Its action; nothing where nobody put one down.
    pub action: Option<Action>,
}

impl FollowUp {
    /// Where it stands: as its action, or `not_put_down`.
    pub fn stage(&self) -> &'static str {
        self.action.as_ref().map_or("not_put_down", |action| action.stage().code())
    }

    /// What shows that it is done.
    pub fn proof(&self) -> Option<&str> {
        match &self.action.as_ref()?.state {
            bedrail_model::action::State::Done { proof, .. } => Some(proof),
            _ => None,
        }
    }

    /// Whether it is of an entry.
    pub fn is_of(&self, row: &EntryRow) -> bool {
        row.kind == EntryKind::Exercise.code()
            && same(&self.exercise, &row.name)
            && same(&self.place, &row.place)
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn lines(row: &EntryRow) -> impl Iterator<Item = String> {
    row.follow_ups.lines().map(squeezed).filter(|line| !line.is_empty())
}

/// The lines of all exercises in force with their actions. Actions of lines that an exercise no longer has stay with it.
pub(super) async fn follow_ups(view: &View, entries: &[EntryRow]) -> Result<Vec<FollowUp>, Error> {
    let exercises: Vec<&EntryRow> =
        entries.iter().filter(|row| row.kind == EntryKind::Exercise.code()).collect();
    if exercises.is_empty() {
        return Ok(Vec::new());
    }
    let taken = rows::follow_ups(view).await?;
    let mut actions: HashMap<ActionId, Action> = HashMap::new();
    if !taken.is_empty() {
        actions.extend(action_rows::all(view).await?.into_iter().map(|action| (action.id, action)));
    }
    let mut all = Vec::new();
    for exercise in exercises {
        let of =
            |row: &&FollowUpRow| same(&row.exercise, &exercise.name) && same(&row.place, &exercise.place);
        let mine: Vec<&FollowUpRow> = taken.iter().filter(of).collect();
        let line = |what: String, action: Option<ActionId>| FollowUp {
            exercise: exercise.name.clone(),
            place: exercise.place.clone(),
            what,
            action: action.and_then(|id| actions.get(&id).cloned()),
        };
        let here: Vec<String> = lines(exercise).collect();
        for what in &here {
            // One that was dropped may be put down anew: the newest action counts.
            let action = mine.iter().rev().find(|row| same(&row.what, what)).map(|row| row.action);
            all.push(line(what.clone(), action));
        }
        let gone = mine.iter().filter(|row| !here.iter().any(|what| same(what, &row.what)));
        all.extend(gone.map(|row| line(row.what.clone(), Some(row.action))));
    }
    Ok(all)
}

/// Puts a line of an exercise onto the board of actions.
///
/// # Errors
/// [`Error::NotFound`] for an exercise that the plan does not have, or a line that the exercise does not have; [`Error::Conflict`] where it
/// is an action already that was not dropped; [`Error::Invalid`] without who or until when; [`Error::Denied`].
pub async fn follow(ctx: &Context, actor: &Actor, new: &NewFollowUp) -> Result<ActionId, Error> {
    let change = ctx.change(actor, Right::HandleIncidents, "response.follow_up").await?;
    let plan = entries(&change).await?;
    let what = squeezed(&new.what);
    let known = follow_ups(&change, &plan).await?;
    let here = |it: &&FollowUp| same(&it.exercise, new.exercise.trim()) && same(&it.place, new.place.trim());
    let line = known.iter().filter(here).find(|it| same(&it.what, &what));
    let Some(line) = line else {
        let thing = format!("follow-up {:?} of the exercise {:?}", what, new.exercise);
        return Err(Error::not_found(thing));
    };
    if line.action.as_ref().is_some_and(|action| action.stage() != Stage::Dropped) {
        return Err(Error::Conflict { message: "this follow-up is an action already".to_owned() });
    }
    let action = NewAction {
        kind: Kind::Other,
        what: format!("Exercise \u{201c}{}\u{201d}: {}", line.exercise, line.what),
        owner: new.owner.clone(),
        due: new.due,
        proof_needed: new.proof_needed.clone().filter(|text| !text.trim().is_empty()),
        ..NewAction::default()
    };
    actions::check(&action)?;
    let id = actions::put(&change, &action, About::default()).await?;
    let row = FollowUpRow {
        action: id,
        exercise: line.exercise.clone(),
        place: line.place.clone(),
        what: line.what.clone(),
    };
    rows::add_follow_up(&change, &row).await?;
    let detail = format!("{} by {} until {}", line.what, new.owner.trim(), new.due);
    change.commit(&format!("exercise: {}", line.exercise), &detail).await?;
    Ok(id)
}
