//! What of the programme an engagement is about: its requirements, sites and period; and what a binder leaves out by it.

use bedrail_comply::signal::{About, Signal};
use bedrail_model::engagement::Scope;
use bedrail_store::programme::{DecisionRow, ProofRow};
use jiff::tz::TimeZone;

use super::assess::SelfAnswerRow;
use super::binder::Period;
use super::day::{self, KeptFact};
use super::judged::SignalView;
use super::{catalogues, in_scope};
use crate::{Actor, Error};

/// The scopes that hold together: that of the engagement, and the one that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    scopes: Vec<Scope>,
    /// Whether the actor's engagement has a period.
    period: bool,
}

impl Cut {
    pub(super) fn of(actor: &Actor, asked: &Scope) -> Cut {
        let both = actor.scope().into_iter().chain([asked]);
        Cut {
            scopes: both.filter(|scope| !scope.is_whole()).cloned().collect(),
            period: actor.period() != (None, None),
        }
    }

    /// Whether nothing is left out.
    pub(super) fn is_whole(&self) -> bool {
        self.scopes.is_empty() && !self.period
    }

    /// Whether the period alone is less than all.
    pub(super) fn is_of_period(&self) -> bool {
        self.scopes.is_empty() && self.period
    }

    pub(super) fn takes(&self, requirement: &str) -> bool {
        self.scopes.iter().all(|scope| in_scope(Some(scope), requirement))
    }

    fn takes_site(&self, site: &str) -> bool {
        self.scopes.iter().all(|scope| scope.takes_site(site))
    }

    /// Whether a requirement of the scope asks for a signal.
    pub(super) fn takes_signal(&self, id: &str) -> bool {
        let all = catalogues().map(|all| all.files.as_slice()).unwrap_or_default();
        let mut asking = all.iter().flat_map(|file| &file.requirements);
        self.scopes.is_empty()
            || asking.any(|it| self.takes(&it.id) && it.signals.iter().any(|signal| signal.id == id))
    }

    /// Whether what is said of a system by a signal is in it: only what is about a site can be out of its sites.
    fn takes_system(&self, signal: &str, system: &str) -> bool {
        let of_site = Signal::of(signal).is_some_and(|signal| signal.about == About::Site);
        !of_site || system == super::gather::subject_name(About::Site) || self.takes_site(system)
    }

    pub(super) fn takes_fact(&self, fact: &KeptFact) -> bool {
        self.takes_signal(&fact.signal) && self.takes_system(&fact.signal, &fact.subject)
    }

    pub(super) fn takes_proof(&self, proof: &ProofRow) -> bool {
        self.takes_signal(&proof.signal) && self.takes_system(&proof.signal, &proof.system)
    }

    pub(super) fn takes_decision(&self, decision: &DecisionRow) -> bool {
        self.takes(&decision.requirement)
    }

    pub(super) fn takes_answer(&self, answer: &SelfAnswerRow) -> bool {
        self.takes(&answer.requirement) && (answer.site.is_empty() || self.takes_site(&answer.site))
    }

    /// A signal with what is said of its systems in the scope.
    pub(super) fn signal(&self, mut it: SignalView) -> SignalView {
        it.facts.retain(|fact| self.takes_system(it.id, &fact.system));
        it.unknown.retain(|(system, _)| self.takes_system(it.id, system));
        it
    }

    /// What the manifest says of it; nothing where nothing is left out.
    pub(super) fn words(&self, actor: &Actor) -> Option<String> {
        if self.is_whole() {
            return None;
        }
        let mut parts: Vec<String> = self.scopes.iter().map(Scope::words).collect();
        parts.dedup();
        if let (Some(from), Some(to)) = actor.period() {
            parts.push(format!("period {from} to {to}"));
        }
        if actor.scope().is_some() || self.period {
            parts.insert(0, format!("engagement of {}", actor.name));
        }
        Some(parts.join("; "))
    }
}

/// Refuses days that the actor's engagement is not about.
pub(super) fn within(actor: &Actor, period: Period) -> Result<(), Error> {
    let (from, to) = actor.period();
    let begins = period.from.to_zoned(TimeZone::UTC).map_err(|_| Error::invalid("there is no such day"))?;
    let ends = day::end_of(period.to)?;
    if from.is_some_and(|from| begins.timestamp() < from) || to.is_some_and(|to| ends >= to) {
        let moment = |at: Option<jiff::Timestamp>| {
            at.map_or_else(|| "\u{2026}".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        };
        return Err(Error::Invalid {
            message: "the engagement is not about all of these days".into(),
            hint: Some(format!("it is about {} to {}", moment(from), moment(to))),
        });
    }
    Ok(())
}
