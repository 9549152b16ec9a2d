//! Decisions: what one takes away stays away as long as it holds, and nothing else goes with it.

use bedrail_app::actions::{self, ActionFilter, NewAction, Step};
use bedrail_app::affected::{self, Question, Totals};
use bedrail_app::decisions::{self, Decide, DecisionFilter, DecisionState, ScopeChoice};
use bedrail_app::devices::{self, DeviceFilter};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::vex::{self, Export, Format};
use bedrail_app::{Actor, Context, Error, audit, organisations};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::decision::{Origin, Review, Verdict};
use bedrail_model::ids::{DeviceId, ReleaseId};
use bedrail_model::organisation::OrgKind;
use bedrail_model::vex::Justification;
use jiff::civil::date;

use crate::follow::{bill, filled, numbers_are_right, receive, record, touched};
use crate::story;

const LEFT: &str = "CVE-2026-0001";

fn decide(scope: ScopeChoice, verdict: Verdict) -> Decide {
    Decide {
        weaknesses: vec![LEFT.to_owned()],
        scope,
        verdict,
        reason: "the part is never called".to_owned(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    }
}

fn not_affected() -> Verdict {
    Verdict::NotAffected(Justification::VulnerableCodeNotInExecutePath)
}

async fn totals(ctx: &Context, actor: &Actor) -> Totals {
    let question = Question { text: LEFT.to_owned(), ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap().totals
}

async fn release(ctx: &Context, actor: &Actor, model: &str) -> ReleaseId {
    let page = PageRequest::default();
    let rows = releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows;
    rows.into_iter().find(|row| row.model == model).unwrap().id
}

async fn device(ctx: &Context, actor: &Actor, tag: &str) -> DeviceId {
    let filter = DeviceFilter { text: Some(tag.to_owned()), ..DeviceFilter::default() };
    devices::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().rows[0].id
}

async fn on_both(story: impl AsyncFn(Context, Actor)) {
    let databases = [None, bedrail_testkit::postgres::database()];
    for (at, database) in databases.into_iter().enumerate() {
        if at == 0 || database.is_some() {
            let dir = tempfile::tempdir().unwrap();
            let (ctx, actor) = filled(dir.path(), database).await;
            story(ctx, actor).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ruled_out_for_a_release_stays_so_for_what_comes_later() {
    on_both(async |ctx, actor| {
        let flow = release(&ctx, &actor, "Flow").await;
        let command = decide(ScopeChoice::Release(flow), not_affected());
        let preview = decisions::preview(&ctx, &actor, &command).await.unwrap();
        let one = &preview.touched[0];
        assert_eq!((preview.devices, one.affected, one.cannot_tell, one.releases), (2, 2, 0, 1));
        assert_eq!(one.components, ["left 1.2.0"]);
        assert_eq!(touched(&ctx, &actor, LEFT).await, (4, 0), "a preview decides nothing");

        decisions::decide(&ctx, &actor, &command).await.unwrap();
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.cannot_tell, now.ruled_out, now.handled), (2, 0, 2, 0));
        numbers_are_right(&ctx, &actor).await;
        let finding = releases::get(&ctx, &actor, flow).await.unwrap().findings.pop().unwrap();
        assert_eq!((finding.answer, finding.reason), (Answer::NotAffected, Reason::Decided));
        assert_eq!(finding.decision.unwrap().reason, "the part is never called");
        assert!(!finding.evidence.is_empty(), "what speaks against it stays to be read");

        // A device of a configuration that there was not.
        let list = "Asset tag,Manufacturer,Model,Version,Operating system\nF-3,Orbis,Flow,1,QNX\n";
        devices::import(&ctx, &actor, story::list("more.csv", list, false)).await.unwrap();
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.ruled_out), (2, 3));
        numbers_are_right(&ctx, &actor).await;

        // The record is widened: the others follow, what was decided stays.
        receive(&ctx, &record(LEFT, "left", "9.0.0", 2, false)).await;
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.ruled_out), (3, 3));
        numbers_are_right(&ctx, &actor).await;

        let log = audit::list(&ctx, &actor, &audit::AuditFilter::default(), &PageRequest::default()).await;
        let entry = log.unwrap().rows.into_iter().find(|row| row.action == "decision.take").unwrap();
        assert_eq!(entry.subject, LEFT);
        assert!(entry.after.unwrap().contains("the part is never called"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_out_as_not_affected_whose_software_nobody_knows() {
    on_both(async |ctx, actor| {
        let list = "Asset tag,Manufacturer,Model,Version\nB-1,Orbis,Blind,1\n";
        devices::import(&ctx, &actor, story::list("blind.csv", list, false)).await.unwrap();
        decisions::decide(&ctx, &actor, &decide(ScopeChoice::Organisation, not_affected())).await.unwrap();
        let written = vex::export(&ctx, &actor, &Export { format: Format::OpenVex, release: None }).await;
        let text = written.unwrap().text;
        assert!(text.contains("not_affected") && text.contains("left"), "{text}");
        assert!(!text.to_lowercase().contains("blind"), "{text}");
    })
    .await;
}

/// A record that names two packages.
fn both(fixed: &str) -> String {
    record(LEFT, "left", fixed, 3, false).replace(
        r#""affected":["#,
        r#""affected":[{"package":{"ecosystem":"npm","name":"gate"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.5"}]}]},"#,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn another_component_with_the_same_weakness_is_another_question() {
    on_both(async |ctx, actor| {
        let flow = release(&ctx, &actor, "Flow").await;
        let id = decisions::decide(&ctx, &actor, &decide(ScopeChoice::Release(flow), not_affected())).await;
        let id = id.unwrap()[0];
        assert!(decisions::get(&ctx, &actor, id).await.unwrap().reviews.is_empty());

        // Flow has gate 1.0.0, too.
        receive(&ctx, &both("1.3.0")).await;
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.ruled_out), (4, 0), "the decision was on left alone");
        numbers_are_right(&ctx, &actor).await;
        let row = decisions::get(&ctx, &actor, id).await.unwrap();
        assert_eq!(row.reviews, [Review::OtherComponents(vec!["gate".into()])]);
        let filter = DecisionFilter { state: DecisionState::ToReview, ..DecisionFilter::default() };
        let page = PageRequest::default();
        assert_eq!(decisions::list(&ctx, &actor, &filter, &page).await.unwrap().total, 1);

        // And back.
        receive(&ctx, &record(LEFT, "left", "1.3.0", 4, false)).await;
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.ruled_out), (2, 2));

        decisions::take_back(&ctx, &actor, id).await.unwrap();
        assert_eq!(touched(&ctx, &actor, LEFT).await, (4, 0));
        numbers_are_right(&ctx, &actor).await;
        let again = decisions::take_back(&ctx, &actor, id).await.unwrap_err();
        assert!(matches!(again, Error::Conflict { .. }), "{again}");
        assert_eq!(decisions::list(&ctx, &actor, &DecisionFilter::default(), &page).await.unwrap().total, 0);
    })
    .await;
}

async fn add(ctx: &Context, actor: &Actor, model: &str, version: &str) {
    let document = bill(model, &[("left", "1.2.0")]).into_bytes().into();
    let command = AddSbom {
        file_name: format!("{model}.json"),
        document,
        maker: Some("Orbis".into()),
        model: Some(model.into()),
        version: Some(version.into()),
    };
    sboms::add(ctx, actor, command).await.unwrap();
    let list = format!("Asset tag,Manufacturer,Model,Version\n{model}-{version},Orbis,{model},{version}\n");
    devices::import(ctx, actor, story::list("more.csv", &list, false)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_a_model_reaches_as_far_as_its_version_and_no_further() {
    on_both(async |ctx, actor| {
        let (maker, model) = ("ORBIS".to_owned(), "flow".to_owned());
        let scope = ScopeChoice::Model { maker, model, up_to: Some("2.5".into()) };
        decisions::decide(&ctx, &actor, &decide(scope, Verdict::Fixed)).await.unwrap();
        assert_eq!(totals(&ctx, &actor).await.ruled_out, 2, "version 1");
        add(&ctx, &actor, "Flow", "1.4").await;
        assert_eq!(totals(&ctx, &actor).await.ruled_out, 3);
        add(&ctx, &actor, "Flow", "3.0").await;
        add(&ctx, &actor, "Flow", "Rev J").await;
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.ruled_out), (4, 3), "later, and what cannot be placed, is not covered");
        numbers_are_right(&ctx, &actor).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_narrower_decision_counts_on_single_devices() {
    on_both(async |ctx, actor| {
        decisions::decide(&ctx, &actor, &decide(ScopeChoice::Organisation, not_affected())).await.unwrap();
        assert_eq!((totals(&ctx, &actor).await.affected, totals(&ctx, &actor).await.ruled_out), (0, 4));

        let (one, two) = (device(&ctx, &actor, "P-1").await, device(&ctx, &actor, "P-2").await);
        let action = NewAction {
            what: "install 1.3.0".into(),
            owner: "biomed".into(),
            due: date(2026, 3, 20),
            remaining_risk: Some("none after that".into()),
            ..NewAction::default()
        };
        let command = Decide {
            action: Some(action),
            ..decide(ScopeChoice::Devices(vec![one, one]), Verdict::Affected)
        };
        decisions::decide(&ctx, &actor, &command).await.unwrap();
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.handled, now.ruled_out), (1, 1, 3));
        let detail = devices::get(&ctx, &actor, one).await.unwrap();
        assert_eq!((detail.row.affected, detail.findings[0].answer), (1, Answer::Affected));
        assert_eq!(detail.findings[0].decision.as_ref().unwrap().verdict, Verdict::Affected);
        let detail = devices::get(&ctx, &actor, two).await.unwrap();
        assert_eq!((detail.row.affected, detail.findings[0].answer), (0, Answer::NotAffected));
        let filter = DeviceFilter { text: Some("P-".into()), ..DeviceFilter::default() };
        let rows = devices::list(&ctx, &actor, &filter, &PageRequest::default()).await.unwrap().rows;
        let counts: Vec<(&str, u32)> = rows.iter().map(|row| (row.name.as_str(), row.affected)).collect();
        assert_eq!(counts, [("P-1", 1), ("P-2", 0)]);

        // The devices that a question finds.
        let question =
            Question { text: LEFT.into(), answer: Some(Answer::NotAffected), ..Question::default() };
        let found = decide(ScopeChoice::Found(Box::new(question)), Verdict::UnderInvestigation);
        decisions::decide(&ctx, &actor, &found).await.unwrap();
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.handled, now.ruled_out), (4, 1, 0), "investigated means not ruled out");

        let list = actions::list(&ctx, &actor, &ActionFilter::default(), &PageRequest::default()).await;
        let action = list.unwrap().rows.pop().unwrap().action;
        actions::step(&ctx, &actor, action.id, &Step::Done("photo 7".into())).await.unwrap();
        let again = actions::step(&ctx, &actor, action.id, &Step::Dropped("twice".into())).await;
        assert!(matches!(again.unwrap_err(), Error::Conflict { .. }));
        let filter = ActionFilter { state: Some("done".into()), ..ActionFilter::default() };
        assert_eq!(actions::list(&ctx, &actor, &filter, &PageRequest::default()).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_lacks_a_word_is_not_taken() {
    on_both(async |ctx, actor| {
        let everywhere = |verdict| decide(ScopeChoice::Organisation, verdict);
        let accepted = |until, approver: &str| {
            everywhere(Verdict::RiskAccepted { until, approver: approver.to_owned() })
        };
        let refused = [
            (Decide { reason: "  ".into(), ..everywhere(Verdict::Fixed) }, "no reason"),
            (everywhere(Verdict::Affected), "nothing is"),
            (accepted(date(2026, 3, 2), "CISO"), "has passed"),
            (accepted(date(2036, 3, 2), "CISO"), "two years"),
            (accepted(date(2026, 4, 2), " "), "nobody answers"),
            (Decide { weaknesses: Vec::new(), ..everywhere(Verdict::Fixed) }, "no weakness"),
            (Decide { weaknesses: vec!["CVE-1999-0001".into()], ..everywhere(Verdict::Fixed) }, "not found"),
            (decide(ScopeChoice::Release(ReleaseId::generate()), Verdict::Fixed), "not found"),
            (decide(ScopeChoice::Devices(vec![DeviceId::generate()]), Verdict::Fixed), "not found"),
            (decide(ScopeChoice::Devices(Vec::new()), Verdict::Fixed), "no device"),
        ];
        for (command, message) in refused {
            let error = decisions::decide(&ctx, &actor, &command).await.unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
        }
        let page = PageRequest::default();
        assert_eq!(decisions::list(&ctx, &actor, &DecisionFilter::default(), &page).await.unwrap().total, 0);

        decisions::decide(&ctx, &actor, &accepted(date(2026, 4, 2), "CISO")).await.unwrap();
        let now = totals(&ctx, &actor).await;
        assert_eq!((now.affected, now.handled, now.ruled_out), (4, 4, 0), "an accepted risk is a risk");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_do_not_cross_from_one_organisation_to_another() {
    on_both(async |ctx, actor| {
        let id = decisions::decide(&ctx, &actor, &decide(ScopeChoice::Organisation, not_affected())).await;
        let id = id.unwrap()[0];
        let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let other = Actor::system(other);
        let page = PageRequest::default();
        assert_eq!(decisions::list(&ctx, &other, &DecisionFilter::default(), &page).await.unwrap().total, 0);
        assert!(matches!(decisions::get(&ctx, &other, id).await, Err(Error::NotFound { .. })));
        assert!(matches!(decisions::take_back(&ctx, &other, id).await, Err(Error::NotFound { .. })));
        let list = "Asset tag,Manufacturer,Model,Version\nX-1,Orbis,Flow,1\n";
        devices::import(&ctx, &other, story::list("more.csv", list, false)).await.unwrap();
        let document = bill("Flow", &[("left", "1.2.0")]).into_bytes().into();
        let file_name = "flow.json".to_owned();
        let command = AddSbom { file_name, document, maker: None, model: None, version: None };
        sboms::add(&ctx, &other, command).await.unwrap();
        assert_eq!(touched(&ctx, &other, LEFT).await, (1, 0));
        assert_eq!(totals(&ctx, &actor).await.ruled_out, 4);
    })
    .await;
}
