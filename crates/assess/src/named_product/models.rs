//! Models and conditions that stand beside versions or in their place, and whether our name has them.

use bedrail_model::product_advisory::range_text::Span;

use super::names::Name;
use super::words::{has_digit, is_telling, nearly, words};

/// Words of conditions that decide nothing: "running on old, unsupported operating systems such as Windows 2000".
const CONDITION_WORDS: &[&str] =
    &["as", "installed", "old", "operating", "or", "running", "such", "unsupported", "using"];

/// The words of our product and of the version that stands beside it.
fn own_words(ours: &Name, version: &str) -> Vec<String> {
    words(ours.product()).into_iter().chain(words(version)).collect()
}

/// Whether the telling words of a condition all stand in our product's name or version.
pub(super) fn settles(ours: &Name, version: &str, condition: &str) -> bool {
    let own = own_words(ours, version);
    let said = words(condition);
    let mut telling: Vec<&String> =
        said.iter().filter(|it| is_telling(it) && !CONDITION_WORDS.contains(&it.as_str())).collect();
    if telling.is_empty() {
        telling = said.iter().collect();
    }
    !telling.is_empty() && telling.into_iter().all(|it| own.contains(it))
}

/// Whether our name gives another Windows than a condition asks for.
pub(super) fn contradicts(ours: &Name, version: &str, condition: &str) -> bool {
    let windows = |list: &[String]| {
        let at = list.iter().position(|it| it == "windows")?;
        list.get(at + 1).filter(|it| has_digit(it) || matches!(it.as_str(), "xp" | "vista")).cloned()
    };
    let (own, said) = (windows(&own_words(ours, version)), windows(&words(condition)));
    matches!((own, said), (Some(own), Some(said)) if own != said)
}

/// Whether a model that the advisory lists in the place of a version stands in our product's name or version. `group` is
/// the name that the list stands under.
pub(super) fn names_model(ours: &Name, version: &str, group: &Name, span: &Span) -> bool {
    let (text, listed) = match span {
        Span::Named(text) => (text.clone(), None),
        Span::Listed(listed) => (listed.words().join(" "), Some(listed)),
        Span::All | Span::Range { .. } | Span::If(..) | Span::Unread(_) => return false,
    };
    if listed.is_some_and(|it| ours.names_version(it, version)) {
        return true;
    }
    let model = words(&text);
    let own = own_words(ours, version);
    // "882410 Gemini GXL 16 Slice" has a number that no version has.
    let number = |it: &&String| {
        it.len() > 4 && it.chars().filter(char::is_ascii_digit).count() > 3 && !it.contains('.')
    };
    if model.iter().filter(number).any(|it| own.contains(it)) {
        return true;
    }
    let is_name = model.iter().any(|it| it.chars().all(char::is_alphabetic) && is_telling(it));
    listed.is_none() && settles(ours, version, &text)
        || (is_name || listed.is_some_and(|it| it.may_be_a_model())) && is_one_of(ours, group, &model)
}

/// Whether what our name has beside the name of the list is all in one of its members: "Aespire View" under "Aespire" in
/// "Protiva Carestation View", "h232" in "h 232 POC".
fn is_one_of(ours: &Name, group: &Name, member: &[String]) -> bool {
    let of_list = words(group.product());
    let joined = member.concat();
    let told: Vec<String> = words(ours.product()).into_iter().filter(|it| is_telling(it)).collect();
    let held = |word: &String| {
        member.iter().any(|it| nearly(it, word))
            || (word.len() > 2 && has_digit(word) && joined.contains(word.as_str()))
    };
    let mut beside = told.iter().filter(|it| !of_list.contains(it) && !ours.is_maker_word(it)).peekable();
    beside.peek().is_some() && beside.all(held)
}

/// Whether the models of a list go with a product that has a model number of the same series itself: those that
/// MMT-503 is for are MMT-512, MMT-712. They say nothing of its versions.
pub(super) fn are_companions(group: &Name, spans: &[Span]) -> bool {
    let own = words(group.product());
    let series = |list: &[String]| -> Option<String> {
        let number = |it: &String| it.len() > 2 && it.chars().all(|it| it.is_ascii_digit());
        let at = list
            .windows(2)
            .position(|it| it[0].len() > 1 && it[0].chars().all(char::is_alphabetic) && number(&it[1]));
        at.map(|it| list[it].clone())
    };
    let Some(own) = series(&own) else { return false };
    !spans.is_empty()
        && spans.iter().all(|it| match it {
            Span::Listed(it) => it.words().contains(&own),
            Span::Named(text) => words(text).contains(&own),
            Span::If(it, _) => matches!(it.as_ref(), Span::Listed(it) if it.words().contains(&own)),
            Span::All | Span::Range { .. } | Span::Unread(_) => false,
        })
}
