//! States: one law that puts them together, facts and decisions in force, time travel, and the property that matters most:
//! one more failing fact makes nothing look better.

use bedrail_comply::catalog::Requirement;
use bedrail_comply::decision::{Choice, Decision, InvalidDecision, Scope};
use bedrail_comply::fact::{Fact, InvalidFact, NewFact, Subject, Word};
use bedrail_comply::signal::{About, Kind, Outcome, Rule, SIGNALS, Signal, Value};
use bedrail_comply::state::{
    Applies, Expected, Figures, Index, Moment, RequirementState, Share, State, judge, together,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::support::{CATALOGUES, at, day, fact, machine};

const NOW: &str = "2026-11-20T12:00:00Z";
const DOCUMENT: [u8; 32] = [1; 32];

fn judged<'a>(facts: &[Fact], decisions: &[Decision], now: &str) -> Vec<RequirementState<'a>> {
    judge(&CATALOGUES, &Index::new(facts, &[], &Moment::then(at(now))), decisions)
}

fn of(facts: &[Fact], decisions: &[Decision], requirement: &str) -> RequirementState<'static> {
    judged(facts, decisions, NOW)
        .into_iter()
        .find(|it| it.requirement.id == requirement)
        .expect("the requirement")
}

fn requirement(id: &str) -> &'static Requirement {
    CATALOGUES.requirement(id).expect("the requirement")
}

fn decision(requirement: &str, choice: Choice, scope: Scope) -> Decision {
    Decision {
        requirement: requirement.to_owned(),
        scope,
        choice,
        reason: "the maker cannot".to_owned(),
        approver: "the security official".to_owned(),
        decided_on: day("2026-06-01"),
        review_by: day("2027-06-01"),
        proof: None,
    }
}

fn alternative() -> Choice {
    Choice::Alternative { measure: "in a zone of its own".to_owned() }
}

fn only(about: About, name: &str) -> Scope {
    Scope::Subjects(vec![Subject { about, name: name.to_owned() }])
}

#[test]
fn states_are_put_together_by_one_law() {
    use State::{Claimed, Evidenced, No, Partly, Unknown};
    for (states, expected) in [
        (vec![], Unknown),
        (vec![Evidenced, Evidenced], Evidenced),
        (vec![Evidenced, Claimed], Claimed),
        (vec![Evidenced, Unknown], Partly),
        (vec![Evidenced, No], Partly),
        (vec![Claimed, Partly], Partly),
        (vec![Unknown, No], No),
        (vec![Unknown, Unknown], Unknown),
        (vec![No], No),
    ] {
        assert_eq!(together(states.clone()), expected, "{states:?}");
    }
    // It rises in each of its parts.
    let all = [No, Unknown, Partly, Claimed, Evidenced];
    for a in all {
        for b in all {
            for c in all {
                for better in all.into_iter().filter(|it| *it > a) {
                    assert!(together([a, b, c]) <= together([better, b, c]), "{a:?} {b:?} {c:?} {better:?}");
                }
            }
        }
    }
}

#[test]
fn without_facts_everything_is_unknown_and_the_figures_say_nothing() {
    let states = judged(&[], &[], NOW);
    for state in states.iter().filter(|it| it.applies == Applies::Yes) {
        assert_eq!(state.state, State::Unknown, "{}", state.requirement.id);
        assert!(!state.reason().is_empty());
    }
    let figures = Figures::of(&states);
    assert_eq!(figures.evidenced.count, 0);
    assert_eq!(figures.evidenced.percent(), Some(0));
    // What is shown is never rounded up, what is missed never down.
    let rounded = |count, of| (Share { count, of }.percent(), Share { count, of }.percent_up());
    assert_eq!(rounded(1, 106), (Some(0), Some(1)));
    assert_eq!((rounded(105, 106), rounded(0, 106)), ((Some(99), Some(100)), (Some(0), Some(0))));
    assert_eq!(rounded(0, 0), (None, None));
    assert!(states.iter().any(|it| it.applies == Applies::NotAssessed), "164.318 is information");
}

#[test]
fn who_says_it_decides_how_strong_it_is() {
    let yes = Value::Flag(true);
    let person = || Word::Person { name: "the office manager".to_owned() };
    let document = || Word::Document { digest: DOCUMENT, collector: "the office manager".to_owned() };
    let months = Value::Share { met: 100, of: 100 };
    for (facts, requirement, expected) in [
        (vec![machine("role_matrix.present", "us", yes, NOW)], "min-necessary", State::Evidenced),
        (vec![fact("role_matrix.present", "us", yes, NOW, document())], "min-necessary", State::Evidenced),
        (vec![fact("role_matrix.present", "us", yes, NOW, person())], "min-necessary", State::Claimed),
        (vec![machine("policy.citation_coverage_pct", "us", months, NOW)], "sr-164-316-a", State::Evidenced),
        // A policy is no proof of operation: a document about what the program computes is a claim.
        (
            vec![fact("policy.citation_coverage_pct", "us", months, NOW, document())],
            "sr-164-316-a",
            State::Claimed,
        ),
    ] {
        assert_eq!(of(&facts, &[], requirement).state, expected, "{facts:?}");
    }
}

#[test]
fn what_bedrail_does_well_does_not_count_for_the_record_system() {
    let new = |about: About| NewFact {
        signal: "mfa.coverage_pct".to_owned(),
        subject: Subject { about, name: "Bedrail".to_owned() },
        value: Value::Share { met: 10, of: 10 },
        observed_at: at(NOW),
        known_at: at(NOW),
        about_from: day("2026-11-20"),
        about_to: None,
        word: Word::Machine,
        evidence: "own accounts".to_owned(),
    };
    let error = new(About::Bedrail).check().unwrap_err();
    assert!(matches!(error, InvalidFact::Subject { .. }), "{error}");
    assert!(new(About::RecordSystem).check().is_ok());
    let own: Vec<&str> = SIGNALS.iter().filter(|it| it.about == About::Bedrail).map(|it| it.id).collect();
    assert_eq!(own, ["record.integrity_verified", "retention.violations"]);
    // Its own log is asked for by the documentation duty alone, never by the audit controls of record systems.
    assert!(requirement("sr-164-312-b").signals.iter().all(|it| it.about != About::Bedrail));
}

#[test]
fn facts_that_cannot_be_are_refused() {
    let good = || NewFact {
        signal: "kev.open_count".to_owned(),
        subject: Subject { about: About::Device, name: "pumps".to_owned() },
        value: Value::Count(0),
        observed_at: at(NOW),
        known_at: at(NOW),
        about_from: day("2026-11-20"),
        about_to: None,
        word: Word::Machine,
        evidence: "findings".to_owned(),
    };
    for (fact, words) in [
        (NewFact { signal: "no.such".to_owned(), ..good() }, "there is no signal"),
        (NewFact { value: Value::Days(3), ..good() }, "is judged as \"none\""),
        (NewFact { about_to: Some(day("2026-11-19")), ..good() }, "ends before it begins"),
        (NewFact { known_at: at("2026-11-20T11:59:59Z"), ..good() }, "cannot be known"),
        (NewFact { evidence: " ".to_owned(), ..good() }, "names its evidence"),
        (
            NewFact {
                signal: "sbom.coverage_pct".to_owned(),
                value: Value::Share { met: 2, of: 1 },
                ..good()
            },
            "is judged as",
        ),
    ] {
        let error = fact.check().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn rules_judge_at_their_limits() {
    for (rule, value, expected) in [
        (Rule::AtMostDays(365), Value::Days(365), Some(Outcome::Met)),
        (Rule::AtMostDays(365), Value::Days(366), Some(Outcome::Failed)),
        (Rule::AtMostDays(365), Value::Days(-1), Some(Outcome::Failed)),
        (Rule::AtLeastPercent(95, 60), Value::Share { met: 95, of: 100 }, Some(Outcome::Met)),
        (Rule::AtLeastPercent(95, 60), Value::Share { met: 949, of: 1_000 }, Some(Outcome::Partly)),
        (Rule::AtLeastPercent(95, 60), Value::Share { met: 59, of: 100 }, Some(Outcome::Failed)),
        (Rule::AtLeastPercent(95, 60), Value::Share { met: 0, of: 0 }, Some(Outcome::Nothing)),
        (Rule::AtLeastPercent(95, 60), Value::Share { met: u64::MAX, of: u64::MAX }, Some(Outcome::Met)),
        (Rule::NoneLeft, Value::Count(1), Some(Outcome::Failed)),
        (Rule::NoneLeft, Value::Flag(true), None),
    ] {
        assert_eq!(rule.judge(value), expected, "{rule:?} {value:?}");
    }
}

#[test]
fn proof_lapses_and_then_it_is_unknown_and_overdue() {
    let mut proof = fact(
        "evaluation.age_days",
        "us",
        Value::Days(10),
        "2026-01-10T12:00:00Z",
        Word::Document { digest: DOCUMENT, collector: "us".to_owned() },
    );
    assert_eq!(proof.holds_until(), day("2027-01-11"));
    proof.about_to = Some(day("2026-11-19"));
    let facts = [proof];
    let lapsed = of(&facts, &[], "sr-164-308-a-8");
    let signal = lapsed.signals.iter().find(|it| it.signal.id == "evaluation.age_days").unwrap();
    assert_eq!((signal.state, signal.lapsed), (State::Unknown, 1));
    assert!(lapsed.is_overdue() && lapsed.reason().contains("proof lapsed"), "{}", lapsed.reason());
    let before = judged(&facts, &[], "2026-11-19T12:00:00Z");
    assert!(!before.iter().any(RequirementState::is_overdue));
    let figures = Figures::of(std::slice::from_ref(&lapsed));
    assert_eq!((figures.overdue.count, figures.overdue.of), (1, 1));
}

#[test]
fn a_newer_failure_that_lapsed_takes_an_older_proof_its_strength() {
    let older = fact(
        "integrity_check.coverage_pct",
        "records",
        Value::Share { met: 1, of: 1 },
        "2026-10-01T12:00:00Z",
        Word::Document { digest: DOCUMENT, collector: "us".to_owned() },
    );
    let mut newer = machine(
        "integrity_check.coverage_pct",
        "records",
        Value::Share { met: 0, of: 1 },
        "2026-10-10T12:00:00Z",
    );
    assert_eq!(of(std::slice::from_ref(&older), &[], "sr-164-312-c-1").state, State::Evidenced);
    assert_eq!(of(&[older.clone(), newer.clone()], &[], "sr-164-312-c-1").state, State::No);
    newer.about_to = Some(day("2026-10-12"));
    assert_eq!(of(&[older, newer], &[], "sr-164-312-c-1").state, State::Unknown);
}

#[test]
fn systems_that_must_say_something_and_do_not_are_unknown() {
    let signal = Signal::of("policy.citation_coverage_pct").unwrap();
    let facts = [machine(signal.id, "north", Value::Share { met: 1, of: 1 }, NOW)];
    let expected: Vec<Expected> = ["north", "south"]
        .map(|name| Expected { signal, subject: Subject { about: signal.about, name: name.to_owned() } })
        .into();
    let index = Index::new(&facts, &expected, &Moment::then(at(NOW)));
    let states = judge(&CATALOGUES, &index, &[]);
    let found = states.iter().find(|it| it.requirement.id == "sr-164-316-a").unwrap();
    assert_eq!((found.state, found.signals[0].systems), (State::Partly, [0, 1, 0, 0, 1]));
    assert_eq!(found.signals[0].worst, ["south"]);
    assert_eq!(
        found.reason(),
        "citations of the rule with a policy in force behind them: partly, 1 of 2 evidenced."
    );
}

#[test]
fn the_state_of_a_past_day_does_not_change_when_today_changes() {
    let then = "2026-11-10T12:00:00Z";
    let mut facts = vec![machine("alert.undispositioned", "all", Value::Count(0), then)];
    let moment = Moment::then(at(then));
    let state = |facts: &[Fact], moment: &Moment| {
        let index = Index::new(facts, &[], moment);
        let states = judge(&CATALOGUES, &index, &[]);
        states.iter().find(|it| it.requirement.id == "C2-action-alerts").unwrap().state
    };
    assert_eq!(state(&facts, &moment), State::Evidenced);
    facts.push(machine("alert.undispositioned", "all", Value::Count(5), NOW));
    assert_eq!(state(&facts, &moment), State::Evidenced, "what happened later");
    let mut late = machine("alert.undispositioned", "all", Value::Count(9), "2026-11-10T12:00:00Z");
    late.known_at = at(NOW);
    facts.push(late);
    assert_eq!(state(&facts, &moment), State::Evidenced, "as known then");
    let now_known = Moment { known_by: at(NOW), ..moment };
    assert_eq!(state(&facts, &now_known), State::No, "as known now");
}

#[test]
fn addressable_items_have_three_outcomes_and_no_fourth() {
    let logoff = "sr-164-312-a-2-iii";
    let facts = [
        machine("device.no_autologoff", "pumps", Value::Count(200), NOW),
        machine("mds2.ALOF-1_no", "pumps", Value::Count(200), NOW),
    ];
    assert_eq!(of(&facts, &[], logoff).state, State::No);
    for choice in [alternative(), Choice::NotReasonable] {
        let mut decided = decision(logoff, choice, only(About::Device, "pumps"));
        let state = of(&facts, std::slice::from_ref(&decided), logoff);
        assert_eq!(
            (state.state, state.signals[0].decided),
            (State::Claimed, 1),
            "without proof it is a claim"
        );
        decided.proof = Some(DOCUMENT);
        assert_eq!(of(&facts, std::slice::from_ref(&decided), logoff).state, State::Evidenced);
        decided.review_by = day("2026-11-19");
        let late = of(&facts, std::slice::from_ref(&decided), logoff);
        assert_eq!((late.state, late.reviews_overdue), (State::No, 1), "past its review it counts no more");
        let renewed =
            Decision { decided_on: day("2026-11-18"), review_by: day("2027-11-18"), ..decided.clone() };
        assert_eq!(of(&facts, &[decided, renewed], logoff).reviews_overdue, 0);
    }
    let implement = decision(logoff, Choice::Implement, Scope::All);
    assert_eq!(of(&facts, &[implement], logoff).state, State::No, "a word changes no fact");
    let others = decision(logoff, alternative(), only(About::Device, "monitors"));
    assert_eq!(of(&facts, &[others], logoff).state, State::Partly, "only monitors are decided");
    let required = requirement("sr-164-312-a-2-i");
    let error = decision(&required.id, alternative(), Scope::All).check(required).unwrap_err();
    assert!(matches!(error, InvalidDecision::NotAddressable(..)), "{error}");
}

#[test]
fn of_two_decisions_for_one_system_the_stronger_counts_with_a_fact_or_without() {
    let logoff = "sr-164-312-a-2-iii";
    let named = decision(logoff, alternative(), only(About::Device, "pumps"));
    let all = Decision { proof: Some(DOCUMENT), ..decision(logoff, alternative(), Scope::All) };
    let failing = [machine("device.no_autologoff", "pumps", Value::Count(1), NOW)];
    for facts in [&[][..], &failing] {
        let state = of(facts, &[named.clone(), all.clone()], logoff).signals[0].state;
        assert_eq!(state, State::Evidenced, "{facts:?}");
    }
}

#[test]
fn decisions_that_cannot_stand_are_refused_and_change_nothing() {
    let logoff = requirement("sr-164-312-a-2-iii");
    let good = || decision(&logoff.id, alternative(), Scope::All);
    good().check(logoff).unwrap();
    for bad in [
        Decision { reason: " ".to_owned(), ..good() },
        Decision { approver: String::new(), ..good() },
        Decision { review_by: day("2026-06-01"), ..good() },
        Decision { choice: Choice::Alternative { measure: String::new() }, ..good() },
        Decision { scope: Scope::Subjects(Vec::new()), ..good() },
        Decision { requirement: "sr-164-312-b".to_owned(), ..good() },
    ] {
        assert!(bad.check(logoff).is_err(), "{bad:?}");
        assert_eq!(of(&[], &[bad], &logoff.id).state, State::Unknown);
    }
}

#[test]
fn what_does_not_apply_is_left_out_only_when_facts_say_so() {
    let item = "sr-164-308-a-4-ii-a";
    assert_eq!(of(&[], &[], item).applies, Applies::Yes, "nobody said anything");
    let said = |so: bool| machine("org.is_clearinghouse", "us", Value::Flag(so), NOW);
    assert!(matches!(of(&[said(false)], &[], item).applies, Applies::No { .. }));
    assert_eq!(of(&[said(true)], &[], item).applies, Applies::Yes);
    let states = [of(&[said(false)], &[], item)];
    assert_eq!(Figures::of(&states).evidenced.of, 0);
}

// -- The property.

const NAMES: [&str; 3] = ["a", "b", "c"];

fn value_of(rule: Rule, good: u8) -> Value {
    match (rule, good) {
        (Rule::Yes | Rule::Applies, _) => Value::Flag(good > 0),
        (Rule::NoneLeft, _) => Value::Count(u64::from(good == 0)),
        (Rule::AtLeastOne, _) => Value::Count(u64::from(good > 0)),
        (Rule::AtMostDays(most), 0) => Value::Days(most + 1),
        (Rule::AtMostDays(_), _) => Value::Days(0),
        (Rule::AtMostHours(most), 0) => Value::Hours(most + 1),
        (Rule::AtMostHours(_), _) => Value::Hours(0),
        (Rule::AtLeastPercent(..), 0) => Value::Share { met: 0, of: 100 },
        (Rule::AtLeastPercent(_, partly), 1) => Value::Share { met: partly, of: 100 },
        (Rule::AtLeastPercent(..), 2) => Value::Share { met: 0, of: 0 },
        (Rule::AtLeastPercent(..), _) => Value::Share { met: 100, of: 100 },
    }
}

prop_compose! {
    fn any_fact(good: std::ops::Range<u8>)(
        signal in 0..SIGNALS.len(),
        name in 0..NAMES.len(),
        good in good,
        hours_ago in -50_i64..5_000,
        known_later in 0_i64..100,
        ends in prop::option::of(-30_i64..400),
        word in 0_u8..3,
    ) -> Fact {
        let signal = &SIGNALS[signal];
        let now: Timestamp = at(NOW);
        let observed_at = now - SignedDuration::from_hours(hours_ago);
        let from = observed_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        NewFact {
            signal: signal.id.to_owned(),
            subject: Subject { about: signal.about, name: NAMES[name].to_owned() },
            value: value_of(signal.rule, good),
            observed_at,
            known_at: observed_at + SignedDuration::from_hours(known_later),
            about_from: from,
            about_to: ends.map(|days| from.saturating_add(jiff::Span::new().days(days.max(0)))),
            word: match word {
                0 => Word::Machine,
                1 => Word::Document { digest: DOCUMENT, collector: "x".to_owned() },
                _ => Word::Person { name: "x".to_owned() },
            },
            evidence: "made up".to_owned(),
        }
        .check()
        .expect("a fact")
    }
}

prop_compose! {
    fn any_decision()(
        requirement in prop::sample::select(
            CATALOGUES.requirements().filter(|it| it.designation.code() == "addressable").collect::<Vec<_>>()
        ),
        all in any::<bool>(),
        name in 0..NAMES.len(),
        proof in any::<bool>(),
        choice in 0_u8..3,
        review in 1_i64..800,
    ) -> Decision {
        let about = requirement.signals[0].about;
        let decided_on = day("2025-11-20");
        Decision {
            scope: if all { Scope::All } else { only(about, NAMES[name]) },
            review_by: decided_on.saturating_add(jiff::Span::new().days(review)),
            decided_on,
            proof: proof.then_some(DOCUMENT),
            ..decision(&requirement.id, [alternative(), Choice::NotReasonable, Choice::Implement][usize::from(choice)].clone(), Scope::All)
        }
    }
}

fn fails(fact: &Fact) -> bool {
    fact.outcome() == Outcome::Failed && fact.signal.rule != Rule::Applies
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_failing_fact_makes_nothing_look_better(
        facts in prop::collection::vec(any_fact(0..4), 0..400),
        decisions in prop::collection::vec(any_decision(), 0..12),
        failing in any_fact(0..1).prop_filter("a failing one", fails),
        place in any::<prop::sample::Index>(),
    ) {
        let before = judged(&facts, &decisions, NOW);
        let mut more = facts.clone();
        more.insert(place.index(facts.len() + 1), failing.clone());
        let after = judged(&more, &decisions, NOW);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after.state <= before.state, "{}: {:?} became {:?} by {failing:?}", before.requirement.id, before.state, after.state);
            for (a, b) in before.signals.iter().zip(&after.signals) {
                prop_assert!(b.state <= a.state, "{}: {:?} became {:?} by {failing:?}", a.signal.id, a.state, b.state);
            }
        }
        prop_assert!(Figures::of(&after).evidenced.count <= Figures::of(&before).evidenced.count);
    }

    #[test]
    fn nor_does_one_about_a_system_that_a_decision_speaks_for(
        facts in prop::collection::vec(any_fact(0..4), 0..60),
        decisions in prop::collection::vec(any_decision(), 1..4),
    ) {
        let before = judged(&facts, &decisions, NOW);
        for decision in &decisions {
            for signal in &requirement(&decision.requirement).signals {
                for name in NAMES {
                    let mut more = facts.clone();
                    more.push(machine(signal.id, name, value_of(signal.rule, 0), NOW));
                    let after = judged(&more, &decisions, NOW);
                    for (before, after) in before.iter().zip(&after) {
                        prop_assert!(after.state <= before.state, "{} of {name}: {:?} became {:?}", signal.id, before.state, after.state);
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_in_which_facts_come_says_nothing(
        facts in prop::collection::vec(any_fact(0..4), 0..200),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut turned = facts.clone();
        if !facts.is_empty() {
            turned.rotate_left(turn.index(facts.len()));
        }
        for (a, b) in judged(&facts, &[], NOW).iter().zip(&judged(&turned, &[], NOW)) {
            prop_assert_eq!(a.state, b.state, "{}", a.requirement.id);
        }
    }
}

#[test]
fn the_generator_reaches_every_state() {
    // A property over facts that never say anything would hold too.
    let mut seen = std::collections::BTreeSet::new();
    for signal in SIGNALS.iter().filter(|it| matches!(it.kind, Kind::Computed { .. })) {
        for good in 0..4 {
            let fact = machine(signal.id, "a", value_of(signal.rule, good), NOW);
            seen.extend(judged(&[fact], &[], NOW).iter().map(|it| it.state));
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}
