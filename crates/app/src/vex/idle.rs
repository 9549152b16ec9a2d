//! What was accepted of statements and does nothing any more: nothing of ours has the weakness, or what it stood on is gone.

use bedrail_model::ids::{DecisionId, ReleaseId};

use super::Standing;

/// Why what was accepted does nothing, or stands on nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Idle {
    /// No device runs the release.
    NoDevice,
    /// Nothing in the release is known to have the weakness.
    NoFinding,
    /// The release no longer has what it speaks of.
    NothingSpokenOf,
    /// A later document of the issuer took its place.
    Replaced,
    /// Somebody put the statement aside.
    Declined,
    /// The issuer's word does not count any more, or not for this maker.
    Unpinned,
}

impl Idle {
    /// All of them.
    pub const ALL: [Idle; 6] = [
        Idle::NoDevice,
        Idle::NoFinding,
        Idle::NothingSpokenOf,
        Idle::Replaced,
        Idle::Declined,
        Idle::Unpinned,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Idle::NoDevice => "no_device",
            Idle::NoFinding => "no_finding",
            Idle::NothingSpokenOf => "nothing_spoken_of",
            Idle::Replaced => "replaced",
            Idle::Declined => "declined",
            Idle::Unpinned => "unpinned",
        }
    }

    /// In a clause.
    pub const fn sentence(self) -> &'static str {
        match self {
            Idle::NoDevice => "no device runs the release",
            Idle::NoFinding => "nothing in the release is known to have the weakness",
            Idle::NothingSpokenOf => "the release no longer has what it speaks of",
            Idle::Replaced => "a later document of the issuer took its place",
            Idle::Declined => "the statement was put aside",
            Idle::Unpinned => "the issuer's word does not count any more",
        }
    }

    /// Unused: it does no harm. Else expired: what it stood on is gone, and a person has to look.
    pub const fn is_unused(self) -> bool {
        matches!(self, Idle::NoDevice | Idle::NoFinding)
    }
}

/// What was accepted of a statement on one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleUse {
    /// The release.
    pub release: ReleaseId,
    /// Maker, model and version.
    pub release_name: String,
    /// The decision in force.
    pub decision: DecisionId,
    /// What is wrong with it.
    pub why: Idle,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Accepted, and it takes nothing away.
    Unused,
    /// Accepted, and what it stood on is gone.
    Expired,
}

impl Use {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Use::Unused => "unused",
            Use::Expired => "expired",
        }
    }

    /// The use that a code names.
    pub fn from_code(code: &str) -> Option<Use> {
        [Use::Unused, Use::Expired].into_iter().find(|it| it.code() == code)
    }

    /// Whether something is of it.
    pub const fn is(self, why: Idle) -> bool {
        why.is_unused() == matches!(self, Use::Unused)
    }
}

/// What is wrong with what was accepted; the graver first. `speaks` is whether the statement still speaks of the release.
pub(super) fn judge(
    standing: Standing,
    speaks: bool,
    pinned: bool,
    (devices, standing_findings): (u64, bool),
) -> Option<Idle> {
    match standing {
        Standing::Replaced => return Some(Idle::Replaced),
        Standing::Declined => return Some(Idle::Declined),
        _ => {}
    }
    if !speaks {
        Some(Idle::NothingSpokenOf)
    } else if !pinned {
        Some(Idle::Unpinned)
    } else if devices == 0 {
        Some(Idle::NoDevice)
    } else if !standing_findings {
        Some(Idle::NoFinding)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graver_is_told_first_and_what_works_is_not_told() {
        let is = |standing, speaks, pinned, have| judge(standing, speaks, pinned, have);
        assert_eq!(is(Standing::InForce, true, true, (3, true)), None);
        assert_eq!(is(Standing::InForce, true, true, (3, false)), Some(Idle::NoFinding));
        assert_eq!(is(Standing::InForce, true, true, (0, false)), Some(Idle::NoDevice));
        assert_eq!(is(Standing::Unpinned, true, false, (3, true)), Some(Idle::Unpinned));
        assert_eq!(is(Standing::Unmatched, false, false, (3, true)), Some(Idle::NothingSpokenOf));
        assert_eq!(is(Standing::Replaced, false, false, (0, false)), Some(Idle::Replaced));
        for idle in Idle::ALL {
            assert_ne!(Use::Unused.is(idle), Use::Expired.is(idle), "{}", idle.code());
        }
    }
}
