//! Taking a decision: where it is to hold, what it will touch, and the words that it needs.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::decisions::{self, Decide, Preview};
use bedrail_app::{Actor, Context, Error, devices, releases};
use bedrail_model::action::KINDS;
use bedrail_model::decision::{Decision, Origin, Scope, Verdict};
use bedrail_model::ids::{DeviceId, ReleaseId};
use bedrail_model::vex::Justification;
use serde::Deserialize;

use super::decisions::justification_words;
use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, sentence};
use crate::web::form::{Submission, blank};
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, advisory_link};
use crate::web::state::State;
use crate::web::taken::{ActionSent, DecisionSent, FoundSent};
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Where a decision is to hold, as an address or a form carries it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewQuery {
    /// The weaknesses, parted by blanks.
    #[serde(deserialize_with = "blank")]
    weakness: Option<String>,
    #[serde(deserialize_with = "blank")]
    scope: Option<String>,
    #[serde(deserialize_with = "blank")]
    device: Option<String>,
    #[serde(deserialize_with = "blank")]
    release: Option<String>,
    #[serde(deserialize_with = "blank")]
    maker: Option<String>,
    #[serde(deserialize_with = "blank")]
    model: Option<String>,
    #[serde(deserialize_with = "blank")]
    up_to: Option<String>,
    #[serde(deserialize_with = "blank")]
    q: Option<String>,
    #[serde(deserialize_with = "blank")]
    exposure: Option<String>,
    #[serde(deserialize_with = "blank")]
    answer: Option<String>,
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    #[serde(deserialize_with = "blank")]
    ward: Option<String>,
    #[serde(deserialize_with = "blank")]
    owned: Option<bool>,
}

/// The words of the form, as typed.
#[derive(Debug, Default)]
struct Typed {
    verdict: String,
    justification: String,
    until: String,
    approver: String,
    reason: String,
    review_on: String,
    what: String,
    owner: String,
    due: String,
    proof_needed: String,
    remaining_risk: String,
    cost: String,
    kind: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "decision_new.html")]
struct NewPage {
    frame: Frame,
    problem: Option<String>,
    headline: String,
    touched: Vec<TouchedView>,
    warnings: Vec<String>,
    scopes: Vec<ScopeView>,
    /// What the form sends along: where it is to hold.
    hidden: Vec<(&'static str, String)>,
    verdicts: Vec<Choice>,
    justifications: Vec<Choice>,
    kinds: Vec<Choice>,
    typed: Typed,
}

struct TouchedView {
    id: String,
    link: String,
    summary: String,
    affected: String,
    cannot_tell: String,
    decided: String,
    outside: String,
    components: String,
}

struct ScopeView {
    text: String,
    link: String,
    chosen: bool,
}

impl NewQuery {
    fn of(submission: &Submission) -> NewQuery {
        let field = |name: &str| submission.field(name).map(str::to_owned);
        NewQuery {
            weakness: field("weakness"),
            scope: field("scope"),
            device: field("device"),
            release: field("release"),
            maker: field("maker"),
            model: field("model"),
            up_to: field("up_to"),
            q: field("q"),
            exposure: field("exposure"),
            answer: field("answer"),
            site: field("site"),
            ward: field("ward"),
            owned: field("owned").and_then(|text| text.parse().ok()),
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let owned = self.owned.map(|owned| owned.to_string());
        let all = [
            ("weakness", &self.weakness),
            ("scope", &self.scope),
            ("device", &self.device),
            ("release", &self.release),
            ("maker", &self.maker),
            ("model", &self.model),
            ("up_to", &self.up_to),
            ("q", &self.q),
            ("exposure", &self.exposure),
            ("answer", &self.answer),
            ("site", &self.site),
            ("ward", &self.ward),
            ("owned", &owned),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    fn link(&self) -> Link {
        self.fields()
            .into_iter()
            .fold(Link::to("/decisions/new"), |link, (name, value)| link.with(name, value))
    }

    fn sent(&self, typed: &Typed) -> DecisionSent {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let action = [&typed.what, &typed.owner, &typed.due].into_iter().any(|text| !text.is_empty());
        DecisionSent {
            weaknesses: self.weaknesses(),
            scope: self.scope.clone().unwrap_or_default(),
            devices: self.device.iter().cloned().collect(),
            found: self.q.as_ref().map(|q| FoundSent {
                q: q.clone(),
                exposure: self.exposure.clone(),
                answer: self.answer.clone(),
                site: self.site.clone(),
                ward: self.ward.clone(),
                owned: self.owned,
            }),
            release: self.release.clone(),
            maker: self.maker.clone(),
            model: self.model.clone(),
            up_to: self.up_to.clone(),
            verdict: typed.verdict.clone(),
            justification: text(&typed.justification),
            until: text(&typed.until),
            approver: text(&typed.approver),
            reason: typed.reason.clone(),
            review_on: text(&typed.review_on),
            action: action.then(|| ActionSent {
                what: typed.what.clone(),
                owner: typed.owner.clone(),
                due: typed.due.clone(),
                proof_needed: text(&typed.proof_needed),
                remaining_risk: text(&typed.remaining_risk),
                cost: text(&typed.cost),
                kind: text(&typed.kind),
                amount: text(&typed.amount),
                ..ActionSent::default()
            }),
        }
    }

    fn weaknesses(&self) -> Vec<String> {
        let text = self.weakness.as_deref().unwrap_or_default();
        text.split([' ', ',', ';', '\n']).filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }
}

/// `GET /decisions/new`: what a decision would touch, and the form to take it.
pub(crate) async fn new(frame: Frame, Extract(state): Extract<State>, Query(query): Query<NewQuery>) -> Page {
    let query = whole(&state.ctx, &frame.visitor.actor(), query).await?;
    let preview = preview(&state.ctx, &frame.visitor.actor(), &query).await?;
    show(&view(frame, &query, &preview, Typed::default(), None))
}

/// `POST /decisions`
pub(crate) async fn decide(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Response, Failure> {
    let query = NewQuery::of(&submission);
    let typed = typed(&submission);
    let actor = submission.visitor.actor();
    let command = query.sent(&typed).command();
    let taken = match command {
        Ok(command) => decisions::decide(&state.ctx, &actor, &command).await,
        Err(error) => Err(error),
    };
    match taken {
        Ok(ids) => {
            let to = match ids.as_slice() {
                [one] => format!("/decisions/{one}"),
                _ => "/decisions".to_owned(),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(Error::Invalid { message, hint }) => {
            let problem = match hint {
                Some(hint) => format!("{} {}", sentence(&message), sentence(&hint)),
                None => sentence(&message),
            };
            let preview = preview(&state.ctx, &actor, &query).await?;
            let frame = submission.frame("/decisions/new");
            refuse(&view(frame, &query, &preview, typed, Some(problem)))
        }
        Err(error) => Err(error.into()),
    }
}

fn typed(submission: &Submission) -> Typed {
    let field = |name: &str| submission.field(name).unwrap_or_default().to_owned();
    Typed {
        verdict: field("verdict"),
        justification: field("justification"),
        until: field("until"),
        approver: field("approver"),
        reason: field("reason"),
        review_on: field("review_on"),
        what: field("what"),
        owner: field("owner"),
        due: field("due"),
        proof_needed: field("proof_needed"),
        remaining_risk: field("remaining_risk"),
        cost: field("cost"),
        kind: field("kind"),
        amount: field("amount"),
    }
}

/// The query with everything that can be chosen from here: the narrowest scope where none is named, and the release, maker,
/// model and version of the device or the release at hand.
async fn whole(ctx: &Context, actor: &Actor, mut query: NewQuery) -> Result<NewQuery, Error> {
    if query.scope.is_none() {
        let scope = match (&query.device, &query.release, &query.q) {
            (Some(_), ..) => "devices",
            (None, Some(_), _) => "release",
            (None, None, Some(_)) => "found",
            (None, None, None) => "organisation",
        };
        query.scope = Some(scope.to_owned());
    }
    if query.maker.is_some() {
        return Ok(query);
    }
    let product = if let Some(id) = &query.device {
        let id: DeviceId = id.parse().map_err(|_| Error::not_found("this device"))?;
        let row = devices::get(ctx, actor, id).await?.row;
        query.release = Some(row.release.to_string());
        row.facts.maker.zip(row.facts.model).map(|(maker, model)| (maker, model, row.facts.version))
    } else if let Some(id) = &query.release {
        let id: ReleaseId = id.parse().map_err(|_| Error::not_found("this release"))?;
        let row = releases::get(ctx, actor, id).await?.row;
        Some((row.maker, row.model, row.version))
    } else {
        None
    };
    if let Some((maker, model, version)) = product {
        (query.maker, query.model, query.up_to) = (Some(maker), Some(model), query.up_to.or(version));
    }
    Ok(query)
}

async fn preview(ctx: &Context, actor: &Actor, query: &NewQuery) -> Result<Preview, Error> {
    let sent = query.sent(&Typed::default());
    let command = Decide {
        weaknesses: sent.weaknesses.clone(),
        scope: sent.scope()?,
        verdict: Verdict::Fixed,
        reason: String::new(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    };
    decisions::preview(ctx, actor, &command).await
}

/// The scopes that can be chosen from here, the narrowest first.
fn scopes(query: &NewQuery) -> Vec<ScopeView> {
    let t = &texts().decisions;
    let mut all: Vec<(&str, String)> = Vec::new();
    if query.device.is_some() {
        all.push(("devices", t.scope_device.to_owned()));
    }
    if query.q.is_some() {
        all.push(("found", t.scope_found.to_owned()));
    }
    if query.release.is_some() {
        all.push(("release", t.scope_release.to_owned()));
    }
    if let (Some(maker), Some(model)) = (&query.maker, &query.model) {
        let text = (t.scope_model)(maker, model, query.up_to.as_deref().unwrap_or_default());
        all.push(("model", text));
    }
    all.push(("organisation", t.scope_organisation.to_owned()));
    let view = |(scope, text): (&str, String)| ScopeView {
        text,
        link: query.link().with("scope", scope).to_string(),
        chosen: query.scope.as_deref() == Some(scope),
    };
    all.into_iter().map(view).collect()
}

fn view(frame: Frame, query: &NewQuery, preview: &Preview, typed: Typed, problem: Option<String>) -> NewPage {
    let t = &texts().decisions;
    let word = |code: &'static str| {
        let text = match code {
            "under_investigation" => t.under_investigation,
            "affected" => t.affected,
            "not_affected" => t.not_affected,
            "fixed" => t.fixed,
            _ => t.risk_accepted,
        };
        (code, text)
    };
    let justifications = Justification::ALL.map(|it| (it.name(), justification_words(it)));
    let sum = |of: fn(&decisions::Touched) -> u64| preview.touched.iter().map(of).sum::<u64>();
    let ids: Vec<&str> = preview.touched.iter().map(|one| one.weakness.id.as_str()).collect();
    let what = match ids.as_slice() {
        [one] => (*one).to_owned(),
        some => (texts().counts.weaknesses)(some.len() as u64),
    };
    NewPage {
        frame,
        problem,
        headline: (t.will_touch)(&what, sum(|it| it.affected), sum(|it| it.cannot_tell), preview.devices),
        touched: preview.touched.iter().map(touched_view).collect(),
        warnings: preview.warnings.clone(),
        scopes: scopes(query),
        hidden: query.fields(),
        verdicts: Choice::list(Verdict::CODES.map(word), Some(typed.verdict.as_str())),
        justifications: Choice::list(justifications, Some(typed.justification.as_str())),
        kinds: Choice::list(KINDS.iter().map(|row| (row.code, row.name)), Some(typed.kind.as_str())),
        typed,
    }
}

fn touched_view(one: &decisions::Touched) -> TouchedView {
    TouchedView {
        id: one.weakness.id.clone(),
        link: advisory_link(&one.weakness.id),
        summary: one.weakness.summary.clone(),
        affected: words::number(one.affected),
        cannot_tell: words::number(one.cannot_tell),
        decided: words::number(one.decided),
        outside: words::number(one.outside),
        components: one.components.join(", "),
    }
}

/// The way to decide anew where a decision holds.
pub(crate) fn again(decision: &Decision) -> String {
    let link = Link::to("/decisions/new").with("weakness", &decision.weakness);
    let link = link.with("scope", decision.scope.code());
    match &decision.scope {
        Scope::Devices(devices) => link.with_some("device", devices.first()),
        Scope::Release(id) => link.with("release", id),
        Scope::Model { maker, model, up_to } => {
            link.with("maker", maker).with("model", model).with_some("up_to", up_to.as_deref())
        }
        Scope::Organisation => link,
    }
    .to_string()
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let query = NewQuery {
        weakness: Some("CVE-2021-44228".into()),
        scope: Some("model".into()),
        maker: Some("Orbis Medical".into()),
        model: Some("Flow 300".into()),
        ..NewQuery::default()
    };
    let typed = Typed { verdict: "affected".into(), reason: sample::HOSTILE.into(), ..Typed::default() };
    let problem = Some("The decision has no reason.".into());
    show(&view(sample::frame("/decisions/new"), &query, &sample::preview(), typed, problem))
}
