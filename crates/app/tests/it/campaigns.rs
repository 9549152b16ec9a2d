//! A campaign from its start to its end: what stands when, who is on which ward, and that only what is seen closes an action.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use bedrail_app::actions::board::{self, By, Head};
use bedrail_app::actions::{self, ActionFilter, ActionRow, NewAction, Plan, Step, calendar};
use bedrail_app::affected::{self, Question};
use bedrail_app::alerts::{self, links};
use bedrail_app::campaigns::{self, AskWhom, CampaignDetail};
use bedrail_app::clock::Clock;
use bedrail_app::decisions::{self, Decide, ScopeChoice};
use bedrail_app::devices;
use bedrail_app::feeds::sources::{Need, SOURCES};
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, Error, accounts, audit, jobs, organisations};
use bedrail_model::action::{Kind, Stage, Window};
use bedrail_model::campaign::{Counts, Occasion, Ward};
use bedrail_model::decision::{Origin as Whose, Verdict};
use bedrail_model::ids::CampaignId;
use bedrail_model::organisation::OrgKind;
use bedrail_model::vex::Justification;
use jiff::civil::date;

use crate::alerts::{alert, push};
use crate::follow::{bill, record};
use crate::story;

const LEFT: &str = "CVE-2026-0001";

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward,Exposure
F-1,Orbis,Flow,1,North,ICU,outside
F-2,Orbis,Flow,1,North,ICU,flat
P-1,Orbis,Pulse,1,North,ER,flat
B-1,Orbis,Blind,1,South,ER,flat
S-1,Orbis,Scan,1,South,ICU,flat
";

/// Data with every source that belongs to an installation, so that it counts as whole on the third of March.
async fn whole_data(dir: &Path) {
    let mirror = tempfile::tempdir().unwrap();
    for source in SOURCES.iter().filter(|source| source.need == Need::Expected) {
        let Some(ecosystem) = source.name.strip_prefix("osv/") else { continue };
        let folder = mirror.path().join(source.name);
        fs::create_dir_all(&folder).unwrap();
        let mut zip = zip::ZipWriter::new(File::create(folder.join("all.zip")).unwrap());
        zip.start_file("1.json", zip::write::SimpleFileOptions::default()).unwrap();
        let record = match ecosystem {
            "npm" => record(LEFT, "left", "1.3.0", 28, false),
            other => record(&format!("CVE-2026-{}", 9_000 + other.len()), "nothing", "1.0.0", 28, false)
                .replace("\"npm\"", &format!("{other:?}")),
        };
        zip.write_all(record.as_bytes()).unwrap();
        zip.finish().unwrap();
    }
    let kev = mirror.path().join("kev");
    fs::create_dir_all(&kev).unwrap();
    fs::write(
        kev.join("known_exploited_vulnerabilities.json"),
        r#"{"catalogVersion":"2026.03.02","dateReleased":"2026-03-02T10:00:00.0000Z","count":1,"vulnerabilities":[
            {"cveID":"CVE-2020-0001","dateAdded":"2026-03-01","dueDate":"2026-03-20","knownRansomwareCampaignUse":"Unknown"}]}"#,
    )
    .unwrap();
    let epss = mirror.path().join("epss");
    fs::create_dir_all(&epss).unwrap();
    let file = File::create(epss.join("epss_scores-2026-03-02.csv.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    gzip.write_all(
        b"#model_version:v2025.03.14,score_date:2026-03-02T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n",
    )
    .unwrap();
    gzip.finish().unwrap();
    let origin = Origin::Mirror(mirror.path().to_owned());
    let now = "2026-03-02T12:00:00Z".parse().unwrap();
    feeds::update(&DataDir::new(dir), &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
}

async fn add_bill(ctx: &Context, actor: &Actor, model: &str, left: &str) {
    let command = AddSbom {
        file_name: format!("{model}-{left}.json"),
        document: bill(model, &[("left", left)]).into_bytes().into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
}

async fn fill(ctx: &Context, actor: &Actor) {
    devices::import(ctx, actor, story::list("devices.csv", LIST, false)).await.unwrap();
    for model in ["Flow", "Pulse"] {
        add_bill(ctx, actor, model, "1.2.0").await;
    }
    add_bill(ctx, actor, "Scan", "1.4.0").await;
}

/// Two organisations with the same devices, on each database; with whole data or with that of one source.
async fn on_both(whole: bool, story: impl AsyncFn(Context, Actor, Actor)) {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        if whole {
            whole_data(dir.path()).await;
        } else {
            crate::follow::update(dir.path(), &[record(LEFT, "left", "1.3.0", 1, false)], 1).await;
        }
        let ctx = story::open(dir.path(), database).await;
        let one = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
        let two = organisations::add(&ctx, "Elsewhere", OrgKind::CoveredEntity).await.unwrap();
        let two = Actor::system(two);
        for actor in [&one, &two] {
            fill(&ctx, actor).await;
        }
        story(ctx, one, two).await;
    }
}

fn ward(site: &str, name: &str) -> Ward {
    Ward { site: site.to_owned(), ward: name.to_owned() }
}

fn patch(place: Option<Ward>) -> NewAction {
    NewAction {
        kind: Kind::Patch,
        owner: "biomed".to_owned(),
        due: date(2026, 4, 1),
        ward: place,
        ..NewAction::default()
    }
}

async fn detail(ctx: &Context, actor: &Actor, id: CampaignId) -> CampaignDetail {
    campaigns::get(ctx, actor, id).await.unwrap()
}

fn of_ward<'d>(detail: &'d CampaignDetail, place: &Ward) -> &'d campaigns::CampaignWard {
    detail.wards.iter().find(|row| row.ward == *place).unwrap()
}

async fn only_action(ctx: &Context, actor: &Actor, state: &str) -> ActionRow {
    let filter = ActionFilter { state: Some(state.to_owned()), ..ActionFilter::default() };
    let mut rows = actions::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 1, "{state}: {rows:?}");
    rows.remove(0)
}

/// The same, so many hours later: two looks at one moment are one.
fn later(ctx: &Context, hours: i64) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(ctx.clock.now() + jiff::SignedDuration::from_hours(hours));
    later
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story, from the question to the end")]
async fn a_campaign_goes_from_the_question_to_the_end_and_closes_by_what_is_seen() {
    on_both(true, async |ctx, actor, other| {
        assert!(ctx.data_status().complete, "{:?}", ctx.data_status());
        let started = campaigns::start(&ctx, &actor, "CVE-2026-0001", Some("Left  pad")).await.unwrap();
        assert!(started.new);
        let again = campaigns::start(&ctx, &actor, LEFT, None).await.unwrap();
        assert_eq!((again.id, again.new), (started.id, false));
        let theirs = campaigns::start(&ctx, &other, LEFT, None).await.unwrap();
        assert!(theirs.new && theirs.id != started.id);
        let id = started.id;

        let now = detail(&ctx, &actor, id).await;
        assert_eq!((now.campaign.name.as_str(), now.campaign.weakness.as_str()), ("Left pad", LEFT));
        assert_eq!((now.totals.affected, now.totals.cannot_tell, now.totals.outside), (3, 1, 1));
        let icu = ward("North", "ICU");
        assert_eq!(
            of_ward(&now, &icu).start,
            Counts { devices: 2, affected: 2, outside: 1, ..Counts::default() }
        );
        assert!(now.wards.iter().all(|row| row.on_it.is_none()));
        assert!(now.wards.iter().all(|row| row.ward != ward("South", "ICU")), "nothing is found there");

        // Somebody is put on a ward, and on all; nobody on one in which nothing is left.
        let alone = async || {
            let question = Question { text: LEFT.into(), ..Question::default() };
            let answer = affected::ask(&ctx, &actor, &question, &PageRequest::default()).await.unwrap();
            (answer.totals.affected_without_owner, answer.totals.without_owner)
        };
        assert_eq!(alone().await, (3, 4));
        let action = campaigns::assign(&ctx, &actor, id, patch(Some(icu.clone()))).await.unwrap();
        assert_eq!(alone().await, (1, 2), "whoever has the ward has its devices");
        let refused = campaigns::assign(&ctx, &actor, id, patch(Some(ward("South", "ICU")))).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let now = detail(&ctx, &actor, id).await;
        let on_it = of_ward(&now, &icu).on_it.as_ref().unwrap();
        assert_eq!((on_it.action.owner.as_str(), on_it.action.id), ("biomed", action));
        assert!(on_it.action.what.contains("Left pad") && on_it.action.what.contains("ICU"));
        let step = |step| now.steps.iter().find(|row| row.step == step).unwrap();
        assert_eq!((step(campaigns::Step::Owners).done, step(campaigns::Step::Owners).all), (1, 2));
        assert_eq!(step(campaigns::Step::Owners).ended, None);

        // What nobody knows is asked; the same question is not asked twice by the page.
        let question = now.questions.iter().find(|question| question.fact.contains("Blind")).unwrap();
        assert!(question.key.is_some() && question.asked.is_none(), "{question:?}");
        let ask = AskWhom {
            fact: question.fact.clone(),
            whom: "Orbis".into(),
            owner: "biomed".into(),
            due: date(2026, 3, 10),
        };
        campaigns::ask_whom(&ctx, &actor, id, &ask).await.unwrap();
        let now = detail(&ctx, &actor, id).await;
        let asked = now.questions.iter().find(|question| question.fact.contains("Blind")).unwrap();
        assert_eq!(asked.asked.as_ref().unwrap().action.kind, Kind::Ask);

        // Somebody says that it is done, and nothing shows it.
        actions::step(&ctx, &actor, action, &Step::Done("all patched".into())).await.unwrap();
        let row = only_action(&ctx, &actor, "not_shown").await;
        let check = row.check.unwrap();
        assert_eq!((check.devices, check.open, check.gone, check.shows()), (2, 2, 0, false));
        assert_eq!(row.action.stage(), Stage::NotShown);
        assert_eq!(campaigns::look(&ctx, &actor).await.unwrap().shown, 0);

        // An hour later a newer bill of the release has the fixed version: the findings close, a look is asked for, and it sees that.
        let ctx = later(&ctx, 1);
        add_bill(&ctx, &actor, "Flow", "1.3.0").await;
        let waiting = jobs::list(&ctx, &actor, None, &PageRequest::default()).await.unwrap().rows;
        assert!(waiting.iter().any(|job| job.kind == "campaign.look"), "{waiting:?}");
        let looked = campaigns::look(&ctx, &actor).await.unwrap();
        assert_eq!((looked.campaigns, looked.noted, looked.shown), (1, 1, 1));
        let row = only_action(&ctx, &actor, "closed").await;
        let seen = row.action.seen.as_ref().unwrap();
        assert!(
            seen.evidence.contains("2 of 2 devices") && seen.evidence.contains("Orbis Flow 1"),
            "{seen:?}"
        );
        assert_eq!(campaigns::look(&ctx, &actor).await.unwrap().noted, 0, "nothing moved since");

        // Nothing of that is the other organisation's.
        assert!(matches!(campaigns::get(&ctx, &other, id).await, Err(Error::NotFound { .. })));
        assert!(matches!(campaigns::close(&ctx, &other, id, "x").await, Err(Error::NotFound { .. })));
        let others = detail(&ctx, &other, theirs.id).await;
        assert_eq!((others.totals.affected, others.actions.len()), (3, 0));

        let now = detail(&ctx, &actor, id).await;
        assert_eq!((now.start().affected, now.now().affected), (3, 1));
        let lines: Vec<(Occasion, bool)> = now.looks.iter().map(|look| (look.occasion, look.sound)).collect();
        assert!(lines.iter().all(|(_, sound)| *sound), "{lines:?}");

        // It ends with a sentence, and says what is still open.
        let ctx = later(&ctx, 1);
        assert!(matches!(campaigns::close(&ctx, &actor, id, " ").await, Err(Error::Invalid { .. })));
        campaigns::close(&ctx, &actor, id, "The rest is replaced in spring.").await.unwrap();
        let ended = detail(&ctx, &actor, id).await;
        let closed = ended.campaign.closed.as_ref().unwrap();
        assert_eq!((closed.sentence.as_str(), closed.open_actions), ("The rest is replaced in spring.", 1));
        assert_eq!(ended.now().affected, 1);
        assert!(ended.questions.is_empty());
        let refused = campaigns::assign(&ctx, &actor, id, patch(None)).await;
        assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
        assert!(campaigns::start(&ctx, &actor, LEFT, None).await.unwrap().new, "another may begin");
        assert!(matches!(campaigns::reopen(&ctx, &actor, id).await, Err(Error::Conflict { .. })));

        let log = audit::list(&ctx, &actor, &audit::AuditFilter::default(), &PageRequest::default()).await;
        let acts: Vec<String> = log.unwrap().rows.into_iter().map(|row| row.action).collect();
        for act in ["campaign.start", "campaign.assign", "campaign.ask", "campaign.look", "campaign.close"] {
            assert!(acts.iter().any(|one| one == act), "{act}: {acts:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_from_data_that_is_not_whole_shows_nothing() {
    on_both(false, async |ctx, actor, _| {
        assert!(!ctx.data_status().complete);
        let id = campaigns::start(&ctx, &actor, LEFT, None).await.unwrap().id;
        let action = campaigns::assign(&ctx, &actor, id, patch(Some(ward("North", "ICU")))).await.unwrap();
        add_bill(&ctx, &actor, "Flow", "1.3.0").await;
        actions::step(&ctx, &actor, action, &Step::Done("all patched".into())).await.unwrap();
        let row = only_action(&ctx, &actor, "not_shown").await;
        let check = row.check.unwrap();
        assert_eq!((check.gone, check.devices, check.sound), (2, 2, false));
        assert_eq!(campaigns::look(&ctx, &actor).await.unwrap().shown, 0);
        assert!(!detail(&ctx, &actor, id).await.looks.iter().any(|look| look.sound));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_shows_nothing_and_isolation_is_seen_in_the_list_of_devices() {
    on_both(true, async |ctx, actor, _| {
        let id = campaigns::start(&ctx, &actor, LEFT, None).await.unwrap().id;
        let isolate = NewAction { kind: Kind::Isolate, ..patch(Some(ward("North", "ICU"))) };
        let isolated = campaigns::assign(&ctx, &actor, id, isolate).await.unwrap();
        let patched = campaigns::assign(&ctx, &actor, id, patch(Some(ward("North", "ER")))).await.unwrap();

        // Not affected, says a decision: that takes the findings away, and shows no patch.
        let decide = Decide {
            weaknesses: vec![LEFT.to_owned()],
            scope: ScopeChoice::Model { maker: "Orbis".into(), model: "Pulse".into(), up_to: None },
            verdict: Verdict::NotAffected(Justification::VulnerableCodeNotInExecutePath),
            reason: "never called".into(),
            review_on: None,
            action: None,
            origin: Whose::Person,
        };
        decisions::decide(&ctx, &actor, &decide).await.unwrap();
        actions::step(&ctx, &actor, patched, &Step::Done("decided".into())).await.unwrap();
        let check = only_action(&ctx, &actor, "not_shown").await.check.unwrap();
        assert_eq!((check.by_word, check.gone, check.shows()), (1, 0, false));
        assert_eq!(detail(&ctx, &actor, id).await.totals.ruled_out, 1);

        let list = LIST
            .replace("ICU,outside", "ICU,isolated")
            .replace("F-2,Orbis,Flow,1,North,ICU,flat", "F-2,Orbis,Flow,1,North,ICU,offline");
        devices::import(&ctx, &actor, story::list("devices.csv", &list, false)).await.unwrap();
        let ready = board::board(&ctx, &actor, By::Stage).await.unwrap();
        let ready = ready.into_iter().find(|column| column.head == Head::Ready).unwrap();
        assert_eq!((ready.total, ready.rows[0].action.id), (1, isolated), "it is proposed to be closed");
        actions::step(&ctx, &actor, isolated, &Step::Done("seen".into())).await.unwrap();
        assert_eq!(only_action(&ctx, &actor, "closed").await.action.id, isolated);

        // Opened again, it has lost what showed it.
        actions::step(&ctx, &actor, isolated, &Step::Reopened).await.unwrap();
        let row = only_action(&ctx, &actor, "open").await;
        assert_eq!((row.action.id, row.action.seen), (isolated, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_have_windows_and_amounts_on_board_in_calendar_and_budget() {
    on_both(false, async |ctx, actor, other| {
        let moment = |text: &str| text.parse().unwrap();
        let window = Window { from: moment("2026-03-31T22:00:00Z"), to: moment("2026-04-01T02:00:00Z") };
        let new = NewAction {
            what: "Swap, then test; all \\ pumps".into(),
            cents: Some(125_050),
            window: Some(window),
            ..patch(None)
        };
        let backwards =
            NewAction { window: Some(Window { from: window.to, to: window.from }), ..new.clone() };
        assert!(matches!(actions::add(&ctx, &actor, &backwards, None).await, Err(Error::Invalid { .. })));
        let id = actions::add(&ctx, &actor, &new, None).await.unwrap();
        let row = only_action(&ctx, &actor, "open").await;
        assert_eq!(row.action.amount.unwrap().to_string(), "1,250.50 USD");
        assert_eq!((row.action.kind, row.action.window, row.check), (Kind::Patch, Some(window), None));

        let feed = calendar::feed(&ctx, &actor).await.unwrap();
        for line in [
            "DTSTART:20260331T220000Z\r\n",
            "DTEND:20260401T020000Z\r\n",
            "DTSTART;VALUE=DATE:20260401\r\n",
            "SUMMARY:due: Swap\\, then test\\; all \\\\ pumps\r\n",
        ] {
            assert!(feed.contains(line), "{line}: {feed}");
        }
        assert_eq!(calendar::feed(&ctx, &other).await.unwrap().matches("BEGIN:VEVENT").count(), 0);

        let days = board::month(&ctx, &actor, date(2026, 3, 9), &jiff::tz::TimeZone::UTC).await.unwrap();
        assert_eq!((days.len(), days[30].windows.len(), days[29].windows.len()), (31, 1, 0));

        let plan = Plan { kind: Kind::Replace, window: None, cents: Some(200_000) };
        actions::step(&ctx, &actor, id, &Step::Planned(plan)).await.unwrap();
        actions::add(&ctx, &actor, &patch_without_amount(), None).await.unwrap();
        let quarters = board::budget(&ctx, &actor).await.unwrap();
        assert_eq!(quarters.len(), 1);
        assert_eq!((quarters[0].quarter, quarters[0].actions, quarters[0].without_amount), (2, 2, 1));
        assert_eq!(quarters[0].sums[0].1.planned, 200_000);
        assert!(board::budget(&ctx, &other).await.unwrap().is_empty());

        // About no weakness, it is closed by the proof that a person gave.
        actions::step(&ctx, &actor, id, &Step::Done("receipt 7".into())).await.unwrap();
        assert_eq!(only_action(&ctx, &actor, "closed").await.action.id, id);
        let refused = actions::step(&ctx, &other, id, &Step::Reopened).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    })
    .await;
}

fn patch_without_amount() -> NewAction {
    NewAction { what: "look".into(), ..patch(None) }
}

/// Alerts whose rule names the weakness are taken into its campaign: those there were, those that come, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn alerts_group_into_the_campaign_on_their_weakness() {
    on_both(false, async |ctx, one, two| {
        let tell = async |actor: &Actor, rules: &[(u32, &str)]| {
            let border = alerts::NewSource::named(format!("border {}", rules[0].0));
            let source = alerts::add_source(&ctx, actor, &border).await.unwrap();
            for (rule, name) in rules {
                push(&ctx, actor, source, &alert(1, *rule, name, "203.0.113.9", "10.20.1.7", "blocked"))
                    .await;
            }
        };
        let before = [(7, "ET EXPLOIT left (cve-2026-0001)"), (8, "ET SCAN left"), (9, "x CVE-2026-00012")];
        tell(&one, &before).await;
        tell(&two, &before).await;
        let id = campaigns::start(&ctx, &one, LEFT, None).await.unwrap().id;
        tell(&one, &[(11, "left CVE-2026-0001 second rule"), (12, "y CVE-2026-0002")]).await;
        tell(&two, &[(11, "left CVE-2026-0001 second rule")]).await;
        let of = async |actor: &Actor| {
            let found = links::to(&ctx, actor, links::Kind::Campaign, &id.to_string()).await.unwrap();
            let mut names: Vec<String> = found.into_iter().map(|(_, name)| name).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(of(&one).await, ["ET EXPLOIT left (cve-2026-0001)", "left CVE-2026-0001 second rule"]);
        assert!(of(&two).await.is_empty(), "it has no such campaign");

        // What somebody took out stays out while the item is open.
        let out = links::to(&ctx, &one, links::Kind::Campaign, &id.to_string()).await.unwrap()[0].0;
        links::remove(&ctx, &one, out, links::Kind::Campaign, &id.to_string()).await.unwrap();
        tell(&one, &[(13, "z")]).await;
        assert_eq!(of(&one).await.len(), 1);
    })
    .await;
}
