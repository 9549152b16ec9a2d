//! What an auditor's engagement is about, beside its period: some requirements, some sites. Without either it is about all.

/// The scope of an engagement, and of what is sealed for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Requirements by id, and whole catalogues by name; none is no limit.
    pub requirements: Vec<String>,
    /// Sites, as the lists of devices call them; none is no limit.
    pub sites: Vec<String>,
}

impl Scope {
    /// Whether it leaves nothing out.
    pub fn is_whole(&self) -> bool {
        self.requirements.is_empty() && self.sites.is_empty()
    }

    /// Whether a requirement of a catalogue is in it.
    pub fn takes(&self, requirement: &str, catalogue: &str) -> bool {
        self.requirements.is_empty()
            || self.requirements.iter().any(|named| named == requirement || named == catalogue)
    }

    /// Whether a site is in it. Case does not count.
    pub fn takes_site(&self, site: &str) -> bool {
        let same = |named: &String| named.trim().to_lowercase() == site.trim().to_lowercase();
        self.sites.is_empty() || self.sites.iter().any(same)
    }

    /// In words; empty where it leaves nothing out.
    pub fn words(&self) -> String {
        let part =
            |what: &str, all: &[String]| (!all.is_empty()).then(|| format!("{what} {}", all.join(", ")));
        let parts = [part("requirements", &self.requirements), part("sites", &self.sites)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_named_is_all_and_what_is_named_is_all_there_is() {
        let whole = Scope::default();
        assert!(whole.is_whole() && whole.takes("a", "b") && whole.takes_site("North"));
        let some = Scope {
            requirements: vec!["sr-1".into(), "breach-notification".into()],
            sites: vec![" north".into()],
        };
        assert!(
            some.takes("sr-1", "x") && some.takes("br-1", "breach-notification") && !some.takes("sr-2", "x")
        );
        assert!(some.takes_site("North ") && !some.takes_site("South"));
        assert_eq!(some.words(), "requirements sr-1, breach-notification; sites  north");
    }
}
