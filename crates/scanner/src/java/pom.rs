//! `pom.xml` (Maven, "POM Reference"), of which five elements are read.

use std::collections::HashMap;

use crate::examine::Examiner;
use crate::facts::Declared;
use crate::fields::text_of;

/// Elements of a project that are read, and where they stand below it.
const ELEMENTS: [(&str, &[&str]); 5] = [
    ("groupId", &["groupId"]),
    ("artifactId", &["artifactId"]),
    ("version", &["version"]),
    ("parent/groupId", &["parent", "groupId"]),
    ("parent/version", &["parent", "version"]),
];
/// Elements inside one another; real files have ten.
const MAX_DEPTH: usize = 64;

/// `META-INF/maven/GROUP/ARTIFACT/pom.xml`; a project's own file elsewhere says what it wants, not what is there.
pub(crate) fn pom_xml(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some((root, _)) = path.split_once("META-INF/maven/") else { return };
    let text = text_of(bytes);
    let values = values(&text);
    // A property has its value somewhere else.
    let value = |name| values.get(name).copied().filter(|it| !it.is_empty() && !it.contains("${"));
    let (Some(group), Some(artifact), Some(version)) = (
        value("groupId").or_else(|| value("parent/groupId")),
        value("artifactId"),
        value("version").or_else(|| value("parent/version").filter(|_| !values.contains_key("version"))),
    ) else {
        return;
    };
    let (group, artifact, version) = (group.to_owned(), artifact.to_owned(), version.to_owned());
    let (place, root) = (examiner.place(path), root.to_owned());
    examiner.facts.declared.push(Declared { place, root, group, artifact, version, file: "pom.xml" });
}

/// The texts of the elements that are read.
fn values(text: &str) -> HashMap<&'static str, &str> {
    let mut values = HashMap::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        let end = match behind {
            _ if behind.starts_with("!--") => "-->",
            _ if behind.starts_with("![CDATA[") => "]]>",
            _ => ">",
        };
        let Some((tag, behind)) = behind.split_once(end) else { break };
        rest = behind;
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if tag.starts_with('/') {
            let path = open.get(1..).unwrap_or_default();
            if let Some((element, _)) = ELEMENTS.iter().find(|(_, at)| *at == path) {
                values.entry(*element).or_insert(before.trim());
            }
            open.pop();
        } else if !tag.ends_with('/') {
            if open.len() >= MAX_DEPTH {
                break;
            }
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
    }
    values
}
