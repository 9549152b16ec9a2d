//! What a colour means here. Each tone has its own shape (templates/shapes.html) and always stands beside a word.

use bedrail_model::answer::Answer;
use bedrail_model::data_status::SourceState;
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::severity::Severity;

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Red, an octagon: act now.
    Act,
    /// Amber, a triangle: act by a date.
    Plan,
    /// Blue, a square: known and handled.
    Known,
    /// Grey with a hatch, a circle: cannot tell.
    Unknown,
    /// Green, a tick: proved, complete and fresh.
    Good,
    /// No colour, a ring: a fact that asks for nothing.
    Plain,
}

impl Tone {
    /// The name in shapes and pictures.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Tone::Act => "act",
            Tone::Plan => "plan",
            Tone::Known => "known",
            Tone::Unknown => "unknown",
            Tone::Good => "good",
            Tone::Plain => "plain",
        }
    }

    /// The class of a mark.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain-mark",
            tone => tone.code(),
        }
    }

    /// An answer on one device: affected asks for action now where it is known to be exploited, or severe and within
    /// reach from outside; else it asks for a date.
    pub(crate) fn of_answer(answer: Answer, weakness: Option<&Weakness>, exposure: Exposure) -> Tone {
        match answer {
            Answer::Affected if weakness.is_none_or(|weakness| pressing(weakness, exposure)) => Tone::Act,
            Answer::Affected => Tone::Plan,
            Answer::CannotTell => Tone::Unknown,
            Answer::NotAffected => Tone::Known,
        }
    }

    /// How one source of data stands.
    pub(crate) const fn of_source(state: SourceState) -> Tone {
        match state {
            SourceState::Fresh => Tone::Good,
            SourceState::Stale => Tone::Plan,
            SourceState::Partial | SourceState::Empty | SourceState::Missing => Tone::Unknown,
        }
    }

    /// How far a device can be reached.
    pub(crate) const fn of_exposure(exposure: Exposure) -> Tone {
        match exposure {
            Exposure::Outside => Tone::Plan,
            Exposure::Unknown => Tone::Unknown,
            Exposure::Flat | Exposure::Isolated | Exposure::Offline => Tone::Plain,
        }
    }
}

/// Whether a weakness asks for action now on a device: known exploited, a malicious package, or severe and reachable
/// from outside.
pub(crate) fn pressing(weakness: &Weakness, exposure: Exposure) -> bool {
    weakness.kev.is_some()
        || weakness.malicious
        || (exposure == Exposure::Outside && weakness.severity >= Severity::High)
}
