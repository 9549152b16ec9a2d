//! Which devices face the outside.

use bedrail_model::exposure::Vantage;

use crate::web::texts::keys::ExposurePage;
use crate::web::words;

pub(super) const EXPOSURE: ExposurePage = ExposurePage {
    one_line: "As your device list declares it, and as it was seen: in scans, on Shodan, in the list of what your border hands on. Seen beats said; what nobody saw proves nothing.",
    list: "Devices that face the outside, contradictions first",
    none: "Nobody has said or seen that a device faces the outside. That is no proof that none does: bring a scan from outside or the list of what your border hands on.",
    because: "How that is known",
    evidence: "Evidence",
    declared: "The device list",
    contradicted: "seen from outside, and the list says otherwise",
    seen_outside: "seen from outside",
    said_outside: "said to face the outside",
    said_inside: "said not to face the outside",
    cannot_tell: "cannot tell",
    list_otherwise: "the list says otherwise",
    hint: "too weak to decide",
    several: "Addresses that several devices have",
    several_what: "What was seen there is nobody's until the device list is put right.",
    unknown: "Addresses that no device has",
    unknown_what: "Something answers there, and the device list knows nobody by this address: find out what it is.",
    address: "Address",
    files: "Files",
    file: "File",
    remove: "Take its evidence away",
    import: "Bring evidence",
    file_what: "nmap XML (-oX), a host from Shodan, a record of InternetDB (JSON), or a list of what your border translates (CSV, XLSX).",
    from: "Scanned from where?",
    from_nobody: "nobody says",
    from_outside: "from outside of the organisation",
    from_inside: "from inside",
    from_what: "A scan does not say it. An open port seen from inside says nothing of outside.",
    dry_run: "only say what would happen",
    take_in: "Take it in",
    look_ups: "Nothing is looked up",
    look_ups_off: "Asking Shodan would tell others which addresses are yours, so Bedrail does not do it: it reads what you bring. Evidence older than three months is believed less, older than a year least; it never becomes silence. Take a file's evidence away when it no longer holds.",
    report_title: "What the file says",
    silence: "Nothing in it answers. That is no evidence that nothing can be reached.",
    headline: |outside, seen, contradicted, cannot_tell| {
        let untold = match cannot_tell {
            0 => String::new(),
            more => format!(" Of {} nobody has said or seen it.", words::count(more, "device")),
        };
        let all = format!(
            "{} {} the outside",
            words::count(outside, "device"),
            words::verb(outside, "faces", "face")
        );
        match (outside, seen, contradicted) {
            (0, ..) => format!("No device is known to face the outside.{untold}"),
            (_, 0, _) => format!("{all}; so far it is only said, nobody has seen it.{untold}"),
            (_, seen, 0) => format!("{all}; {} were seen there.{untold}", words::number(seen)),
            (_, seen, wrong) => format!(
                "{all}; {} were seen there, {} of them although the list says otherwise.{untold}",
                words::number(seen),
                words::number(wrong)
            ),
        }
    },
    handed_on_to: |inside| format!(", handed on to {inside}"),
    seen_on: |day, age| format!("seen {day}, {age}"),
    received_on: |day, age| format!("no time said; received {day}, {age}"),
    pieces,
    more_pieces: |more| format!("and {} more", pieces(more)),
    more_devices: |more| format!("and {} more", words::count(more, "device")),
    file_detail: |format, vantage, day, by| {
        let from = match vantage {
            Vantage::Outside => ", from outside",
            Vantage::Inside => ", from inside",
            Vantage::Unknown => "",
        };
        format!("{format}{from}, {day}, {by}")
    },
    removed: |day, by| format!("taken away {day} by {by}"),
    report: |report| {
        let devices = words::count(report.joined.len() as u64, "device");
        let state = match (report.dry_run, report.unchanged) {
            (true, _) => " Nothing was stored.",
            (false, true) => " It is held already; nothing changed.",
            (false, false) => "",
        };
        let new = match (report.newly_outside(), report.contradicted()) {
            (0, 0) => String::new(),
            (new, 0) => format!(" New: {} {} the outside.", words::count(new, "device"), face(new)),
            (new, wrong) => format!(
                " New: {} {} the outside; of {} the list says otherwise.",
                words::count(new, "device"),
                face(new),
                words::number(wrong)
            ),
        };
        format!("{}: {} on {devices}.{new}{state}", report.format, pieces(report.pieces))
    },
    several_note: |count| {
        format!("{} of several devices: what was seen there is nobody's.", addresses(count))
    },
    unknown_note: |count| format!("{} of no device in your list.", addresses(count)),
    border_note: |count| {
        format!("{} of your border, which hands it on: see the devices inside.", addresses(count))
    },
    remark: |place, message| {
        if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
    },
};

fn pieces(count: u64) -> String {
    format!("{} of evidence", words::count(count, "piece"))
}

fn addresses(count: u64) -> String {
    format!("{} {}", words::number(count), words::verb(count, "address is that", "addresses are those"))
}

fn face(count: u64) -> &'static str {
    words::verb(count, "faces", "face")
}
