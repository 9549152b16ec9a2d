//! Medical advisories.

use bedrail_app::medical::Standing;

use crate::web::texts::keys::MedicalPage;
use crate::web::words;

pub(super) const MEDICAL: MedicalPage = MedicalPage {
    about: "What it is about",
    advice: "What the publisher advises",
    advisory: "Advisory",
    all_others: "See those about other products",
    any: "about names like ours",
    by_ward: "On paper, ward by ward",
    contact: "Whom to ask:",
    decided: "Names that you decided on",
    different: "Another product",
    list: "Medical advisories",
    maker: "Maker",
    more: "More about it, outside this house",
    named: "Named in the advisory",
    none: "Nothing to show. Advisories are taken in from a file or a folder by",
    not_ours: "It is another product",
    not_read: "What could not be read of the document",
    once: "Say once whether two names are the same product; every release of that name is judged by it from then on, in this organisation alone.",
    one_line: "Advisories that name maker, product and version, those that touch you first.",
    our_name: "Our name",
    our_releases: "What it says of our releases",
    product: "Product",
    products: "All products that it names",
    publisher: "Publisher",
    release: "Release",
    released: "Released",
    same: "The same product",
    such_as: "id, title, maker, product, CVE …",
    take_back: "Take it back",
    their_name: "Name in advisories",
    what_they_say: "What medical advisories say",
    advisories,
    headline: |standing, found, total| {
        let many = advisories(total);
        match (found, standing, total) {
            (Some(text), ..) => format!("{many} {} “{text}”.", words::verb(total, "matches", "match")),
            (None, Some(Standing::Foreign), _) => format!("{many} about products that you do not have."),
            (None, Some(Standing::Matched), _) => format!("{many} about your devices."),
            (None, Some(Standing::Undecided), _) => {
                format!("{many} of which it cannot be told whether they touch you.")
            }
            (None, Some(Standing::RuledOut), _) => format!("{many} about names like yours, and ruled out."),
            (None, None, 0) => {
                "No medical advisory held is about a name like those of your products.".to_owned()
            }
            (None, None, _) => {
                format!("{many} {} names like those of your products.", words::verb(total, "has", "have"))
            }
        }
    },
    matched: "affects you",
    undecided: "cannot tell",
    ruled_out: "ruled out",
    foreign: "not about you",
    to_confirm: |state, names| format!("{state}, {} to confirm", words::count(names, "name")),
    the_same: "the same product",
    another: "another product",
    severity: |text| format!("severity as published: {text}"),
    version: |status, version| format!("{status} version {version}"),
    it_affects: |name, devices, untold| match untold {
        0 => format!("{name} affects {}.", words::count(devices, "device")),
        untold => format!(
            "{name} affects {}; for {} more it cannot be told.",
            words::count(devices, "device"),
            words::number(untold)
        ),
    },
    it_may_affect: |name, devices| {
        format!("It cannot be told whether {name} affects {}.", words::count(devices, "device"))
    },
    it_affects_none: |name| {
        format!("{name} has names like those of your products, and affects none of them.")
    },
    it_is_foreign: |name| format!("{name} is about products that you do not have."),
    document: |format, version, day, taken_in, from, sha256| {
        let from = from.map_or_else(|| "a file".to_owned(), str::to_owned);
        format!(
            "{format}, version {version} of {day}, taken in {taken_in} from {from}, SHA-256 {sha256}; signature not checked"
        )
    },
    affected: "affected",
    cannot_tell: "cannot tell",
    not_affected: "not affected",
    vendor_fix: "fix by the maker",
    mitigation: "makes it less likely",
    workaround: "workaround",
    optional_patch: "optional patch",
    fix_planned: "a fix is planned",
    no_fix_planned: "no fix is planned",
    none_available: "nothing is available",
    other_advice: "advice",
    note: "note",
    providers: "Publishers that advisories are fetched from",
    provider: "Publisher",
    asked_on: "Last asked",
    providers_what: "Makers and CISA publish their advisories for programs to fetch (CSAF). What is new is fetched by the clock, or at once under Jobs. A document has to have the hash that its server gives, and the namespace that belongs to the server or that was confirmed here. That tells which server it came from; who wrote it is not proved, since signatures are not checked.",
    providers_shared: "All organisations of this installation rely on this list. An administrator changes it where there is one organisation; else it is changed at the machine itself, with bedrail advisories.",
    namespace: "Its namespace, where the address does not show it",
    namespace_such_as: "namespace, if not shown",
    no_provider: "No publisher has been added. Without one, advisories come only from files that somebody takes in.",
    add_provider: "Add this publisher",
    how_to_add: "Name its domain, or the address of its provider-metadata.json. The second field is for a publisher whose namespace the address does not show: fill it in only if you know that it is right.",
    provider_such_as: "psirt.example.com",
    remove_provider: "Take it away",
    not_asked: "not asked yet",
    all_read: "all of it was read",
    not_all_read: "not all of it was read",
    no_id: "without an id",
    affect: |count, what| {
        format!("{} {} {what}. ", advisories(count), words::verb(count, "affects", "affect"))
    },
    it: "it",
    this_device: "this device",
};

fn advisories(count: u64) -> String {
    format!("{} medical {}", words::number(count), words::nouns(count, "advisory"))
}
