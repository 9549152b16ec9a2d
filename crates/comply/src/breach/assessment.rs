//! Whether it is a breach that people are told of (45 CFR 164.402): presumed so, unless the PHI was secured, one of three
//! exceptions applies, or all four factors together show a low probability that it was compromised.
//!
//! "Death or serious injury?" is asked first: it starts other clocks ([`crate::device_report`]).

use super::factors::{FACTORS, Factor};

/// Whether somebody was harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Somebody died.
    Death,
    /// Somebody was seriously injured.
    SeriousInjury,
    /// Nobody was.
    None,
    /// Nobody knows yet.
    NotKnown,
}

/// PHI that was secured by a method of the guidance of HHS (74 FR 19006).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secured {
    /// The method: which encryption, which destruction.
    pub method: String,
    /// Whether the key was kept apart and not exposed.
    pub key_apart: bool,
}

/// The three exceptions (164.402(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// Unintentional, in good faith, within authority, and no further (i).
    GoodFaithWorkforce,
    /// Inadvertent, between authorised persons of one house, and no further (ii).
    InadvertentInternal,
    /// Who got it could not reasonably have kept it (iii).
    CouldNotRetain,
}

impl Exception {
    /// Where it stands.
    pub const fn citation(self) -> &'static str {
        match self {
            Exception::GoodFaithWorkforce => "45 CFR 164.402(1)(i)",
            Exception::InadvertentInternal => "45 CFR 164.402(1)(ii)",
            Exception::CouldNotRetain => "45 CFR 164.402(1)(iii)",
        }
    }
}

/// How people weighed the factors together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighed {
    /// A low probability that the PHI was compromised.
    LowProbability,
    /// Not a low one.
    NotLow,
}

/// An answer to one factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorAnswer {
    /// Which.
    pub factor: Factor,
    /// The answer, in words and without names of patients.
    pub answer: String,
}

/// An assessment, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assessment {
    /// Death or serious injury; asked first.
    pub harm: Option<Harm>,
    /// Whether the PHI was secured.
    pub secured: Option<Secured>,
    /// An exception, with why it applies.
    pub exception: Option<(Exception, String)>,
    /// Answers to the factors.
    pub factors: Vec<FactorAnswer>,
    /// How they were weighed together.
    pub weighed: Option<Weighed>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: Option<String>,
}

/// What a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Nobody assessed: the presumption stands.
    Presumption,
    /// The PHI was secured.
    Secured,
    /// An exception.
    Exception(Exception),
    /// Low probability, shown on all four factors.
    LowProbability,
    /// The assessment does not get around the presumption; [`Judgement::lacks`] says why.
    Incomplete,
}

/// Whether people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether notice is due.
    pub notifiable: bool,
    /// What that rests on.
    pub basis: Basis,
    /// What an assessment lacks that would set the presumption aside.
    pub lacks: Vec<&'static str>,
}

impl Judgement {
    /// A record of the incident and of the decision is kept in any case (164.414(b)).
    pub const fn record_required(&self) -> bool {
        true
    }

    pub(super) fn unassessed() -> Judgement {
        Judgement { notifiable: true, basis: Basis::Presumption, lacks: Vec::new() }
    }
}

/// What is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// "Did somebody die, or was somebody seriously injured?"
    DeathOrInjury,
    /// Whether the PHI was secured.
    Secured,
    /// Whether an exception applies.
    Exception,
    /// A factor.
    Factor(Factor),
    /// How the four weigh together.
    Weigh,
    /// Why.
    Reason,
    /// Who approves.
    Approver,
}

impl Assessment {
    /// What is asked next; `None` when everything was. Secured PHI and exceptions are asked for once, by whoever shows the
    /// questions: they count as answered as soon as a factor is.
    pub fn next_question(&self) -> Option<Question> {
        if self.harm.is_none() {
            return Some(Question::DeathOrInjury);
        }
        if self.secured.is_none() && self.exception.is_none() {
            if self.factors.is_empty() {
                return Some(Question::Secured);
            }
            if let Some((factor, _)) = FACTORS.iter().find(|(factor, _)| !self.answered(*factor)) {
                return Some(Question::Factor(*factor));
            }
            if self.weighed.is_none() {
                return Some(Question::Weigh);
            }
        }
        if self.reason.trim().is_empty() {
            return Some(Question::Reason);
        }
        self.approver.as_deref().is_none_or(|it| it.trim().is_empty()).then_some(Question::Approver)
    }

    fn answered(&self, factor: Factor) -> bool {
        self.factors.iter().any(|it| it.factor == factor && !it.answer.trim().is_empty())
    }

    /// Whether people are told. Every way around the presumption needs a written reason and an approver.
    pub fn judge(&self) -> Judgement {
        let mut lacks = Vec::new();
        if self.reason.trim().is_empty() {
            lacks.push("a written reason");
        }
        if self.approver.as_deref().is_none_or(|it| it.trim().is_empty()) {
            lacks.push("an approver");
        }
        let basis = match (&self.secured, &self.exception) {
            (Some(secured), _) if secured.key_apart && !secured.method.trim().is_empty() => Basis::Secured,
            (_, Some((exception, why))) if !why.trim().is_empty() => Basis::Exception(*exception),
            _ => self.by_factors(&mut lacks),
        };
        let around = lacks.is_empty() && basis != Basis::Presumption && basis != Basis::Incomplete;
        Judgement {
            notifiable: !around,
            basis: if around || basis == Basis::Presumption { basis } else { Basis::Incomplete },
            lacks,
        }
    }

    fn by_factors(&self, lacks: &mut Vec<&'static str>) -> Basis {
        if self.factors.is_empty() && self.weighed.is_none() {
            // Nothing was assessed: the house may tell people without.
            lacks.clear();
            return Basis::Presumption;
        }
        if !FACTORS.iter().all(|(factor, _)| self.answered(*factor)) {
            lacks.push("an answer to each of the four factors");
        }
        match self.weighed {
            Some(Weighed::LowProbability) => Basis::LowProbability,
            Some(Weighed::NotLow) => {
                lacks.clear();
                Basis::Presumption
            }
            None => {
                lacks.push("how the four weigh together");
                Basis::Incomplete
            }
        }
    }
}
