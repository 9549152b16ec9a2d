//! The breach assessment: presumption, ways around it, and what assets say of the factors.

use bedrail_comply::breach::{
    Assessment, AssetEvidence, Basis, Exception, FACTORS, Factor, FactorAnswer, Harm, Question, Secured,
    Weighed, prefill,
};

fn answered(count: usize) -> Assessment {
    let answers = FACTORS[..count]
        .iter()
        .map(|(factor, _)| FactorAnswer { factor: *factor, answer: "said".to_owned() });
    Assessment {
        harm: Some(Harm::None),
        factors: answers.collect(),
        weighed: Some(Weighed::LowProbability),
        reason: "written down".to_owned(),
        approver: Some("the privacy official".to_owned()),
        ..Assessment::default()
    }
}

fn secured(key_apart: bool) -> Option<Secured> {
    Some(Secured { method: "AES-256".to_owned(), key_apart })
}

#[test]
fn the_presumption_stands_until_all_four_factors_reason_and_approver_are_there() {
    let low = answered(4);
    assert!(!low.judge().notifiable);
    assert_eq!(low.judge().basis, Basis::LowProbability);
    for (assessment, lacks) in [
        (Assessment::default(), None),
        (answered(3), Some("an answer to each of the four factors")),
        (Assessment { approver: None, ..answered(4) }, Some("an approver")),
        (Assessment { approver: Some(" ".to_owned()), ..answered(4) }, Some("an approver")),
        (Assessment { reason: String::new(), ..answered(4) }, Some("a written reason")),
        (Assessment { weighed: None, ..answered(4) }, Some("how the four weigh together")),
        (Assessment { weighed: Some(Weighed::NotLow), ..answered(4) }, None),
    ] {
        let judgement = assessment.judge();
        assert!(judgement.notifiable && judgement.record_required(), "{assessment:?}");
        assert_eq!(judgement.lacks.first().copied(), lacks, "{assessment:?}");
    }
}

#[test]
fn secured_phi_and_the_three_exceptions_need_their_grounds() {
    let base = Assessment { factors: Vec::new(), weighed: None, ..answered(0) };
    let of = |change: fn(&mut Assessment)| {
        let mut assessment = base.clone();
        change(&mut assessment);
        assessment.judge()
    };
    assert_eq!(of(|it| it.secured = secured(true)).basis, Basis::Secured);
    assert!(of(|it| it.secured = secured(false)).notifiable, "the key was exposed");
    assert!(of(|it| it.secured = Some(Secured { method: String::new(), key_apart: true })).notifiable);
    for exception in
        [Exception::GoodFaithWorkforce, Exception::InadvertentInternal, Exception::CouldNotRetain]
    {
        let mut assessment = base.clone();
        assessment.exception = Some((exception, "returned unopened".to_owned()));
        assert_eq!(assessment.judge().basis, Basis::Exception(exception), "{}", exception.citation());
        assessment.exception = Some((exception, String::new()));
        assert!(assessment.judge().notifiable);
        assessment.exception = Some((exception, "returned unopened".to_owned()));
        assessment.approver = None;
        assert!(assessment.judge().notifiable, "nobody approved it");
    }
}

#[test]
fn death_or_serious_injury_is_asked_first_and_the_approver_last() {
    let mut assessment = Assessment::default();
    assert_eq!(assessment.next_question(), Some(Question::DeathOrInjury));
    assessment.harm = Some(Harm::NotKnown);
    assert_eq!(assessment.next_question(), Some(Question::Secured));
    for (factor, _) in FACTORS {
        assessment.factors.push(FactorAnswer { factor, answer: "said".to_owned() });
    }
    assert_eq!(assessment.next_question(), Some(Question::Weigh));
    assessment.factors.remove(2);
    assert_eq!(assessment.next_question(), Some(Question::Factor(Factor::AcquiredOrViewed)));
    let mut done = answered(4);
    assert_eq!(done.next_question(), None);
    done.approver = None;
    assert_eq!(done.next_question(), Some(Question::Approver));
}

#[test]
fn assets_prefill_the_factors_and_say_what_is_not_known() {
    let pump = AssetEvidence {
        name: "pump 12".to_owned(),
        source: "MDS2 of 2026-01-10".to_owned(),
        holds_phi: Some(true),
        records: Some(480),
        encrypted: Some(false),
        logs: Some(false),
        egress_seen: Some(false),
        ..AssetEvidence::default()
    };
    let filled = prefill(&[AssetEvidence::default(), pump]);
    for (factor, _) in FACTORS {
        assert!(filled.iter().filter(|it| it.factor == factor).count() >= 2, "{factor:?}");
    }
    let of_pump: Vec<&str> =
        filled.iter().filter(|it| it.source.starts_with("MDS2")).map(|it| it.text.as_str()).collect();
    assert_eq!(
        of_pump,
        [
            "pump 12: stores or shows PHI; 480 patient records on it",
            "pump 12: whether it could be reached from outside is not known",
            // Nothing was seen, but nothing is written down either: that is no proof.
            "pump 12: it keeps no logs, so nothing shows whether data went out",
            "pump 12: what it stores is not encrypted; whether the key was kept apart is not known",
            "pump 12: whether it was wiped or returned is not known",
        ]
    );
}
