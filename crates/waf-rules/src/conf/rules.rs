//! What a rule says of itself: id, tags, what it looks at, what it does.

use super::{Directive, VetError, directives};
use crate::tree::Tree;

/// One `SecRule` or `SecAction`. A link of a chain that carries no id of its own has id 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// Its id.
    pub id: u32,
    /// Its phase; 2 where it says none (ModSecurity's default).
    pub phase: u8,
    /// What it looks at, `ARGS|REQUEST_HEADERS`; empty for an action.
    pub variables: String,
    /// Its operator without `@` and `!`; `rx` where it names none; empty for an action.
    pub operator: String,
    /// What the operator is given.
    pub argument: String,
    /// Its actions in order, `(name, value)`.
    pub actions: Vec<(String, String)>,
}

impl Rule {
    /// The rule that a directive is. `None` for other directives.
    pub fn read(directive: &Directive) -> Option<Rule> {
        let word = |index: usize| directive.words.get(index).map_or("", String::as_str);
        let mut rule = match directive.name.as_str() {
            "SecRule" => {
                let (operator, argument) = operator(word(1));
                Rule {
                    variables: word(0).to_owned(),
                    operator,
                    argument,
                    actions: actions(word(2)),
                    ..Rule::default()
                }
            }
            "SecAction" => Rule { actions: actions(word(0)), ..Rule::default() },
            _ => return None,
        };
        rule.id = rule.action("id").and_then(|id| id.parse().ok()).unwrap_or(0);
        rule.phase = match rule.action("phase") {
            Some("request") | None => 2,
            Some("response") => 4,
            Some("logging") => 5,
            Some(phase) => phase.parse().unwrap_or(2),
        };
        Some(rule)
    }

    /// The value of the first action of this name.
    pub fn action(&self, name: &str) -> Option<&str> {
        self.actions.iter().find(|(action, _)| action == name).map(|(_, value)| value.as_str())
    }

    /// Its tags.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().filter(|(action, _)| action == "tag").map(|(_, value)| value.as_str())
    }
}

/// Every rule of a tree that has an id, in order of files and lines.
///
/// # Errors
/// [`VetError`] for a file that cannot be read.
pub fn rules(tree: &Tree) -> Result<Vec<Rule>, VetError> {
    let mut all = Vec::new();
    for (path, _) in tree.files().filter(|(path, _)| path.ends_with(".conf")) {
        let text = tree.text(path).unwrap_or_default();
        let found = directives(path, &text)?;
        all.extend(found.iter().filter_map(Rule::read).filter(|rule| rule.id != 0));
    }
    Ok(all)
}

fn operator(text: &str) -> (String, String) {
    let text = text.trim_start().trim_start_matches('!');
    let Some(named) = text.strip_prefix('@') else { return ("rx".to_owned(), text.to_owned()) };
    let (name, argument) = named.split_once(char::is_whitespace).unwrap_or((named, ""));
    (name.to_owned(), argument.trim_start().to_owned())
}

/// Actions are parted by commas; a value in single quotes may hold commas.
fn actions(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut current = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            '\'' if !escaped => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut current)),
            _ => current.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    all.push(current);
    let pair = |action: String| {
        let (name, value) = action.split_once(':').unwrap_or((&action, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    all.into_iter().filter(|action| !action.trim().is_empty()).map(pair).collect()
}
