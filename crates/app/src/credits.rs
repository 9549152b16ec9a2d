//! Whom to credit for what is shown: the licences of the sources ask for it, and people want to know where it is from.

use bedrail_model::finding::Judgement;

use crate::feeds::starter;

/// Whom to credit for a record, by the beginning of its id.
const RECORDS: &[(&str, &str)] = &[
    ("GHSA-", "GitHub Advisory Database, CC BY 4.0"),
    ("PYSEC-", "Python Packaging Advisory Database, CC BY 4.0"),
    ("GO-", "Go Vulnerability Database, CC BY 4.0"),
    ("RUSTSEC-", "RustSec Advisory Database, CC0 1.0"),
    ("MAL-", "OpenSSF Malicious Packages, Apache-2.0"),
    ("ALSA-", "AlmaLinux, MIT"),
    ("ALBA-", "AlmaLinux, MIT"),
    ("ALEA-", "AlmaLinux, MIT"),
    ("DSA-", "Debian Security Tracker, MIT"),
    ("DLA-", "Debian Security Tracker, MIT"),
    ("DTSA-", "Debian Security Tracker, MIT"),
    ("ASF-", "Apache Software Foundation, vulnerability disclosure report, Apache-2.0"),
    ("ANCHORE-", "Anchore, NVD data overrides, CC0 1.0"),
    ("NVD-", "NIST, National Vulnerability Database, public domain"),
];
const OWN: &str = "Bedrail, written from public facts";
const ALPINE: &str = "Alpine security database, by way of OSV, CC BY-SA 4.0";
const OSV: &str = "OSV, CC BY 4.0";
const KEV: &str = "CISA, Known Exploited Vulnerabilities Catalog, CC0 1.0";
const EPSS: &str = "FIRST.org, Exploit Prediction Scoring System (EPSS)";

/// Whom to credit for a record.
pub fn of_record(id: &str, source: &str) -> &'static str {
    match RECORDS.iter().find(|(beginning, _)| id.starts_with(beginning)) {
        Some((_, credit)) => credit,
        None if source == starter::SOURCE => OWN,
        None if source == "osv/Alpine" => ALPINE,
        None => OSV,
    }
}

/// Everybody to credit, each once: for a page about the sources.
pub fn all() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = RECORDS.iter().map(|(_, credit)| *credit).collect();
    all.extend([OSV, ALPINE, KEV, EPSS]);
    all.dedup();
    all
}

/// Everybody to credit for what these judgements show, each once, sorted.
pub fn of_judgements<'j>(judgements: impl Iterator<Item = &'j Judgement>) -> Vec<&'static str> {
    let mut all = Vec::new();
    for judgement in judgements {
        all.extend(judgement.evidence.iter().map(|it| of_record(&it.advisory, &it.source)));
        all.extend(judgement.weakness.kev.as_ref().map(|_| KEV));
        all.extend(judgement.weakness.epss.as_ref().map(|_| EPSS));
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_credited_by_its_id_before_its_way_here() {
        for (id, source, credit) in [
            ("GHSA-jfh8-c2jp-5v3q", "osv/Maven", "GitHub Advisory Database, CC BY 4.0"),
            ("PYSEC-2021-1", "osv/PyPI", "Python Packaging Advisory Database, CC BY 4.0"),
            ("CVE-2021-1", "osv/Alpine", ALPINE),
            ("CVE-2021-44228", "starter", OWN),
            ("SUSE-SU-2021:1", "osv/SUSE", OSV),
        ] {
            assert_eq!(of_record(id, source), credit, "{id}");
        }
        let all = all();
        assert!(all.contains(&KEV) && all.contains(&EPSS));
        assert!(all.iter().enumerate().all(|(at, credit)| !all[..at].contains(credit)), "{all:?}");
    }
}
