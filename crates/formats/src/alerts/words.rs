//! Words of other programs for how something ended and how severe it is: visible tables.

use bedrail_model::alert::Outcome;
use bedrail_model::severity::Severity;

/// Words for an action, in any case.
const ACTIONS: &[(&str, Outcome)] = &[
    ("blocked", Outcome::Blocked),
    ("block", Outcome::Blocked),
    ("denied", Outcome::Blocked),
    ("deny", Outcome::Blocked),
    ("drop", Outcome::Blocked),
    ("dropped", Outcome::Blocked),
    ("reject", Outcome::Blocked),
    ("rejected", Outcome::Blocked),
    ("reset", Outcome::Blocked),
    ("reset-both", Outcome::Blocked),
    ("reset-client", Outcome::Blocked),
    ("reset-server", Outcome::Blocked),
    ("prevent", Outcome::Blocked),
    ("prevented", Outcome::Blocked),
    ("quarantine", Outcome::Blocked),
    ("quarantined", Outcome::Blocked),
    ("sinkhole", Outcome::Blocked),
    ("allowed", Outcome::Allowed),
    ("allow", Outcome::Allowed),
    ("permit", Outcome::Allowed),
    ("permitted", Outcome::Allowed),
    ("pass", Outcome::Allowed),
    ("passed", Outcome::Allowed),
    ("accept", Outcome::Allowed),
    ("accepted", Outcome::Allowed),
    ("alert", Outcome::Allowed),
    ("alerted", Outcome::Allowed),
    ("detect", Outcome::Allowed),
    ("detected", Outcome::Allowed),
    ("monitor", Outcome::Allowed),
    ("monitored", Outcome::Allowed),
    ("log", Outcome::Allowed),
    ("logged", Outcome::Allowed),
    ("not blocked", Outcome::Allowed),
    ("success", Outcome::Success),
    ("succeeded", Outcome::Success),
    ("successful", Outcome::Success),
    ("compromised", Outcome::Success),
];

/// The outcome that a word for an action names; `None` where it is not known.
pub(super) fn outcome_of(word: &str) -> Option<Outcome> {
    let word = word.trim();
    ACTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, outcome)| *outcome)
}

/// Categories of Suricata's `classification.config` that say an attack came through: the rule looks at what a victim answers
/// or does, not at what an attacker tries.
const SUCCESS_CATEGORIES: &[&str] = &[
    "Successful Administrator Privilege Gain",
    "Successful User Privilege Gain",
    "Successful Credential Theft Detected",
    "Information Leak",
    "Large Scale Information Leak",
    "Denial of Service",
    "Malware Command and Control Activity Detected",
    "Domain Observed Used for C2 Detected",
];

/// Words in the name of a rule of Emerging Threats that say the same, in any case, and the place of the first S in each.
const SUCCESS_NAMES: &[(&str, usize)] =
    &[("ATTACK_RESPONSE", 9), ("ATTACK RESPONSE", 9), ("COMPROMISED HOST", 8), ("SUCCESSFUL", 0)];

/// What takes it back where it stands right before such a word.
const UNLESS: &str = "UN";

/// Whether a rule, by category and name, fires on a sign of success.
pub(super) fn is_success(category: Option<&str>, name: Option<&str>) -> bool {
    category.is_some_and(|category| SUCCESS_CATEGORIES.contains(&category)) || name.is_some_and(names_success)
}

/// This is asked of every event, so the words are looked for at each S alone.
fn names_success(name: &str) -> bool {
    let bytes = name.as_bytes();
    memchr::memchr2_iter(b'S', b's', bytes).any(|at| {
        SUCCESS_NAMES.iter().any(|(word, s)| {
            let Some(from) = at.checked_sub(*s) else { return false };
            let is = |from: usize, word: &str| {
                bytes
                    .get(from..)
                    .and_then(|it| it.get(..word.len()))
                    .is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
            };
            is(from, word) && !from.checked_sub(UNLESS.len()).is_some_and(|before| is(before, UNLESS))
        })
    })
}

/// Severity of a word that programs use beside those of advisory databases.
pub(super) fn severity_of(word: &str) -> Severity {
    let word = word.trim().to_ascii_lowercase();
    match word.as_str() {
        "info" | "informational" | "notice" | "debug" => Severity::None,
        "minor" | "warning" | "warn" => Severity::Low,
        "major" | "error" | "err" => Severity::High,
        "very-high" | "very high" | "emergency" | "alert" | "crit" | "fatal" => Severity::Critical,
        other => Severity::from_word(other).unwrap_or_default(),
    }
}

/// Severity of the eight numbers of syslog (RFC 5424 §6.2.1), which the rules of ModSecurity and Coraza use, too.
pub(super) fn severity_of_syslog(number: u64) -> Severity {
    match number {
        0..=2 => Severity::Critical,
        3 => Severity::High,
        4 => Severity::Medium,
        5 => Severity::Low,
        6 | 7 => Severity::None,
        _ => Severity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_on_answers_is_a_sign_of_success() {
        for (category, name, success) in [
            ("Successful Administrator Privilege Gain", "x", true),
            (
                "Attempted Administrator Privilege Gain",
                "ET EXPLOIT Apache log4j RCE Attempt (CVE-2021-44228)",
                false,
            ),
            ("Potentially Bad Traffic", "GPL ATTACK_RESPONSE id check returned root", true),
            ("Misc Attack", "ET ATTACK_RESPONSE Possible lateral movement", true),
            ("Unsuccessful User Privilege Gain", "ET SCAN unsuccessful login", false),
            ("A Network Trojan was detected", "ET HUNTING Successful Cobalt Strike", true),
            ("", "", false),
        ] {
            assert_eq!(is_success(Some(category), Some(name)), success, "{category}: {name}");
        }
        assert!(!is_success(None, None));
    }

    #[test]
    fn the_place_of_the_s_is_right() {
        for (word, at) in SUCCESS_NAMES {
            assert_eq!(word.find('S'), Some(*at), "{word}");
        }
    }

    #[test]
    fn no_word_stands_for_two_outcomes() {
        for (at, (word, _)) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[at + 1..].iter().all(|(other, _)| other != word), "{word}");
        }
        assert_eq!(outcome_of(" DROP "), Some(Outcome::Blocked));
        assert_eq!(outcome_of("perhaps"), None);
    }
}
