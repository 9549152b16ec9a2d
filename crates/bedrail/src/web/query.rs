//! Questions as an address carries them, shared by pages, exports and API. An empty value is no value.

use bedrail_app::Error;
use bedrail_app::actions::ActionFilter;
use bedrail_app::affected::Question;
use bedrail_app::audit::AuditFilter;
use bedrail_app::decisions::{DecisionFilter, DecisionState};
use bedrail_app::devices::{DeviceFilter, DeviceSort};
use bedrail_app::medical::{MedicalFilter, Standing};
use bedrail_app::page::{DEFAULT_LIMIT, Direction, MAX_LIMIT, PageRequest};
use bedrail_app::priority::{Isolate, PriorityFilter, When};
use bedrail_app::releases::{ReleaseFilter, ReleaseSort};
use bedrail_app::unknowns::{Kind, UnknownFilter};
use bedrail_app::vex::{self, VexFilter};
use bedrail_app::workforce::roster::Looked;
use bedrail_model::action::Kind as ActionKind;
use bedrail_model::answer::Answer;
use bedrail_model::device::Exposure;
use bedrail_model::ids::ReleaseId;
use bedrail_model::job::JobState;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::blank;
use super::link::Link;

mod alerts;

pub(crate) use alerts::{AccountQuery, AlertsQuery};

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Paging {
    /// Rows to skip.
    #[serde(deserialize_with = "place")]
    offset: Option<u64>,
    /// The `next_cursor` of the page before; the offset does not count then.
    #[serde(deserialize_with = "blank")]
    cursor: Option<String>,
    /// Rows wanted, 1 to 500; 50 without it.
    #[serde(deserialize_with = "rows_wanted")]
    limit: Option<u32>,
}

/// A number of rows as the description has it: zero to the largest of 63 bits.
fn place<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number: Option<i64> = blank(deserializer)?;
    number.map(|number| u64::try_from(number).map_err(serde::de::Error::custom)).transpose()
}

/// The same for a limit, of 31 bits.
fn rows_wanted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let number: Option<i32> = blank(deserializer)?;
    number.map(|number| u32::try_from(number).map_err(serde::de::Error::custom)).transpose()
}

impl Paging {
    /// The part of the list.
    pub(crate) fn request(&self) -> PageRequest {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
        PageRequest { after: self.cursor.clone(), ..PageRequest::at(self.offset.unwrap_or(0), limit) }
    }
}

/// A part of the roster.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct RosterQuery {
    /// Part of a name, an address or a number.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
    /// Only this site, by name.
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    /// Only this ward, by name.
    #[serde(deserialize_with = "blank")]
    ward: Option<String>,
    /// Only people with this role.
    #[serde(deserialize_with = "blank")]
    role: Option<String>,
    /// `here` (without it), `coming`, `left`, `all`.
    #[serde(deserialize_with = "blank")]
    stage: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    paging: Paging,
}

impl RosterQuery {
    /// What is looked for.
    pub(crate) fn looked(&self) -> Looked {
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        let stage = match self.stage() {
            "all" => "",
            stage => stage,
        };
        Looked {
            text: text(&self.text),
            site: text(&self.site),
            ward: text(&self.ward),
            role: text(&self.role),
            stage: stage.to_owned(),
        }
    }

    /// The stage as the address has it.
    pub(crate) fn stage(&self) -> &'static str {
        let known = ["here", "coming", "left", "all"];
        known.into_iter().find(|it| self.stage.as_deref() == Some(it)).unwrap_or("here")
    }

    /// The part of the list.
    pub(crate) fn page(&self) -> PageRequest {
        self.paging.request()
    }
}

/// The main question and its filters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AffectedQuery {
    /// A weakness id, a purl, a component name, a maker, or text that holds weakness ids.
    #[serde(deserialize_with = "blank")]
    q: Option<String>,
    /// Only devices with this exposure: `outside`, `unknown`, `flat`, `isolated`, `offline`.
    #[serde(deserialize_with = "blank")]
    exposure: Option<String>,
    /// Only this answer: `affected`, `cannot_tell`, `not_affected`. Without it: affected and cannot tell.
    #[serde(deserialize_with = "blank")]
    answer: Option<String>,
    /// Only this site, by name.
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    /// Only this ward, by name.
    #[serde(deserialize_with = "blank")]
    ward: Option<String>,
    /// Only devices with (`true`) or without (`false`) an owner.
    #[serde(deserialize_with = "blank")]
    owned: Option<bool>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl AffectedQuery {
    /// The question; `None` where nothing was asked yet.
    pub(crate) fn question(&self) -> Result<Option<Question>, Error> {
        let Some(text) = self.q.clone() else { return Ok(None) };
        let place = (self.site.clone(), self.ward.clone());
        let (exposure, answer) = (self.exposure.as_deref(), self.answer.as_deref());
        question(text, exposure, answer, place, self.owned).map(Some)
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/affected")
            .with_some("q", self.q.as_deref())
            .with_some("exposure", self.exposure.as_deref())
            .with_some("answer", self.answer.as_deref())
            .with_some("site", self.site.as_deref())
            .with_some("ward", self.ward.as_deref())
            .with_some("owned", self.owned)
            .with_some("limit", self.paging.limit)
    }
}

/// The main question, from words; the place is site and ward.
pub(crate) fn question(
    text: String,
    exposure: Option<&str>,
    answer: Option<&str>,
    (site, ward): (Option<String>, Option<String>),
    owned: Option<bool>,
) -> Result<Question, Error> {
    let exposure = code(exposure, "exposure", Exposure::from_code)?;
    let answer = code(answer, "answer", Answer::from_code)?;
    Ok(Question { text, exposure, answer, site, ward, owned })
}

/// Which devices, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct DevicesQuery {
    /// Free text: serial, tag, maker, model, ward, owner, address.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
    /// Site by name.
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    /// Ward by name.
    #[serde(deserialize_with = "blank")]
    ward: Option<String>,
    /// Kind by name.
    #[serde(deserialize_with = "blank")]
    kind: Option<String>,
    /// Maker by name.
    #[serde(deserialize_with = "blank")]
    maker: Option<String>,
    /// Release by id.
    #[serde(deserialize_with = "blank")]
    release: Option<String>,
    /// Exposure: `outside`, `unknown`, `flat`, `isolated`, `offline`.
    #[serde(deserialize_with = "blank")]
    exposure: Option<String>,
    /// Only devices with an open finding of this answer: `affected`, `cannot_tell`.
    #[serde(deserialize_with = "blank")]
    answer: Option<String>,
    /// Only devices with (`true`) or without (`false`) an owner.
    #[serde(deserialize_with = "blank")]
    owned: Option<bool>,
    /// Only devices whose release has (`true`) or has no (`false`) bill of materials.
    #[serde(deserialize_with = "blank")]
    sbom: Option<bool>,
    /// Column: `exposure`, `name`, `maker`, `place`, `affected`, `support_ends`.
    #[serde(deserialize_with = "blank")]
    sort: Option<String>,
    /// `ascending` or `descending`.
    #[serde(deserialize_with = "blank")]
    direction: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

/// Columns of the device list by their code.
pub(crate) const DEVICE_SORTS: &[(&str, DeviceSort)] = &[
    ("exposure", DeviceSort::Exposure),
    ("name", DeviceSort::Name),
    ("maker", DeviceSort::Maker),
    ("place", DeviceSort::Place),
    ("affected", DeviceSort::Affected),
    ("support_ends", DeviceSort::SupportEnds),
];

impl DevicesQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<DeviceFilter, Error> {
        let release = match &self.release {
            Some(id) => Some(id.parse::<ReleaseId>().map_err(|error| Error::invalid(error.to_string()))?),
            None => None,
        };
        Ok(DeviceFilter {
            text: self.text.clone(),
            site: self.site.clone(),
            ward: self.ward.clone(),
            kind: self.kind.clone(),
            maker: self.maker.clone(),
            release,
            exposure: code(self.exposure.as_deref(), "exposure", Exposure::from_code)?,
            answer: code(self.answer.as_deref(), "answer", Answer::from_code)?,
            owned: self.owned,
            sbom: self.sbom,
            sort: code(self.sort.as_deref(), "sort", |code| row(DEVICE_SORTS, code))?.unwrap_or_default(),
            direction: direction(self.direction.as_deref())?,
        })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/devices")
            .with_some("text", self.text.as_deref())
            .with_some("site", self.site.as_deref())
            .with_some("ward", self.ward.as_deref())
            .with_some("kind", self.kind.as_deref())
            .with_some("maker", self.maker.as_deref())
            .with_some("release", self.release.as_deref())
            .with_some("exposure", self.exposure.as_deref())
            .with_some("answer", self.answer.as_deref())
            .with_some("owned", self.owned)
            .with_some("sbom", self.sbom)
            .with_some("sort", self.sort.as_deref())
            .with_some("direction", self.direction.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which releases, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ReleasesQuery {
    /// Free text: maker, model, version.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
    /// Only releases with (`true`) or without (`false`) a bill of materials.
    #[serde(deserialize_with = "blank")]
    sbom: Option<bool>,
    /// Column: `name`, `devices`, `affected`.
    #[serde(deserialize_with = "blank")]
    sort: Option<String>,
    /// `ascending` or `descending`.
    #[serde(deserialize_with = "blank")]
    direction: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

/// Columns of the release list by their code.
pub(crate) const RELEASE_SORTS: &[(&str, ReleaseSort)] =
    &[("name", ReleaseSort::Name), ("devices", ReleaseSort::Devices), ("affected", ReleaseSort::Affected)];

impl ReleasesQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<ReleaseFilter, Error> {
        Ok(ReleaseFilter {
            text: self.text.clone(),
            sbom: self.sbom,
            sort: code(self.sort.as_deref(), "sort", |code| row(RELEASE_SORTS, code))?.unwrap_or_default(),
            direction: direction(self.direction.as_deref())?,
        })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/releases")
            .with_some("text", self.text.as_deref())
            .with_some("sbom", self.sbom)
            .with_some("sort", self.sort.as_deref())
            .with_some("direction", self.direction.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which medical advisories.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct MedicalQuery {
    /// Free text: id, title, maker, product, weakness.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    /// `matched`, `undecided`, `ruled_out` or `foreign`.
    #[serde(deserialize_with = "blank")]
    standing: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl MedicalQuery {
    /// The standing that is asked for, where it is one.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.standing.as_deref().and_then(Standing::from_code)
    }

    /// The filter.
    pub(crate) fn filter(&self) -> Result<MedicalFilter, Error> {
        let standing = code(self.standing.as_deref(), "standing", Standing::from_code)?;
        Ok(MedicalFilter { text: self.text.clone(), standing, foreign: false })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/medical")
            .with_some("text", self.text.as_deref())
            .with_some("standing", self.standing.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which decisions.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct DecisionsQuery {
    /// `in_force`, `to_review` or `taken_back`.
    #[serde(deserialize_with = "blank")]
    state: Option<String>,
    /// On this weakness, by any of its ids.
    #[serde(deserialize_with = "blank")]
    pub(crate) weakness: Option<String>,
    /// Free text: weakness, reason, maker, model.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl DecisionsQuery {
    /// The state that is asked for.
    pub(crate) fn state(&self) -> DecisionState {
        self.state.as_deref().and_then(DecisionState::from_code).unwrap_or_default()
    }

    /// The filter.
    pub(crate) fn filter(&self) -> Result<DecisionFilter, Error> {
        let state = code(self.state.as_deref(), "state", DecisionState::from_code)?.unwrap_or_default();
        Ok(DecisionFilter { state, weakness: self.weakness.clone(), text: self.text.clone() })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/decisions")
            .with_some("state", self.state.as_deref())
            .with_some("weakness", self.weakness.as_deref())
            .with_some("text", self.text.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which actions.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ActionsQuery {
    /// `open`, `done` or `dropped`, of the done ones `closed` or `not_shown`; open ones without it.
    #[serde(deserialize_with = "blank")]
    pub(crate) state: Option<String>,
    /// `patch`, `isolate`, `replace`, `shield`, `accept`, `ask`, `other`.
    #[serde(deserialize_with = "blank")]
    pub(crate) kind: Option<String>,
    /// Free text: what, owner, weakness.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    /// Only open ones past their day.
    #[serde(deserialize_with = "blank")]
    pub(crate) late: Option<bool>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl ActionsQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<ActionFilter, Error> {
        Ok(ActionFilter {
            state: self.state.clone(),
            kind: code(self.kind.as_deref(), "kind", ActionKind::from_code)?,
            text: self.text.clone(),
            late: self.late.unwrap_or_default(),
        })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/actions")
            .with_some("state", self.state.as_deref())
            .with_some("kind", self.kind.as_deref())
            .with_some("text", self.text.as_deref())
            .with_some("late", self.late)
            .with_some("limit", self.paging.limit)
    }
}

/// What is not known.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct UnknownsQuery {
    /// Only facts of a kind: `bill`, `versions`, `condition` …
    #[serde(deserialize_with = "blank")]
    pub(crate) kind: Option<String>,
    /// Free text: what is asked for, maker, model, component.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl UnknownsQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<UnknownFilter, Error> {
        let kind = code(self.kind.as_deref(), "kind", Kind::from_code)?;
        Ok(UnknownFilter { kind, text: self.text.clone() })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/unknowns")
            .with_some("kind", self.kind.as_deref())
            .with_some("text", self.text.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// What was answered.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct FactsQuery {
    /// Only what holds for a release, by its id.
    #[serde(deserialize_with = "blank")]
    release: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl FactsQuery {
    /// The release.
    pub(crate) fn release(&self) -> Result<Option<ReleaseId>, Error> {
        let id = |text: &String| text.parse().map_err(|_| Error::not_found(format!("release {text}")));
        self.release.as_ref().map(id).transpose()
    }
}

/// What first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PrioritiesQuery {
    /// Only what is to be acted on then: `immediate`, `out_of_cycle`, `scheduled`, `defer`.
    #[serde(deserialize_with = "blank")]
    when: Option<String>,
    /// Free text: weakness, maker, model.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    /// What if these were isolated: `outside` for all that faces the outside, or a release by id.
    #[serde(deserialize_with = "blank")]
    isolate: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl PrioritiesQuery {
    /// When, where it is asked for.
    pub(crate) fn when(&self) -> Option<When> {
        self.when.as_deref().and_then(When::from_code)
    }

    /// The filter.
    pub(crate) fn filter(&self) -> Result<PriorityFilter, Error> {
        let isolate = match self.isolate.as_deref() {
            None => None,
            Some("outside") => Some(Isolate::Outside),
            Some(id) => {
                Some(Isolate::Release(id.parse().map_err(|_| Error::not_found(format!("release {id}")))?))
            }
        };
        let when = code(self.when.as_deref(), "when", When::from_code)?;
        Ok(PriorityFilter { when, text: self.text.clone(), isolate })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/priorities")
            .with_some("when", self.when.as_deref())
            .with_some("text", self.text.as_deref())
            .with_some("isolate", self.isolate.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which statements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct VexQuery {
    /// Free text: weakness, issuer, product, release.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    /// `proposed`, `unclear`, `in_force`, `unpinned`, `unmatched`, `lapsed`, `declined` or `replaced`.
    #[serde(deserialize_with = "blank")]
    standing: Option<String>,
    /// `true`: only those that another issuer contradicts.
    #[serde(deserialize_with = "blank")]
    contradicted: Option<String>,
    /// Only those of which something was accepted that is `unused` (it takes nothing away), or `expired` (what it stood on is
    /// gone).
    #[serde(rename = "use", deserialize_with = "blank")]
    #[param(rename = "use")]
    in_use: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl VexQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<VexFilter, Error> {
        let standing = code(self.standing.as_deref(), "standing", vex::Standing::from_code)?;
        let contradicted = match self.contradicted.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Error::invalid("`contradicted` is `true` or `false`")),
        };
        let in_use = code(self.in_use.as_deref(), "use", vex::Use::from_code)?;
        Ok(VexFilter { text: self.text.clone(), standing, contradicted, in_use })
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/vex")
            .with_some("text", self.text.as_deref())
            .with_some("standing", self.standing.as_deref())
            .with_some("contradicted", self.contradicted.as_deref())
            .with_some("use", self.in_use.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// A list that is only searched and paged.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ListQuery {
    /// Free text.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl ListQuery {
    /// The address that asks this, at a path.
    pub(crate) fn link(&self, path: &str) -> Link {
        Link::to(path).with_some("text", self.text.as_deref()).with_some("limit", self.paging.limit)
    }
}

/// What the search looks for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct SearchQuery {
    /// A part of a name, a serial number, an address, an id or how it begins. Every word counts.
    #[serde(deserialize_with = "blank")]
    q: Option<String>,
    /// Hits of each kind wanted, 1 to 50.
    #[serde(deserialize_with = "blank")]
    limit: Option<u32>,
}

impl SearchQuery {
    /// The text, where there is any.
    pub(crate) fn text(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Hits of each kind wanted.
    pub(crate) fn limit(&self, usual: usize) -> usize {
        self.limit.map_or(usual, |limit| limit as usize)
    }
}

/// Which requirements of the programme.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ProgrammeQuery {
    /// Of this catalogue: `hipaa-security-rule`, `privacy-and-admin`, `breach-notification` and others.
    #[serde(deserialize_with = "blank")]
    pub(crate) catalogue: Option<String>,
    /// In this state: `evidenced`, `claimed`, `partly`, `unknown`, `no`.
    #[serde(deserialize_with = "blank")]
    pub(crate) state: Option<String>,
    /// Only those with something past its date.
    pub(crate) overdue: bool,
    /// Words of the citation and the title.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
}

impl ProgrammeQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<bedrail_app::programme::Filter, Error> {
        let known = |code: &String| bedrail_app::programme::STATES.iter().any(|state| state.code() == code);
        if self.state.as_ref().is_some_and(|code| !known(code)) {
            return Err(Error::invalid("`state` is `evidenced`, `claimed`, `partly`, `unknown` or `no`"));
        }
        Ok(bedrail_app::programme::Filter {
            catalogue: self.catalogue.clone(),
            state: self.state.clone(),
            overdue: self.overdue,
            text: self.text.clone(),
        })
    }

    /// Whether anything narrows the list.
    pub(crate) fn narrowed(&self) -> bool {
        self.catalogue.is_some() || self.state.is_some() || self.overdue || self.text.is_some()
    }
}

/// Which questions of the self-assessment.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct SelfAssessmentQuery {
    /// Of this site; those that are asked once are of every site.
    #[serde(deserialize_with = "blank")]
    pub(crate) site: Option<String>,
    /// Of this requirement.
    #[serde(deserialize_with = "blank")]
    pub(crate) requirement: Option<String>,
    /// Only those without a yes or a no.
    pub(crate) open: bool,
}

/// Which physical and media facts.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WrittenFactsQuery {
    /// Of this kind, by its code.
    #[serde(deserialize_with = "blank")]
    pub(crate) kind: Option<String>,
    /// About this system, however it is spelt.
    #[serde(deserialize_with = "blank")]
    pub(crate) system: Option<String>,
}

/// The audit log and its filters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AuditQuery {
    /// Text in actor, subject or detail.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    /// How the action begins: `account.` finds all of accounts.
    #[serde(deserialize_with = "blank")]
    pub(crate) action: Option<String>,
    /// From this day on (UTC), inclusive: `2026-03-01`.
    #[serde(deserialize_with = "blank")]
    pub(crate) from: Option<String>,
    /// Until this day (UTC), inclusive.
    #[serde(deserialize_with = "blank")]
    pub(crate) to: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl AuditQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<AuditFilter, Error> {
        let out_of_range = |_| Error::invalid("that day is out of range");
        let start = |day: Date| day.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
        let end = |day: Date| day.tomorrow().and_then(start);
        let day = |text: &Option<String>| {
            let read = |text: &str| {
                text.parse::<Date>().map_err(|_| Error::invalid("a day is written as 2026-03-01"))
            };
            text.as_deref().map(read).transpose()
        };
        Ok(AuditFilter {
            from: day(&self.from)?.map(start).transpose().map_err(out_of_range)?,
            to: day(&self.to)?.map(end).transpose().map_err(out_of_range)?,
            action: self.action.clone(),
            text: self.text.clone(),
        })
    }

    /// Whether anything narrows the list.
    pub(crate) fn narrowed(&self) -> bool {
        self.text.is_some() || self.action.is_some() || self.from.is_some() || self.to.is_some()
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/audit")
            .with_some("text", self.text.as_deref())
            .with_some("action", self.action.as_deref())
            .with_some("from", self.from.as_deref())
            .with_some("to", self.to.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Which background jobs.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct JobsQuery {
    /// Only jobs that stand so: `waiting`, `running`, `done`, `failed`, `cancelled`.
    #[serde(deserialize_with = "blank")]
    state: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl JobsQuery {
    /// How the jobs stand that are wanted; `None` for all.
    pub(crate) fn state(&self) -> Result<Option<JobState>, Error> {
        code(self.state.as_deref(), "state", JobState::from_code)
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/jobs").with_some("state", self.state.as_deref()).with_some("limit", self.paging.limit)
    }
}

fn code<T>(value: Option<&str>, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    match value {
        None => Ok(None),
        Some(value) => read(value)
            .map(Some)
            .ok_or_else(|| Error::invalid(format!("`{value}` is not a value of `{name}`"))),
    }
}

fn row<T: Copy>(rows: &[(&str, T)], code: &str) -> Option<T> {
    rows.iter().find(|(name, _)| *name == code).map(|(_, value)| *value)
}

fn direction(value: Option<&str>) -> Result<Direction, Error> {
    match value {
        None | Some("ascending") => Ok(Direction::Ascending),
        Some("descending") => Ok(Direction::Descending),
        Some(other) => Err(Error::invalid(format!("`{other}` is not a direction: ascending or descending"))),
    }
}
