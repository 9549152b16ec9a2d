//! Quizzes: an order of questions and answers that a seed decides, and what came of what was chosen. The seed stays on the server.

use std::collections::BTreeMap;

use crate::course::Course;

/// The order in which a quiz is asked: of each question its place in the course, and the places of its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order(pub Vec<(usize, Vec<usize>)>);

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same on every machine.
struct Mix(u64);

impl Mix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// The places `0..count`, mixed (Fisher and Yates).
    fn places(&mut self, count: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            places.swap(last, other);
        }
        places
    }
}

/// The order that a seed decides.
pub fn order(course: &Course, seed: u64) -> Order {
    let mut mix = Mix(seed);
    let questions = mix.places(course.questions.len());
    Order(
        questions
            .into_iter()
            .map(|at| {
                let answers = course.questions[at].answers.len();
                (at, mix.places(answers))
            })
            .collect(),
    )
}

/// What is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A question has no answer.
    #[error("question {0} has no answer")]
    Missing(usize),
    /// There is no such question or answer: what was sent is not what the page sends.
    #[error("the quiz has no such question or answer")]
    Unknown,
}

/// What came of a quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Right answers.
    pub right: u64,
    /// Questions.
    pub of: u64,
    /// Whether that is enough.
    pub passed: bool,
    /// Of each question as asked: its place in the course, the place of the chosen answer, whether that is right.
    pub each: Vec<(usize, usize, bool)>,
}

/// Judges what was chosen: of each question, counted from 0 as asked, the answer, counted from 0 as shown.
///
/// # Errors
/// [`Refused`] where an answer is missing, or something was sent that was not asked.
pub fn judge(course: &Course, seed: u64, chosen: &BTreeMap<usize, usize>) -> Result<Judged, Refused> {
    let Order(order) = order(course, seed);
    if chosen.keys().any(|question| *question >= order.len()) {
        return Err(Refused::Unknown);
    }
    let mut each = Vec::new();
    for (asked, (question, answers)) in order.iter().enumerate() {
        let shown = chosen.get(&asked).ok_or(Refused::Missing(asked + 1))?;
        let answer = *answers.get(*shown).ok_or(Refused::Unknown)?;
        each.push((*question, answer, answer == course.questions[*question].right));
    }
    let (right, of) = (each.iter().filter(|(.., right)| *right).count() as u64, each.len() as u64);
    Ok(Judged { right, of, passed: right * 100 >= of * u64::from(course.pass_percent), each })
}
