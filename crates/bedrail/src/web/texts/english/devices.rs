//! English: devices, releases, and what comes in.

use bedrail_model::device::Exposure;

use crate::web::texts::keys::{
    BranchPage, DevicePage, DeviceSheet, DevicesPage, ImportPage, ReleasePage, ReleasesPage, UploadPage,
};
use crate::web::words;

pub(super) const DEVICE: DevicePage = DevicePage {
    blind: "What cannot be judged",
    facts: "What the lists say, and which list",
    from_where: "From where",
    how_many: "How many",
    inside: "What is inside this release",
    no_past: "Nothing is written down yet.",
    none: "No advisory in the data held names anything inside it.",
    past: "What happened to it",
    add: "Add a bill, or scan a file of it",
    sheet: "Sheet for the ward",
    some_blind: "Some of what is inside cannot be judged, see below.",
    the_way: "The way",
    way_down: "The way down",
    weaknesses: "Weaknesses of what is inside",
    what_reaches: "What can reach it",
    what_to_do: "What to do",
    where_in: "Where in its software",
    which: "Which",
    first_found: |when| format!("First found {when}."),
    lists: |components| format!("Its bill of materials lists {}.", words::count(components, "component")),
    no_bill: "There is no bill of materials for its release, so nothing can be ruled out.",
    a_device: "device",
    tree_reading: |components, levels| {
        format!(
            "{} of its software {} marked, up to {} below the release.",
            words::count(components, "component"),
            words::verb(components, "is", "are"),
            words::count(levels, "level")
        )
    },
    unknown: |kind| format!("Nobody knows what is inside this {kind}, so nothing can be ruled out."),
    unknown_outside: |kind| {
        format!(
            "Nobody knows what is inside this {kind}, so nothing can be ruled out, and it can be reached from outside."
        )
    },
    clear: |kind| format!("No known weakness was found in this {kind}."),
    clear_but: |kind, unknown| {
        format!("No known weakness was found in this {kind}, but for {unknown} things it cannot be told.")
    },
    affected: |kind, weaknesses| {
        format!(
            "{} {} this {kind}; none is known to be exploited.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    affected_outside: |kind, weaknesses| {
        format!(
            "{} {} this {kind}; none is known to be exploited, and it can be reached from outside.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    exploited: |kind, weaknesses, exploited| {
        format!(
            "{} {} this {kind}, {exploited} of them known to be exploited.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    exploited_outside: |kind, weaknesses, exploited| {
        format!(
            "{} {} this {kind}, {exploited} of them known to be exploited, and it can be reached from outside.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    ask_inside: "Ask the maker what is inside",
    print_sheet: "Print the sheet for the ward",
    see_inside: "See what is inside",
    do_close: "Ask the network team to close the way in from outside. Keep the device running unless the ward agrees to stop it.",
    do_tell: "Tell the ward what this device depends on the network for, and what to do by hand if it fails.",
    the_maker: "the maker",
    do_fix: |maker, component, versions| {
        format!(
            "Ask {maker} for a release with {component} {} or later. Do not patch the component yourself: the maker must release it.",
            versions.join(" or ")
        )
    },
    do_bill: |maker| {
        format!("Ask {maker} for the bill of materials of this release; the letter is on the release's page.")
    },
    do_exposure: "Find out how far it can be reached from, and write it into the device list.",
    do_list: "It was seen from outside although the device list says otherwise: close the way in, or put the list right.",
    do_owner: "Name a person or a team who answers for it.",
    do_support: "Its support has ended: plan its replacement, or keep it on a segment of its own.",
    do_nothing: "Nothing for now. You will find it on Today when that changes.",
    kind: "Kind",
    maker: "Maker",
    model: "Model",
    version: "Version",
    operating_system: "Operating system",
    system_support: "Support of the operating system",
    system_support_by: "release cycles of endoflife.date",
    system_ended: |system, day| match day {
        Some(day) => format!("{system}: ended on {day}"),
        None => format!("{system}: has ended"),
    },
    system_ends: |system, day| match day {
        Some(day) => format!("{system}: ends on {day}"),
        None => format!("{system}: no end is announced"),
    },
    system_not_known: |why| format!("not known: {why}"),
    asset_tag: "Asset tag",
    serial: "Serial number",
    udi: "UDI",
    address: "Address",
    host_name: "Host name",
    not_said: "not said",
    outside: "Outside",
    hospital_network: "Hospital network",
    not_connected: "Not connected",
    next_to_it: "Next to the device",
    gate_open: "open",
    gate_shut: "shut",
    gate_unknown: "not known",
    from_outside: "From outside the hospital",
    from_inside: "From the hospital's inner network",
    reach: |exposure| {
        let text = match exposure {
            Exposure::Outside => {
                "It can be reached from outside the hospital: nothing stands between an attacker and it."
            }
            Exposure::Unknown => {
                "Nobody has said or seen how far it can be reached from. Treat it as open until somebody checks."
            }
            Exposure::Flat => "Anything on the hospital's inner network can reach it; the outside cannot.",
            Exposure::Isolated => {
                "It stands on a network segment of its own; other machines do not reach it."
            }
            Exposure::Offline => {
                "It is not connected to a network; only somebody standing next to it can touch it."
            }
        };
        text.to_owned()
    },
    branches: "Branches of the software tree that are marked",
    more_rows: |rows| format!("and {} more: see the table", words::count(rows, "row")),
};

pub(super) const DEVICES: DevicesPage = DevicesPage {
    see_blind: "See the {} that nobody knows",
    all: "All devices, the most reachable first",
    blind: "nobody knows what is inside",
    grid: "Wards by kinds of device",
    how_sure: "How sure we are",
    import: "Import a device list",
    no_match: "No device matches these filters.",
    oldest: "Oldest first",
    only: "Only {}",
    past_support: "Past the end of support",
    seen: "a bill of materials is there",
    such_as: "tag, serial, model, owner …",
    support_ended: "Support ended",
    whereabouts: "Where they are",
    with: "With a bill of materials",
    without: "Without",
    no_devices: "There are no devices here yet.",
    headline: |devices, sites, wards, blind| {
        format!(
            "{} on {} in {}; of {} nobody knows what is inside.",
            words::count(devices, "device"),
            words::count(sites, "site"),
            words::count(wards, "ward"),
            words::number(blind)
        )
    },
    begin: "A CSV file from your asset system is enough to begin. You see what would happen before anything is stored.",
    share: |percent| {
        format!(
            "{percent:.0} % of all devices run a release without a bill of materials, so no weakness can be ruled out on them."
        )
    },
    no_site: "no site given",
    bar_without: "without a bill of materials",
    bar_with: "with one",
    picture: "Devices by site and by what is known",
    known_reading: |blind, worst, site| {
        format!(
            "{} run something that nobody knows the inside of; most of them, {}, stand in {site}.",
            words::count(blind, "device"),
            words::number(worst)
        )
    },
    support_reading: |devices| {
        format!("The maker's support has ended for {}.", words::count(devices, "device"))
    },
    with_weakness: "with a known weakness",
    with_untold: "with something untold",
    with_owner: "with an owner",
    with_nobody: "with nobody",
    with_bill: "with a bill of materials",
    without_bill: "without one",
    maker_and_model: "Maker and model",
    weaknesses: "Weaknesses",
    support_ends: "Support ends",
    no_bill: "no bill of materials",
    nothing_found: "nothing found",
    untold: |things| format!("{things} cannot tell"),
    affect_it: |weaknesses| format!("{weaknesses} affect it"),
    affect_it_exploited: |weaknesses, exploited| format!("{weaknesses} affect it, {exploited} exploited"),
    ended: |day| format!("ended {day}"),
};

pub(super) const RELEASE: ReleasePage = ReleasePage {
    add: "Add the bill of materials",
    add_newer: "Add a newer bill of materials",
    back: "Back to the tree",
    component: "Component to look for",
    document: "The document",
    find: "Find",
    inside: "What is inside",
    letter: "Letter to the maker",
    letter_about: "Letter to the maker about this",
    quality: "How good is this bill of materials?",
    read_letter: "Read the letter to the maker",
    see_inside: "See what is inside",
    such_as: "component, version, purl …",
    whole: "every component has a version, an identifier, a supplier, a licence and a hash.",
    from_reading: "{} from reading it",
    and_more: "and {} more",
    unknown: |release| format!("Nobody knows what is inside {release}. Ask its maker; the letter is ready."),
    clear: |components| {
        format!("No known weakness was found among its {}.", words::count(components, "component"))
    },
    clear_but: |components, unknown| {
        format!(
            "No known weakness was found among its {}, but for {unknown} things it cannot be told.",
            words::count(components, "component")
        )
    },
    affected: |weaknesses| {
        format!(
            "{} {} it; none is known to be exploited.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    exploited: |weaknesses, exploited| {
        format!(
            "{} {} it, {exploited} of them known to be exploited.",
            words::count(weaknesses, "weakness"),
            words::verb(weaknesses, "affects", "affect")
        )
    },
    no_version: "no version, so no weakness can be ruled out on them",
    no_identifier: "no identifier (purl) that an advisory could name",
    no_supplier: "no supplier",
    no_licence: "no licence",
    no_hash: "no hash",
    lacking: |some, components, what| {
        format!("{} of {} have {what}", words::number(some), words::count(components, "component"))
    },
    no_relations: "it does not say which component is part of which",
    whole_product: "the whole product",
    not_listed: |of, statement| format!("it says itself that {of} is not fully listed ({statement})"),
    unread: |things| format!("{} in it could not be read", words::count(things, "thing")),
    letter_none: |release| {
        format!(
            "Dear product security team,\n\nwe run {release} and have no software bill of materials for this release. Without it we cannot tell which \
         published weaknesses touch the devices that our patients depend on.\n\nPlease send us the bill of materials of exactly this release, \
         as CycloneDX or SPDX, with name, version and package URL of every component, and tell us where we find the next ones.\n\nThank you."
        )
    },
    by_sets: "By the element sets of NTIA, CISA and FDA",
    compare_with: "Compare with another release",
    as_cyclonedx: "As CycloneDX 1.6",
    as_spdx: "As SPDX 2.3",
    described: |document, added, sha256| format!("{document}, added {added}, SHA-256 {sha256}"),
};

pub(super) const RELEASES: ReleasesPage = ReleasesPage {
    add: "Add a bill of materials",
    list: "The releases",
    no_match: "No release matches.",
    none: "Releases come with your device list or with a bill of materials.",
    such_as: "maker, model, version …",
    what: "A release is what a maker sells under one model and version. It has the bill of materials.",
    unknown: |releases| format!("Of {} nobody knows what is inside.", words::count(releases, "release")),
    known: |releases| {
        format!(
            "{} {} a bill of materials.",
            words::count(releases, "release"),
            words::verb(releases, "has", "have")
        )
    },
    matching: |releases, text| {
        format!(
            "{} {} “{text}”.",
            words::count(releases, "release"),
            words::verb(releases, "matches", "match")
        )
    },
    no_releases: "There are no releases here yet.",
    all: |releases| format!("{} of products run here.", words::count(releases, "release")),
    release: "Release",
    affect_it_exploited: |weaknesses, exploited| {
        format!("{weaknesses} affect it, {exploited} known to be exploited")
    },
};

pub(super) const BRANCH: BranchPage = BranchPage {
    matching: |hits, components, text| {
        format!(
            "{} of {} {} “{text}”.",
            words::number(hits),
            words::count(components, "component"),
            words::verb(hits, "matches", "match")
        )
    },
    made_of: "is made of {}",
    more: "and {} more: look for a name on the page of the release",
    back: "Back to the release",
    no_version: |component| format!("{component} (no version)"),
    show_parts: |parts| format!("Show its {}", words::count(parts, "part")),
    show_more: |parts| format!("Show all, {} more", words::number(parts)),
    and_others: |first, others| format!("{first} and {others} more"),
    untold: |weaknesses| format!("{} cannot be told", words::count(weaknesses, "weakness")),
    reading: |components, marked| {
        format!(
            "{} in all; branches that lead to the {} with a weakness stand open.",
            words::count(components, "component"),
            words::number(marked)
        )
    },
    not_all: " Not all fit on this page: look for a name.",
};

pub(super) const SHEET: DeviceSheet = DeviceSheet {
    title: |device| format!("{device}, sheet for the ward"),
    print: "Print",
    back: "Back to the device",
    what_to_do: "What to do",
    what_reaches: "What can reach it",
    weaknesses: "Weaknesses",
    answer: "Answer",
    less_pressing: |weaknesses| format!("The {weaknesses} less pressing ones are on the page of the device."),
    the_device: "The device",
    taken_over: "Taken over by",
    signature: "Name ______________________________ Date ______________ Signature ______________________________",
    printed: |when| {
        format!("Printed {when}. The state may have changed since: ask before you act on an old sheet.")
    },
};

pub(super) const IMPORT: ImportPage = ImportPage {
    title: "Import devices",
    ask: "Bring in your device list",
    what: "A CSV file from your asset system or spreadsheet. You see row by row what would happen; nothing is stored before you say so.",
    file: "The file",
    file_what: "At most 64 MB. Columns are recognised by their usual names: maker, model, serial, ward, owner …",
    preview: "See what would happen",
    again: "A device is recognised again by maker and serial number, by asset tag, or by UDI, so the same list can come in every week.",
    preview_title: "Preview",
    done_title: "Imported",
    take: "Take these devices over",
    preview_again: "Preview again",
    other_file: "Choose another file",
    columns: "How the columns are read",
    not_used: "not used",
    to_devices: "Go to the devices",
    without_sbom: |releases| format!("{} without a bill of materials", words::count(releases, "release")),
    whole_file: "About the whole file",
    row_by_row: "Row by row",
    row_by_row_refused: |refused| format!("Row by row, the {refused} that need you first"),
    line: "Line",
    happens: "What happens",
    noticed: "What was noticed",
    left_out: |rows| format!("{rows} more rows have nothing else to say."),
    field_kind: "Kind of device",
    field_address: "IP address",
    field_connected: "Connected, yes or no",
    field_isolated: "On its own segment, yes or no",
    field_support_ends: "End of support",
    would: |rows, new, changed, same, refused| {
        let [new, changed, same, refused] = [new, changed, same, refused].map(words::number);
        format!(
            "Of {}, {new} would be new devices, {changed} would change, {same} stay as they are, {refused} cannot be taken over. Nothing is stored yet.",
            words::count(rows, "row")
        )
    },
    did: |rows, new, changed, same, refused| {
        let [new, changed, same, refused] = [new, changed, same, refused].map(words::number);
        format!(
            "Of {}, {new} are new devices, {changed} changed, {same} stayed as they were, {refused} could not be taken over.",
            words::count(rows, "row")
        )
    },
    new: "new",
    changed: "changed",
    same: "as it was",
    refused: "not taken over",
};

pub(super) const UPLOAD: UploadPage = UploadPage {
    title: "Add a bill of materials",
    what: "CycloneDX (JSON, XML), SPDX (JSON, tag-value, JSON-LD), or a list of components (CSV, XLSX), also compressed. The document is kept as received; you see what was read and what was lost. A file of the device itself (archive, program, firmware, image of a disk or container) is looked into instead: what is found becomes the bill, and the file is not kept.",
    stays: "What the release had before stays.",
    maker: "Maker",
    model: "Model",
    version: "Version",
    names_what: "As in your device list. Leave a field empty to take it from the document's own subject.",
    file: "The file",
    file_what: "At most 64 MB; larger files are scanned where they lie: bedrail scan FILE --to-server",
    add: "Add it",
    added: "Added",
    new_release: "a release that was not known before",
    run_it: |devices| format!("{devices} run it"),
    see: "See the release",
    another: "Add another",
    document: "The document as received",
    means: "What it means",
    affect: "affect the release",
    no_weakness: "no weakness",
    none_found: "was found in it",
    untold: "cannot be told",
    read: "What was read",
    services: "Services",
    relations: "Relations",
    without_identifier: "Without a usable identifier",
    lost: "What could not be read",
    where_in: "Where",
    mended: |problems| format!("{problems} mended on the way"),
    unchanged: |release| format!("This very document was on {release} already; nothing changed."),
    read_all: |components, release| {
        format!("{} read for {release}; nothing was lost.", words::count(components, "component"))
    },
    read_but: |components, release, lost| {
        format!(
            "{} read for {release}; {} could not be read.",
            words::count(components, "component"),
            words::count(lost, "thing")
        )
    },
};
