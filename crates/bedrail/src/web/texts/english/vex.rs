//! Statements of others on weaknesses.

use crate::web::texts::keys::VexPage;
use crate::web::words;

pub(super) const VEX: VexPage = VexPage {
    accept: "Accept it, as a decision",
    accept_affected: "Accept it, with an action",
    add: "Take in a document",
    all_makers: "all makers",
    by_rule: "accept without a person what no rule asks one for",
    any: "all that count",
    file_what: "OpenVEX, CSAF or CycloneDX, in JSON; as received, compressed or not.",
    issuer: "Issuer",
    issuers: "Whose word counts",
    issuers_what: "An issuer's statements propose something once you have said so, and for the makers that you named. What they propose, a person accepts; you may write down that some of it needs none: never where a device can be reached from outside, the weakness is known to be exploited, a life may hang on it, or somebody says otherwise.",
    list: "Statements",
    makers_such_as: "makers, separated by commas; none for all",
    none: "Nothing to show.",
    one_line: "What makers and others state of weaknesses in products (VEX), compared with what you have.",
    pin: "Its word counts",
    put_aside: "Put aside",
    speaks_for: "Speaks for",
    speaks_of: "Speaks of",
    statement: "Statement",
    such_as: "CVE, issuer, product, release …",
    take_in: "Take it in",
    take_up: "Take up again",
    unpin: "Its word does not count any more",
    statements,
    headline: |waiting, unmatched, unpinned| {
        let rest = match (unmatched, unpinned) {
            (0, 0) => String::new(),
            (unmatched, 0) => format!("; {} matched nothing of yours", words::number(unmatched)),
            (0, unpinned) => {
                format!("; {} from issuers whose word does not count yet", words::number(unpinned))
            }
            (unmatched, unpinned) => format!(
                "; {} matched nothing of yours, {} from issuers whose word does not count yet",
                words::number(unmatched),
                words::number(unpinned)
            ),
        };
        match waiting {
            0 => format!("No statement waits for you{rest}."),
            waiting => format!("{} for you{rest}.", wait(waiting)),
        }
    },
    found: |total| format!("{}.", statements(total)),
    unused: |count| format!("{} accepted and unused", statements(count)),
    expired: |count| format!("{} accepted and expired", statements(count)),
    idle: |release, why| format!("accepted for {release}: {why}"),
    ruled: |day, by| format!("accepted by rule since {day}, by {by}"),
    contradicted: |count| format!("{} that others contradict", statements(count)),
    otherwise: |issuer, status, release| format!("{issuer} says “{status}” of {release}"),
    more_components: |count| format!("{} more", words::count(count, "component")),
    unsigned: "the issuer is pinned by a key that did not sign this document, so it does not count",
    by_key: "By its key",
    by_key_what: "Paste the public key that the issuer signs with, or its OpenPGP certificate. Then only documents that it signed count.",
    key_such_as: "-----BEGIN PUBLIC KEY-----",
    signature_such_as: "-----BEGIN PGP SIGNATURE-----",
    signature: "Signature beside it",
    signature_what: "Where the issuer gives an OpenPGP signature of the document in a file of its own (.asc), paste it. A DSSE envelope has its signature in itself.",
    taken_unsigned: |issuer, why| {
        format!("Taken in, and it does not count: {issuer} is pinned by a key, and {why}")
    },
    signed_with: |key| format!("only what {key} signed"),
    not_for_maker: "the issuer's word does not count for this maker",
    pinned: |day, by| format!("counts since {day}, by {by}"),
    held: |name| format!("{name} is held already; nothing changed."),
    outdated: |name| {
        format!("{name} was taken in; a later version of it is held, so its statements do not count.")
    },
    taken: |count, issuer, lost| match lost {
        0 => format!("{} of {issuer} taken in.", statements(count)),
        lost => format!(
            "{} of {issuer} taken in; {} could not be read.",
            statements(count),
            words::count(lost, "thing")
        ),
    },
    in_force: "accepted, in force",
    proposed: "proposed",
    unclear: "a person has to look",
    unpinned: "issuer's word does not count yet",
    unmatched: "matched nothing",
    lapsed: "does not count",
    declined: "put aside",
    replaced: "replaced by a later document",
    under_investigation: "under investigation",
    affected: "affected",
    not_affected: "not affected",
    fixed: "fixed",
};

fn statements(count: u64) -> String {
    words::count(count, "statement")
}

fn wait(count: u64) -> String {
    format!("{} {}", statements(count), words::verb(count, "waits", "wait"))
}
