//! English: the answers: today, what is affected, weaknesses, the data, the audit log.

use bedrail_model::answer::Reason;
use bedrail_model::device::Exposure;

use crate::web::texts::keys::{
    AdvisoriesPage, AdvisoryPage, AffectedPage, AuditPage, DataPage, TodayPage, WhyTexts,
};
use crate::web::words;

pub(super) const ADVISORIES: AdvisoriesPage = AdvisoriesPage {
    ask_all: "Ask about {} in all the data",
    blind_releases: "releases without a bill of materials",
    list: "The weaknesses",
    one_line: "One line for each weakness, whatever names the databases give it.",
    only_as_good: "That is only as good as the data and the bills of materials behind it:",
    only_ours: "Only weaknesses that touch your devices are listed here.",
    such_as: "id or words of the summary …",
    matching: |weaknesses, text| {
        format!(
            "{} that touch your devices {} “{text}”.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "matches", "match")
        )
    },
    none: "No weakness in the data held touches your devices.",
    all: |weaknesses| {
        format!(
            "{} {} your devices, the ones known to be exploited first.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "touches", "touch")
        )
    },
    malicious: "a malicious package",
};

pub(super) const AFFECTED: AffectedPage = AffectedPage {
    a_component: "A component",
    a_maker: "A maker",
    a_maker_what: "its name as in your device list",
    a_package: "A package",
    a_weakness: "A weakness",
    an_advisory: "An advisory",
    an_advisory_what: "paste its text below: the weaknesses it names are found in it",
    ask_text: "Ask about this text",
    can_ask: "What you can ask",
    cannot_tell: "cannot tell",
    each: "Each weakness by itself",
    empty: "Which of my devices are affected?",
    empty_what: "Type what you heard of. The answer names every device, where it stands, who is on it, and why.",
    grouped: "Grouped by the one fact that settles most devices. The question to the maker is ready to send.",
    heard: "What you heard of",
    heard_such_as: "CVE-2021-44228, log4j, pkg:maven/org.apache.struts/struts2-core, a maker …",
    how_bad: "How bad",
    no_match: "No device matches these filters.",
    other: "other devices",
    other_names: ", or any of its other names (GHSA, PYSEC …)",
    paste: "Paste the mail or the bulletin here",
    question: "Question to the maker",
    records: "What the records say",
    text_of: "The text of an advisory",
    the_devices: "The devices",
    settle: "What would settle the {} of which it cannot be told",
    within: "in {}",
    would_settle: "would settle {}",
    now: "Now: {}.",
    see_age: "See how old the data is",
    import: "Import devices",
    see_outside: |devices| {
        format!(
            "See the {} that {} the outside",
            words::number(devices),
            words::verb(devices, "faces", "face")
        )
    },
    see_nobody: |devices| {
        format!("See the {} that {} nobody", words::number(devices), words::verb(devices, "has", "have"))
    },
    go_through: "Go through the list",
    see_settle: "See what would settle it",
    to_today: "Back to Today",
    contain_it: "contain it",
    from_maker: "from this maker",
    no_site: "No site named",
    no_ward: "No ward named",
    map_reading: |ward, site, hit, hit_word, blind, devices| {
        format!(
            "Most are in {ward}, {site}: {} {hit_word}, {} cannot tell, of {}. The size of a block is its number of devices.",
            words::number(hit),
            words::number(blind),
            words::number(devices)
        )
    },
    map: "Map of sites and wards",
    question_text: |reason, settle| {
        let please = if reason == Reason::PlatformUnknown { "tell" } else { "send" };
        format!(
            "Dear product security team,\n\nwe run your products and must know whether a published weakness touches them. At present we cannot tell, \
         because {}.\n\nPlease {please} us {settle}, as CycloneDX or SPDX where it is a bill of materials (21 U.S.C. 360n-2 asks makers of cyber \
         devices to have one), or your statement on whether the product is affected.\n\nPlease answer within five working days. Thank you.",
            reason.sentence()
        )
    },
    without_version: |component| format!("{component}, no version"),
    contains_it: "contains it",
    no_place: "place not known",
    block_blind: |devices| format!(", {devices} cannot be told"),
    block_outside: |devices| format!(", {devices} {} the outside", words::verb(devices, "faces", "face")),
    block: |site, ward, hit, hit_word, devices| {
        format!("{site}, {ward}: {hit} of {} {hit_word}", words::count(devices, "device"))
    },
};

pub(super) const DATA: DataPage = DataPage {
    fetch: "Fetch it now",
    ages: "How old each source is",
    credits: "Credits",
    credits_of: "What is shown of weaknesses is the work of these, under their licences:",
    here: "here",
    how: "How to bring it up to date",
    internet: "With internet",
    mirror: "From a mirror folder",
    nothing: "There is nothing to list yet.",
    other: "From another machine",
    sources: "The sources",
    speaks: "Speaks of the world as of",
    state: "State",
    there: "there,",
    only_starter: |advisories| {
        format!(
            "Only the {} that came with the program are held. Fetch the real data to rely on an answer.",
            words::count(advisories, "advisory")
        )
    },
    none_held: "No vulnerability data is held, so nothing can be said yet.",
    all_sound: |sources, advisories| {
        format!(
            "All {} are whole and fresh: {}.",
            words::count(sources, "source"),
            words::count(advisories, "advisory")
        )
    },
    some_poor: |poor, sources, advisories| {
        format!(
            "{poor} of {} {} missing, partial or old; {} held.",
            words::count(sources, "source"),
            words::verb(poor, "is", "are"),
            words::count(advisories, "advisory")
        )
    },
    oldest: |source, days| format!("The oldest source is {source}, {} old.", words::count(days, "day")),
    oldest_and: |source, days, missing| {
        format!(
            "The oldest source is {source}, {} old; of {} nothing is held.",
            words::count(days, "day"),
            words::count(missing, "source")
        )
    },
    picture: "Age of each source in days",
    fresh: "whole and fresh",
    stale: "old",
    partial: "partial",
    empty: "empty",
    missing: "never fetched",
};

pub(super) const TODAY: TodayPage = TodayPage {
    affected: "affected",
    affected_outside: "affected, facing outside",
    cannot_tell: "cannot tell, or no bill of materials",
    clocks: "Clocks",
    do_first: "Do these first",
    exploited: "Known to be exploited, and on your devices",
    look_through: "Look through the devices",
    nothing_found: "nothing found",
    nothing_waits: "Nothing waits for you. Ask about a weakness you heard of.",
    reach: "Reach",
    what_reaches: "What can reach your devices",
    cisa_date: "on {}: CISA's date for federal agencies, a good target for others",
    import_devices: "Import devices",
    no_devices: "There are no devices here yet. Bring in your device list to begin.",
    start_outside: |weakness, devices| {
        format!(
            "{} {} {weakness}, which is being exploited and can be reached from outside. Start there.",
            words::count(devices, "device"),
            words::verb(devices, "has", "have")
        )
    },
    start: |weakness, devices| {
        format!(
            "{} {} {weakness}, which is being exploited. Start there.",
            words::count(devices, "device"),
            words::verb(devices, "has", "have")
        )
    },
    none_known: |devices| format!("No weakness is known on your {}.", words::count(devices, "device")),
    none_known_but: |devices, blind| {
        format!(
            "No weakness is known on your {}, but for {} of them it cannot be told.",
            words::count(devices, "device"),
            words::number(blind)
        )
    },
    some_known: |affected, devices| {
        format!(
            "{} of your {} {} known weaknesses; none is known to be exploited.",
            words::number(affected),
            words::count(devices, "device"),
            words::verb(affected, "has", "have")
        )
    },
    task_alerts: |alerts| {
        format!("{} {} somebody now", words::count(alerts, "alert"), words::verb(alerts, "needs", "need"))
    },
    task_alerts_then: "Take them one by one: an alert that nobody takes was seen by nobody.",
    see_alerts: "See the alerts",
    task_notice: |number| format!("Incident {number}: people are to be told"),
    task_notice_then: |due| format!("The next last day by law is {due}."),
    see_incident: "See the incident",
    task_outside: |weakness, devices| {
        format!(
            "{weakness} on {} that {} the outside",
            words::count(devices, "device"),
            words::verb(devices, "faces", "face")
        )
    },
    task_outside_then: "It is known to be exploited. Shield or disconnect these before anything else.",
    task_exploited: |weakness, devices| format!("{weakness} on {}", words::count(devices, "device")),
    task_exploited_then: "It is known to be exploited. Find out who is on each, and ask the makers for the fix.",
    see_devices: "See the devices",
    task_review: |decisions| {
        format!(
            "{} {} to be looked at again.",
            words::count(decisions, "decision"),
            words::verb(decisions, "is", "are")
        )
    },
    task_review_then: "What is known has changed since, or a day has come.",
    see_decisions: "See the decisions",
    task_nobody: |devices| {
        format!(
            "{} affected {} nobody on {}",
            words::number(devices),
            words::verb(devices, "device has", "devices have"),
            words::verb(devices, "it", "them")
        )
    },
    task_nobody_then: "Name an owner in the device list and import it again.",
    see_missing: "See who is missing",
    task_bill: |release| format!("Nobody knows what is inside {release}"),
    task_bill_then: |devices| {
        format!(
            "{} {} it. Ask its maker for the bill of materials; the letter is ready.",
            words::count(devices, "device"),
            words::verb(devices, "runs", "run")
        )
    },
    ask_maker: "Ask the maker",
    task_support: |devices| {
        format!(
            "{} {} past the end of support",
            words::count(devices, "device"),
            words::verb(devices, "is", "are")
        )
    },
    task_support_then: "No more fixes will come for these: plan their replacement or their shield.",
    task_seen: |devices| {
        format!(
            "{} {} seen from outside, and your list says otherwise",
            words::count(devices, "device"),
            words::verb(devices, "was", "were")
        )
    },
    task_seen_then: "Close the way in, or put the list right: everything goes by what was seen until then.",
    see_evidence: "See the evidence",
    task_data: "The vulnerability data needs an update",
    see_data: "See the data",
    task_import: "Bring in your device list",
    task_import_then: "A CSV file from your asset system is enough. You see what would happen before anything is stored.",
    state_affected: "with a known weakness",
    state_untold: "of which it cannot be told",
    state_blind: "without a bill of materials",
    state_clear: "with nothing found",
    reading: |outside, unknown| {
        format!(
            "{} with a known weakness {} the outside; for {} nobody has said how far {} can be reached.",
            words::count(outside, "device"),
            words::verb(outside, "faces", "face"),
            words::number(unknown),
            words::verb(unknown, "it", "they")
        )
    },
    picture: "Devices by exposure and state",
    short_exposure: |exposure| {
        let text = match exposure {
            Exposure::Outside => "Faces the outside",
            Exposure::Unknown => "Not known",
            Exposure::Flat => "Open inner net",
            Exposure::Isolated => "Own segment",
            Exposure::Offline => "Not connected",
        };
        text.to_owned()
    },
};

pub(super) const ADVISORY: AdvisoryPage = AdvisoryPage {
    also_called: "Also called {}",
    about: "About",
    see_devices: "See the devices",
    ask_again: "Ask again with all details",
    distributions: "Advisories of distributions about it",
    advisory: "Advisory",
    says: "What it says",
    counted: "Devices that one of these reaches are counted above; mostly they fix other weaknesses as well.",
    package: "Package",
    versions: "Versions",
    more_packages: "and {} more packages",
    text: "The text of the record",
    outside: "{}, outside this house",
    not_found: |weakness, devices| {
        format!("{weakness} was not found on your {}.", words::count(devices, "device"))
    },
    untold: |weakness, devices| {
        format!(
            "{weakness} is not known to be on any device, but for {} it cannot be told.",
            words::number(devices)
        )
    },
    touches: |weakness, devices, wards| {
        format!("{weakness} touches {} in {}.", words::count(devices, "device"), words::count(wards, "ward"))
    },
    touches_but: |weakness, devices, wards, untold| {
        format!(
            "{weakness} touches {} in {}; for {} more it cannot be told.",
            words::count(devices, "device"),
            words::count(wards, "ward"),
            words::number(untold)
        )
    },
};

pub(super) const AUDIT: AuditPage = AuditPage {
    what_it_is: "Every change leaves an entry here: who, by which way, what, to what. Whoever reads an original document or carries a list away leaves one too. Newest first.",
    check: "Check the chain",
    export: "Export the whole log",
    such_as: "who, to what …",
    action: "What",
    from: "From (UTC)",
    to: "To",
    no_match: "No entry matches.",
    nothing: "Nothing was changed yet.",
    entries: "Entries of the log",
    number: "No.",
    when: "When",
    who: "Who",
    subject: "To what",
    detail: "Detail",
    from_address: "from {}",
    before: "before: {}",
    after: "after: {}",
    check_title: "Check of the audit log",
    holds: "No entry was changed, dropped or put in between since it was written. To see later that the log was not written anew as a whole, note this line outside of this program: print it, or keep it in another place.",
    back: "Back to the log",
    headline: |entries, when, who| {
        format!("{}; the last was {when} by {who}.", words::count(entries, "entry"))
    },
    in_log: |entries| format!("{} in the log.", words::count(entries, "entry")),
    all_hold: |entries| format!("All {} hold together.", words::count(entries, "entry")),
    head: |number, hash, key| format!("Head {number}:{hash}, signed in exports by the key {key}."),
    broken: "Somebody changed the database beside this program, or the disk is damaged. Keep the database as it is and compare it with the newest backup and the last export.",
};

pub(super) const WHY: WhyTexts = WhyTexts {
    listed: |release| format!("The device lists say it runs {release}."),
    contains: |release, component, version, path| {
        let version = version.map_or("without a version".to_owned(), |version| format!("version {version}"));
        let way = if path.len() > 1 { format!(": {}", path.join(" → ")) } else { String::new() };
        format!("The bill of materials of {release} lists {component}, {version}{way}.")
    },
    package: |purl| format!("It names the package {purl}."),
    identified: |identifier, by, day| {
        format!(
            "The bill gives a name alone; it is {identifier} by a decision of {by} on {day} (confirmed by a person)."
        )
    },
    record: |evidence| {
        format!(
            "Record {} from {} (data {}) is about {}: {} – {}.",
            evidence.advisory,
            evidence.source,
            evidence.snapshot,
            evidence.package,
            evidence.rule,
            evidence.reason.sentence()
        )
    },
    so: |answer, reason| format!("So: {answer}, because {}.", reason.sentence()),
    fixed_in: |versions| format!("Fixed in {}.", versions.join(", ")),
    severity: |severity, score| match score {
        Some(score) => format!("{severity} {score:.1}"),
        None => format!("severity {severity}"),
    },
    exploited: "known to be exploited",
    by_ransomware: ", also by ransomware",
    cisa_date: |due| format!("; CISA's date: {due}"),
    no_summary: "no summary given",
    chance: |percent| format!("{percent:.1} % chance of attacks within 30 days (EPSS)"),
    unnamed_release: "an unnamed release",
    affected: "affected",
    cannot_tell: "cannot tell",
    not_affected: "not affected",
};
