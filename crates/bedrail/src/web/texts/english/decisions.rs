//! Decisions on weaknesses, and what is done about them.

use bedrail_app::decisions::DecisionState;

use crate::web::texts::keys::{ActionsPage, BreakfastPage, DecisionsPage, PrioritiesPage};
use crate::web::words;

pub(super) const DECISIONS: DecisionsPage = DecisionsPage {
    title: "Decisions",
    one_line: "What was decided on a weakness holds where it says, now and for what comes later, until something moves.",
    such_as: "id, reason, maker, model …",
    none: "Nothing to show. A decision is taken from the page of a weakness, a device or a release.",
    decision: "Decision",
    where_it_holds: "Where it holds",
    reason: "Reason",
    look_again: "Look at it again",
    decided_by: "Decided by",
    decided_on: "Decided on",
    review_day: "To be looked at on",
    taken_on: "The components that it was taken on. Another component with the same weakness is not covered by it.",
    take_back: "Take it back",
    decide_anew: "Decide anew",
    decide: "Decide",
    decide_here: "Decide for these devices",
    new_title: "A decision",
    holds_where: "Where is it to hold?",
    touches: "What it will touch",
    devices_affected: "Affected",
    devices_unclear: "Cannot tell",
    decided_before: "Decided before",
    components: "Components",
    what_is_decided: "What is decided?",
    verdict: "Decision",
    choose: "choose",
    justification: "Why it is not affected",
    justification_what: "Only for “not affected”.",
    until: "Accepted until",
    approver: "Who answers for the risk",
    accepted_what: "Only where the risk is accepted: the last day, and who answers for it by name or office.",
    reason_what: "A sentence for whoever reads it in a year.",
    review_on: "Look at it again on",
    review_on_what: "It also comes up when what is known changes.",
    action: "What is to be done",
    action_what: "“Affected” needs it; the others may have it.",
    what: "What",
    owner: "Who does it",
    due: "By the end of",
    proof_needed: "What will show that it is done",
    remaining_risk: "The risk that remains",
    cost: "What it costs",
    take: "Take the decision",
    in_force: "in force",
    to_review: "to look at again",
    taken_back: "taken back",
    under_investigation: "under investigation",
    affected: "affected, and something is done",
    not_affected: "not affected",
    fixed: "fixed",
    risk_accepted: "the risk is accepted until a day",
    not_present: "the component is not there",
    code_not_present: "the weak code is not there",
    not_executed: "the weak code never runs",
    not_controlled: "nobody from outside can steer the weak code",
    mitigated: "something in the product stops the attack",
    statement_gone: "The statement that it was accepted from was replaced by a later one, or put aside.",
    now_exploited: "The weakness is known to be exploited now.",
    scope_device: "This device alone",
    scope_found: "The devices of the list that you come from",
    scope_release: "Every device of this release",
    scope_organisation: "Everywhere in the organisation, now and later",
    count,
    headline: |state, total| {
        let many = count(total);
        match (state, total) {
            (DecisionState::InForce, 0) => "No decision is in force.".to_owned(),
            (DecisionState::InForce, _) => format!("{many} in force."),
            (DecisionState::ToReview, 0) => "No decision needs to be looked at again.".to_owned(),
            (DecisionState::ToReview, _) => {
                format!("{many} {} to be looked at again.", words::verb(total, "is", "are"))
            }
            (DecisionState::TakenBack, _) => {
                format!("{many} {} taken back.", words::verb(total, "was", "were"))
            }
        }
    },
    by: |author, day| format!("{author}, {day}"),
    said: |reason, author, day| format!("{reason} ({author}, {day})"),
    not_affected_for: |why| format!("not affected: {why}"),
    accepted_until: |day, approver| format!("risk accepted until {day} by {approver}"),
    run_out: |day| format!("The risk was accepted until {day}; that day has passed."),
    due_since: |day| format!("It was to be looked at again on {day}."),
    severer: |from, to| format!("The weakness was rated {from} and is rated {to} now."),
    new_records: |ids| format!("Records came to the weakness: {ids}."),
    other_components: |names| format!("It does not cover {names}, which has the weakness where it holds."),
    scope_model: |maker, model, up_to| match up_to {
        "" => format!("{maker} {model}, every version"),
        last => format!("{maker} {model} up to version {last}"),
    },
    will_touch: |what, affected, cannot_tell, devices| {
        let here = words::count(devices, "device");
        match (affected, cannot_tell) {
            (0, 0) => format!("{what} touches none of the {here} in this scope."),
            (affected, 0) => format!(
                "A decision on {what} here speaks of {}, of {here} in this scope.",
                words::count(affected, "affected device")
            ),
            (affected, untold) => format!(
                "A decision on {what} here speaks of {} and {} of which it cannot be told, of {here} in this scope.",
                words::count(affected, "affected device"),
                words::number(untold)
            ),
        }
    },
};

pub(super) const BREAKFAST: BreakfastPage = BreakfastPage {
    nobody: "No device is known to be affected, and of none it cannot be told, as far as the data and the bills of materials go.",
    no_owner: "nobody",
    questions: "What to ask, and whom",
    by_ward: "Ward by ward, for printing",
    headline: |id, affected, cannot_tell, wards| match (affected, cannot_tell) {
        (0, 0) => format!("{id}: no device known to be affected."),
        (0, untold) => {
            format!("{id}: no device known to be affected, {} not told yet.", words::number(untold))
        }
        (affected, 0) => {
            format!("{id}: {} in {}.", words::count(affected, "affected device"), words::count(wards, "ward"))
        }
        (affected, untold) => format!(
            "{id}: {} in {}, {} not told yet.",
            words::count(affected, "affected device"),
            words::count(wards, "ward"),
            words::number(untold)
        ),
    },
    ward: |affected, cannot_tell, devices| {
        let rest = devices.saturating_sub(affected + cannot_tell);
        format!(
            "Affected {}, cannot tell {}, nothing found on {}.",
            words::number(affected),
            words::number(cannot_tell),
            words::number(rest)
        )
    },
    published: |at| format!("published {at}"),
    found: |at| format!("first found here {at}"),
    made: |at| format!("this paper {at}"),
    took: |hours| match hours {
        0 => "found within the hour".to_owned(),
        hours if hours < 72 => format!("found after {}", words::count(hours, "hour")),
        hours => format!("found after {}", words::count(hours / 24, "day")),
    },
    left_out: |devices| {
        format!(
            "{} more are not on this paper; the export of the answer has them all.",
            words::count(devices, "device")
        )
    },
};

pub(super) const PRIORITIES: PrioritiesPage = PrioritiesPage {
    as_of: "Worked out",
    as_it_is: "See it as it is",
    when: "When to act",
    such_as: "CVE, maker, model …",
    any: "any time",
    none: "Nothing to show. Devices of which it cannot be told are not in this list: ask for a weakness to see them.",
    place: "Where",
    if_isolated: "And if it were isolated?",
    if_outside: "And if all that faces the outside were isolated?",
    tables: "When to act follows CERT/CC's SSVC table for those who deploy: exploitation, exposure, automation, human impact. What a failure does to patients goes by our own table of kinds of devices, and FDA's risk by cells of our own: a start for your assessment, not the end of it. What is not known counts as the worse.",
    count: places,
    headline: |immediate, out_of_cycle, all| match (immediate, out_of_cycle, all) {
        (0, 0, 0) => "No device is known to be affected by what nobody decided on.".to_owned(),
        (0, 0, all) => format!("{} can wait for the next maintenance.", places(all)),
        (0, soon, _) => format!("{} before the next maintenance, none now.", places(soon)),
        (now, 0, _) => format!("Act now on {}.", places(now)),
        (now, soon, _) => {
            format!("Act now on {}; {} more before the next maintenance.", places(now), words::number(soon))
        }
    },
    handled: |places_left_out| match places_left_out {
        0 => String::new(),
        some => format!(
            "{} more {} left out: it is decided what is done there.",
            words::number(some),
            words::verb(some, "is", "are")
        ),
    },
    what_if: |devices, without, with| {
        let [now_before, soon_before, ..] = without else { return String::new() };
        let [now, soon, ..] = with else { return String::new() };
        format!(
            "If {} were isolated: {} instead of {} to act on now, {} instead of {} before the next maintenance.",
            words::count(devices, "device"),
            words::number(*now),
            words::number(*now_before),
            words::number(*soon),
            words::number(*soon_before)
        )
    },
};

fn places(total: u64) -> String {
    words::count(total, "place")
}

pub(super) const ACTIONS: ActionsPage = ActionsPage {
    title: "Actions",
    one_line: "What is being done about weaknesses, by whom and until when.",
    such_as: "what, who, CVE …",
    none: "Nothing to show. An action is put down here, with a decision, or in a campaign.",
    what: "What is to be done",
    who: "Who",
    due: "By",
    end: "End it, or hand it over",
    about: "about",
    the_decision: "the decision",
    note: "What shows it, or why not",
    mark_done: "It is done",
    drop: "It will not be done",
    reopen: "Open it again",
    hand_over: "Hand it over",
    open: "open",
    done: "done",
    dropped: "dropped",
    count: count_actions,
    headline: |state, total, late| match (state, total, late) {
        ("open", 0, _) => "Nothing is open.".to_owned(),
        ("open", total, 0) => format!("{} open, none past its day or its outer limit.", count_actions(total)),
        ("open", total, late) => format!(
            "{} open; {} {} past its day or its outer limit.",
            count_actions(total),
            words::number(late),
            words::verb(late, "is", "are")
        ),
        (state, total, _) => format!("{} {state}.", count_actions(total)),
    },
    proof: |text| format!("Proof: {text}"),
    remains: |text| format!("Remains: {text}"),
    costs: |text| format!("Costs: {text}"),
    limit: |day, source| format!("outer limit {day}, {source}"),
    was_done: |day, by, proof| format!("Done on {day} by {by}: {proof}"),
    was_dropped: |day, by, reason| format!("Dropped on {day} by {by}: {reason}"),
    kind: "Kind",
    any_kind: "every kind",
    amount: "Cost as an amount",
    not_shown: "done, not shown yet",
    closed: "closed, with what shows it",
    ready: "seen done: can be closed",
    close_it: "Close it with this",
    check: |done, devices, open, unclear, by_word| {
        let mut told = format!("Seen on {} of {}", words::number(done), words::count(devices, "device"));
        if open > 0 {
            told.push_str(&format!(", {} still affected", words::number(open)));
        }
        if unclear > 0 {
            told.push_str(&format!(", {} cannot be told", words::number(unclear)));
        }
        if by_word > 0 {
            told.push_str(&format!(", {} by a decision alone", words::number(by_word)));
        }
        told + "."
    },
    check_data: "The vulnerability data is not whole, so that this shows nothing yet.",
    check_later: "Nothing was seen yet that shows it.",
    check_none: "No device was affected when it was put down, so that nothing can show it.",
    seen: |day, what| format!("Seen on {day}: {what}."),
    window: |from, to| format!("Window: {from} to {to}"),
    campaign: "the campaign",
    stage: "Where it stands",
    plan: "Plan it",
    plan_it: "Keep the plan",
    window_from: "Maintenance window from",
    window_to: "to",
    new: "Put an action down",
    new_weakness: "About which weakness, if any",
    remaining_risk: "What risk remains",
    proof_needed: "What will show it",
    put_down: "Put it down",
    board: "Board",
    calendar: "Calendar",
    budget: "Budget",
    by_stage: "by where they stand",
    by_owner: "by who does them",
    others: "others",
    more: |actions| format!("and {} more", words::number(actions)),
    board_headline: |open, ready, not_shown| match (open, ready, not_shown) {
        (0, _, 0) => "Nothing is open, and nothing waits to be shown.".to_owned(),
        (open, ready, not_shown) => format!(
            "{} open, {} of them seen done; {} done and not shown yet.",
            count_actions(open),
            words::number(ready),
            words::number(not_shown)
        ),
    },
    board_owners: |actions, owners| match actions {
        0 => "Nothing is open.".to_owned(),
        actions => format!("{} in {}.", count_actions(actions), words::count(owners, "column")),
    },
    board_none: "Nothing here.",
    asked_by: "Alerts that ask for it:",
    month_headline: |month, due, windows| {
        format!("{month}: {} due, {}.", count_actions(due), words::count(windows, "maintenance window"))
    },
    month_reading: |month, due, windows| match (due, windows) {
        (0, 0) => format!("In {month} nothing is due."),
        (due, windows) => format!(
            "In {month} {} {} due, and there {} {}.",
            count_actions(due),
            words::verb(due, "is", "are"),
            words::verb(windows, "is", "are"),
            words::count(windows, "maintenance window")
        ),
    },
    month_none: "Nothing is due in this month.",
    on_day: |day, things| format!("{day}: {}", words::count(things, "thing")),
    due_on: "due",
    window_on: "maintenance window",
    day: "Day",
    feed: "In your own calendar",
    feed_what: "A link of your own shows these days in your calendar program: what is to be done, by whom and when, no device by name. It reads the calendar and nothing else, and ends after a year.",
    feed_make: "Make a link",
    feed_made: "Your calendar link",
    feed_once: "It is shown this once. Whoever has it reads the calendar of actions: keep it to yourself.",
    feed_end: "End it among your tokens",
    budget_headline: |actions, quarters| match actions {
        0 => "No action is put down, so that nothing costs anything yet.".to_owned(),
        actions => format!("What {} cost in {}", count_actions(actions), words::count(quarters, "quarter")),
    },
    budget_without: |actions| {
        format!(
            "{} {} no amount, and no sum below has it.",
            count_actions(actions),
            words::verb(actions, "says", "say")
        )
    },
    budget_what: "By the quarter in which an action is due. Dropped actions are left out; amounts stay in the currency that they were put down in.",
    quarter: |year, quarter| format!("{year}, quarter {quarter}"),
    planned: "Open",
    spent: "Closed",
    actions_count: "Actions",
    closed_count: "Of them closed",
    without_amount: "Without an amount",
    print: "Print",
    back: "All actions",
};

fn count(total: u64) -> String {
    words::count(total, "decision")
}

fn count_actions(total: u64) -> String {
    words::count(total, "action")
}
