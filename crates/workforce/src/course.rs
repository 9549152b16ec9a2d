//! Courses of our own: files in `courses/`, each with short pages, pictures and a quiz.

use std::sync::LazyLock;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// The stable code.
    pub code: String,
    /// Counted from 1; a new text has a new one.
    pub version: u64,
    /// What it is called.
    pub title: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Minutes that it takes.
    pub minutes: u32,
    /// Right answers that are enough, in per cent, inclusive.
    pub pass_percent: u32,
    /// Minutes that the quiz may take.
    pub quiz_minutes: u32,
    /// Days for which it holds.
    pub valid_days: u32,
    /// Ids of the requirements that it helps with.
    pub cites: Vec<String>,
    /// Its pages, in order.
    pub pages: Vec<Page>,
    /// Its questions.
    pub questions: Vec<Question>,
    /// SHA-256 of the file, in hexadecimal digits.
    #[serde(skip)]
    pub sha256: String,
}

/// A page of a course.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// The name of its picture in `courses/pictures`, where it has one.
    #[serde(default)]
    pub picture: Option<String>,
    /// What the picture shows, for who cannot see it.
    #[serde(default)]
    pub shows: String,
    /// The text, in Markdown.
    pub text: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked.
    pub ask: String,
    /// The answers.
    pub answers: Vec<String>,
    /// The place of the right one, counted from 0.
    pub right: usize,
    /// Why it is right.
    pub why: String,
}

/// The files of the courses.
pub const FILES: &[&str] = &[
    include_str!("../../../courses/security-and-phishing.yaml"),
    include_str!("../../../courses/privacy-and-devices.yaml"),
];

/// The pictures, by name. They are ours, without script or style, and stand in pages as they are.
pub const PICTURES: &[(&str, &str)] = &[
    ("door", include_str!("../../../courses/pictures/door.svg")),
    ("hook", include_str!("../../../courses/pictures/hook.svg")),
    ("key", include_str!("../../../courses/pictures/key.svg")),
    ("phone", include_str!("../../../courses/pictures/phone.svg")),
    ("bell", include_str!("../../../courses/pictures/bell.svg")),
    ("screen", include_str!("../../../courses/pictures/screen.svg")),
    ("device", include_str!("../../../courses/pictures/device.svg")),
    ("paper", include_str!("../../../courses/pictures/paper.svg")),
    ("people", include_str!("../../../courses/pictures/people.svg")),
];

/// Reads a course.
///
/// # Errors
/// What the file lacks or has too much.
pub fn read(text: &str) -> Result<Course, String> {
    let course: Course = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    for (at, question) in course.questions.iter().enumerate() {
        if question.right >= question.answers.len() {
            return Err(format!("question {}: there is no answer {}", at + 1, question.right));
        }
    }
    if let Some(page) =
        course.pages.iter().find(|page| page.picture.as_deref().is_some_and(|name| picture(name).is_none()))
    {
        return Err(format!("page {:?} has a picture that is not there", page.title));
    }
    Ok(Course { sha256: hex::encode(Sha256::digest(text)), ..course })
}

/// A picture by its name.
pub fn picture(name: &str) -> Option<&'static str> {
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, svg)| *svg)
}

/// All courses. A test reads each, so none is left out.
pub fn all() -> &'static [Course] {
    static ALL: LazyLock<Vec<Course>> =
        LazyLock::new(|| FILES.iter().filter_map(|text| read(text).ok()).collect());
    &ALL
}

/// The course of a code.
pub fn of(code: &str) -> Option<&'static Course> {
    all().iter().find(|course| course.code == code)
}
