//! People: the roster, what is asked of each, policies, courses, statements. People of the roster are apart from accounts; who has
//! one is joined by the address for mail, who has none comes by a personal link.

pub mod directory;
pub mod duties;
pub mod import;
pub mod me;
pub mod night;
pub mod personal;
pub mod policies;
pub mod roster;
pub mod sheets;
pub(crate) mod signals;
pub mod training;
pub mod wording;

pub use bedrail_workforce::{certificate, compare, course, list, markdown, quiz, scim, template};

use bedrail_model::ids::DutyId;
use bedrail_model::workforce::{Assignment, Duty, EVERYBODY, Stage, Worker};
use bedrail_store::Change;
use bedrail_store::workforce::duties as duty_rows;
use bedrail_store::workforce::night::{self as rows, Counted, Whose};
use bedrail_workforce::dates;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Error;
use crate::typed::{line, needed_line as needed, text};

/// Days that somebody has for something, at most.
const MOST_DAYS: u32 = 3_650;

/// Roles as a person types them: parted by commas; `*` or "everybody" for all.
fn roles(given: &str) -> Vec<String> {
    let all = ["*", "everybody", "everyone", "all"];
    if given.split([',', ';', '\n']).any(|role| all.contains(&role.trim().to_lowercase().as_str())) {
        return vec![EVERYBODY.to_owned()];
    }
    list::roles(given)
}

/// Days within reason.
fn days(what: &str, days: u32) -> Result<u32, Error> {
    match days {
        1..=MOST_DAYS => Ok(days),
        _ => Err(Error::invalid(format!("{what}: 1 to {MOST_DAYS} days"))),
    }
}

fn today_of(change: &Change) -> Date {
    change.at().to_zoned(TimeZone::UTC).date()
}

/// The name of a person as the audit log may hold it.
async fn subject(change: &Change, worker: &Worker) -> Result<String, Error> {
    Ok(change.personal(worker.id.uuid(), &worker.name).await?)
}

/// Whether a duty is asked of a person by one of their roles.
fn asks(duty: &Duty, worker: &Worker) -> bool {
    duty.roles.iter().any(|role| role == EVERYBODY || worker.roles.contains(role))
}

/// What is missing among the duties of one person: each with its round and the day by which it is due. The same rule as the statement
/// that assigns to everybody has.
fn missing(
    duties: &[Duty],
    worker: &Worker,
    assigned: &[Assignment],
    today: Date,
) -> Vec<(DutyId, u64, Date)> {
    let soon = dates::after(today, dates::AHEAD);
    let open = duties.iter().filter(|duty| duty.closed.is_none() && asks(duty, worker));
    let lacks = |duty: &&Duty| {
        let covers = |it: &&Assignment| it.duty == duty.id && (it.stage == Stage::Open || it.holds(soon));
        !assigned.iter().any(|it| covers(&it))
    };
    let row = |duty: &Duty| {
        let rounds = assigned.iter().filter(|it| it.duty == duty.id).map(|it| it.round);
        (duty.id, rounds.max().unwrap_or(0) + 1, dates::due(today, duty.days, duty.due))
    };
    open.filter(lacks).map(row).collect()
}

/// What followed from a change of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Followed {
    /// Assignments that were closed, since the person left or no role asks for them any more.
    pub closed: u64,
    /// Assignments that were made.
    pub assigned: u64,
}

impl Followed {
    /// In words.
    pub fn words(self) -> String {
        format!("{} assigned, {} closed", self.assigned, self.closed)
    }
}

/// Lets what is asked of one person follow who they are now. `before` is where they were.
async fn follow_one(
    change: &Change,
    worker: &Worker,
    before: Option<(&str, &str)>,
) -> Result<Followed, Error> {
    let (today, whose) = (today_of(change), Whose::One(worker.id));
    let mut closed = rows::close_of_leavers(change, whose, today).await?;
    closed += rows::close_of_movers(change, whose).await?;
    let mut assigned = 0;
    if worker.is_there(today) {
        let duties = duty_rows::all(change).await?;
        let there = duty_rows::of_worker(change, worker.id).await?;
        let new = missing(&duties, worker, &there, today);
        assigned = rows::assign_these(change, worker.id, today, &new).await?;
    }
    let present = (worker.site.as_str(), worker.ward.as_str());
    rows::tally(change, Counted::Ward(present.0, present.1), today).await?;
    if let Some(before) = before.filter(|before| *before != present) {
        rows::tally(change, Counted::Ward(before.0, before.1), today).await?;
    }
    Ok(Followed { closed, assigned })
}

/// Assigns a duty to all of whom it is asked, and counts it.
async fn follow_duty(change: &Change, duty: &Duty) -> Result<u64, Error> {
    let today = today_of(change);
    let due = dates::due(today, duty.days, duty.due);
    let assigned = rows::assign(change, duty.id, today, (due, dates::after(today, dates::AHEAD))).await?;
    rows::tally(change, Counted::Duty(duty.id), today).await?;
    Ok(assigned)
}
