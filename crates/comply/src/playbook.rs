//! Playbooks: what is done first, by kind of event. Rows of `catalogs/playbooks.yaml`, read and checked like the other catalogues.

use serde::Deserialize;

use crate::catalog::{Fault, text, yaml};

/// A playbook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// The stable id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How one sees that it is this.
    pub signs: Vec<String>,
    /// What is done, in order.
    pub steps: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    as_of: String,
    #[expect(dead_code, reason = "for people who read the file")]
    not_here: Vec<String>,
    playbooks: Vec<serde_saphyr::Spanned<Playbook>>,
}

/// The playbooks that come with the program.
///
/// # Errors
/// Every fault of the file, with its line.
pub fn playbooks() -> Result<Vec<Playbook>, Vec<Fault>> {
    read("playbooks.yaml", text("playbooks.yaml"))
}

/// Reads a file of playbooks.
///
/// # Errors
/// Every fault of it: another schema, an id twice, one without signs or steps.
pub fn read(name: &str, content: &str) -> Result<Vec<Playbook>, Vec<Fault>> {
    let file: File = yaml(name, content).map_err(|fault| vec![fault])?;
    let fault = |line: u64, message: String| Fault { file: name.to_owned(), line, message };
    let mut faults = Vec::new();
    if file.schema != "playbooks/1" || file.as_of.parse::<jiff::civil::Date>().is_err() {
        faults.push(fault(1, "this is no playbooks/1 with a day".to_owned()));
    }
    let mut all: Vec<Playbook> = Vec::new();
    for row in file.playbooks {
        let line = row.referenced.line();
        let it = row.value;
        if it.signs.is_empty() || it.steps.is_empty() || it.title.trim().is_empty() {
            faults.push(fault(line, format!("{} has no title, no signs or no steps", it.id)));
        }
        if all.iter().any(|known| known.id == it.id) {
            faults.push(fault(line, format!("{} is there twice", it.id)));
        }
        all.push(it);
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}
