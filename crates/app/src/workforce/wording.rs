//! The words of policies: read out of documents that are brought, and looked through.

use bedrail_model::ids::PolicyId;
use bedrail_store::workforce::policies as rows;
use bedrail_words::Words;
use bedrail_workforce::markdown;

use crate::rights::Right;
use crate::{Actor, Context, Document, Error, parse};

/// The longest text that is looked for, in characters.
const LONGEST: usize = 200;
/// Characters that are shown before and after what was found.
const AROUND: usize = 80;

/// A text with the words that somebody looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The policy.
    pub policy: PolicyId,
    /// What it is called.
    pub title: String,
    /// The version that has the words.
    pub version: u64,
    /// Whether that version is in force today; else it is the newest one, a draft.
    pub in_force: bool,
    /// The words with what stands around them; empty where they stand in the title alone.
    pub passage: String,
}

/// Policies that hold some words, in the title, in what is in force or in the newest text; whatever the case.
///
/// # Errors
/// [`Error::Invalid`] for no words or too many, [`Error::Denied`] without the right.
pub async fn find(ctx: &Context, actor: &Actor, words: &str) -> Result<Vec<Found>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if words.is_empty() || words.chars().count() > LONGEST {
        return Err(Error::invalid(format!("look for 1 to {LONGEST} characters")));
    }
    let today = ctx.clock.today();
    let texts = rows::with_words(&view, today, &words).await?;
    let mut found = Vec::new();
    for policy in rows::all(&view).await?.into_iter().filter(|it| it.retired.is_none()) {
        let text = texts.iter().find(|(id, _)| *id == policy.id).map(|(_, version)| version);
        match text {
            Some(version) => found.push(Found {
                policy: policy.id,
                title: policy.title,
                version: version.version,
                in_force: version.is_in_force(today),
                passage: passage(&version.body, &words),
            }),
            None if policy.title.to_lowercase().contains(&words) => found.push(Found {
                policy: policy.id,
                title: policy.title,
                version: 0,
                in_force: false,
                passage: String::new(),
            }),
            None => {}
        }
    }
    Ok(found)
}

/// Words with what stands around them.
fn passage(body: &str, words: &str) -> String {
    let line = body.lines().find(|line| line.to_lowercase().contains(words)).unwrap_or_default();
    let lower = line.to_lowercase();
    let at = lower.find(words).map_or(0, |at| lower[..at].chars().count());
    let from = at.saturating_sub(AROUND);
    let length = words.chars().count() + AROUND + (at - from);
    let part: String = line.chars().skip(from).take(length).collect();
    let begin = if from > 0 { "… " } else { "" };
    let end = if from + length < line.chars().count() { " …" } else { "" };
    format!("{begin}{}{end}", part.trim())
}

/// A text as it is kept.
///
/// # Errors
/// [`Error::Invalid`] where it is too long or has control characters in it.
pub(super) fn usable_body(given: &str) -> Result<String, Error> {
    let body = given.trim().replace("\r\n", "\n");
    if body.len() > markdown::MOST {
        return Err(Error::invalid(format!("the text has more than {} bytes", markdown::MOST)));
    }
    if body.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\t')) {
        return Err(Error::invalid("the text has a control character in it"));
    }
    Ok(body)
}

/// The words of a document as the text of a version, and what is in the document and not in them.
pub(super) async fn words_of(
    ctx: &Context,
    media_type: &str,
    document: Document,
) -> Result<(String, Vec<String>), Error> {
    let bytes = |document: Document| async move {
        tokio::task::spawn_blocking(move || document.bytes())
            .await
            .map_err(|error| Error::Internal(Box::new(error)))
    };
    let words = match media_type {
        "text/plain" | "text/csv" => {
            let text = String::from_utf8_lossy(&bytes(document).await??).replace("\r\n", "\n");
            let text = text.trim_start_matches('\u{feff}').chars();
            let seen = |it: &char| !it.is_control() || matches!(it, '\n' | '\t');
            Words { text: text.filter(seen).collect(), left_out: Vec::new() }
        }
        media_type if media_type.starts_with("image/") => Words {
            text: String::new(),
            left_out: vec!["It is a picture: there are no words to edit, to compare or to find.".to_owned()],
        },
        _ => parse::words(ctx, document).await?,
    };
    let text = words.text.trim();
    if text.len() > markdown::MOST {
        let why = format!(
            "It has {} bytes of words, more than the {} that are edited, compared and found: it is kept as a document alone.",
            text.len(),
            markdown::MOST
        );
        return Ok((String::new(), vec![why]));
    }
    let mut left_out = words.left_out;
    if text.is_empty() && left_out.is_empty() {
        left_out.push("There are no words in it to edit, to compare or to find.".to_owned());
    }
    Ok((usable_body(text)?, left_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_has_the_words_and_what_stands_around_them() {
        let long = format!("{}lock your SCREEN{}", "é ".repeat(100), " x".repeat(100));
        let shown = passage(&format!("first\n{long}\nlast"), "your screen");
        assert!(
            shown.starts_with("… é") && shown.ends_with("x …") && shown.contains("lock your SCREEN"),
            "{shown}"
        );
        assert_eq!(passage("# Desks\n\nKeep desks clean.", "desks clean"), "Keep desks clean.");
    }
}
