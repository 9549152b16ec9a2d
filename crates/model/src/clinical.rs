//! What a kind of device does for patients, and what can happen to them when it fails or lies.
//!
//! The table is ours, a start for a hospital's own assessment, and says so where it is shown. FDA's five words for harm are
//! those of its postmarket guidance of 28 December 2016.

/// What can happen to a patient, by FDA's five words. Ordered from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// Inconvenience or passing discomfort.
    Negligible,
    /// Temporary injury or impairment that needs no professional care.
    Minor,
    /// Injury or impairment that needs professional care.
    Serious,
    /// Permanent impairment or life-threatening injury.
    Critical,
    /// Death.
    Catastrophic,
}

impl Harm {
    /// All of them, the least first.
    pub const ALL: [Harm; 5] =
        [Harm::Negligible, Harm::Minor, Harm::Serious, Harm::Critical, Harm::Catastrophic];

    /// The stable code used in JSON; FDA's own word.
    pub const fn code(self) -> &'static str {
        match self {
            Harm::Negligible => "negligible",
            Harm::Minor => "minor",
            Harm::Serious => "serious",
            Harm::Critical => "critical",
            Harm::Catastrophic => "catastrophic",
        }
    }

    /// The harm that a code names.
    pub fn from_code(code: &str) -> Option<Harm> {
        Harm::ALL.into_iter().find(|harm| harm.code() == code)
    }
}

/// Words in the kind of a device, and the harm that a failure of such a device can do. The first row that fits counts, so the
/// telling words come before the general ones.
const KINDS: &[(&str, Harm)] = &[
    ("ventilat", Harm::Catastrophic),
    ("anaesth", Harm::Catastrophic),
    ("anesth", Harm::Catastrophic),
    ("heart-lung", Harm::Catastrophic),
    ("heart lung", Harm::Catastrophic),
    ("ecmo", Harm::Catastrophic),
    ("defibrillat", Harm::Catastrophic),
    ("pacemaker", Harm::Catastrophic),
    ("balloon pump", Harm::Catastrophic),
    ("linear accelerator", Harm::Catastrophic),
    ("radiotherap", Harm::Catastrophic),
    ("pump gateway", Harm::Catastrophic),
    ("infusion", Harm::Catastrophic),
    ("syringe", Harm::Catastrophic),
    ("insulin", Harm::Catastrophic),
    ("breast pump", Harm::Minor),
    ("pump", Harm::Catastrophic),
    ("dialys", Harm::Critical),
    ("incubator", Harm::Critical),
    ("surgical robot", Harm::Catastrophic),
    ("surgical light", Harm::Minor),
    ("central station", Harm::Critical),
    ("patient monitor", Harm::Critical),
    ("telemetry", Harm::Critical),
    ("monitor", Harm::Critical),
    ("blood gas", Harm::Critical),
    ("blood bank", Harm::Critical),
    ("medication", Harm::Critical),
    ("pharmacy", Harm::Critical),
    ("angiograph", Harm::Critical),
    ("c-arm", Harm::Critical),
    ("glucose", Harm::Serious),
    ("laborator", Harm::Serious),
    ("analyser", Harm::Serious),
    ("analyzer", Harm::Serious),
    ("ct scanner", Harm::Serious),
    ("mri", Harm::Serious),
    ("x-ray", Harm::Serious),
    ("ultrasound", Harm::Serious),
    ("endoscop", Harm::Serious),
    ("steril", Harm::Serious),
    ("ecg", Harm::Serious),
    ("imaging", Harm::Serious),
    ("pacs", Harm::Serious),
    ("nurse", Harm::Serious),
    ("fridge", Harm::Serious),
    ("refrigerator", Harm::Serious),
    ("bed", Harm::Minor),
    ("scale", Harm::Minor),
    ("printer", Harm::Negligible),
];

/// The harm that a failure of a kind of device can do, by the table above; `None` where the kind is not said or not known.
pub fn harm_of_kind(kind: Option<&str>) -> Option<Harm> {
    let kind = kind?.to_lowercase();
    KINDS.iter().find(|(word, _)| kind.contains(word)).map(|(_, harm)| *harm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_telling_words() {
        for (kind, harm) in [
            ("Infusion pump", Some(Harm::Catastrophic)),
            ("breast pump", Some(Harm::Minor)),
            ("pump gateway", Some(Harm::Catastrophic)),
            ("Patient Monitor, bedside", Some(Harm::Critical)),
            ("hospital bed", Some(Harm::Minor)),
            ("thing", None),
        ] {
            assert_eq!(harm_of_kind(Some(kind)), harm, "{kind}");
        }
        assert_eq!(harm_of_kind(None), None);
    }
}
