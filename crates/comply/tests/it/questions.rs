//! Self-assessment: which questions are asked, and what an answer becomes.

use bedrail_comply::fact::Word;
use bedrail_comply::questions::{Answer, Answered, fact, per_site, questions};
use bedrail_comply::signal::{Kind, Outcome, SIGNALS};
use jiff::tz::TimeZone;

use crate::support::{CATALOGUES, at};

fn answered(signal: &str, answer: Answer, document: Option<[u8; 32]>) -> Answered {
    Answered {
        signal: signal.to_owned(),
        answer,
        about: "North clinic".to_owned(),
        by: "the office manager".to_owned(),
        at: at("2026-05-01T12:00:00Z"),
        document,
    }
}

#[test]
fn people_are_asked_what_no_program_computes_and_nothing_else() {
    let asked = questions(&CATALOGUES);
    for question in &asked {
        assert!(question.text.ends_with('?'), "{}", question.text);
        assert!(
            question.signals.iter().all(|it| !matches!(it.kind, Kind::Computed { .. })),
            "{}",
            question.requirement
        );
    }
    assert!(asked.iter().any(|it| it.requirement == "sr-164-312-d" && !it.computed_too));
    assert!(asked.iter().all(|it| it.requirement != "sr-164-308-a-1-ii-d"), "log review is computed");
    assert!(asked.iter().any(per_site));
    for signal in SIGNALS.iter().filter(|it| matches!(it.kind, Kind::Manual { .. })) {
        assert!(asked.iter().any(|it| it.signals.contains(&signal)), "nobody is asked for {}", signal.id);
    }
}

#[test]
fn an_answer_becomes_a_fact_of_the_rule_it_stands_under() {
    for signal in SIGNALS {
        for (answer, outcome) in [(Answer::Yes, Outcome::Met), (Answer::No, Outcome::Failed)] {
            let found = fact(&answered(signal.id, answer, None), &TimeZone::UTC).unwrap().unwrap();
            assert_eq!(found.outcome(), outcome, "{}", signal.id);
            assert!(matches!(&found.word, Word::Person { name } if name == "the office manager"));
        }
        assert_eq!(fact(&answered(signal.id, Answer::NotSure, None), &TimeZone::UTC), Ok(None));
    }
    let shown =
        fact(&answered("site.plan_missing", Answer::Yes, Some([7; 32])), &TimeZone::UTC).unwrap().unwrap();
    assert!(matches!(shown.word, Word::Document { digest, .. } if digest == [7; 32]));
    assert!(fact(&answered("no.such", Answer::Yes, None), &TimeZone::UTC).is_err());
}
