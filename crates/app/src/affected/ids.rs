//! Ids of weaknesses in what people type and paste: exact ones, and those that a mail program, a PDF or a memory bent.

/// An id that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// As its issuer writes it.
    pub(crate) id: String,
    /// The text that was read as this id, where it was not written as ids are.
    pub(crate) typed: Option<String>,
    /// Where it begins, to keep the order of the text.
    at: usize,
}

/// Prefixes of ids of weaknesses, as OSV's list of databases and their issuers write them. CVE ids are looked for
/// on their own, see [`cves`].
const PREFIXES: &[&str] = &[
    "GHSA",
    "PYSEC",
    "GO",
    "RUSTSEC",
    "OSV",
    "MAL",
    "GSD",
    "HSEC",
    "RSEC",
    "OSEC",
    "EEF",
    "DRUPAL",
    "BIT",
    "CGA",
    "PSF",
    "ASB-A",
    "PUB-A",
    "CURL-CVE",
    "UBUNTU-CVE",
    "DEBIAN-CVE",
    "ALPINE-CVE",
    "DSA",
    "DLA",
    "DTSA",
    "USN",
    "LSN",
    "ALSA",
    "ALBA",
    "ALEA",
    "RLSA",
    "RXSA",
    "RHSA",
    "RHBA",
    "RHEA",
    "MGASA",
    "SUSE-SU",
    "OPENSUSE-SU",
    "OESA",
    "ICSMA",
    "ICSA",
    "VU",
    "JVNDB",
    "JVN",
    "CNVD",
    "CNNVD",
    "EUVD",
    "SNYK",
    "BDU",
    "MINI",
    "ECHO",
];

/// A number of a CVE id has at least this many digits, filled up with zeros (CVE record format).
const CVE_DIGITS: usize = 4;
/// And at most this many, by the pattern of the CVE record format.
const CVE_DIGITS_MOST: usize = 19;

/// All ids of weaknesses in a text, each once, in its order.
pub(crate) fn all(text: &str) -> Vec<Found> {
    let text = plain(text);
    let mut found = cves(&text);
    found.extend(others(&text));
    if found.is_empty() {
        found.extend(bare_number(text.trim()));
    }
    found.sort_by_key(|one| one.at);
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert(one.id.clone()));
    found
}

/// The text with every kind of dash as a hyphen, every kind of space as a space, and nothing invisible in between.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|letter| match letter {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect()
}

/// CVE ids: `CVE-2021-44228`, and what is meant by `cve 2021 44228`, `CVE_2021_44228` or `CVE-2021-1`.
fn cves(text: &str) -> Vec<Found> {
    let upper = text.to_ascii_uppercase();
    let of_distribution = ["CURL-", "UBUNTU-", "DEBIAN-", "ALPINE-"];
    let starts = upper.match_indices("CVE").map(|(at, _)| at).filter(|at| {
        let before = &upper[..*at];
        !before.ends_with(|letter: char| letter.is_ascii_alphanumeric())
            && !of_distribution.iter().any(|name| before.ends_with(name))
    });
    starts.filter_map(|at| cve(&upper, at)).collect()
}

/// The CVE id that begins with `CVE` here.
fn cve(upper: &str, at: usize) -> Option<Found> {
    let rest = &upper[at + 3..];
    let (first, rest) = separators(rest);
    let (year, rest) = digits(rest);
    let (second, rest) = separators(rest);
    let (number, rest) = digits(rest);
    let whole = at == 0 && rest.trim().is_empty();
    let short = number.len() < CVE_DIGITS;
    let loose = first.contains(' ') || second.contains(' ');
    // A short number beside a loose year is rather a sentence: "CVE 2021, 12 of them".
    let plausible = is_year(year)
        && !second.is_empty()
        && (1..=CVE_DIGITS_MOST).contains(&number.len())
        && !rest.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && (!short || !loose || whole);
    plausible.then(|| {
        let id = format!("CVE-{year}-{number:0>CVE_DIGITS$}");
        let typed = &upper[at..upper.len() - rest.len()];
        Found { typed: (typed != id).then(|| typed.to_owned()), id, at }
    })
}

/// Up to three characters that people put between the parts of an id.
fn separators(text: &str) -> (&str, &str) {
    let end =
        text.find(|letter: char| !matches!(letter, '-' | '_' | ' ' | ':' | '#' | '/')).unwrap_or(text.len());
    if end > 3 { ("", text) } else { text.split_at(end) }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

/// CVE began in 1999.
fn is_year(text: &str) -> bool {
    text.len() == 4 && ("1999"..="2099").contains(&text)
}

/// `2021-44228` alone, which people write when they mean the CVE.
fn bare_number(text: &str) -> Option<Found> {
    let (year, rest) = digits(text);
    let (between, rest) = separators(rest);
    let (number, rest) = digits(rest);
    let id = is_year(year)
        && !between.is_empty()
        && (CVE_DIGITS..=CVE_DIGITS_MOST).contains(&number.len())
        && rest.is_empty();
    id.then(|| Found { id: format!("CVE-{year}-{number}"), typed: Some(text.to_owned()), at: 0 })
}

/// Ids of all other issuers: typed, pasted, or in an address.
fn others(text: &str) -> Vec<Found> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ':');
    let words = text.split(|letter: char| !is_part(letter));
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let found = words.filter_map(|word| {
        let at = place(word);
        let word = word.trim_matches(['-', ':']);
        let upper = word.to_ascii_uppercase();
        let prefix = PREFIXES.iter().find(|prefix| {
            upper.strip_prefix(**prefix).is_some_and(|rest| rest.starts_with('-') && rest.len() > 3)
        })?;
        let rest = &upper[prefix.len() + 1..];
        let ghsa = *prefix == "GHSA" && rest.len() == 14 && rest.split('-').count() == 3;
        // An id has a number: `go-ldap` and `bit-vec` are names.
        let numbered = rest.starts_with(|letter: char| letter.is_ascii_digit());
        (ghsa || numbered).then(|| Found { id: written(word, prefix), typed: None, at })
    });
    found.collect()
}

/// Whether a text is the beginning of an id, as people type it: `cve-20`, `GHSA-j`, `2021-4`.
pub(crate) fn is_beginning(text: &str) -> bool {
    let Some((prefix, _)) = text.split_once('-') else { return false };
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ':'));
    let upper = prefix.to_ascii_uppercase();
    plain && (upper == "CVE" || is_year(prefix) || PREFIXES.contains(&upper.as_str()))
}

/// The id as its issuer writes it: GHSA in lower case after the prefix, others in upper case.
fn written(word: &str, prefix: &str) -> String {
    match prefix {
        "GHSA" => format!("GHSA-{}", word[5..].to_ascii_lowercase()),
        _ => word.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    fn ids(text: &str) -> Vec<String> {
        all(text).into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn ids_are_found_in_what_people_paste() {
        for (text, expected) in [
            (" cve-2021-44228 ", vec!["CVE-2021-44228"]),
            ("https://nvd.nist.gov/vuln/detail/CVE-2021-44228", vec!["CVE-2021-44228"]),
            ("https://github.com/advisories/GHSA-JFH8-c2jp-5v3q", vec!["GHSA-jfh8-c2jp-5v3q"]),
            ("https://osv.dev/vulnerability/GO-2022-0646?x=1", vec!["GO-2022-0646"]),
            ("Apache (CVE-2021-45046, CVE-2021-44228).", vec!["CVE-2021-45046", "CVE-2021-44228"]),
            ("DSA-5020-1 fixes CVE-2021-44228 and CVE-2021-44228", vec!["DSA-5020-1", "CVE-2021-44228"]),
            ("\"RUSTSEC-2021-0124\"", vec!["RUSTSEC-2021-0124"]),
            ("RHSA-2021:5126", vec!["RHSA-2021:5126"]),
            ("UBUNTU-CVE-2021-44228", vec!["UBUNTU-CVE-2021-44228"]),
            ("log4j", vec![]),
            ("go-ldap", vec![]),
            ("bit-vec", vec![]),
            ("CVE-2021", vec![]),
            ("curl", vec![]),
            ("é", vec![]),
        ] {
            assert_eq!(ids(text), expected, "{text}");
        }
    }

    #[test]
    fn ids_that_were_bent_on_the_way_are_read_and_it_is_said_how() {
        for text in [
            "cve 2021 44228",
            "CVE\u{2013}2021\u{2013}44228",
            "CVE\u{2011}2021\u{2011}44228",
            "CVE_2021_44228",
            "CVE2021-44228",
            "CVE: 2021-44228",
            "CVE-2021-\n44228",
            "CV\u{ad}E-2021-44228",
            "2021-44228",
            " 2021 44228 ",
        ] {
            assert_eq!(ids(text), ["CVE-2021-44228"], "{text:?}");
        }
        assert_eq!(all("cve 2021 44228")[0].typed.as_deref(), Some("CVE 2021 44228"));
        assert_eq!(all("cve-2021-44228")[0].typed, None);
        assert_eq!(ids("CVE-2099-1"), ["CVE-2099-0001"]);
        assert_eq!(ids("cve 2099 1"), ["CVE-2099-0001"]);
    }

    #[test]
    fn the_beginning_of_an_id_is_known_and_a_name_is_not() {
        for text in ["cve-20", "CVE-2021-4", "GHSA-j", "2021-4", "dsa-50"] {
            assert!(super::is_beginning(text), "{text}");
        }
        for text in ["cve", "log4j-core", "P-10", "2021", "cve-2021 x", "LC-000001", ""] {
            assert!(!super::is_beginning(text), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_ids_are_left_alone() {
        for text in [
            "in CVE 2021 12 devices",
            "2021-12-09",
            "555-44228",
            "CVE-2021-44228x",
            "CVE-1821-44228",
            "0800 2021",
        ] {
            assert_eq!(ids(text), Vec::<String>::new(), "{text}");
        }
    }
}
