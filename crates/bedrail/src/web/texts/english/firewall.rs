//! English: firewalls in front of devices.

use crate::web::texts::keys::FirewallPage;
use crate::web::words;

/// Microseconds as milliseconds, to a tenth.
fn millis(micros: u64) -> String {
    let tenths = micros.div_ceil(100);
    format!("{}.{}", words::number(tenths / 10), tenths % 10)
}

pub(super) const FIREWALL: FirewallPage = FirewallPage {
    one_line: "What stands in front of devices, what it does, who says so, and how old that is.",
    none: "No firewall is registered. That none is there is not known.",
    headline: |blocking, all| match (blocking, all) {
        (_, 0) => "No firewall registered".to_owned(),
        (0, all) => format!("{}, none blocks", words::count(all, "firewall")),
        (blocking, all) => format!("{blocking} of {} block", words::count(all, "firewall")),
    },
    name: "Firewall",
    product: "Product",
    mode: "What it does",
    state: "State",
    rules_age: "Rules",
    devices: "Devices behind it",
    said_by: "Who says so",
    said: |by, day, until| match until {
        "" => format!("{by}, {day}"),
        until => format!("{by}, {day}; counts until {until}"),
    },
    fresh: "counts",
    expired: "past its day",
    silent: "silent",
    unread: "cannot be read",
    days_old: |days| match days {
        0 => "of today".to_owned(),
        days => format!("{} old", words::count(days.unsigned_abs(), "day")),
    },
    not_said: "not known",
    sites_do: |sites, mode| format!("{} {mode}", words::count(sites, "site")),
    follow_how: "A firewall of Bedrail is registered on the server: bedrail firewall follow NAME --config sites.yaml. Its folder is read there and nowhere else.",
    add: "A firewall of somebody else",
    add_what: "A fact with its age. What was said before under the same name is taken back.",
    rules_on: "Its rules are of",
    expires: "Counts until (90 days without it)",
    proof: "How one knows",
    document: "Document of the programme, by id",
    who_says: "Who says so, and as what",
    devices_what: "Devices behind it: id, name or address, one a line",
    devices_none: "No device of the lists is known to stand behind this site.",
    register: "Register",
    families: "Which rules cover which weakness",
    families_what: "Only a weakness that is named here is ever called shielded, and only where probes were stopped. A kind or a component says where to look.",
    family: "Rules for",
    weaknesses: "Weaknesses and kinds",
    components: "Components",
    rules: "Rules",
    not_seen: "What they do not see",
    one_headline: |name, devices| {
        format!(
            "{name}: {} behind it",
            match devices {
                0 => "no known device".to_owned(),
                devices => words::count(devices, "device"),
            }
        )
    },
    facts: "What is known of it",
    heard: "Last report",
    rule_set: "Rule set",
    behind: "Behind it:",
    never_block: "Never blocked:",
    open: "open",
    closed: "closed",
    site: |on_error, approved, counts| {
        let [requests, blocked, would, refused, unjudged] = counts.map(words::number);
        let approved = if approved.is_empty() { String::new() } else { format!(" Approved by {approved}.") };
        format!(
            "Without a verdict it is {on_error}.{approved} Since its start {requests} requests: {blocked} blocked, {would} would have been, {refused} refused since they cannot be read in one way, {unjudged} without a verdict."
        )
    },
    adds: |median, slow| match median {
        0 => "No request has waited for a verdict yet.".to_owned(),
        median => format!(
            "It adds {} ms to a request in the middle, more than {} ms once in a hundred.",
            millis(median),
            millis(slow)
        ),
    },
    sockets_closed: |count| {
        format!("{} ended since a client sent more than is allowed.", words::count(count, "WebSocket"))
    },
    reading: |site, all, rule, most| {
        format!(
            "At {site} rules objected to {} of those kept; rule {rule} the most often, {}.",
            words::count(all, "request"),
            words::count(most, "time")
        )
    },
    by_rule: "By rule",
    by_path: "By class of path",
    rule: "Rule",
    says: "What it says",
    blocked: "Blocked",
    would_block: "Would have been",
    clients: "Clients",
    path_class: "Class of path",
    suspects: "Perhaps harmless",
    suspects_none: "No rule hits many requests of ordinary clients.",
    suspects_what: "Rules that hit many requests of clients that set off little else. That they are harmless is for a person to say.",
    seen: |requests, clients, others| {
        format!(
            "{} of {}, {others} of others.",
            words::count(requests, "request"),
            words::count(clients, "ordinary client")
        )
    },
    preview: |through, others, perhaps| {
        format!(
            "Without the rule there, {} of those kept would have passed, {others} of them of clients that are not ordinary; at {perhaps} more other rules fired, too.",
            words::count(through, "request")
        )
    },
    reason: "Why it is harmless there",
    until: "Until (90 days without it)",
    propose: "Propose an exclusion",
    shields: "What probes showed",
    shields_what: "Harmless requests that end in a sink; none reaches the device. What is stopped is shielded, not fixed, and a way past the firewall is not seen.",
    shields_none: "Nothing was shown yet.",
    showed: "What was seen",
    stops: "stopped",
    sees: "seen, not stopped",
    leaks: "passed",
    probed: |stopped, probes, when, missed| {
        let missed =
            if missed.is_empty() { String::new() } else { format!(" No rule objects to: {missed}.") };
        format!("{stopped} of {probes} stopped, {when}.{missed}")
    },
    place: "Say which devices stand behind this site",
    place_it: "These stand behind it",
    rule_sets: "Rule sets",
    candidate: |name, stage, sites| match sites {
        "" => format!("On its way: {name}, {stage}."),
        sites => format!("On its way: {name}, {stage}; {sites}."),
    },
    times: |judged, median, slow, failed| {
        format!(
            "{} judged; adds {median} µs in the middle, more than {slow} µs once in a hundred; {failed} without a verdict",
            words::count(judged, "request")
        )
    },
    words_none: "It has said nothing of rule sets.",
    when: "When",
    what: "What",
    look: "look",
    noted: "noted",
    kept: |events, from, to| format!("Counted from {}, {from} to {to}.", words::count(events, "kept event")),
    kept_none: "There are no events.",
    report_trouble: |text| format!("Its report: {text}"),
    events_trouble: |text| format!("Its events: {text}"),
    lost: |events| format!("{} were lost: its disk was too slow.", words::count(events, "event")),
    withdraw: "Take it back",
    withdraw_what: "It no longer counts. What it showed stays in the audit log.",
    proposal: "Proposed exclusion",
    proposal_what: "Nothing is changed by this. Who runs the firewall puts the text into the list in exclusions.json of its state folder; it is checked there again, and it ends by itself.",
    proposal_headline: |rule, place, site| format!("Rule {rule} would not look at {place} of {site}"),
    would: "What it would have let through",
    requests: "Requests",
    guards: |rules| match rules {
        "" => {
            "No rule of ours takes its place there. Other rules and virtual patches go on looking.".to_owned()
        }
        rules => format!(
            "Rules of ours that look for the same in the hospital profile: {rules}. Other rules and virtual patches go on looking."
        ),
    },
    shielded: "shielded, not fixed",
    in_front: "What stands in front",
};
