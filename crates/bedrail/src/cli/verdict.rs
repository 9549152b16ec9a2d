//! From a report and the bars of `--fail-on` to an exit code. `docs/exit-codes.md` has the same as a table.

use bedrail_app::scan::{Rank, ScanReport, rank};
use bedrail_model::finding::Weakness;

use super::args::Bar;
use super::exit::Exit;

/// How a scan ends: what was found wins over what is missing.
pub(crate) fn verdict(report: &ScanReport, bars: &[Bar]) -> Exit {
    let found = report.affected().any(|it| bars.iter().any(|bar| reaches(&it.judgement.weakness, *bar)));
    if found {
        return Exit::Found;
    }
    if !report.complete() || (bars.contains(&Bar::Unknown) && report.has_open_unknowns()) {
        return Exit::Incomplete;
    }
    Exit::Success
}

/// Whether a weakness that affects stands at or above a bar. One that no source rates is at the lowest bar alone: it is
/// something, but nobody says that it is more.
fn reaches(weakness: &Weakness, bar: Bar) -> bool {
    match bar {
        Bar::Low => true,
        Bar::Medium => rank(weakness) >= Rank::Medium,
        Bar::High => rank(weakness) >= Rank::High,
        Bar::Critical => rank(weakness) >= Rank::Critical,
        Bar::Kev => weakness.kev.is_some(),
        Bar::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use bedrail_app::scan::{AcceptedGap, Assessed, ByName, NotAffected, ScanOptions, Target, report};
    use bedrail_model::answer::{Answer, Reason};
    use bedrail_model::component::{Component, Inventory, Warning};
    use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};
    use bedrail_model::finding::{Judgement, KnownExploited};
    use bedrail_model::severity::Severity;
    use jiff::Timestamp;

    use super::*;

    /// One row: what is found, what is missing, the bars, and how it ends.
    struct Case {
        says: &'static str,
        found: &'static [(Severity, Answer)],
        flaws: &'static [Flaw],
        bars: &'static [Bar],
        ends: Exit,
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Flaw {
        Lost,
        Mended,
        KevMissing,
        EpssMissing,
        MavenStale,
        DebianMissing,
        StarterOnly,
        NotAssessed,
        NotAssessedButAccepted,
        Exploited,
        Malicious,
    }

    const fn case(
        says: &'static str,
        found: &'static [(Severity, Answer)],
        flaws: &'static [Flaw],
        bars: &'static [Bar],
        ends: Exit,
    ) -> Case {
        Case { says, found, flaws, bars, ends }
    }

    const HIGH: (Severity, Answer) = (Severity::High, Answer::Affected);
    const MAYBE: (Severity, Answer) = (Severity::Critical, Answer::CannotTell);

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        case("nothing found, all there", &[], &[], &[Bar::Low], Exit::Success),
        case("found, no bar", &[HIGH], &[], &[], Exit::Success),
        case("below the bar", &[HIGH], &[], &[Bar::Critical], Exit::Success),
        case("at the bar", &[HIGH], &[], &[Bar::High], Exit::Found),
        case("above the bar", &[HIGH], &[], &[Bar::Low], Exit::Found),
        case("not affected is not found", &[(Severity::Critical, Answer::NotAffected)], &[], &[Bar::Low], Exit::Success),
        case("unrated is at the lowest bar", &[(Severity::Unknown, Answer::Affected)], &[], &[Bar::Low], Exit::Found),
        case("unrated is below the others", &[(Severity::Unknown, Answer::Affected)], &[], &[Bar::Medium], Exit::Success),
        case("malicious is critical", &[(Severity::Unknown, Answer::Affected)], &[Flaw::Malicious], &[Bar::Critical], Exit::Found),
        case("not known exploited", &[HIGH], &[], &[Bar::Kev], Exit::Success),
        case("known exploited", &[(Severity::Low, Answer::Affected)], &[Flaw::Exploited], &[Bar::Kev], Exit::Found),
        case("several bars, the second met", &[HIGH], &[], &[Bar::Kev, Bar::High], Exit::Found),
        case("part of the input lost", &[], &[Flaw::Lost], &[], Exit::Incomplete),
        case("part of the input mended", &[], &[Flaw::Mended], &[Bar::Low], Exit::Success),
        case("found wins over lost", &[HIGH], &[Flaw::Lost], &[Bar::High], Exit::Found),
        case("below the bar, lost", &[HIGH], &[Flaw::Lost], &[Bar::Critical], Exit::Incomplete),
        case("no KEV", &[], &[Flaw::KevMissing], &[], Exit::Incomplete),
        case("no EPSS changes nothing", &[], &[Flaw::EpssMissing], &[Bar::Low, Bar::Unknown], Exit::Success),
        case("a feed that has a say is old", &[], &[Flaw::MavenStale], &[], Exit::Incomplete),
        case("a feed without a say is missing", &[], &[Flaw::DebianMissing], &[], Exit::Success),
        case("starter data", &[], &[Flaw::StarterOnly], &[], Exit::Incomplete),
        case("unknown is listed, not counted", &[MAYBE], &[Flaw::NotAssessed], &[Bar::Low], Exit::Success),
        case("unknown counts when asked", &[], &[Flaw::NotAssessed], &[Bar::Unknown], Exit::Incomplete),
        case("a possible finding counts when asked", &[MAYBE], &[], &[Bar::Unknown], Exit::Incomplete),
        case("an accepted gap does not count", &[], &[Flaw::NotAssessedButAccepted], &[Bar::Unknown], Exit::Success),
        case("found wins over unknown", &[HIGH], &[Flaw::NotAssessed], &[Bar::Unknown, Bar::High], Exit::Found),
    ];

    #[test]
    fn found_wins_over_incomplete_and_both_over_success() {
        for case in CASES {
            assert_eq!(verdict(&build(case), case.bars), case.ends, "{}", case.says);
        }
    }

    fn build(case: &Case) -> ScanReport {
        let has = |flaw: Flaw| case.flaws.contains(&flaw);
        let mut inventory = Inventory {
            components: vec![Component { name: "core".into(), ..Component::default() }],
            ..Inventory::default()
        };
        if has(Flaw::Lost) || has(Flaw::Mended) {
            let (place, message) = (String::new(), String::new());
            inventory.warnings.push(Warning { place, message, lost: has(Flaw::Lost) });
        }
        let mut assessed = vec![Assessed {
            judgements: case
                .found
                .iter()
                .map(|(severity, answer)| judgement(case, *severity, *answer))
                .collect(),
            not_assessed: None,
            sources: vec!["osv/Maven".into()],
        }];
        if has(Flaw::NotAssessed) || has(Flaw::NotAssessedButAccepted) {
            inventory.components.push(Component { name: "blob".into(), ..Component::default() });
            assessed.push(Assessed { not_assessed: Some(Reason::NoIdentifier), ..Assessed::default() });
        }
        let options = ScanOptions {
            now: Timestamp::UNIX_EPOCH,
            max_data_age_days: 7,
            accepted: if has(Flaw::NotAssessedButAccepted) {
                vec![AcceptedGap { line: 1, what: "blob".into(), reason: "ours".into() }]
            } else {
                Vec::new()
            },
            not_affected: NotAffected::Show,
            by_name: ByName::default(),
        };
        report(Target::default(), inventory, assessed, data(case), &options)
    }

    fn judgement(case: &Case, severity: Severity, answer: Answer) -> Judgement {
        let exploited = case.flaws.contains(&Flaw::Exploited);
        let kev = exploited.then(|| KnownExploited {
            added: "2024-01-01".parse().unwrap(),
            due: None,
            ransomware: false,
        });
        let malicious = case.flaws.contains(&Flaw::Malicious);
        Judgement {
            weakness: Weakness { id: "CVE-1".into(), severity, kev, malicious, ..Weakness::default() }.into(),
            answer,
            reason: Reason::VersionInRange,
            fixed_in: Vec::new(),
            evidence: Vec::new(),
        }
    }

    fn data(case: &Case) -> DataStatus {
        let has = |flaw: Flaw| case.flaws.contains(&flaw);
        let state = |flawed: bool, state: SourceState| if flawed { state } else { SourceState::Fresh };
        let source = |name: &str, state: SourceState| SourceStatus {
            name: name.into(),
            state,
            as_of: None,
            fetched_at: None,
            records: 1,
            age_days: Some(1),
            note: None,
        };
        DataStatus {
            sources: vec![
                source("osv/Debian", state(has(Flaw::DebianMissing), SourceState::Missing)),
                source("osv/Maven", state(has(Flaw::MavenStale), SourceState::Stale)),
                source("kev", state(has(Flaw::KevMissing), SourceState::Missing)),
                source("epss", state(has(Flaw::EpssMissing), SourceState::Missing)),
            ],
            complete: true,
            starter_only: has(Flaw::StarterOnly),
            snapshot: String::new(),
            advisories: 50,
        }
    }
}
