//! Expressions that are none, and those whose time grows exponentially with the text: an unbounded repetition whose body can be
//! one unbounded repetition, `(a+)+`. A backtracking engine tries every way of cutting the text.
//!
//! ModSecurity 3.0.9 takes a rule whose expression does not compile without a word, and the rule then never fires: what is no
//! expression is found here (`shape`), by the form of an expression of PCRE (pcre2pattern(3)).
//!
//! What this does not find (two ways through one alternative, a product of two repetitions side by side), the budget of the
//! test stage does.

mod shape;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// Bytes of one expression. The longest of the Core Rule Set has 9 KB.
const MOST_BYTES: usize = 64 << 10;

/// Judges one expression. Of what `regex-syntax` cannot read (lookaround, backreferences) the form alone is judged; its time is
/// left to the budget of the tests.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn vet(expression: &str) -> Result<(), String> {
    if expression.len() > MOST_BYTES {
        return Err(format!("its expression has more than {MOST_BYTES} bytes"));
    }
    if let Err(broken) = shape::check(expression) {
        return Err(format!("`{}` is no regular expression: {broken}", shown(expression)));
    }
    let parser = ParserBuilder::new().utf8(false).unicode(false).nest_limit(100).build().parse(expression);
    let Ok(parsed) = parser else { return Ok(()) };
    if exponential(&parsed) {
        let shown = shown(expression);
        return Err(format!("the time of its expression grows exponentially with the text: `{shown}`"));
    }
    Ok(())
}

/// An expression as an error shows it.
fn shown(expression: &str) -> String {
    expression.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn exponential(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let unbounded = repetition.max.is_none();
            (unbounded && ambiguous(&repetition.sub)) || exponential(&repetition.sub)
        }
        HirKind::Capture(capture) => exponential(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(exponential),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// Whether the body of an unbounded repetition cuts a text in several ways.
fn ambiguous(body: &Hir) -> bool {
    match body.kind() {
        HirKind::Capture(capture) => ambiguous(&capture.sub),
        HirKind::Repetition(repetition) => repetition.max.is_none() || ambiguous(&repetition.sub),
        HirKind::Alternation(branches) => branches.iter().any(ambiguous),
        // Everything but one part may be left out: `(a*b?)*`.
        HirKind::Concat(parts) => parts.iter().enumerate().any(|(at, part)| {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            others.into_iter().all(|(_, other)| other.properties().minimum_len() == Some(0))
                && ambiguous(part)
        }),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}
