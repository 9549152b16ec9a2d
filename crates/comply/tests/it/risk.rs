//! Risk analysis: levels, signing, and what a signed one still covers.

use bedrail_comply::risk::{Analysis, CannotSign, Grade, Level, Line, Treatment, level};

use crate::support::at;

const GRADES: [Option<Grade>; 4] = [None, Some(Grade::Low), Some(Grade::Moderate), Some(Grade::High)];

fn line(asset: &str) -> Line {
    Line {
        asset: asset.to_owned(),
        holds_ephi: Some(true),
        threat: "ransomware".to_owned(),
        vulnerability: "CVE-2021-44228".to_owned(),
        likelihood: Some(Grade::High),
        impact: Some(Grade::High),
        treatment: Treatment::Reduce,
        measures: vec!["in a zone of its own".to_owned()],
        likelihood_after: Some(Grade::Low),
        impact_after: None,
        plan: None,
    }
}

fn analysis(assets: &[&str]) -> Analysis {
    Analysis {
        scope: "everything with ePHI".to_owned(),
        assets: assets.iter().map(|it| (*it).to_owned()).collect(),
        lines: assets.iter().map(|it| line(it)).collect(),
        catalogue: "hipaa-security-rule/1 as of 2026-11-21 (0)".to_owned(),
    }
}

#[test]
fn levels_rise_with_both_and_are_unknown_without_one() {
    for (row, likelihood) in GRADES.iter().enumerate() {
        for (column, impact) in GRADES.iter().enumerate() {
            let found = level(*likelihood, *impact);
            assert_eq!(found == Level::Unknown, likelihood.is_none() || impact.is_none());
            assert_eq!(found, level(*impact, *likelihood), "the table is symmetric");
            if row > 1 && column > 0 {
                assert!(level(GRADES[row - 1], *impact) <= found);
            }
        }
    }
    assert_eq!(level(Some(Grade::High), Some(Grade::High)), Level::Critical);
}

#[test]
fn what_stays_is_lower_only_by_a_measure_that_somebody_judged() {
    assert_eq!(line("a").residual(), Level::Moderate);
    assert_eq!(Line { measures: Vec::new(), ..line("a") }.residual(), Level::Critical, "no measure");
    assert_eq!(
        Line { likelihood_after: None, ..line("a") }.residual(),
        Level::Critical,
        "nobody judged it anew"
    );
    assert_eq!(Line { impact: None, ..line("a") }.residual(), Level::Unknown);
    let worse = Line { likelihood: Some(Grade::Low), likelihood_after: Some(Grade::High), ..line("a") };
    assert_eq!(worse.residual(), worse.inherent(), "measures never make it worse on paper");
}

#[test]
fn signing_freezes_by_hash_and_coverage_is_told_beside_today() {
    let now = at("2026-05-01T12:00:00Z");
    let signed = analysis(&["ct", "pump"]).sign("the security official", now).unwrap();
    assert!(signed.holds());
    let again = analysis(&["ct", "pump"]).sign("somebody else", now).unwrap();
    assert_eq!(signed.digest, again.digest, "the same analysis is the same bytes");
    let mut changed = signed.clone();
    changed.document = changed.document.replace("ransomware", "flood");
    assert!(!changed.holds());
    let today = ["pump", "mri", "ward pc"].map(str::to_owned).into();
    let coverage = signed.coverage(&today);
    assert_eq!((coverage.covered, coverage.today), (1, 3));
    assert_eq!(coverage.joined, ["mri", "ward pc"]);
    assert_eq!(coverage.gone, ["ct"]);
}

#[test]
fn half_an_analysis_cannot_be_signed() {
    let now = at("2026-05-01T12:00:00Z");
    assert_eq!(analysis(&[]).sign("x", now), Err(CannotSign::Empty));
    assert_eq!(analysis(&["a"]).sign(" ", now), Err(CannotSign::Signer));
    assert_eq!(Analysis { scope: String::new(), ..analysis(&["a"]) }.sign("x", now), Err(CannotSign::Scope));
    let outside = Analysis { lines: vec![line("b")], ..analysis(&["a"]) };
    assert_eq!(outside.sign("x", now), Err(CannotSign::Outside("b".to_owned())));
}
