//! English.

mod account;
mod alerts;
mod bills;
mod campaigns;
mod decisions;
mod desk;
mod devices;
mod door;
mod exposure;
mod facts;
mod firewall;
mod fleet;
mod frame;
mod incidents;
mod medical;
mod names;
mod office;
mod people;
mod programme;
mod report;
mod response;
mod self_assessment;
mod settings;
mod unknowns;
mod vex;
mod work;
mod workforce;

use super::Texts;

/// English.
pub(crate) const ENGLISH: Texts = Texts {
    language: "en",
    frame: frame::FRAME,
    places: frame::PLACES,
    common: frame::COMMON,
    ask: frame::ASK,
    search: frame::SEARCH,
    words: frame::WORDS,
    keys: frame::KEYS,
    field: frame::FIELD,
    advisories: fleet::ADVISORIES,
    medical: medical::MEDICAL,
    names: names::NAMES,
    decisions: decisions::DECISIONS,
    breakfast: decisions::BREAKFAST,
    priorities: decisions::PRIORITIES,
    actions: decisions::ACTIONS,
    alerts: alerts::ALERTS,
    desk: desk::DESK,
    firewall: firewall::FIREWALL,
    incidents: incidents::INCIDENTS,
    roster: workforce::ROSTER,
    policies: workforce::POLICIES,
    training: workforce::TRAINING,
    attestations: workforce::ATTESTATIONS,
    own: workforce::OWN,
    campaigns: campaigns::CAMPAIGNS,
    unknowns: unknowns::UNKNOWNS,
    programme: programme::PROGRAMME,
    facts: facts::FACTS,
    self_assessment: self_assessment::SELF_ASSESSMENT,
    risk: response::RISK,
    response: response::RESPONSE,
    reports: response::REPORTS,
    vendors: office::VENDORS,
    registers: office::REGISTERS,
    guide: office::GUIDE,
    clients: office::CLIENTS,
    exposure: exposure::EXPOSURE,
    vex: vex::VEX,
    affected: fleet::AFFECTED,
    data: fleet::DATA,
    device: devices::DEVICE,
    devices: devices::DEVICES,
    release: devices::RELEASE,
    bill: bills::BILL,
    releases: devices::RELEASES,
    today: fleet::TODAY,
    advisory: fleet::ADVISORY,
    branch: devices::BRANCH,
    audit: fleet::AUDIT,
    sheet: devices::SHEET,
    import: devices::IMPORT,
    upload: devices::UPLOAD,
    account: account::ACCOUNT,
    tokens: account::TOKENS,
    factor: account::FACTOR,
    sign_in: door::SIGN_IN,
    password: door::PASSWORD,
    error: door::ERROR,
    invitation: door::INVITATION,
    link: door::LINK,
    people: people::PEOPLE,
    person: people::PERSON,
    grant: people::GRANT,
    invite: people::INVITE,
    organisation: settings::ORGANISATION,
    sign_on: settings::SIGN_ON,
    jobs: work::JOBS,
    notices: work::NOTICES,
    meanwhile: work::MEANWHILE,
    scan_report: report::SCAN_REPORT,
    counts: frame::COUNTS,
    moments: frame::MOMENTS,
    data_note: frame::DATA_NOTE,
    why: fleet::WHY,
    found: |text, counts| {
        let counts = match counts {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        format!("“{text}” is the name, or a part of it, of {counts}.")
    },
    found_nothing: |text| format!("Nothing here is called “{text}”."),
    ask_about: |text| format!("Which devices are affected by “{text}”?"),
    everything: |text| format!("Everything called “{text}”"),
};
