//! The rule set that a judge compiles: the Core Rule Set as it was trusted, with our own files beside it as plugins, which
//! is how the Core Rule Set takes them (`plugins/*-before.conf`, `*-after.conf`).

use std::collections::BTreeSet;

use crate::conf::Rule;
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
}

/// Assembles a rule set. Without a Core Rule Set our own attack rules stand alone; the hospital profile is of no use then.
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
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (path, bytes) in base.into_iter().flat_map(Tree::files) {
        let rule_file = path.starts_with("rules/") && path.ends_with(".conf");
        let quiet = rule_file && !report_only.is_empty();
        let bytes = if quiet { without_score(bytes, report_only) } else { bytes.to_vec() };
        files.push((path.to_owned(), bytes));
    }
    let mut put = |place: &str, name: &str, text: &str| {
        files.push((format!("plugins/bedrail-{name}-{place}.conf"), text.as_bytes().to_vec()));
    };
    let each = |list: &'static [OwnFile]| list.iter().map(|file| (file.name, file.text));
    if profile == Profile::Hospital && base.is_some() {
        each(own::HOSPITAL_BEFORE).for_each(|(name, text)| put("before", &format!("1{name}"), text));
        each(own::HOSPITAL_AFTER).for_each(|(name, text)| put("after", &format!("3{name}"), text));
        put("after", "390-exclusions", &hospital::directives(&hospital::exclusions()?));
    }
    put("before", "000-sites", sites);
    each(own::ATTACKS).for_each(|(name, text)| put("before", &format!("2{name}"), text));
    if base.is_none() {
        // A folder `rules` is what makes it a rule set.
        files.push(("rules/none.conf".to_owned(), b"# our own rules stand alone\n".to_vec()));
    }
    Ok(Tree::from_files(files, limits)?)
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
