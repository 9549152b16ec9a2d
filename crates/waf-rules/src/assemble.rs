//! The rule set that a judge compiles: the Core Rule Set as it was trusted, with our own files beside it as plugins, which
//! is how the Core Rule Set takes them (`plugins/*-before.conf`, `*-after.conf`).

use std::collections::BTreeSet;

use crate::conf::{self, Directive, Rule, VetError};
use crate::hospital;
use crate::own::{self, OwnFile};
use crate::tree::{Limits, Tree, TreeError};

/// What is put beside the Core Rule Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Our attack rules.
    Plain,
    /// Our attack rules and the hospital profile.
    Hospital,
}

/// Why no rule set could be assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The files do not make a tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The table of the hospital profile cannot be read.
    #[error(transparent)]
    Row(#[from] hospital::RowError),
    /// A rule file cannot be read.
    #[error(transparent)]
    Rules(#[from] VetError),
}

/// Assembles a rule set. The hospital profile changes the targets of CRS's rules in their text; the tree that was trusted
/// stays as it is. Without a Core Rule Set our own attack rules stand alone; the hospital profile is of no use then.
///
/// `sites` are the generated rules of all sites ([`crate::exclusion::generate`]). `report_only` names rules that report and
/// score nothing, wherever they are new ([`crate::life::State::reports_only`] tells per site; what every site has in common
/// can be done here).
///
/// # Errors
/// [`AssembleError`].
pub fn assemble(
    base: Option<&Tree>,
    profile: Profile,
    sites: &str,
    report_only: &BTreeSet<u32>,
    limits: &Limits,
) -> Result<Tree, AssembleError> {
    let hospital = profile == Profile::Hospital && base.is_some();
    let changes = if hospital { changes()? } else { Vec::new() };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (path, bytes) in base.into_iter().flat_map(Tree::files) {
        let rule_file = path.starts_with("rules/") && path.ends_with(".conf");
        let mut bytes = bytes.to_vec();
        if rule_file && !changes.is_empty() {
            bytes = with_targets(path, &bytes, &changes)?;
        }
        if rule_file && !report_only.is_empty() {
            bytes = without_score(&bytes, report_only);
        }
        files.push((path.to_owned(), bytes));
    }
    let mut put = |place: &str, name: &str, text: &str| {
        files.push((format!("plugins/bedrail-{name}-{place}.conf"), text.as_bytes().to_vec()));
    };
    let each = |list: &'static [OwnFile]| list.iter().map(|file| (file.name, file.text));
    if hospital {
        each(own::HOSPITAL_BEFORE).for_each(|(name, text)| put("before", &format!("1{name}"), text));
    }
    put("before", "000-sites", sites);
    each(own::ATTACKS).for_each(|(name, text)| put("before", &format!("2{name}"), text));
    if base.is_none() {
        // A folder `rules` is what makes it a rule set.
        files.push(("rules/none.conf".to_owned(), b"# our own rules stand alone\n".to_vec()));
    }
    Ok(Tree::from_files(files, limits)?)
}

/// What the hospital profile changes of the targets of CRS's rules, as directives that ModSecurity has for it.
fn changes() -> Result<Vec<Directive>, AssembleError> {
    let mut all = Vec::new();
    for file in own::HOSPITAL_AFTER {
        all.extend(conf::directives(file.name, file.text)?);
    }
    all.extend(conf::directives("exclusions.csv", &hospital::directives(&hospital::exclusions()?))?);
    Ok(all)
}

/// The attributes of XML, as a target.
const ATTRIBUTES: &str = "XML://@*";

/// The text of a rule file with the targets of its rules changed.
///
/// `SecRuleUpdateTargetById` and `ByTag` would do the same, but libmodsecurity compares every one of them with every rule on
/// every request: with the profile's few hundred, a small request took three times as long.
fn with_targets(path: &str, bytes: &[u8], changes: &[Directive]) -> Result<Vec<u8>, AssembleError> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    // Up to v4.27 the rules look at the text of XML only, and FHIR has its values in attributes. From v4.28 on they look at both.
    let blind = !text.contains(ATTRIBUTES);
    for directive in conf::directives(path, &text)?.iter().filter(|directive| directive.name == "SecRule") {
        let Some(rule) = Rule::read(directive).filter(|rule| rule.id != 0) else { continue };
        let id = rule.id.to_string();
        let meant = |change: &&Directive| match (change.name.as_str(), change.words.first()) {
            ("SecRuleUpdateTargetById", Some(word)) => *word == id,
            ("SecRuleUpdateTargetByTag", Some(word)) => rule.tags().any(|tag| tag == word),
            _ => false,
        };
        let looks_at_text = rule.variables.split('|').any(|it| it == "XML:/*");
        let attributes = (blind && looks_at_text).then_some(ATTRIBUTES);
        let changed = changes.iter().filter(meant).filter_map(|change| change.words.get(1));
        let more: Vec<&str> = attributes.into_iter().chain(changed.map(String::as_str)).collect();
        let (Some(line), false) = (lines.get_mut(directive.line - 1), more.is_empty()) else { continue };
        if let Some(at) = line.find(rule.variables.as_str()) {
            line.insert_str(at + rule.variables.len(), &format!("|{}", more.join("|")));
        }
    }
    Ok(lines.concat().into_bytes())
}

/// The text of a rule file in which some rules add to no score.
///
/// A rule of the Core Rule Set stops nothing itself; it adds to `tx.inbound_anomaly_score_pl1` and its like. So these
/// additions go to a variable that nobody reads, and the rule goes on reporting.
fn without_score(bytes: &[u8], rules: &BTreeSet<u32>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut quiet = false;
    for line in text.split_inclusive('\n') {
        let begins = line.trim_start();
        if begins.starts_with("SecRule ") || begins.starts_with("SecAction ") {
            // A link of a chain begins indented and belongs to the rule before it.
            quiet = quiet && line.starts_with([' ', '\t']);
        }
        if let Some(id) = id_on(line) {
            quiet = rules.contains(&id);
        }
        if quiet && line.contains("anomaly_score") {
            out.push_str(
                &line
                    .replace("tx.inbound_anomaly_score", "tx.bedrail_reported")
                    .replace("tx.outbound_anomaly_score", "tx.bedrail_reported_out"),
            );
        } else {
            out.push_str(line);
        }
    }
    out.into_bytes()
}

fn id_on(line: &str) -> Option<u32> {
    let (_, after) = line.split_once("id:")?;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The rules that a new rule set has and an old one has not.
pub fn new_rules(old: &[Rule], new: &[Rule]) -> BTreeSet<u32> {
    let before: BTreeSet<u32> = old.iter().map(|rule| rule.id).collect();
    new.iter().map(|rule| rule.id).filter(|id| !before.contains(id)).collect()
}
