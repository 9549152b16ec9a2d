//! The rule files that come with the program: our own attack rules and the hospital profile.

use crate::conf::{self, Rule, VetError};

/// A rule file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnFile {
    /// Its name in an assembled rule set.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Attack rules: virtual patches for Log4Shell, Spring4Shell, Struts, Shellshock and paths out of a folder.
pub const ATTACKS: &[OwnFile] = &[
    OwnFile { name: "10-log4shell", text: include_str!("../rules/bedrail/10-log4shell.conf") },
    OwnFile { name: "20-spring", text: include_str!("../rules/bedrail/20-spring.conf") },
    OwnFile { name: "30-struts", text: include_str!("../rules/bedrail/30-struts.conf") },
    OwnFile { name: "40-shellshock", text: include_str!("../rules/bedrail/40-shellshock.conf") },
    OwnFile { name: "50-traversal", text: include_str!("../rules/bedrail/50-traversal.conf") },
    OwnFile { name: "60-unreadable", text: include_str!("../rules/bedrail/60-unreadable.conf") },
];

/// The hospital profile, loaded before the Core Rule Set.
pub const HOSPITAL_BEFORE: &[OwnFile] = &[
    OwnFile { name: "10-bodies", text: include_str!("../rules/hospital/before-10-bodies.conf") },
    OwnFile { name: "20-allowed", text: include_str!("../rules/hospital/before-20-allowed.conf") },
    OwnFile { name: "30-exceptions", text: include_str!("../rules/hospital/before-30-exceptions.conf") },
    OwnFile { name: "40-guards", text: include_str!("../rules/hospital/before-40-guards.conf") },
];

/// The hospital profile, loaded after the Core Rule Set.
pub const HOSPITAL_AFTER: &[OwnFile] =
    &[OwnFile { name: "10-text", text: include_str!("../rules/hospital/after-10-text.conf") }];

/// The ids of our own rule files, inclusive. Below 100,000 is the range for local rules (ModSecurity reference manual, `id`).
pub const OWN_IDS: std::ops::RangeInclusive<u32> = 78_000..=78_999;

/// The ids of rules generated for sites, inclusive.
pub const SITE_IDS: std::ops::RangeInclusive<u32> = 79_000..=99_999;

/// Every rule of ours that has an id.
///
/// # Errors
/// [`VetError`] for a file that cannot be read, which a test rules out.
pub fn rules() -> Result<Vec<Rule>, VetError> {
    let mut all = Vec::new();
    for file in ATTACKS.iter().chain(HOSPITAL_BEFORE).chain(HOSPITAL_AFTER) {
        let directives = conf::directives(file.name, file.text)?;
        all.extend(directives.iter().filter_map(Rule::read).filter(|rule| rule.id != 0));
    }
    Ok(all)
}
