//! The rule language (ModSecurity 3 reference manual, "Configuration Directives"), read far enough to list rules and to
//! refuse what no rule set of ours may do. It judges no request; the engine does.

pub mod regexes;
pub mod rules;

use crate::tree::Tree;
pub use rules::{Rule, rules};

/// One directive of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its file.
    pub file: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// Its name, `SecRule`.
    pub name: String,
    /// Its words, without their quotes; `\"` inside quotes is a quote.
    pub words: Vec<String>,
}

/// Why rule files are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct VetError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// Directives that a rule set may use: they say what is looked for, never where things are written, what the engine does
/// with bodies or what else is loaded. Those belong to the one file that this program writes.
const DIRECTIVES: &[&str] = &[
    "SecAction",
    "SecCollectionTimeout",
    "SecComponentSignature",
    "SecDefaultAction",
    "SecMarker",
    "SecRule",
    "SecRuleRemoveById",
    "SecRuleRemoveByMsg",
    "SecRuleRemoveByTag",
    "SecRuleUpdateActionById",
    "SecRuleUpdateTargetById",
    "SecRuleUpdateTargetByMsg",
    "SecRuleUpdateTargetByTag",
];

/// Operators that leave the process: DNS, programs, files of the system.
const FORBIDDEN_OPERATORS: &[&str] =
    &["rbl", "inspectFile", "fuzzyHash", "validateDTD", "validateSchema", "ipMatchFromUrl", "geoLookup"];

/// Operators that read a file, which must lie beside the rule file.
const FILE_OPERATORS: &[&str] = &["pmFromFile", "pmf", "ipMatchFromFile", "ipMatchF"];

/// Operators that take an expression.
const EXPRESSION_OPERATORS: &[&str] = &["rx", "rxGlobal"];

/// Actions that start programs or send a client somewhere else.
const FORBIDDEN_ACTIONS: &[&str] = &["exec", "proxy", "redirect", "pause"];

/// Controls that switch inspection off altogether. Narrow ones (one rule, one parameter) are allowed.
const FORBIDDEN_CONTROLS: &[&str] = &["requestBodyAccess", "responseBodyAccess", "ruleEngine"];

/// The directives of one file.
///
/// # Errors
/// [`VetError`] for quotes without end.
pub fn directives(file: &str, text: &str) -> Result<Vec<Directive>, VetError> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        if first.trim_start().starts_with('#') || first.trim().is_empty() {
            continue;
        }
        let mut whole = String::new();
        let mut line = first;
        while let Some(begun) = line.trim_end().strip_suffix('\\') {
            whole.push_str(begun);
            let Some((_, next)) = lines.next() else { break };
            line = next;
            whole.push(' ');
        }
        if !line.trim_end().ends_with('\\') {
            whole.push_str(line);
        }
        let error =
            |reason: &str| VetError { file: file.to_owned(), line: index + 1, reason: reason.to_owned() };
        let mut words = split(&whole).ok_or_else(|| error("a quote has no end"))?.into_iter();
        let Some(name) = words.next() else { continue };
        found.push(Directive { file: file.to_owned(), line: index + 1, name, words: words.collect() });
    }
    Ok(found)
}

/// Words parted by blanks; quotes keep blanks together.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (word, after) = match quote {
            Some(quote) => quoted(&rest[1..], quote)?,
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((word, &text[at + 1..]));
        }
        if c == '\\' {
            match chars.next() {
                Some((_, next)) if next == quote => word.push(next),
                Some((_, next)) => word.extend(['\\', next]),
                None => return None,
            }
            continue;
        }
        word.push(c);
    }
    None
}

/// Reads every rule file of a tree and refuses what a rule set may not do: other directives, programs, files elsewhere,
/// the same rule id twice, an expression that is none or whose time grows without bound.
///
/// # Errors
/// The first [`VetError`], with file and line.
pub fn vet(tree: &Tree) -> Result<(), VetError> {
    let mut ids = std::collections::BTreeMap::new();
    for (path, _) in tree.files() {
        if !(path.ends_with(".conf") || path.ends_with(".conf.example")) {
            continue;
        }
        let text = tree.text(path).unwrap_or_default();
        for directive in directives(path, &text)? {
            vet_directive(tree, &directive)?;
            let Some(rule) = Rule::read(&directive) else { continue };
            if rule.id == 0 {
                continue;
            }
            if let Some(before) = ids.insert(rule.id, format!("{path}, line {}", directive.line)) {
                return Err(error(&directive, format!("rule {} is already there: {before}", rule.id)));
            }
        }
    }
    Ok(())
}

fn error(directive: &Directive, reason: String) -> VetError {
    VetError { file: directive.file.clone(), line: directive.line, reason }
}

fn vet_directive(tree: &Tree, directive: &Directive) -> Result<(), VetError> {
    if !DIRECTIVES.contains(&directive.name.as_str()) {
        let name: String = directive.name.chars().filter(|c| !c.is_control()).take(60).collect();
        return Err(error(directive, format!("`{name}` is no directive that a rule set may use")));
    }
    let Some(rule) = Rule::read(directive) else { return Ok(()) };
    let operator = rule.operator.as_str();
    if FORBIDDEN_OPERATORS.iter().any(|name| name.eq_ignore_ascii_case(operator)) {
        return Err(error(directive, format!("`@{operator}` reaches outside of the engine")));
    }
    if FILE_OPERATORS.iter().any(|name| name.eq_ignore_ascii_case(operator)) {
        vet_files(tree, directive, &rule)?;
    }
    if EXPRESSION_OPERATORS.iter().any(|name| name.eq_ignore_ascii_case(operator)) {
        regexes::vet(&rule.argument).map_err(|reason| error(directive, reason))?;
    }
    for expression in selectors(&rule.variables) {
        regexes::vet(expression).map_err(|reason| error(directive, reason))?;
    }
    for (name, value) in &rule.actions {
        if FORBIDDEN_ACTIONS.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(name)) {
            return Err(error(directive, format!("the action `{name}` is not for rule sets")));
        }
        let control = value.split_once('=').map_or("", |(control, _)| control);
        if name.eq_ignore_ascii_case("ctl")
            && FORBIDDEN_CONTROLS.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(control))
        {
            return Err(error(directive, format!("`ctl:{control}` switches inspection off")));
        }
    }
    Ok(())
}

/// The expressions by which variables choose members: `ARGS:/^a/|REQUEST_COOKIES:/b|c/`.
fn selectors(variables: &str) -> impl Iterator<Item = &str> {
    variables.match_indices(":/").filter_map(|(at, _)| {
        let text = &variables[at + 2..];
        let end = text.char_indices().find(|(end, c)| {
            let after = text.as_bytes().get(end + 1);
            *c == '/' && !text[..*end].ends_with('\\') && matches!(after, None | Some(b'|' | b'\''))
        });
        Some(&text[..end?.0])
    })
}

fn vet_files(tree: &Tree, directive: &Directive, rule: &Rule) -> Result<(), VetError> {
    let folder = directive.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    for name in rule.argument.split_whitespace() {
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if name.contains('/') || tree.get(&path).is_none() {
            return Err(error(directive, format!("the file `{name}` is not beside the rule file")));
        }
    }
    Ok(())
}
