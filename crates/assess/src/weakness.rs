//! One weakness out of all records that speak of it.

use bedrail_model::advisory::AdvisoryView;
use bedrail_model::finding::{Borrowed, Epss, KnownExploited, Weakness};
use bedrail_model::severity::Severity;

/// Merges the records of an alias group: the highest severity that one of them gives, the vector with the highest score,
/// and the summary of the record that the group is called by, else of the first that has one.
///
/// `ids` are all ids, the one it is called by first; `exploited` holds what KEV and EPSS say of each id that they know.
pub fn merge(
    ids: &[&str],
    records: &[AdvisoryView<'_>],
    kev: Option<KnownExploited>,
    epss: Option<Epss>,
) -> Weakness {
    let (id, aliases) = ids.split_first().map_or(("", &[][..]), |(id, aliases)| (*id, aliases));
    let mut with_summary: Vec<&AdvisoryView<'_>> =
        records.iter().filter(|record| !record.summary.is_empty()).collect();
    with_summary.sort_by_key(|record| (record.id != id, !record.id.starts_with("GHSA-"), record.id));
    let vectors = records.iter().filter_map(|record| record.cvss.as_ref());
    Weakness {
        id: id.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        summary: with_summary.first().map_or_else(String::new, |record| record.summary.to_owned()),
        severity: records.iter().map(|record| record.severity).max().unwrap_or(Severity::Unknown),
        cvss: vectors.max_by(|a, b| a.score.total_cmp(&b.score)).cloned(),
        epss,
        kev,
        malicious: records.iter().any(AdvisoryView::malicious),
        mentions: Vec::new(),
        borrowed: Borrowed::default(),
    }
}

/// Rates a weakness by those that it mentions, in what its own records leave open: the highest severity, the highest
/// estimate of FIRST, and of CISA's entries one with ransomware before others, then the oldest.
///
/// A distribution's advisory fixes many weaknesses and mostly rates none of them; it is as pressing as the most pressing.
pub fn rate_by_mentioned<'m>(weakness: &mut Weakness, mentioned: impl Iterator<Item = &'m Weakness>) {
    let unrated = weakness.severity == Severity::Unknown;
    let (unlisted, unscored) = (weakness.kev.is_none(), weakness.epss.is_none());
    let rank = |one: &Weakness| (one.severity, one.cvss.as_ref().map_or(0.0, |cvss| cvss.score));
    for one in mentioned {
        if unrated && one.severity != Severity::Unknown && rank(one) > rank(weakness) {
            weakness.severity = one.severity;
            weakness.cvss.clone_from(&one.cvss);
            weakness.borrowed.severity = Some(one.id.clone());
        }
        if unscored && highest(weakness.epss.into_iter().chain(one.epss)) != weakness.epss {
            weakness.epss = one.epss;
            weakness.borrowed.epss = Some(one.id.clone());
        }
        let order = |kev: &KnownExploited| (!kev.ransomware, kev.added);
        let sooner = |kev: &KnownExploited| weakness.kev.as_ref().is_none_or(|old| order(kev) < order(old));
        if unlisted && one.kev.as_ref().is_some_and(sooner) {
            weakness.kev.clone_from(&one.kev);
            weakness.borrowed.kev = Some(one.id.clone());
        }
    }
}

/// Of several ids of one weakness the highest estimate counts.
pub fn highest(estimates: impl Iterator<Item = Epss>) -> Option<Epss> {
    estimates.max_by(|a, b| a.score.total_cmp(&b.score))
}
