//! The answer to the main question in sentences, the same on the command line, in its JSON and on the page.

use bedrail_app::affected::{Affected, OneOfSeveral, Reading, Totals, Understood};

use crate::web::words::{count, day, number, verb};

/// The answer in full: what is known, and what cannot be told.
pub(crate) fn headline(answer: &Affected) -> String {
    match doubtful(answer) {
        Some(doubtful) => format!("{} {doubtful}", known(answer)),
        None => known(answer),
    }
}

/// The first line: what is known.
pub(crate) fn known(answer: &Affected) -> String {
    let (totals, subject) = (&answer.totals, subject(answer));
    if totals.fleet == 0 {
        return format!("There are no devices here yet, so nothing can be said about {subject}.");
    }
    if nothing_known(answer) {
        return no_record(answer, &subject);
    }
    match (totals.affected, totals.cannot_tell) {
        (0, 0) => nothing_found(answer, &subject),
        (0, unknown) => {
            let can = have(&answer.understood);
            let rest = outside_and_alone(totals.outside, totals.without_owner, " of them");
            format!(
                "No device is known to {can} {subject}, but for {} it cannot be told{rest}.",
                number(unknown)
            )
        }
        (affected, _) => {
            let wards = match totals.affected_wards {
                0 => String::new(),
                wards => format!(" in {}", count(wards, "ward")),
            };
            let rest = outside_and_alone(totals.affected_outside, totals.affected_without_owner, "");
            let has = has(&answer.understood, affected);
            format!("{}{wards} {has} {subject}{rest}.", count(affected, "device"))
        }
    }
}

/// Beside affected devices those of which it cannot be told have a sentence of their own.
pub(crate) fn doubtful(answer: &Affected) -> Option<String> {
    let totals = &answer.totals;
    if totals.affected == 0 || totals.cannot_tell == 0 {
        return None;
    }
    let outside = totals.outside - totals.affected_outside;
    let alone = totals.without_owner - totals.affected_without_owner;
    let rest = outside_and_alone(outside, alone, " of them");
    Some(format!("For {} more it cannot be told{rest}.", number(totals.cannot_tell)))
}

fn outside_and_alone(outside: u64, alone: u64, of_them: &str) -> String {
    let mut text = String::new();
    if outside > 0 {
        text += &format!("; {}{of_them} {} the outside", number(outside), verb(outside, "faces", "face"));
    }
    if alone > 0 {
        let on = if !of_them.is_empty() && text.is_empty() { of_them } else { "" };
        text += &format!(
            "; {}{on} {} nobody on {}",
            number(alone),
            verb(alone, "has", "have"),
            verb(alone, "it", "them")
        );
    }
    text
}

/// Whether the data knows nothing of what was asked: then a list of all devices would say nothing.
pub(crate) fn nothing_known(answer: &Affected) -> bool {
    known_of_several(&answer.understood) == Some(0)
}

/// How many of the weaknesses asked for the data knows; `None` where something else was asked for.
fn known_of_several(understood: &Understood) -> Option<usize> {
    match understood {
        Understood::UnknownWeakness(_) => Some(0),
        Understood::Several { each, .. } => Some(each.iter().filter(|one| one.weakness.is_some()).count()),
        _ => None,
    }
}

/// Nothing found because nothing is known: that is "cannot tell".
fn no_record(answer: &Affected, subject: &str) -> String {
    let as_of = answer.data.as_of().map(|moment| format!(" (as of {})", day(moment))).unwrap_or_default();
    let starter = if answer.data.starter_only { "starter " } else { "" };
    format!(
        "No record of {subject} in the {starter}data held{as_of}, so it cannot be told for any of your {}. That is no all-clear.",
        count(answer.totals.fleet, "device")
    )
}

fn nothing_found(answer: &Affected, subject: &str) -> String {
    let fleet = count(answer.totals.fleet, "device");
    let whole = answer.data.complete && !answer.data.starter_only;
    match (&answer.understood, whole) {
        (Understood::Weakness(_) | Understood::Several { .. }, false) => {
            format!(
                "{subject} was not found on your {fleet}, but the data behind this is not whole and fresh. That is no all-clear."
            )
        }
        (Understood::Maker(_), _) => format!("None of your {fleet} is from {subject}."),
        (understood, _) => format!("None of your {fleet} is known to {} {subject}.", have(understood)),
    }
}

/// What the question was about, as a phrase.
fn subject(answer: &Affected) -> String {
    match &answer.understood {
        Understood::Weakness(weakness) => weakness.id.clone(),
        Understood::UnknownWeakness(text) | Understood::Package(text) | Understood::Maker(text) => {
            text.clone()
        }
        Understood::ComponentName { text, .. } => format!("a component named like “{text}”"),
        Understood::Several { each, .. } => {
            let any = if nothing_known(answer) { "any" } else { "at least one" };
            match answer.readings.as_slice() {
                [Reading::Nickname(nickname)] if nickname.ids.len() >= each.len() => {
                    format!("{any} of the {} weaknesses of {}", each.len(), nickname.name)
                }
                _ => format!("{any} of the {} weaknesses named", each.len()),
            }
        }
    }
}

const fn have(understood: &Understood) -> &'static str {
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) | Understood::Several { .. } => "have",
        Understood::Package(_) | Understood::ComponentName { .. } => "contain",
        Understood::Maker(_) => "be from",
    }
}

fn has(understood: &Understood, devices: u64) -> &'static str {
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) | Understood::Several { .. } => {
            verb(devices, "has", "have")
        }
        Understood::Package(_) | Understood::ComponentName { .. } => verb(devices, "contains", "contain"),
        Understood::Maker(_) => verb(devices, "is from", "are from"),
    }
}

/// What decisions changed about the numbers.
fn decided(totals: &Totals) -> Option<String> {
    let handled = format!(
        "For {} of the affected devices it is decided what is done, or that the risk is accepted.",
        number(totals.handled)
    );
    let ruled_out = format!("{} more would count, but for a decision.", count(totals.ruled_out, "device"));
    match (totals.handled, totals.ruled_out) {
        (0, 0) => None,
        (_, 0) => Some(handled),
        (0, _) => Some(ruled_out),
        _ => Some(format!("{handled} {ruled_out}")),
    }
}

/// How the question was understood, where that needs saying, one sentence or two each.
pub(crate) fn remarks(answer: &Affected) -> Vec<String> {
    let mut remarks: Vec<String> = answer.readings.iter().map(Reading::sentence).collect();
    remarks.extend(decided(&answer.totals));
    match &answer.understood {
        Understood::Weakness(_) => {}
        Understood::UnknownWeakness(id) => remarks.push(format!(
            "{id} may be too new for the data held, reserved, mistyped, or about products that the data does not cover. \
             Update the data, or ask by the name of the component."
        )),
        Understood::Several { each, left_out } => several(each, *left_out, &mut remarks),
        Understood::Package(purl) => remarks.push(format!(
            "Understood as the package {purl}. A component that is present is not yet a weakness: open a device to see which weaknesses touch it."
        )),
        Understood::ComponentName { text, names, count: all } => remarks.push(match names.len() {
            0 => format!("No component has a name like “{text}”."),
            shown => format!(
                "Understood as a component name. It met {}: {}{}. A component that is present is not yet a weakness.",
                count(*all, "name"),
                names.join(", "),
                if *all > shown as u64 { " …" } else { "" }
            ),
        }),
        Understood::Maker(maker) => {
            remarks.push(format!("Understood as the maker {maker}: all its devices are listed."));
        }
    }
    remarks
}

fn several(each: &[OneOfSeveral], left_out: u64, remarks: &mut Vec<String>) {
    let unknown: Vec<&str> =
        each.iter().filter(|one| one.weakness.is_none()).map(|one| one.id.as_str()).collect();
    if !unknown.is_empty() && unknown.len() < each.len() {
        remarks.push(format!(
            "The data held has no record of {}: of these it cannot be told, and they are not in the count.",
            unknown.join(", ")
        ));
    }
    if left_out > 0 {
        remarks.push(format!(
            "The text names {} more; they were not looked at. Ask for them by themselves.",
            number(left_out)
        ));
    }
}
