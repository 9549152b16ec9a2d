//! What is taken in about incidents: the same fields from a form, the REST API and the command line.

use std::collections::BTreeMap;

use bedrail_app::Error;
use bedrail_app::incidents::{NewAssessment, NewEvent, NewLetter, NewSending, Open};
use bedrail_model::incident::{Exception, Factor, Harm, IncidentKind, KnownBy, LetterKind, Weighed, What};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::taken::day;

fn some(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn day_of(text: Option<&String>, of: &str) -> Result<Option<Date>, Error> {
    some(text).map(|text| day(text, of)).transpose()
}

/// The one of a list that a code names.
fn coded<T: Copy>(
    text: &str,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
    codes: impl Iterator<Item = &'static str>,
) -> Result<T, Error> {
    read(text.trim()).ok_or_else(|| Error::Invalid {
        message: format!("{what}: “{}” is none", text.chars().take(40).collect::<String>()),
        hint: Some(format!("one of {}", codes.collect::<Vec<_>>().join(", "))),
    })
}

macro_rules! one_of {
    ($type:ident, $text:expr, $what:literal) => {
        coded($text, $what, $type::from_code, $type::ALL.iter().map(|it| it.code()))
    };
}

fn ids<T: std::str::FromStr>(texts: &[String], what: &str) -> Result<Vec<T>, Error> {
    let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    texts.map(|text| text.parse().map_err(|_| Error::not_found(format!("{what} {text}")))).collect()
}

/// An incident to be opened.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenSent {
    /// What to call it; the rule of the first alert item without it.
    #[serde(default)]
    pub(crate) title: String,
    /// `ransomware`, `device_compromise`, `lost_device`, `vendor_breach`, `misdirected_record`, `other`.
    pub(crate) kind: String,
    /// Who sees to it; who opens it without it.
    #[serde(default)]
    pub(crate) owner: String,
    /// Alert items that it begins with, by id; their devices are involved.
    #[serde(default)]
    pub(crate) alerts: Vec<String>,
    /// Devices, by id.
    #[serde(default)]
    pub(crate) devices: Vec<String>,
    /// Whether somebody died or was seriously injured: `death`, `serious_injury`, `none`, `not_known`.
    #[serde(default)]
    pub(crate) harm: Option<String>,
    /// The day on which it was known, as an ISO date; today without it.
    #[serde(default)]
    pub(crate) discovered: Option<String>,
    /// Who knew of it: `entity`, `workforce`, `wrongdoer`, `diligence`; `workforce` without it.
    #[serde(default)]
    pub(crate) known_by: Option<String>,
    /// The first day on which it happened, as an ISO date.
    #[serde(default)]
    pub(crate) from: Option<String>,
    /// The last day, where it was more than one.
    #[serde(default)]
    pub(crate) to: Option<String>,
    /// What is known so far.
    #[serde(default)]
    pub(crate) note: String,
}

impl OpenSent {
    /// As the use case takes it. `today` is the day of discovery where none is said.
    pub(crate) fn command(&self, today: Date) -> Result<Open, Error> {
        let by = some(self.known_by.as_ref()).unwrap_or(KnownBy::Workforce.code());
        let on = day_of(self.discovered.as_ref(), "the day of discovery")?.unwrap_or(today);
        let from = day_of(self.from.as_ref(), "the first day")?;
        let to = day_of(self.to.as_ref(), "the last day")?;
        if from.is_none() && to.is_some() {
            return Err(Error::invalid("it has a last day and no first one"));
        }
        Ok(Open {
            title: self.title.clone(),
            kind: Some(one_of!(IncidentKind, &self.kind, "the kind of incident")?),
            owner: self.owner.clone(),
            alerts: ids(&self.alerts, "work item")?,
            devices: ids(&self.devices, "device")?,
            harm: some(self.harm.as_ref()).map(|it| one_of!(Harm, it, "harm")).transpose()?,
            discovered: Some((one_of!(KnownBy, by, "who knew")?, on)),
            occurred: from.map(|from| (from, to)),
            note: self.note.clone(),
        })
    }
}

/// An event of a timeline.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSent {
    /// `note`, `occurred`, `known`, `associate_discovered`, `associate_told`, `counted`, `law_enforcement`, `harm`, `state_checked`,
    /// `notified`, `withdrawn`.
    pub(crate) kind: String,
    /// The day, as an ISO date; all kinds but `note`, `counted`, `state_checked` and `withdrawn` need it.
    #[serde(default)]
    pub(crate) on: Option<String>,
    /// The last day: of `occurred`, of the delay of `law_enforcement` in writing, of the notice of `state_checked` (without it nothing
    /// is due there).
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// Of `known`: `entity`, `workforce`, `wrongdoer`, `diligence`. Of `harm`: `death`, `serious_injury`, `none`, `not_known`. Of
    /// `notified`: `individual`, `media`, `hhs`.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Of `associate_discovered`: whether it acts as an agent.
    #[serde(default)]
    pub(crate) agent: bool,
    /// Of `law_enforcement`: whether in writing.
    #[serde(default)]
    pub(crate) written: bool,
    /// Of `law_enforcement` by word of mouth: whether statement and official are documented.
    #[serde(default)]
    pub(crate) documented: bool,
    /// Of `counted`: people in all.
    #[serde(default)]
    pub(crate) total: Option<u64>,
    /// Of `counted`: residents by State, by postal code.
    #[serde(default)]
    pub(crate) by_state: BTreeMap<String, u64>,
    /// Of `state_checked`, and of `notified` to media: the State, by postal code.
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// Said with it.
    #[serde(default)]
    pub(crate) note: String,
    /// The number of the event in whose place it stands.
    #[serde(default)]
    pub(crate) corrects: Option<u64>,
    /// Whether it is for those alone who see privileged records.
    #[serde(default)]
    pub(crate) privileged: bool,
}

/// Residents by State as people type them: `OH 400, PA 120`.
pub(crate) fn states(text: &str) -> Result<BTreeMap<String, u64>, Error> {
    let wrong = |part: &str| Error::Invalid {
        message: format!("“{}” is no State with a number", part.chars().take(40).collect::<String>()),
        hint: Some("write OH 400, PA 120".into()),
    };
    let mut all = BTreeMap::new();
    for part in text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let (state, count) = part.split_once([' ', '=', ':']).ok_or_else(|| wrong(part))?;
        let count = count.trim().parse().map_err(|_| wrong(part))?;
        if all.insert(state.trim().to_ascii_uppercase(), count).is_some() {
            return Err(Error::invalid(format!("{} stands there twice", state.trim())));
        }
    }
    Ok(all)
}

impl EventSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewEvent, Error> {
        let (note, corrects, privileged) = (self.note.clone(), self.corrects, self.privileged);
        Ok(NewEvent { what: self.what()?, note, corrects, privileged })
    }

    fn what(&self) -> Result<What, Error> {
        let on = || {
            day_of(self.on.as_ref(), "the day")?.ok_or_else(|| Error::Invalid {
                message: format!("`{}` lacks its day", self.kind),
                hint: Some("a day is written as 2026-03-01".into()),
            })
        };
        let until = day_of(self.until.as_ref(), "the last day")?;
        let code = some(self.code.as_ref()).unwrap_or_default();
        let state = some(self.state.as_ref()).map(str::to_ascii_uppercase);
        Ok(match self.kind.trim() {
            "note" => What::Note,
            "withdrawn" => What::Withdrawn,
            "occurred" => What::Occurred { from: on()?, to: until },
            "known" => What::Known { by: one_of!(KnownBy, code, "who knew")?, on: on()? },
            "associate_discovered" => What::AssociateDiscovered { on: on()?, agent: self.agent },
            "associate_told" => What::AssociateTold { on: on()? },
            "counted" => What::Counted {
                total: self
                    .total
                    .ok_or_else(|| Error::invalid("`counted` lacks how many people there are"))?,
                by_state: self.by_state.clone(),
            },
            "law_enforcement" => {
                if self.written && until.is_none() {
                    return Err(Error::Invalid {
                        message: "a statement in writing lacks its time".into(),
                        hint: Some("one without a time delays nothing (45 CFR 164.412)".into()),
                    });
                }
                let until = until.filter(|_| self.written);
                What::LawEnforcement { written: self.written, on: on()?, until, documented: self.documented }
            }
            "harm" => What::Harm { harm: one_of!(Harm, code, "harm")?, on: on()? },
            "state_checked" => What::StateChecked {
                state: state.ok_or_else(|| Error::invalid("`state_checked` lacks its State"))?,
                due: until,
            },
            "notified" => What::Notified { kind: one_of!(LetterKind, code, "the letter")?, state, on: on()? },
            other => {
                return Err(Error::Invalid {
                    message: format!("“{}” is no kind of event", other.chars().take(40).collect::<String>()),
                    hint: Some(format!("one of {}", EVENT_KINDS.map(|(code, _)| code).join(", "))),
                });
            }
        })
    }
}

/// Kinds of events that people put down, with words; letters that go out put down theirs.
pub(crate) const EVENT_KINDS: [(&str, &str); 11] = [
    ("note", "A note"),
    ("occurred", "When it happened"),
    ("known", "Who knew of it, and when"),
    ("counted", "How many people are affected"),
    ("harm", "Whether somebody died or was seriously injured"),
    ("law_enforcement", "Law enforcement asked for a delay"),
    ("associate_discovered", "A business associate discovered it"),
    ("associate_told", "A business associate told us"),
    ("notified", "Somebody was told"),
    ("state_checked", "Counsel looked a State up"),
    ("withdrawn", "An earlier entry is taken back"),
];

/// An answer to a factor.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorSent {
    /// The answer, in words and without names of patients.
    pub(crate) answer: String,
    /// What it rests on.
    #[serde(default)]
    pub(crate) evidence: String,
}

/// A version of an assessment.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssessmentSent {
    /// The version that the writer saw last; 0 for none.
    #[serde(default)]
    pub(crate) seen: u64,
    /// By which method the data was secured, where it was.
    #[serde(default)]
    pub(crate) secured_by: Option<String>,
    /// Whether the key was kept apart and is not exposed.
    #[serde(default)]
    pub(crate) key_apart: bool,
    /// `good_faith_workforce`, `inadvertent_internal`, `could_not_retain`.
    #[serde(default)]
    pub(crate) exception: Option<String>,
    /// Why the exception applies.
    #[serde(default)]
    pub(crate) exception_why: String,
    /// Answers by factor: `nature`, `recipient`, `acquired_or_viewed`, `mitigation`.
    #[serde(default)]
    pub(crate) factors: BTreeMap<String, FactorSent>,
    /// `low_probability`, `not_low`.
    #[serde(default)]
    pub(crate) weighed: Option<String>,
    /// Why.
    #[serde(default)]
    pub(crate) reason: String,
}

impl AssessmentSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewAssessment, Error> {
        let exception = some(self.exception.as_ref())
            .map(|it| one_of!(Exception, it, "the exception"))
            .transpose()?
            .map(|it| (it, self.exception_why.clone()));
        let mut factors = BTreeMap::new();
        for (code, sent) in &self.factors {
            let factor = one_of!(Factor, code, "the factor")?;
            factors.insert(factor, (sent.answer.clone(), sent.evidence.clone()));
        }
        Ok(NewAssessment {
            seen: self.seen,
            secured: some(self.secured_by.as_ref()).map(|method| (method.to_owned(), self.key_apart)),
            exception,
            factors,
            weighed: some(self.weighed.as_ref())
                .map(|it| one_of!(Weighed, it, "the weighing"))
                .transpose()?,
            reason: self.reason.clone(),
        })
    }
}

/// A letter.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetterSent {
    /// `individual`, `media`, `hhs`.
    pub(crate) kind: String,
    /// Of `media`: the State, by postal code.
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// Values of merge fields: `what_happened`, `kinds_of_phi`, `what_to_do`, `what_we_do`, `toll_free`, `email`, `website`,
    /// `postal_address`, `signer`, `breach_type`, `location_of_phi`, `safeguards_before`.
    pub(crate) fields: BTreeMap<String, String>,
}

impl LetterSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewLetter, Error> {
        Ok(NewLetter {
            kind: one_of!(LetterKind, &self.kind, "the letter")?,
            state: some(self.state.as_ref()).map(str::to_ascii_uppercase),
            fields: self.fields.clone(),
        })
    }
}

/// That a letter went out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendingSent {
    /// The day, as an ISO date.
    pub(crate) on: String,
    /// How: first-class mail, e-mail by agreement, portal.
    pub(crate) how: String,
    /// What shows it: a certificate of mailing, a confirmation number.
    pub(crate) proof: String,
}

impl SendingSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewSending, Error> {
        let on = day(&self.on, "the day on which it went out")?;
        Ok(NewSending { on, how: self.how.clone(), proof: self.proof.clone() })
    }
}
