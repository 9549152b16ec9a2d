//! What people write into one cell of a component list: a name and a version together, several components at once, a date
//! that a spreadsheet made of a version.

/// A name as it was taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The name.
    pub(super) name: String,
    /// The version that stood behind it.
    pub(super) version: Option<String>,
    /// What stood behind the version and is no part of it: `fips`, `26 Jan 2017`, `64-bit`.
    pub(super) rest: Option<String>,
}

/// Words behind a hyphen or a space that say how something was built or for what, and never which version it is. Whatever
/// is not listed here stays in the version: `1.0.0-beta` is an older version than `1.0.0`.
const FLAVOURS: &[&str] = &[
    "fips", "lts", "x86", "x64", "x86_64", "amd64", "i386", "i586", "i686", "arm", "arm64", "aarch64",
    "armhf", "win32", "win64", "32bit", "64bit", "32-bit", "64-bit", "static", "shared", "stable", "final",
];

/// Endings of files that are components: `log4j-core-2.14.1.jar`.
const ENDINGS: &[&str] =
    &[".jar", ".war", ".whl", ".nupkg", ".gem", ".rpm", ".deb", ".dll", ".tgz", ".tar.gz", ".tar.xz", ".zip"];

/// `OpenSSL 1.0.2k-fips` as `OpenSSL`, `1.0.2k` and `fips`; `log4j-core-2.14.1.jar` as `log4j-core` and `2.14.1`.
/// A number alone is no version here, since it is part of many names (`Windows 10`, `log4j 2`); with two versions in it the
/// text stays whole, since nothing says which is meant.
pub(super) fn take_apart(text: &str) -> Written {
    let whole = || Written { name: text.trim().to_owned(), version: None, rest: None };
    let words: Vec<&str> = text.split_whitespace().collect();
    let versions: Vec<usize> =
        (1..words.len()).filter(|at| version_of(words[*at], words[*at - 1]).is_some()).collect();
    match versions.as_slice() {
        [] if words.len() == 1 => file_name(words[0]).unwrap_or_else(whole),
        [at] => {
            let Some(found) = version_of(words[*at], words[*at - 1]) else { return whole() };
            let (version, flavour) = without_flavour(found);
            let introduced = is_introduction(words[*at - 1]) && *at > 1;
            let name = words[..*at - usize::from(introduced)].join(" ");
            let name = name.trim_end_matches([',', ':', '-', '–', '(']).trim_end().to_owned();
            let behind = words[*at + 1..].join(" ");
            let behind = behind.trim_matches(|it: char| it.is_whitespace() || "()[],;".contains(it));
            let rest: Vec<&str> = flavour.into_iter().chain((!behind.is_empty()).then_some(behind)).collect();
            if name.is_empty() {
                return whole();
            }
            let rest = (!rest.is_empty()).then(|| rest.join(" "));
            Written { name, version: Some(version.to_owned()), rest }
        }
        _ => whole(),
    }
}

/// A version as it stands in a column of its own, without what says how it was built.
pub(super) fn version_alone(text: &str) -> (&str, Option<&str>) {
    without_flavour(text.trim())
}

/// The pieces of a cell that holds several components: one on each line, or between semicolons, or between commas where
/// each piece has a name and a version.
pub(super) fn pieces(cell: &str) -> Vec<&str> {
    let lines: Vec<&str> =
        cell.split(['\n', ';']).map(trim_bullet).filter(|piece| !piece.is_empty()).collect();
    if lines.len() > 1 {
        return lines;
    }
    let commas: Vec<&str> = cell.split(',').map(trim_bullet).collect();
    let each_has_both = commas.len() > 1 && commas.iter().all(|piece| take_apart(piece).version.is_some());
    if each_has_both { commas } else { vec![cell.trim()] }
}

fn trim_bullet(piece: &str) -> &str {
    piece.trim().trim_start_matches(['•', '·', '*']).trim()
}

/// Whether a cell for a version is a date that a spreadsheet may have made of it: `3-Nov`, `Nov-03`, `03/11/2020`.
/// `2021-04-13` is none: versions are written so (certificates, fonts), and no spreadsheet makes that of a version.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let digits = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [one, other] => {
            !text.contains('/')
                && ((digits(one, 2) && is_month(other)) || (is_month(one) && digits(other, 4)))
        }
        [one, middle, year] if text.contains('/') => digits(one, 2) && digits(middle, 2) && digits(year, 4),
        [day, month, year] => digits(day, 2) && is_month(month) && digits(year, 4),
        _ => false,
    }
}

fn is_month(text: &str) -> bool {
    const MONTHS: [&str; 15] = [
        "jan", "feb", "mar", "mrz", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov",
        "dec",
    ];
    let text = text.to_ascii_lowercase();
    MONTHS.contains(&text.trim_end_matches('.')) || text == "dez"
}

/// The version that a word is: digits with a dot in it, or anything with a digit first behind `version`.
fn version_of<'w>(word: &'w str, before: &str) -> Option<&'w str> {
    let word = word.trim_matches(|it: char| "()[],;:".contains(it));
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let digit_first = bare.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let dotted = bare
        .split_once('.')
        .is_some_and(|(_, behind)| behind.as_bytes().first().is_some_and(u8::is_ascii_digit));
    let marked = bare.len() < word.len() || is_introduction(before);
    (digit_first && (dotted || marked)).then_some(bare)
}

fn is_introduction(word: &str) -> bool {
    let word = word.trim_matches(|it: char| "(,:.".contains(it));
    ["version", "ver", "v", "release", "rev"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

fn without_flavour(version: &str) -> (&str, Option<&str>) {
    match version.split_once(['-', '_', ' ']) {
        Some((before, flavour)) if !before.is_empty() && is_flavour(flavour) => (before, Some(flavour)),
        _ => (version, None),
    }
}

fn is_flavour(text: &str) -> bool {
    let text = text.trim().trim_matches(['(', ')']);
    FLAVOURS.iter().any(|it| text.eq_ignore_ascii_case(it))
}

/// A file name with a version: the last hyphen before a digit with a dot behind it parts them.
fn file_name(word: &str) -> Option<Written> {
    let lower = word.to_ascii_lowercase();
    let ending = ENDINGS.iter().find(|ending| lower.ends_with(**ending));
    let stem = &word[..word.len() - ending.map_or(0, |ending| ending.len())];
    let (at, _) = stem.match_indices(['-', '_']).find(|(at, _)| {
        version_of(&stem[at + 1..], "").is_some_and(|found| found.len() + at + 1 >= stem.len() - 1)
    })?;
    let (version, flavour) = without_flavour(version_of(&stem[at + 1..], "")?);
    let name = stem[..at].to_owned();
    (!name.is_empty()).then(|| Written {
        name,
        version: Some(version.to_owned()),
        rest: flavour.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(text: &str) -> (String, Option<String>, Option<String>) {
        let Written { name, version, rest } = take_apart(text);
        (name, version, rest)
    }

    fn expected(name: &str, version: &str, rest: &str) -> (String, Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (name.to_owned(), some(version), some(rest))
    }

    #[test]
    fn names_versions_and_what_stands_behind_are_told_apart() {
        for (text, name, version, rest) in [
            ("OpenSSL 1.0.2k-fips", "OpenSSL", "1.0.2k", "fips"),
            ("OpenSSL 1.0.2k-fips 26 Jan 2017", "OpenSSL", "1.0.2k", "fips 26 Jan 2017"),
            ("OpenSSL", "OpenSSL", "", ""),
            ("zlib v1.2.11", "zlib", "1.2.11", ""),
            ("zlib (1.2.11)", "zlib", "1.2.11", ""),
            ("Apache Log4j version 2.14.1", "Apache Log4j", "2.14.1", ""),
            ("Python ver. 3", "Python", "3", ""),
            ("Qt 5.12.8 (64-bit)", "Qt", "5.12.8", "64-bit"),
            ("log4j-core-2.14.1.jar", "log4j-core", "2.14.1", ""),
            ("spring-boot-2.0.0-beta.jar", "spring-boot", "2.0.0-beta", ""),
            // No version is guessed where the text may mean something else.
            ("Windows 10", "Windows 10", "", ""),
            ("log4j 2", "log4j 2", "", ""),
            ("Qt 5.12 for Windows 10.0", "Qt 5.12 for Windows 10.0", "", ""),
            ("7-Zip", "7-Zip", "", ""),
            ("1.2.3", "1.2.3", "", ""),
            // A word that makes a version older is no flavour.
            ("libfoo 1.0.0-beta", "libfoo", "1.0.0-beta", ""),
        ] {
            assert_eq!(apart(text), expected(name, version, rest), "{text}");
        }
    }

    #[test]
    fn several_components_in_a_cell_are_parted_only_where_that_is_certain() {
        assert_eq!(pieces("OpenSSL 1.0.2k; zlib 1.2.11"), ["OpenSSL 1.0.2k", "zlib 1.2.11"]);
        assert_eq!(pieces("• OpenSSL\n• zlib"), ["OpenSSL", "zlib"]);
        assert_eq!(pieces("OpenSSL 1.0.2k, zlib 1.2.11"), ["OpenSSL 1.0.2k", "zlib 1.2.11"]);
        assert_eq!(pieces("Boost, C++ libraries"), ["Boost, C++ libraries"]);
    }

    #[test]
    fn dates_that_a_spreadsheet_makes_of_versions_are_known() {
        for date in ["3-Nov", "Nov-03", "Nov-2003", "03/11/2020", "3-Nov-20"] {
            assert!(is_date(date), "{date}");
        }
        for version in ["2021-04-13", "1.2.3", "1-2", "3-beta", "20210413"] {
            assert!(!is_date(version), "{version}");
        }
    }
}
