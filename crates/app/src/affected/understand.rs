//! What a person meant by the text of the question.

use bedrail_model::finding::Weakness;
use bedrail_store::{View, weaknesses};

use super::Understood;
use crate::fleet::Fleet;
use crate::purl::Parts;
use crate::{Context, Error};

/// The question, understood, with what the answer needs.
pub(crate) enum Asked {
    /// A weakness that is known.
    Weakness(Box<Weakness>),
    /// A weakness id that nothing is known of.
    UnknownWeakness(String),
    /// Software: indices into the fleet's software.
    Software { understood: Understood, software: Vec<u32> },
    /// A maker: indices of its releases.
    Maker { name: String, releases: Vec<u32> },
}

impl Asked {
    pub(crate) fn understood(self) -> Understood {
        match self {
            Asked::Weakness(weakness) => Understood::Weakness(weakness),
            Asked::UnknownWeakness(id) => Understood::UnknownWeakness(id),
            Asked::Software { understood, .. } => understood,
            Asked::Maker { name, .. } => Understood::Maker(name),
        }
    }
}

/// Longest text that is looked through for ids; a pasted advisory has them near its top.
const LONGEST: usize = 100_000;
/// Names told of a component search.
const NAMES: usize = 20;

/// Prefixes of ids of weaknesses, as OSV's list of databases and their issuers write them.
const PREFIXES: &[&str] = &[
    "CVE",
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

pub(crate) async fn read(ctx: &Context, fleet: &Fleet, view: &View, text: &str) -> Result<Asked, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Invalid {
            message: "the question is empty".into(),
            hint: Some("ask for an id such as CVE-2021-44228, a package, a component name or a maker".into()),
        });
    }
    let text = &text[..text.floor_char_boundary(LONGEST)];
    if let Some(id) = first_id(text) {
        return weakness(ctx, view, id).await;
    }
    if let Some(purl) = text.split_whitespace().find(|word| Parts::read(word).is_some()) {
        return Ok(package(fleet, purl));
    }
    if !text.contains(char::is_whitespace)
        && text.contains('-')
        && let known @ Asked::Weakness(_) = weakness(ctx, view, text.to_owned()).await?
    {
        return Ok(known);
    }
    let lower = text.to_lowercase();
    let exact = makers(fleet, |maker| maker == lower);
    if !exact.is_empty() {
        return Ok(maker(fleet, exact));
    }
    let named = component(fleet, text, &lower);
    let found = matches!(&named, Asked::Software { software, .. } if !software.is_empty());
    let part = makers(fleet, |maker| maker.contains(&lower));
    if !found && one_maker(fleet, &part) {
        return Ok(maker(fleet, part));
    }
    Ok(named)
}

/// The first id of a weakness in a text: typed, pasted, or in an address.
fn first_id(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':');
    text.split(|c: char| !is_part(c)).find_map(|word| {
        let word = word.trim_matches(['-', ':']);
        let upper = word.to_ascii_uppercase();
        let prefix = PREFIXES.iter().find(|prefix| {
            upper.strip_prefix(**prefix).is_some_and(|rest| rest.starts_with('-') && rest.len() > 3)
        })?;
        let rest = &upper[prefix.len() + 1..];
        let ghsa = *prefix == "GHSA" && rest.len() == 14 && rest.split('-').count() == 3;
        // An id has a number: `go-ldap` and `bit-vec` are names.
        let numbered = rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let cve = *prefix != "CVE" || is_cve(rest);
        ((ghsa || numbered) && cve).then(|| written(word, prefix))
    })
}

/// `2021-44228`: a year and at least four digits (CVE record format).
fn is_cve(rest: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    rest.split_once('-').is_some_and(|(year, number)| {
        year.len() == 4 && number.len() >= 4 && all_digits(year) && all_digits(number)
    })
}

/// The id as its issuer writes it: GHSA in lower case after the prefix, others in upper case.
fn written(word: &str, prefix: &str) -> String {
    match prefix {
        "GHSA" => format!("GHSA-{}", word[5..].to_ascii_lowercase()),
        _ => word.to_ascii_uppercase(),
    }
}

async fn weakness(ctx: &Context, view: &View, id: String) -> Result<Asked, Error> {
    if let Some(known) = weaknesses::by_alias(view, &id).await? {
        return Ok(Asked::Weakness(Box::new(known)));
    }
    Ok(match ctx.inner.judge.weakness(&id) {
        Some(known) => Asked::Weakness(Box::new(known)),
        None => Asked::UnknownWeakness(id),
    })
}

fn package(fleet: &Fleet, purl: &str) -> Asked {
    let wanted = Parts::read(purl);
    let hit = |have: Parts| {
        wanted.as_ref().is_some_and(|wanted| {
            have.kind == wanted.kind
                && have.path == wanted.path
                && (wanted.version.is_none() || have.version == wanted.version)
        })
    };
    let software =
        search(fleet, |software| software.row.facts.purl.as_deref().and_then(Parts::read).is_some_and(hit));
    Asked::Software { understood: Understood::Package(purl.to_owned()), software }
}

fn component(fleet: &Fleet, text: &str, lower: &str) -> Asked {
    let mut software = search(fleet, |software| software.search.contains(lower));
    if software.is_empty()
        && let Some((name, version)) = lower.rsplit_once(char::is_whitespace)
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        // "log4j 2.14.1": a name and a version.
        let name = name.trim();
        software = search(fleet, |software| {
            let has = software.row.facts.version.as_deref();
            software.search.contains(name) && has.is_some_and(|has| has.eq_ignore_ascii_case(version))
        });
    }
    let mut met: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for at in &software {
        let name = fleet.bills.software[*at as usize].row.facts.name.as_str();
        *met.entry(name).or_default() += fleet.bills.uses(*at).len();
    }
    let count = met.len() as u64;
    let mut names: Vec<(&str, usize)> = met.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let names = names.into_iter().take(NAMES).map(|(name, _)| name.to_owned()).collect();
    let understood = Understood::ComponentName { text: text.to_owned(), names, count };
    Asked::Software { understood, software }
}

fn search(fleet: &Fleet, hit: impl Fn(&crate::fleet::bills::Software) -> bool) -> Vec<u32> {
    (0..).zip(&fleet.bills.software).filter(|(_, software)| hit(software)).map(|(at, _)| at).collect()
}

fn makers(fleet: &Fleet, hit: impl Fn(&str) -> bool) -> Vec<u32> {
    let releases = (0..).zip(&fleet.products.releases);
    releases.filter(|(_, release)| hit(&release.row.maker.to_lowercase())).map(|(at, _)| at).collect()
}

fn one_maker(fleet: &Fleet, releases: &[u32]) -> bool {
    let name = |at: &u32| fleet.products.releases[*at as usize].row.maker.to_lowercase();
    releases.first().is_some_and(|first| releases.iter().all(|at| name(at) == name(first)))
}

fn maker(fleet: &Fleet, releases: Vec<u32>) -> Asked {
    let name = releases.first().map(|at| fleet.products.releases[*at as usize].row.maker.clone());
    Asked::Maker { name: name.unwrap_or_default(), releases }
}

#[cfg(test)]
mod tests {
    use super::first_id;

    #[test]
    fn ids_are_found_in_what_people_paste() {
        for (text, id) in [
            (" cve-2021-44228 ", Some("CVE-2021-44228")),
            ("https://nvd.nist.gov/vuln/detail/CVE-2021-44228", Some("CVE-2021-44228")),
            ("https://github.com/advisories/GHSA-JFH8-c2jp-5v3q", Some("GHSA-jfh8-c2jp-5v3q")),
            ("https://osv.dev/vulnerability/GO-2022-0646?x=1", Some("GO-2022-0646")),
            ("Apache (CVE-2021-45046, CVE-2021-44228).", Some("CVE-2021-45046")),
            ("\"RUSTSEC-2021-0124\"", Some("RUSTSEC-2021-0124")),
            ("DSA-5020-1", Some("DSA-5020-1")),
            ("RHSA-2021:5126", Some("RHSA-2021:5126")),
            ("log4j", None),
            ("go-ldap", None),
            ("bit-vec", None),
            ("CVE-2021", None),
            ("CVE-2021-1", None),
            ("curl", None),
            ("é", None),
        ] {
            assert_eq!(first_id(text).as_deref(), id, "{text}");
        }
    }
}
