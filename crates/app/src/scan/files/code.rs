//! Which class a weakness lies in: where it is missing, or is the mended one, the version does not decide.

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Evidence, Judgement};
use bedrail_scanner::report::{Code, Found};

/// One weakness, or several that lie in the same classes.
struct Lies {
    /// Artifacts that have the classes.
    artifacts: &'static [&'static str],
    /// Weaknesses, by CVE.
    weaknesses: &'static [&'static str],
    /// Where none of these classes is there, the weakness is not; none where their absence says nothing.
    in_classes: &'static [&'static str],
    /// Marks that only the mended form of a class has.
    mended: &'static [(&'static str, &'static str)],
}

const CORE: &[&str] = &["log4j-core"];
const ONE: &[&str] = &["log4j", "reload4j"];

/// Sources: logging.apache.org/security.html (log4j-core: the removal of JndiLookup, the switches of 2.3.1, 2.12.2, 2.12.3 and 2.17.0; 2.3.2,
/// 2.12.4 and 2.17.1 for the JDBC appender) and reload4j.qos.ch (log4j 1.x: the class behind each CVE).
#[rustfmt::skip]
const TABLE: &[Lies] = &[
    Lies { artifacts: CORE, weaknesses: &["CVE-2021-44228"], in_classes: &["lookup/JndiLookup"], mended: &[("lookup/JndiLookup", "lookup_switch"), ("lookup/JndiLookup", "unsupported")] },
    // The stub of 2.12.2 does not end it: Apache counts that release as affected.
    Lies { artifacts: CORE, weaknesses: &["CVE-2021-45046"], in_classes: &["lookup/JndiLookup"], mended: &[("lookup/JndiLookup", "lookup_switch")] },
    Lies { artifacts: CORE, weaknesses: &["CVE-2021-44832"], in_classes: &[], mended: &[("net/JndiManager", "jdbc_switch")] },
    Lies { artifacts: ONE, weaknesses: &["CVE-2021-4104"], in_classes: &["net/JMSAppender"], mended: &[] },
    Lies { artifacts: ONE, weaknesses: &["CVE-2019-17571"], in_classes: &["net/SocketNode", "net/SocketServer"], mended: &[] },
    Lies { artifacts: ONE, weaknesses: &["CVE-2022-23302"], in_classes: &["net/JMSSink"], mended: &[] },
    Lies { artifacts: ONE, weaknesses: &["CVE-2022-23305"], in_classes: &["jdbc/JDBCAppender"], mended: &[] },
    Lies { artifacts: ONE, weaknesses: &["CVE-2022-23307"], in_classes: &["chainsaw/Main", "chainsaw/LoadXMLAction"], mended: &[] },
];

/// Holds a judgement that is made of versions against the code that was found.
pub(super) fn hold_against(judgement: &mut Judgement, found: &Found) {
    let Some(code) = &found.code else { return };
    if judgement.answer == Answer::NotAffected {
        return;
    }
    if code.present.is_empty() && code.whole {
        rule(judgement, Reason::CodeNotSeen, "no class of it was found".to_owned());
        return;
    }
    let names = || std::iter::once(&judgement.weakness.id).chain(&judgement.weakness.aliases);
    let is_about = |lies: &&Lies| {
        lies.artifacts.contains(&found.name.as_str())
            && names().any(|id| lies.weaknesses.contains(&id.as_str()))
    };
    let said = TABLE.iter().find(is_about).and_then(|lies| not_there(lies, code));
    if let Some(said) = said {
        rule(judgement, Reason::CodeNotPresent, said);
    }
}

/// Why a weakness is not in this code, where it is not.
fn not_there(lies: &Lies, code: &Code) -> Option<String> {
    if !lies.in_classes.is_empty() && lies.in_classes.iter().all(|class| code.lacks(class)) {
        return Some(format!("the class {} is not there", lies.in_classes.join(" and ")));
    }
    let mended = lies.mended.iter().find(|(class, mark)| code.marked(class, mark));
    mended.map(|(class, _)| format!("the class {class} is that of a mended release"))
}

/// Which weaknesses are not in this code since their class is not, in words, for whoever will judge by the version alone.
pub(super) fn not_in(found: &Found) -> Vec<String> {
    let Some(code) = found.code.as_ref().filter(|code| !code.present.is_empty()) else { return Vec::new() };
    let is_gone = |lies: &&Lies| {
        lies.artifacts.contains(&found.name.as_str())
            && !lies.in_classes.is_empty()
            && lies.in_classes.iter().all(|class| code.lacks(class))
    };
    let said = |lies: &Lies| format!("{} ({})", lies.weaknesses.join(", "), lies.in_classes.join(", "));
    TABLE.iter().filter(is_gone).map(said).collect()
}

fn rule(judgement: &mut Judgement, reason: Reason, said: String) {
    judgement.answer = reason.answer();
    judgement.reason = reason;
    if let Some(first) = judgement.evidence.first().cloned() {
        let of_files = Evidence { source: "files".into(), rule: said, reason, missing: None, ..first };
        judgement.evidence.insert(0, of_files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_whose_absence_rules_out_is_looked_for_under_every_name() {
        let missed: Vec<&str> = bedrail_scanner::missed_classes().collect();
        for class in TABLE.iter().flat_map(|lies| lies.in_classes) {
            assert!(missed.contains(class), "{class}");
        }
    }
}
