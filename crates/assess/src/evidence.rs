//! A verdict in words: what a person can check for himself. Only built for what is shown or stored.

use std::sync::Arc;

use bedrail_model::advisory::{AffectedView, BoundaryKind};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Evidence, Judgement, Weakness};

use crate::evaluate::Subject;
use crate::panel::{Panel, RecordVerdict, Verdict};

/// Rules of a record that are quoted in full; a record with hundreds of ranges says "and N more".
const RULES_QUOTED: usize = 4;

/// Who a record is: its id and its source.
pub type Name = (String, Arc<str>);

/// The judgement on a weakness with its evidence. `name` tells who a record is, `snapshot` the state of the data.
pub fn judgement<G: Copy + Ord, A: Copy + Ord>(
    weakness: Arc<Weakness>,
    verdict: (Reason, &[RecordVerdict<G, A>]),
    panel: &Panel<'_, G, A>,
    subjects: &[Subject<'_>],
    snapshot: &Arc<str>,
    mut name: impl FnMut(A) -> Name,
) -> Judgement {
    let (reason, records) = verdict;
    let evidence = records.iter().map(|record| {
        let subject = &subjects[record.subject];
        let (advisory, source) = name(record.advisory);
        Evidence {
            advisory,
            source,
            snapshot: Arc::clone(snapshot),
            package: package(subject, panel, record).into(),
            rule: rule(subject, panel, record),
            version: subject.version.map(Arc::from),
            reason: record.reason,
            missing: None,
        }
    });
    let evidence = evidence.collect();
    let answer = reason.answer();
    let fixed_in =
        if answer == Answer::NotAffected { Vec::new() } else { fixed_in(records, panel, subjects) };
    Judgement { weakness, answer, reason, fixed_in, evidence }
}

impl<'p, G: Copy, A> Verdict<'p, G, A> {
    /// The reason and the records, as [`judgement`] takes them.
    pub const fn parts(&self) -> (Reason, &'p [RecordVerdict<G, A>]) {
        (self.reason, self.records)
    }
}

/// `Debian:12 openssl`: the package as the deciding entry names it.
fn package<G: Copy + Ord, A: Copy + Ord>(
    subject: &Subject<'_>,
    panel: &Panel<'_, G, A>,
    record: &RecordVerdict<G, A>,
) -> String {
    let ecosystem = subject.ecosystem.name();
    match deciding(panel, record).release() {
        Some(release) => format!("{ecosystem}:{release} {}", subject.name),
        None => format!("{ecosystem} {}", subject.name),
    }
}

fn deciding<'d, G: Copy + Ord, A: Copy + Ord>(
    panel: &Panel<'d, G, A>,
    record: &RecordVerdict<G, A>,
) -> AffectedView<'d> {
    let entries = panel.entries(record);
    entries.iter().find(|(_, reason)| *reason == record.reason).unwrap_or(&entries[0]).0
}

/// The rule that decided, or, where none did, all rules that the version lies outside of.
fn rule<G: Copy + Ord, A: Copy + Ord>(
    subject: &Subject<'_>,
    panel: &Panel<'_, G, A>,
    record: &RecordVerdict<G, A>,
) -> String {
    match record.reason {
        Reason::VersionListed => format!("version {} is listed", subject.version.unwrap_or_default()),
        Reason::AllVersions => "all versions".to_owned(),
        Reason::CommitsOnly => "commits only".to_owned(),
        Reason::VersionInRange => {
            let key = subject.key().unwrap_or_default();
            let ranges = deciding(panel, record).ranges().filter_map(Result::ok);
            let mut holding =
                ranges.filter(|range| range.readable() && range.contains(key, subject.public_key()));
            holding.next().map(|range| range.rule()).unwrap_or_default()
        }
        _ => all_rules(panel, record),
    }
}

fn all_rules<G: Copy + Ord, A: Copy + Ord>(panel: &Panel<'_, G, A>, record: &RecordVerdict<G, A>) -> String {
    let mut rules: Vec<String> = Vec::new();
    let mut listed = 0;
    for (entry, _) in panel.entries(record) {
        listed += add_rules(entry, &mut rules);
    }
    in_words(rules, listed)
}

/// What one entry says, in words: `introduced 2.13.0, fixed 2.15.0`.
pub fn entry_rules(entry: &AffectedView<'_>) -> String {
    let mut rules = Vec::new();
    let listed = add_rules(entry, &mut rules);
    in_words(rules, listed)
}

/// Adds the rules of an entry; the answer is how many versions it lists beside them.
fn add_rules(entry: &AffectedView<'_>, rules: &mut Vec<String>) -> u32 {
    if entry.all_versions() {
        rules.push("all versions".to_owned());
    } else if entry.commits_only() {
        rules.push("commits only".to_owned());
    } else {
        rules.extend(entry.ranges().filter_map(Result::ok).map(|range| range.rule()));
    }
    let (keys, texts) = entry.listed().map_or((0, 0), |listed| listed.count());
    keys + texts
}

fn in_words(mut rules: Vec<String>, listed: u32) -> String {
    rules.sort();
    rules.dedup();
    let more = rules.len().saturating_sub(RULES_QUOTED);
    rules.truncate(RULES_QUOTED);
    if more > 0 {
        rules.push(format!("and {more} more"));
    }
    if listed > 0 {
        rules.push(format!("{listed} listed versions"));
    }
    rules.join("; ")
}

/// Fixed versions later than the one judged (all of them where none can be placed), in the ecosystem's order.
fn fixed_in<G: Copy + Ord, A: Copy + Ord>(
    records: &[RecordVerdict<G, A>],
    panel: &Panel<'_, G, A>,
    subjects: &[Subject<'_>],
) -> Vec<String> {
    let mut fixes: Vec<(usize, &[u8], &str)> = Vec::new();
    for record in records.iter().filter(|record| record.reason.answer() != Answer::NotAffected) {
        let key = subjects[record.subject].key();
        for (entry, _) in panel.entries(record) {
            let boundaries = entry.ranges().filter_map(Result::ok).flat_map(|range| range.boundaries());
            let fixed = boundaries.filter(|boundary| boundary.kind == BoundaryKind::Fixed);
            let later = fixed.filter(|boundary| key.is_none_or(|key| boundary.key > key));
            fixes.extend(later.map(|boundary| (record.subject, boundary.key, boundary.version)));
        }
    }
    fixes.sort_unstable();
    fixes.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let mut texts: Vec<String> = Vec::with_capacity(fixes.len());
    for (_, _, version) in fixes {
        if !texts.iter().any(|text| text == version) {
            texts.push(version.to_owned());
        }
    }
    texts
}
