//! Licences as expressions (SPDX 2.3 annex D), read by the `spdx` crate.

use spdx::expression::Expression;

/// Why a text is no licence expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceFault {
    /// What is wrong.
    pub reason: String,
    /// Where in the text, in bytes.
    pub at: std::ops::Range<usize>,
}

/// What is wrong with a text as a licence expression of the SPDX list; `None` where nothing is. A name such as
/// `BSD` or `Apache License 2.0` is no expression: which licence it means is for a person to say.
pub fn fault_of(text: &str) -> Option<LicenceFault> {
    match Expression::parse(text.trim()) {
        Ok(_) => None,
        Err(error) => Some(LicenceFault { reason: error.reason.to_string(), at: error.span }),
    }
}

/// Whether a text is one id of the SPDX list in its own spelling.
pub(super) fn is_id(text: &str) -> bool {
    spdx::license_id(text).is_some_and(|id| id.name == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_told_from_names() {
        for text in
            ["MIT", "MIT OR Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-ours"]
        {
            assert_eq!(fault_of(text), None, "{text}");
        }
        for text in ["Apache License 2.0", "BSD", "MIT OR", "(MIT", "Commercial"] {
            assert!(fault_of(text).is_some(), "{text}");
        }
        assert!(is_id("MIT") && !is_id("mit") && !is_id("MIT OR ISC"));
    }
}
