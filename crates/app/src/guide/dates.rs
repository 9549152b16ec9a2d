//! The dates of the year: what is due by the calendar of the programme, for the guide, for an adviser, and for calendars of other
//! programs. Who does not keep the registers, and every calendar outside, learns that something in them is due and nothing more: in a
//! small office the kind of a request and its day can point to a person (minimum necessary, 45 CFR 164.502(b)).

use bedrail_comply::register::{Clock, KINDS};
use bedrail_model::workforce::DutyKind;
use bedrail_store::workforce::{night, policies};
use bedrail_store::{View, programme as programme_rows};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::YEAR;
use crate::Error;
use crate::actor::Actor;
use crate::programme::{DecisionRow, Office as Papers, ProofRow};
use crate::response::{self, EntryKind};
use crate::rights::Right;

/// A date of the year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dated {
    /// The day.
    pub day: Date,
    /// What is due. No name of a patient.
    pub what: String,
    /// The page where it is done.
    pub link: String,
}

/// For whom dates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Who keeps the registers: kinds and numbers of their entries are shown.
    Keepers,
    /// Other members: that something in the registers is due.
    Members,
    /// A calendar of another program, whoever reads it: no file's name either, which somebody typed.
    Outside,
}

impl For {
    /// For an actor on a page here.
    pub(crate) fn actor(actor: &Actor) -> For {
        if actor.may(Right::KeepRegisters) { For::Keepers } else { For::Members }
    }
}

/// The dates of an organisation, read anew: for the calendar link.
pub(crate) async fn read(view: &View, now: jiff::Timestamp) -> Result<Vec<Dated>, Error> {
    let papers = Papers::read(view, now).await?;
    let (decisions, proofs) = (programme_rows::decisions(view).await?, programme_rows::proofs(view).await?);
    let mut dates = of_papers(&papers, &decisions, &proofs, For::Outside);
    dates.extend(of_people(view, papers.today).await?);
    dates.sort();
    Ok(dates)
}

/// What people are to sign, to learn and to practise: policies to be looked at again, days by which things are to be signed or learned,
/// and the next exercise, a year after the last one.
pub(crate) async fn of_people(view: &View, today: Date) -> Result<Vec<Dated>, Error> {
    let mut dates = Vec::new();
    for policy in policies::all(view).await?.into_iter().filter(|it| it.retired.is_none()) {
        if let Some(day) = policy.review_by {
            let what = format!("Look at the policy again: {}", policy.title);
            dates.push(Dated { day, what, link: format!("/policies/{}", policy.id) });
        }
    }
    for due in night::dues(view).await? {
        let people = match due.people {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        };
        let deed = match due.kind {
            DutyKind::Course => "to take",
            DutyKind::Policy | DutyKind::Statement => "to sign",
        };
        let what = format!("{people} {deed} “{}”, as counted last", due.title);
        dates.push(Dated { day: due.day, what, link: format!("/attestations/{}", due.duty) });
    }
    let plan = response::entries(view).await?.into_iter();
    let held = plan.filter(|row| row.kind == EntryKind::Exercise.code());
    if let Some(last) = held.filter_map(|row| row.day).filter(|day| *day <= today).max() {
        let what = format!("Hold an exercise of the plan for incidents; the last one was on {last}");
        dates.push(Dated { day: last.saturating_add(YEAR.days()), what, link: "/response".to_owned() });
    }
    Ok(dates)
}

/// What is due of the papers: ends of agreements, renewals, requests, registers, decisions to be looked at again, documents that lapse.
/// Actions have dates of their own.
pub(crate) fn of_papers(
    office: &Papers,
    decisions: &[DecisionRow],
    proofs: &[ProofRow],
    whom: For,
) -> Vec<Dated> {
    let mut dates = Vec::new();
    let mut push = |day: Date, what: String, link: String| dates.push(Dated { day, what, link });
    for row in &office.vendors.vendors {
        let link = || format!("/vendors/{}", row.id);
        if let Some((day, _)) = office.vendors.line(row, office.today).ends {
            push(day, format!("Agreement with {} ends", row.name), link());
        }
        if let Some(day) = row.renewal {
            push(day, format!("Look at {} anew", row.name), link());
        }
        for request in office.vendors.requests.get(&row.id).into_iter().flatten() {
            if request.answered.is_none() {
                let what = format!("{} answers: {} of {}", row.name, request.kind, request.about);
                push(request.due, what, link());
            }
        }
    }
    for entry in &office.entries {
        let Some(day) = entry.due else { continue };
        if whom != For::Keepers {
            push(day, "Something in the registers is due".to_owned(), "/registers".to_owned());
            continue;
        }
        let word = if matches!(entry.kind.clock, Clock::Review(_)) { "look again" } else { "last day" };
        let link = format!("/registers/{}/{}", entry.kind.code, entry.id);
        push(day, format!("{}, number {}: {word}", entry.kind.name, entry.number), link);
    }
    for kind in KINDS {
        if let Some((at, _)) = office.reviews.get(kind.code) {
            let day = at.to_zoned(TimeZone::UTC).date().saturating_add(YEAR.days());
            push(day, format!("Look at the register: {}", kind.name), format!("/registers/{}", kind.code));
        }
    }
    for decision in decisions {
        let link = format!("/programme/{}", decision.requirement);
        push(decision.review_by, format!("Look again at the decision on {}", decision.requirement), link);
    }
    for proof in proofs.iter().filter(|it| it.withdrawn.is_none()) {
        let Some(day) = proof.expires else { continue };
        let what = match whom {
            For::Outside => format!("A document that shows something of {} lapses", proof.requirement),
            For::Keepers | For::Members => format!("{} lapses", proof.file_name),
        };
        push(day, what, format!("/programme/{}", proof.requirement));
    }
    dates.sort();
    // Of the same day and the same words one is enough: it says that something is due, not how much.
    dates.dedup();
    dates
}
