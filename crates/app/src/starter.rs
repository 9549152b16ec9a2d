//! The starter advisories: famous weaknesses that ship inside the program, so that the main question has an answer before
//! any feed was fetched. The files live in `starter/` at the root; its README says where the facts are from.

/// A row of [`RECORDS`]: the id and the text of its file.
macro_rules! record {
    ($id:literal) => {
        ($id, include_str!(concat!("../../../starter/", $id, ".json")))
    };
}

/// Every record: its id and its OSV JSON text, by year and number. `ASF-` is what Apache says of its own where others say something else.
#[rustfmt::skip]
const RECORDS: &[(&str, &str)] = &[
    record!("CVE-2014-0160"),
    record!("CVE-2014-0224"),
    record!("CVE-2014-6271"),
    record!("CVE-2014-7169"),
    record!("CVE-2015-0235"),
    record!("CVE-2015-7501"),
    record!("CVE-2016-2107"),
    record!("CVE-2016-4437"),
    record!("CVE-2016-5195"),
    record!("CVE-2016-1000031"),
    record!("CVE-2017-5638"),
    record!("CVE-2017-5645"),
    record!("ASF-CVE-2017-5645"),
    record!("CVE-2017-7494"),
    record!("CVE-2017-7525"),
    record!("CVE-2017-14491"),
    record!("CVE-2017-18349"),
    record!("CVE-2018-1285"),
    record!("CVE-2018-8292"),
    record!("CVE-2018-11776"),
    record!("CVE-2018-16509"),
    record!("CVE-2018-18074"),
    record!("CVE-2018-25032"),
    record!("CVE-2019-5418"),
    record!("CVE-2019-10744"),
    record!("CVE-2019-11358"),
    record!("CVE-2019-12384"),
    record!("CVE-2019-17571"),
    record!("CVE-2020-1472"),
    record!("CVE-2020-1747"),
    record!("CVE-2020-1938"),
    record!("CVE-2020-7598"),
    record!("CVE-2020-8203"),
    record!("CVE-2020-9488"),
    record!("CVE-2020-11022"),
    record!("CVE-2020-11023"),
    record!("CVE-2020-14343"),
    record!("CVE-2020-25681"),
    record!("CVE-2020-26160"),
    record!("CVE-2020-28052"),
    record!("CVE-2020-36518"),
    record!("CVE-2021-3156"),
    record!("CVE-2021-3449"),
    record!("CVE-2021-3711"),
    record!("CVE-2021-3749"),
    record!("CVE-2021-4104"),
    record!("CVE-2021-23017"),
    record!("CVE-2021-23337"),
    record!("CVE-2021-24112"),
    record!("CVE-2021-26701"),
    record!("CVE-2021-29425"),
    record!("CVE-2021-33503"),
    record!("CVE-2021-39144"),
    record!("CVE-2021-41495"),
    record!("CVE-2021-42378"),
    record!("CVE-2021-42392"),
    record!("CVE-2021-44228"),
    record!("CVE-2021-44832"),
    record!("ASF-CVE-2021-44832"),
    record!("CVE-2021-44906"),
    record!("CVE-2021-45046"),
    record!("ASF-CVE-2021-45046"),
    record!("CVE-2021-45105"),
    record!("CVE-2022-0778"),
    record!("CVE-2022-0847"),
    record!("CVE-2022-1292"),
    record!("CVE-2022-1471"),
    record!("CVE-2022-2068"),
    record!("CVE-2022-3602"),
    record!("CVE-2022-3786"),
    record!("CVE-2022-21724"),
    record!("CVE-2022-22817"),
    record!("CVE-2022-22963"),
    record!("CVE-2022-22965"),
    record!("CVE-2022-23221"),
    record!("CVE-2022-23302"),
    record!("CVE-2022-23305"),
    record!("CVE-2022-23307"),
    record!("CVE-2022-24785"),
    record!("CVE-2022-24999"),
    record!("CVE-2022-25235"),
    record!("CVE-2022-25845"),
    record!("CVE-2022-25883"),
    record!("CVE-2022-27664"),
    record!("CVE-2022-28391"),
    record!("CVE-2022-29078"),
    record!("CVE-2022-29217"),
    record!("CVE-2022-30065"),
    record!("CVE-2022-31129"),
    record!("CVE-2022-32149"),
    record!("CVE-2022-32224"),
    record!("CVE-2022-37434"),
    record!("CVE-2022-40674"),
    record!("CVE-2022-41723"),
    record!("CVE-2022-41902"),
    record!("CVE-2022-42003"),
    record!("CVE-2022-42889"),
    record!("CVE-2022-45907"),
    record!("CVE-2022-48174"),
    record!("CVE-2023-0286"),
    record!("CVE-2023-4863"),
    record!("CVE-2023-4911"),
    record!("CVE-2023-26464"),
    record!("CVE-2023-27533"),
    record!("CVE-2023-30861"),
    record!("CVE-2023-32681"),
    record!("CVE-2023-38408"),
    record!("CVE-2023-38545"),
    record!("CVE-2023-39325"),
    record!("CVE-2023-43804"),
    record!("CVE-2023-44487"),
    record!("CVE-2023-45288"),
    record!("CVE-2023-46604"),
    record!("CVE-2023-50164"),
    record!("CVE-2023-50387"),
    record!("CVE-2023-50447"),
    record!("CVE-2024-1597"),
    record!("CVE-2024-3094"),
    record!("CVE-2024-6387"),
    record!("CVE-2024-21907"),
    record!("CVE-2024-22195"),
    record!("CVE-2024-37890"),
    record!("CVE-2024-43485"),
    record!("CVE-2024-45337"),
    record!("CVE-2025-68161"),
    record!("ASF-CVE-2025-68161"),
    record!("CVE-2026-34477"),
    record!("CVE-2026-34478"),
    record!("CVE-2026-34479"),
    record!("CVE-2026-34480"),
    record!("CVE-2026-34481"),
    record!("CVE-2026-49844"),
    record!("GHSA-mh6f-8j2x-4483"),
    record!("GHSA-pjwm-rvh2-c87w"),
];

/// A row of [`OF_NVD`].
macro_rules! of_nvd {
    ($id:literal) => {
        ($id, include_str!(concat!("../../../starter/nvd/", $id, ".json")))
    };
}

/// What NVD says by product names of some of them, and of weaknesses that no package is named for: the id and its JSON text in the
/// form of NVD's feeds (2.0).
#[rustfmt::skip]
const OF_NVD: &[(&str, &str)] = &[
    of_nvd!("CVE-2008-4250"),
    of_nvd!("CVE-2010-2965"),
    of_nvd!("CVE-2014-0160"),
    of_nvd!("CVE-2016-5195"),
    of_nvd!("CVE-2017-0144"),
    of_nvd!("CVE-2017-12615"),
    of_nvd!("CVE-2017-14491"),
    of_nvd!("CVE-2018-0886"),
];

/// Which of the records CISA lists as known exploited.
const KNOWN_EXPLOITED: &str = include_str!("../../../starter/known-exploited.csv");

/// A starter record that is in CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownExploited {
    /// The CVE id.
    pub cve: &'static str,
    /// When it was added, as an ISO date.
    pub added: &'static str,
    /// When agencies of the United States had to have acted, as an ISO date.
    pub due: &'static str,
    /// Whether ransomware campaigns are known to use it.
    pub ransomware: bool,
}

/// The starter advisories: id (`CVE-2021-44228`) and OSV JSON text, always in the same order.
pub fn records() -> impl ExactSizeIterator<Item = (&'static str, &'static str)> {
    RECORDS.iter().copied()
}

/// What the starter set has of NVD: the CVE id and the record as NVD's feeds have it, always in the same order.
pub fn of_nvd() -> impl ExactSizeIterator<Item = (&'static str, &'static str)> {
    OF_NVD.iter().copied()
}

/// Which starter advisories are known to be exploited.
pub fn known_exploited() -> impl Iterator<Item = KnownExploited> {
    KNOWN_EXPLOITED.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        let (cve, added, due) = (fields.next()?, fields.next()?, fields.next()?);
        Some(KnownExploited { cve, added, due, ransomware: fields.next()? == "known" })
    })
}

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use bedrail_formats::feed::nvd;

    use super::*;

    /// The names of a folder's JSON files.
    fn files(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../starter").join(folder);
        let entries = std::fs::read_dir(folder).unwrap();
        let name =
            |entry: std::fs::DirEntry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned());
        entries.filter_map(|entry| name(entry.unwrap())).collect()
    }

    #[test]
    fn every_file_of_the_folder_is_in_the_list_and_carries_its_id() {
        let files = files(".");
        let listed: BTreeSet<String> = records().map(|(id, _)| id.to_owned()).collect();
        assert_eq!(files, listed);
        assert_eq!(listed.len(), records().len(), "an id stands twice in the list");
        for (id, text) in records() {
            let record: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(record["id"], id);
        }
    }

    #[test]
    fn every_record_of_nvd_is_in_the_list_in_order_and_can_be_read() {
        let listed: Vec<&str> = of_nvd().map(|(id, _)| id).collect();
        assert_eq!(files("nvd"), listed.iter().map(|id| (*id).to_owned()).collect());
        assert!(listed.is_sorted());
        for (id, text) in of_nvd() {
            let record = nvd::parse(text.as_bytes()).unwrap();
            assert_eq!(record.aliases, [id]);
            assert!(!record.configurations.is_empty() && !record.vectors.is_empty(), "{id}");
            assert!(text.contains("\"sourceIdentifier\": \"Bedrail starter set\""), "{id}");
        }
    }

    #[test]
    fn every_record_says_what_it_is_and_what_it_affects() {
        for (id, text) in records() {
            let record: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(record["database_specific"]["source"], "Bedrail starter set", "{id}");
            for field in ["summary", "details", "modified", "published"] {
                assert!(record[field].as_str().is_some_and(|text| !text.is_empty()), "{id} has no {field}");
            }
            assert!(!record["severity"].as_array().unwrap().is_empty(), "{id} has no severity");
            let affected = record["affected"].as_array().unwrap();
            assert!(!affected.is_empty(), "{id} affects nothing");
            for package in affected {
                assert!(package["package"]["name"].is_string(), "{id}");
                assert!(package["ranges"].is_array() || package["versions"].is_array(), "{id}");
            }
        }
    }

    #[test]
    fn every_known_exploited_row_is_whole_and_has_its_record() {
        let ids: BTreeSet<&str> = records().chain(of_nvd()).map(|(id, _)| id).collect();
        let rows: Vec<KnownExploited> = known_exploited().collect();
        assert_eq!(rows.len(), KNOWN_EXPLOITED.lines().count() - 1);
        assert!(rows.iter().all(|row| ids.contains(row.cve) && row.added.len() == 10 && row.due.len() == 10));
        assert!(rows.iter().any(|row| row.cve == "CVE-2021-44228" && row.ransomware));
    }
}
