//! English: campaigns.

use crate::web::texts::keys::CampaignsPage;
use crate::web::words;

pub(super) const CAMPAIGNS: CampaignsPage = CampaignsPage {
    title: "Campaigns",
    one_line: "A campaign is all that is done about one weakness, on one page, from the question to the end.",
    none: "There is no campaign yet. It is started with one button on the page of a weakness.",
    campaign: "Campaign",
    start: "Make this a campaign",
    go_to: "Go to the campaign",
    report: "Report",
    report_csv: "Report as CSV",
    back: "Back to the campaign",
    started: "Started",
    affected_then_now: "Affected, then and now",
    then_to_now: |then, now| format!("{} → {}", words::number(then), words::number(now)),
    open_actions: "Open actions",
    state: "State",
    running: "running",
    closed: "closed",
    see_devices: "See the devices",
    headline: |name, affected, wards, unclear, outside| {
        let have = words::verb(affected, "is", "are");
        let faces = words::verb(outside, "faces", "face");
        let mut told = match (affected, unclear) {
            (0, 0) => format!("{name}: no device is found affected"),
            (0, unclear) => format!("{name}: of {} it cannot be told", words::count(unclear, "device")),
            (affected, _) => {
                format!(
                    "{name}: {} in {} {have} affected",
                    words::count(affected, "device"),
                    words::count(wards, "ward")
                )
            }
        };
        if affected > 0 && unclear > 0 {
            told.push_str(&format!(", {} cannot be told", words::number(unclear)));
        }
        if outside > 0 {
            told.push_str(&format!("; {} of them {faces} the outside", words::number(outside)));
        }
        told + "."
    },
    headline_closed: |name, day, affected, unclear| {
        format!(
            "{name} was closed on {day}, with {} affected and {} unclear.",
            words::count(affected, "device"),
            words::number(unclear)
        )
    },
    not_known: "The vulnerability data does not know this weakness yet, so of no device it can be told.",
    nothing_proved: "Nothing is found, and the vulnerability data is not whole: that proves nothing.",
    proved: "None is found any more, by data that is whole and fresh.",
    begun_by: |when, by| format!("started {when} by {by}"),
    am_i_affected: "Am I affected?",
    counts: "Devices",
    affected: "affected",
    cannot_tell: "cannot tell",
    not_affected: "not affected",
    exposed: "facing the outside",
    ruled_out: |devices| format!("{} not affected by a decision alone", words::count(devices, "device")),
    steps: "Steps, and the time each took",
    step: "Step",
    how_far: "How far",
    begun: "Begun",
    took: "Took",
    known: "From the first record to the first finding here",
    questions: "Questions to makers and wards",
    owners: "Somebody on each ward",
    shields: "Shields and isolation",
    fixes: "Fixes and replacements",
    whole: "From the start to the end",
    done_of: |done, all| format!("{} of {}", words::number(done), words::number(all)),
    not_begun: "not begun",
    runs_since: |time| format!("{time} so far"),
    under_an_hour: "under an hour",
    hours: |hours| words::count(hours, "hour"),
    days: |days| words::count(days, "day"),
    burn_down: "Burn-down by ward",
    burn_reading: |from, then, day, now| {
        format!(
            "On {from} {} affected or unclear, on {day} {}.",
            words::count(then, "device"),
            words::number(now)
        )
    },
    burn_name: "Affected and unclear devices over time, a row for each ward",
    all_wards: "all wards",
    more_wards: |wards| format!("{} more", words::count(wards, "ward")),
    not_whole: "data not whole",
    ward_table: "Wards",
    who_is_on_it: "Who is on it",
    nobody: "nobody",
    put_on_it: "Put somebody on it",
    kind: "What",
    owner: "Who",
    due: "By",
    what: "In words, if it needs any",
    window_from: "Maintenance window from",
    window_to: "to",
    cost: "Cost",
    cost_what: |currency| format!("an amount in {currency}, such as 1250.50"),
    put_down: "Put it down",
    everywhere: "For all wards",
    open_questions: "What to ask",
    no_questions: "Nothing is left to ask.",
    asked: |whom, due| format!("{whom} was asked, answer expected {due}"),
    ask_whom: "Whom do you ask?",
    note_asked: "Note that they were asked",
    goes_there: "Where the answer goes",
    actions: "What is done",
    no_actions: "Nothing is put down yet.",
    end_title: "End the campaign",
    end_what: "It ends with a sentence. What is still open stays open and goes on; it is told here and in the report.",
    still_open: "Still open",
    nothing_open: "Nothing is open any more.",
    open_devices: |affected, unclear| {
        format!(
            "{} affected, {} of which it cannot be told",
            words::count(affected, "device"),
            words::number(unclear)
        )
    },
    open_wards: |wards| format!("{} with affected devices and nobody on them", words::count(wards, "ward")),
    open_acts: |actions| format!("{} open, or done and not shown", words::count(actions, "action")),
    open_asked: |questions| format!("{} without an answer", words::count(questions, "question")),
    sentence: "Why it ends",
    end: "End it",
    reopen: "Open it again",
    ended_with: |by, sentence| format!("{by}: {sentence}"),
    next_owner: |wards| format!("Put somebody on {}", words::count(wards, "ward")),
    next_ask: |questions| format!("Ask {}", words::count(questions, "question")),
    next_actions: "See what is being done",
    next_end: "End it",
    report_headline: |name, then, now| {
        format!("{name}: from {} to {} affected", words::count(then, "device"), words::number(now))
    },
    report_made: |at| format!("Made {at}"),
    evidence: "What shows it",
    place: |ward, site| match (ward, site) {
        ("", "") => "no ward".to_owned(),
        ("", site) => format!("no ward of {site}"),
        (ward, "") => ward.to_owned(),
        (ward, site) => format!("{ward}, {site}"),
    },
    list_headline: |open, all| match (open, all) {
        (_, 0) => "No campaign was started yet.".to_owned(),
        (0, all) => format!("No campaign runs; {} ended.", words::number(all)),
        (open, all) => format!(
            "{} {}, {} ended.",
            words::count(open, "campaign"),
            words::verb(open, "runs", "run"),
            words::number(all - open)
        ),
    },
};
