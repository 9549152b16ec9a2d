//! Courses as they lie in the folder, and their quizzes.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_workforce::course::{self, Course};
use bedrail_workforce::quiz::{self, Refused};

#[test]
fn every_course_reads_and_is_long_enough() {
    for text in course::FILES {
        let course = course::read(text).unwrap();
        assert!((8..=12).contains(&course.pages.len()) && course.questions.len() >= 10, "{}", course.code);
        for page in &course.pages {
            let words = page.text.split_whitespace().count();
            assert!((30..=160).contains(&words), "{} {}: {words} words", course.code, page.title);
            assert!(page.picture.is_none() || !page.shows.is_empty(), "{}", page.title);
        }
        for question in &course.questions {
            assert!(question.answers.len() >= 3 && !question.why.is_empty(), "{}", question.ask);
            assert_eq!(question.answers.iter().collect::<BTreeSet<_>>().len(), question.answers.len());
        }
        let places: BTreeSet<usize> = course.questions.iter().map(|it| it.right).collect();
        assert!(places.len() >= 3, "{}: the right answers stand in one place", course.code);
    }
    assert_eq!(course::all().len(), course::FILES.len());
    for (name, svg) in course::PICTURES {
        assert!(svg.starts_with("<svg") && !svg.contains("script") && !svg.contains("style"), "{name}");
    }
}

fn first() -> &'static Course {
    &course::all()[0]
}

/// The answers that are right, as they are shown by a seed.
fn right(course: &Course, seed: u64) -> BTreeMap<usize, usize> {
    let order = quiz::order(course, seed).0;
    let shown = |(at, (question, answers)): (usize, &(usize, Vec<usize>))| {
        (at, answers.iter().position(|answer| *answer == course.questions[*question].right).unwrap())
    };
    order.iter().enumerate().map(shown).collect()
}

#[test]
fn the_seed_decides_the_order_and_loses_nothing() {
    let course = first();
    let orders: BTreeSet<Vec<usize>> = (0..50_u64)
        .map(|seed| {
            let order = quiz::order(course, seed);
            assert_eq!(order, quiz::order(course, seed));
            for (question, answers) in &order.0 {
                let all: BTreeSet<usize> = answers.iter().copied().collect();
                assert_eq!(all, (0..course.questions[*question].answers.len()).collect());
            }
            order.0.iter().map(|(question, _)| *question).collect()
        })
        .collect();
    assert!(orders.len() > 45, "{}", orders.len());
    assert!(orders.iter().all(|order| order.iter().collect::<BTreeSet<_>>().len() == course.questions.len()));
}

#[test]
fn a_quiz_is_judged_by_what_was_shown() {
    let course = first();
    for seed in [0, 7, u64::MAX] {
        let mut chosen = right(course, seed);
        let judged = quiz::judge(course, seed, &chosen).unwrap();
        assert!(judged.passed && judged.right == judged.of, "{judged:?}");
        // 80 of 100: of twelve, ten are enough and nine are not.
        for wrong in 0..3 {
            let shown = chosen[&wrong];
            chosen.insert(wrong, usize::from(shown == 0));
            let judged = quiz::judge(course, seed, &chosen).unwrap();
            assert_eq!(judged.passed, judged.right * 100 >= judged.of * 80, "{judged:?}");
            assert_eq!(judged.right, judged.of - wrong as u64 - 1);
        }
    }
}

#[test]
fn what_the_page_does_not_send_is_refused() {
    let course = first();
    let whole = right(course, 3);
    let mut missing = whole.clone();
    missing.remove(&4);
    assert_eq!(quiz::judge(course, 3, &missing), Err(Refused::Missing(5)));
    for (question, answer) in [(0, 99), (99, 0)] {
        let mut edited = whole.clone();
        edited.insert(question, answer);
        assert_eq!(quiz::judge(course, 3, &edited), Err(Refused::Unknown));
    }
}

#[test]
fn a_broken_course_says_what_is_wrong() {
    let text = course::FILES[0];
    for (from, to, why) in [
        ("right: 0", "right: 9", "no answer 9"),
        ("picture: people", "picture: nothing", "picture that is not there"),
        ("minutes: 25", "minuten: 25", "minuten"),
    ] {
        let said = course::read(&text.replacen(from, to, 1)).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}
