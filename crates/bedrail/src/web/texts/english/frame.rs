//! English: the frame around every page, and words that many pages share.

use crate::web::texts::keys::{
    Ask, Common, Counts, DataNoteTexts, Field, Frame, Keys, Moments, Places, Search, Words,
};
use crate::web::words;

pub(super) const FRAME: Frame = Frame {
    skip: "Skip to the answer",
    places: "Places",
    notices_new: " new",
    dark: "Dark",
    light: "Light",
    work_in: "Work in",
    go_over: "Go over",
    sign_out: "Sign out",
    keys_button: "Keys",
    emergency: |name, until, reason| format!("{name} has emergency access until {until}: {reason}"),
};

pub(super) const PLACES: Places = Places {
    today: "Today",
    affected: "Am I affected?",
    priorities: "What first",
    unknowns: "What we do not know",
    devices: "Devices",
    exposure: "Exposure",
    programme: "Programme",
    risk_analysis: "Risk analysis",
    response: "Response plan",
    reports: "Reports",
    policies: "Policies",
    training: "Training",
    attestations: "Attestations",
    roster: "Roster",
    vendors: "Vendors",
    registers: "Registers",
    guide: "Guide",
    clients: "Clients",
    releases: "Releases",
    advisories: "Advisories",
    medical: "Medical advisories",
    decisions: "Decisions",
    actions: "Actions",
    alerts: "Alerts",
    firewall: "Firewalls",
    incidents: "Incidents",
    facts: "Physical facts",
    self_assessment: "Self-assessment",
    campaigns: "Campaigns",
    vex: "Statements (VEX)",
    data: "Data status",
    notices: "Notices",
    people: "People",
    jobs: "Background jobs",
    audit: "Audit log",
};

pub(super) const COMMON: Common = Common {
    previous: "Previous",
    next: "Next",
    pages_of_list: "Pages of the list",
    why: "Why",
    copied: "Copied",
    selected: "Selected: press Ctrl+C",
    copy_text: "Copy the text",
    begin_now: "Begin now",
    stop: "Stop",
    remove_channel: "Take this channel away",
    as_a_table: "As a table",
    page_of_none: |all| format!("0 of {all}"),
    page_of: |first, last, all| format!("{} to {} of {all}", words::number(first), words::number(last)),
};

pub(super) const ASK: Ask = Ask {
    label: "Am I affected? A CVE, a component, a package, a maker, or the text of an advisory",
    placeholder: "Am I affected? CVE, component, package, maker, or the text of an advisory",
    ask: "Ask",
};

pub(super) const SEARCH: Search = Search {
    label: "Search: device, serial number, address, CVE, component, maker, release, person",
    placeholder: "Search",
    suggestions: "What bears this name",
    title: "Search",
    help_title: "What you can look for",
    help_devices: "Devices",
    help_devices_what: "asset tag, serial number, UDI, address, host name; also ward, owner and kind",
    help_weaknesses: "Weaknesses",
    help_weaknesses_what: "a CVE or the id of an advisory, or how it begins",
    help_components: "Components",
    help_components_what: "a part of a name in a bill of materials: log4j, openssl, busybox",
    help_makers: "Makers and releases",
    help_makers_what: "words of maker, model and version",
    help_people: "People",
    help_people_what: "sign-in name, name or mail address, for who may see who is a member",
    nothing_yet: "What are you looking for?",
    empty_more: "Names are searched, not what documents say. A part of a name is enough; every word must be in it.",
    empty_devices: "Look through the devices",
    see_all: "See all",
    devices: "Devices",
    weaknesses: "Weaknesses",
    components: "Components",
    makers: "Makers",
    releases: "Releases",
    people: "People",
    name: "Name",
    detail: "What it is",
    no_bill: "no bill of materials",
    touches_nothing: "touches none of your devices, as far as the data and the bills of materials tell",
    untold: |devices| format!("{} cannot be told", words::count(devices, "device")),
    affected: |devices| format!("{} affected", words::count(devices, "device")),
    spread: |releases, devices| {
        format!("in {}, on {}", words::count(releases, "release"), words::count(devices, "device"))
    },
};

pub(super) const WORDS: Words = Words {
    affected: "Affected",
    affected_devices: "Affected devices",
    age: "Age",
    answer_and_reason: "Answer and reason",
    as_of: "As of",
    cannot_tell: "Cannot tell",
    clear_filters: "Clear filters",
    clear_them: "Clear them",
    code: "Code",
    component: "Component",
    components: "Components",
    data_status: "Data status",
    device: "Device",
    devices: "Devices",
    export_csv: "Export as CSV",
    exposure: "Exposure",
    facing_outside: "Facing the outside",
    fetched: "Fetched",
    filter: "Filter",
    fixed_in: "Fixed in",
    go_on: "Go on",
    keep: "Keep",
    name: "Name",
    no_bill: "No bill of materials",
    nothing_found: "Nothing found",
    owner: "Owner",
    place: "Place",
    prepare_csv: "Prepare as CSV",
    records: "Records",
    releases: "Releases",
    remark: "Remark",
    save: "Save",
    secret_stays: "stays as it is",
    severity: "Severity",
    site: "Site",
    source: "Source",
    state: "State",
    support: "Support",
    text_to_look_for: "Text to look for",
    today: "Go to Today",
    ward: "Ward",
    weakness: "Weakness",
    what: "What",
    what_it_is: "What it is",
    whereabouts: "Where",
    why: "Why",
};

pub(super) const KEYS: Keys = Keys {
    title: "Keys",
    search: "search",
    move_rows: "down and up in a list",
    open: "open the row",
    why: "show why, or choose the row where rows are chosen",
    this: "show these keys",
    close: "Close",
    choose: "in the suggestions of the search: choose, go there, close",
};

pub(super) const FIELD: Field = Field {
    asset_tag: "asset tag",
    serial: "serial number",
    udi: "UDI",
    address: "address",
    host_name: "host name",
};

pub(super) const COUNTS: Counts = Counts {
    devices: |number| words::count(number, "device"),
    releases: |number| words::count(number, "release"),
    weaknesses: |number| words::count(number, "weakness"),
    components: |number| words::count(number, "component"),
    makers: |number| words::count(number, "maker"),
    people: |number| words::count(number, "person"),
    jobs: |number| words::count(number, "job"),
    entries: |number| words::count(number, "entry"),
    parts: |number| words::count(number, "part"),
    things: |number| words::count(number, "thing"),
    days: |number| words::count(number, "day"),
    references: |number| words::count(number, "reference"),
    remarks: |number| words::count(number, "remark"),
};

pub(super) const MOMENTS: Moments = Moments {
    ahead: |day| format!("ahead of our clock ({day})"),
    just_now: "just now",
    minutes_ago: |minutes| format!("{minutes} minutes ago"),
    hours_ago: |hours| format!("{hours} hours ago"),
    days_ago: |days| format!("{days} days ago"),
    months_ago: |months| format!("{months} months ago"),
    years_ago: |years| format!("{years} years ago"),
    over: "over",
    in_a_minute: "in a minute",
    in_minutes: |minutes| format!("in {minutes} minutes"),
    in_hours: |hours| format!("in {hours} hours"),
    in_days: |days| format!("in {days} days"),
    in_months: |months| format!("in {months} months"),
    today: "today",
    tomorrow: "tomorrow",
    yesterday: "yesterday",
};

pub(super) const DATA_NOTE: DataNoteTexts = DataNoteTexts {
    starter: |advisories| {
        format!(
            "Starter data, {} – a few famous cases only, so no answer is an all-clear",
            words::count(advisories, "advisory")
        )
    },
    nothing: "No vulnerability data is held, so nothing can be said yet",
    as_of: |when, fresh, sources| format!("Data as of {when}, {fresh} of {sources} sources whole and fresh"),
    of_unknown_age: |fresh, sources| {
        format!("Data of unknown age, {fresh} of {sources} sources whole and fresh")
    },
};
