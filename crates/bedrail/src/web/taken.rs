//! Decisions, actions and answers as a form or a program sends them, put together into what the use cases take.

use bedrail_app::actions::{NewAction, Plan};
use bedrail_app::affected::Question;
use bedrail_app::answered::{Fact, Holds, Record};
use bedrail_app::decisions::{Decide, ScopeChoice};
use bedrail_app::{Document, Error};
use bedrail_model::action::{KINDS, Kind, Window};
use bedrail_model::campaign::Ward;
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::money;
use bedrail_model::vex::Justification;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use utoipa::ToSchema;

use super::query::question;
use super::viewer;

/// What is to be done.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionSent {
    /// What is to be done.
    pub(crate) what: String,
    /// The person or team who does it.
    pub(crate) owner: String,
    /// By the end of which day, as an ISO date.
    pub(crate) due: String,
    /// What will show that it is done.
    #[serde(default)]
    pub(crate) proof_needed: Option<String>,
    /// The risk that remains.
    #[serde(default)]
    pub(crate) remaining_risk: Option<String>,
    /// What it costs, in words.
    #[serde(default)]
    pub(crate) cost: Option<String>,
    /// `patch`, `isolate`, `replace`, `shield`, `accept`, `ask`, `other`; `other` without it.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// What it costs, as an amount in the organisation's currency: `1250.50`.
    #[serde(default)]
    pub(crate) amount: Option<String>,
    /// From when the devices may be worked on, RFC 3339.
    #[serde(default)]
    pub(crate) window_from: Option<String>,
    /// Until when, RFC 3339.
    #[serde(default)]
    pub(crate) window_to: Option<String>,
    /// The ward whose devices it is about.
    #[serde(default)]
    pub(crate) ward: Option<WardSent>,
}

/// A ward of a site.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WardSent {
    /// The site; empty where lists name none.
    #[serde(default)]
    pub(crate) site: String,
    /// The ward; empty where lists name none.
    #[serde(default)]
    pub(crate) ward: String,
}

/// Kind, window and amount as they are sent.
pub(crate) fn plan(
    kind: Option<&String>,
    amount: Option<&String>,
    window: (Option<&String>, Option<&String>),
) -> Result<Plan, Error> {
    let moment = |text: &str| {
        text.parse::<Timestamp>().map_err(|_| Error::Invalid {
            message: format!("“{}” is no moment", text.chars().take(40).collect::<String>()),
            hint: Some("a moment is written as 2026-03-01T20:00:00Z".into()),
        })
    };
    let moments = (some(window.0).map(moment).transpose()?, some(window.1).map(moment).transpose()?);
    let kind = match some(kind) {
        None => Kind::Other,
        Some(code) => Kind::from_code(code).ok_or_else(|| {
            let codes: Vec<&str> = KINDS.iter().map(|row| row.code).collect();
            Error::invalid(format!("an action is one of {}", codes.join(", ")))
        })?,
    };
    let cents = some(amount).map(money::cents).transpose().map_err(|error| Error::Invalid {
        message: error.to_string(),
        hint: Some("leave it empty where it is not known; “cost” takes words".into()),
    })?;
    Ok(Plan { kind, window: window_of(moments.0, moments.1)?, cents })
}

/// The day on which an answer is expected.
pub(crate) fn answer_day(text: &str) -> Result<Date, Error> {
    day(text, "the day of the answer")
}

/// A moment as a field of a form sends it, in the viewer's zone.
pub(crate) fn moment_of_form(text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || Error::Invalid {
        message: "that is no moment".into(),
        hint: Some("a moment is written as 2026-03-01T20:00".into()),
    };
    let local: DateTime = text.parse().map_err(|_| wrong())?;
    Ok(Some(local.to_zoned(viewer::rule()).map_err(|_| wrong())?.timestamp()))
}

/// A window of its begin and its end: both, or none.
pub(crate) fn window_of(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Option<Window>, Error> {
    match (from, to) {
        (Some(from), Some(to)) => Ok(Some(Window { from, to })),
        (None, None) => Ok(None),
        _ => Err(Error::Invalid {
            message: "the maintenance window has one end".into(),
            hint: Some("give its begin and its end, or neither".into()),
        }),
    }
}

/// Where a decision is to hold, and what is decided.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionSent {
    /// The weaknesses, by any of their ids.
    pub(crate) weaknesses: Vec<String>,
    /// `devices`, `found`, `release`, `model`, `organisation`.
    pub(crate) scope: String,
    /// Of `devices`: their ids.
    #[serde(default)]
    pub(crate) devices: Vec<String>,
    /// Of `found`: the question that finds the devices, with its filters.
    #[serde(default)]
    pub(crate) found: Option<FoundSent>,
    /// Of `release`: its id.
    #[serde(default)]
    pub(crate) release: Option<String>,
    /// Of `model`: the maker.
    #[serde(default)]
    pub(crate) maker: Option<String>,
    /// Of `model`: the model.
    #[serde(default)]
    pub(crate) model: Option<String>,
    /// Of `model`: the last version, inclusive; every version without it.
    #[serde(default)]
    pub(crate) up_to: Option<String>,
    /// `under_investigation`, `affected`, `not_affected`, `fixed`, `risk_accepted`.
    pub(crate) verdict: String,
    /// Of `not_affected`: `component_not_present`, `vulnerable_code_not_present`, `vulnerable_code_not_in_execute_path`,
    /// `vulnerable_code_cannot_be_controlled_by_adversary`, `inline_mitigations_already_exist`.
    #[serde(default)]
    pub(crate) justification: Option<String>,
    /// Of `risk_accepted`: the last day, as an ISO date.
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// Of `risk_accepted`: who answers for it, by name or office.
    #[serde(default)]
    pub(crate) approver: Option<String>,
    /// Why, in a sentence.
    #[serde(default)]
    pub(crate) reason: String,
    /// The day on which it is to be looked at again, as an ISO date.
    #[serde(default)]
    pub(crate) review_on: Option<String>,
    /// What is to be done; `affected` needs it.
    #[serde(default)]
    pub(crate) action: Option<ActionSent>,
}

/// A question with its filters.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoundSent {
    /// The text of the question.
    pub(crate) q: String,
    /// Only devices with this exposure.
    #[serde(default)]
    pub(crate) exposure: Option<String>,
    /// Only this answer.
    #[serde(default)]
    pub(crate) answer: Option<String>,
    /// Only this site.
    #[serde(default)]
    pub(crate) site: Option<String>,
    /// Only this ward.
    #[serde(default)]
    pub(crate) ward: Option<String>,
    /// Only devices with or without an owner.
    #[serde(default)]
    pub(crate) owned: Option<bool>,
}

impl FoundSent {
    fn question(&self) -> Result<Question, Error> {
        let place = (self.site.clone(), self.ward.clone());
        let (exposure, answer) = (self.exposure.as_deref(), self.answer.as_deref());
        question(self.q.clone(), exposure, answer, place, self.owned)
    }
}

pub(crate) fn day(text: &str, of: &str) -> Result<Date, Error> {
    let wrong = || Error::Invalid {
        message: format!("{of}: “{}” is no day", text.chars().take(40).collect::<String>()),
        hint: Some("a day is written as 2026-03-01".into()),
    };
    text.trim().parse().map_err(|_| wrong())
}

fn some(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl ActionSent {
    /// As the use case takes it.
    pub(crate) fn action(&self) -> Result<NewAction, Error> {
        let window = (self.window_from.as_ref(), self.window_to.as_ref());
        let Plan { kind, window, cents } = plan(self.kind.as_ref(), self.amount.as_ref(), window)?;
        let ward = |sent: &WardSent| Ward { site: sent.site.clone(), ward: sent.ward.clone() };
        Ok(NewAction {
            kind,
            window,
            cents,
            ward: self.ward.as_ref().map(ward),
            campaign: None,
            what: self.what.clone(),
            owner: self.owner.clone(),
            due: day(&self.due, "the day of the action")?,
            proof_needed: some(self.proof_needed.as_ref()).map(str::to_owned),
            remaining_risk: some(self.remaining_risk.as_ref()).map(str::to_owned),
            cost: some(self.cost.as_ref()).map(str::to_owned),
        })
    }
}

impl DecisionSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<Decide, Error> {
        Ok(Decide {
            weaknesses: self.weaknesses.clone(),
            scope: self.scope()?,
            verdict: self.verdict()?,
            reason: self.reason.clone(),
            review_on: some(self.review_on.as_ref())
                .map(|text| day(text, "the day of review"))
                .transpose()?,
            action: self.action.as_ref().map(ActionSent::action).transpose()?,
            origin: Origin::Person,
        })
    }

    /// Where it is to hold.
    pub(crate) fn scope(&self) -> Result<ScopeChoice, Error> {
        let missing = |what: &str| Error::invalid(format!("the scope `{}` lacks {what}", self.scope));
        Ok(match self.scope.as_str() {
            "devices" => {
                let id = |text: &String| text.parse().map_err(|_| Error::not_found(format!("device {text}")));
                ScopeChoice::Devices(self.devices.iter().map(id).collect::<Result<_, _>>()?)
            }
            "found" => {
                let found = self.found.as_ref().ok_or_else(|| missing("`found`, the question"))?;
                ScopeChoice::Found(Box::new(found.question()?))
            }
            "release" => {
                let id = some(self.release.as_ref()).ok_or_else(|| missing("`release`"))?;
                ScopeChoice::Release(id.parse().map_err(|_| Error::not_found(format!("release {id}")))?)
            }
            "model" => ScopeChoice::Model {
                maker: some(self.maker.as_ref()).ok_or_else(|| missing("`maker`"))?.to_owned(),
                model: some(self.model.as_ref()).ok_or_else(|| missing("`model`"))?.to_owned(),
                up_to: some(self.up_to.as_ref()).map(str::to_owned),
            },
            "organisation" => ScopeChoice::Organisation,
            _ => {
                return Err(Error::invalid(
                    "a scope is `devices`, `found`, `release`, `model` or `organisation`",
                ));
            }
        })
    }

    fn verdict(&self) -> Result<Verdict, Error> {
        Ok(match self.verdict.as_str() {
            "under_investigation" => Verdict::UnderInvestigation,
            "affected" => Verdict::Affected,
            "fixed" => Verdict::Fixed,
            "not_affected" => {
                let word = some(self.justification.as_ref());
                let justification = word.and_then(Justification::from_name);
                Verdict::NotAffected(justification.ok_or_else(|| Error::Invalid {
                    message: "“not affected” needs a justification".into(),
                    hint: Some(Justification::ALL.map(Justification::name).join(", ")),
                })?)
            }
            "risk_accepted" => {
                let until = some(self.until.as_ref()).ok_or_else(|| Error::Invalid {
                    message: "a risk is accepted until a day".into(),
                    hint: Some("give the last day on which it holds".into()),
                })?;
                Verdict::RiskAccepted {
                    until: day(until, "the last day")?,
                    approver: some(self.approver.as_ref()).unwrap_or_default().to_owned(),
                }
            }
            _ => {
                let message = format!("a decision is one of {}", Verdict::CODES.join(", "));
                return Err(Error::invalid(message));
            }
        })
    }
}

/// A model.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSent {
    /// Maker.
    pub(crate) maker: String,
    /// Model.
    pub(crate) model: String,
}

/// What somebody answered.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactSent {
    /// Releases that it is about, by id.
    #[serde(default)]
    pub(crate) releases: Vec<String>,
    /// Models that it is about: every release of theirs, those of later, too.
    #[serde(default)]
    pub(crate) models: Vec<ModelSent>,
    /// `runs_on`, `contains`, `has`, `has_not`, `lacks`.
    pub(crate) kind: String,
    /// Of `runs_on`: the operating system. Of `contains` and `lacks`: the component. Of `has` and `has_not`: the product as a name
    /// (CPE).
    pub(crate) subject: String,
    /// Of `contains`: the version.
    #[serde(default)]
    pub(crate) version: Option<String>,
    /// Of `contains`: the package URL.
    #[serde(default)]
    pub(crate) purl: Option<String>,
    /// Of `contains`: the product name (CPE).
    #[serde(default)]
    pub(crate) cpe: Option<String>,
    /// Who said so.
    pub(crate) said_by: String,
    /// On which day, as an ISO date.
    pub(crate) said_on: String,
    /// Where it stands: a letter, a message, the nameplate.
    pub(crate) source: String,
    /// The question that it answers, by its key.
    #[serde(default)]
    pub(crate) question: Option<String>,
}

impl FactSent {
    /// As the use case takes it, with the document that shows it.
    pub(crate) fn record(&self, document: Option<(String, Document)>) -> Result<Record, Error> {
        let release = |id: &String| {
            let id = id.trim().parse().map_err(|_| Error::not_found(format!("release {id}")))?;
            Ok::<_, Error>(Holds::Release(id))
        };
        let mut holds: Vec<Holds> = self.releases.iter().map(release).collect::<Result<_, _>>()?;
        let model = |one: &ModelSent| Holds::Model { maker: one.maker.clone(), model: one.model.clone() };
        holds.extend(self.models.iter().map(model));
        let subject = self.subject.clone();
        let fact = match self.kind.as_str() {
            "runs_on" => Fact::RunsOn(subject),
            "contains" => Fact::Contains {
                name: subject,
                version: some(self.version.as_ref()).unwrap_or_default().to_owned(),
                purl: some(self.purl.as_ref()).map(str::to_owned),
                cpe: some(self.cpe.as_ref()).map(str::to_owned),
            },
            "has" => Fact::Has(subject),
            "has_not" => Fact::HasNot(subject),
            "lacks" => Fact::Lacks(subject),
            _ => return Err(Error::invalid(format!("an answer is one of {}", Fact::CODES.join(", ")))),
        };
        Ok(Record {
            holds,
            fact,
            said_by: self.said_by.clone(),
            said_on: day(&self.said_on, "the day on which it was said")?,
            source: self.source.clone(),
            document,
            question: some(self.question.as_ref()).map(str::to_owned),
        })
    }
}
