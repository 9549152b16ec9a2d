//! Binders by the scope of an engagement, the answers of the self-assessment in them, and twelve months of recognised practices with
//! heads of the log that were noted outside.

use std::io::{Cursor, Read as _};

use bedrail_app::clock::Clock;
use bedrail_app::people::Grant;
use bedrail_app::programme::{self, Filter, NewAnchor, Period, Prove, Reply, WantedBinder};
use bedrail_app::reports::{self, ReportFormat};
use bedrail_app::rights::Role;
use bedrail_app::written::{self, New};
use bedrail_app::{Actor, Context, Error, audit, devices};
use bedrail_model::engagement::Scope;
use jiff::civil::{Date, date};
use sha2::{Digest as _, Sha256};

use crate::ends::member;
use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward,Owner
F-1,Orbis,Flow,1,North,ICU,Ann
F-2,Orbis,Flow,1,South,ICU,Ann
";
const EVALUATION: &str = "sr-164-308-a-8";
/// Asked for by a question of the self-assessment, site by site.
const WALK: &str = "priv-safeguards";
const DRILL: &str = "sr-164-308-a-7-ii-c";

fn document(signal: &str, requirement: &str, system: Option<&str>, text: &str) -> Prove {
    Prove {
        requirement: requirement.to_owned(),
        signal: Some(signal.to_owned()),
        system: system.map(str::to_owned),
        shows: if signal.ends_with("days") { "12".to_owned() } else { "yes".to_owned() },
        about_from: date(2026, 2, 1),
        about_to: None,
        collected: Some(date(2026, 2, 1)),
        collector: "the compliance office".to_owned(),
        expires: None,
        file_name: "report.txt".to_owned(),
        document: text.into(),
    }
}

fn at(ctx: &Context, moment: &str) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(moment.parse().unwrap());
    later
}

async fn drill(ctx: &Context, actor: &Actor, site: &str) {
    let fields = [("by", "nursing"), ("learned", "call earlier")];
    let fields = fields.map(|(code, value)| (code.to_owned(), value.to_owned())).into();
    let new = New { day: "2026-02-01".to_owned(), system: site.to_owned(), fields };
    written::write(ctx, actor, "downtime_drill", &new).await.unwrap();
}

/// Devices at two sites, drills at both, proofs, an answer with a document; and the day written down.
async fn filled(ctx: &Context, actor: &Actor) {
    devices::import(ctx, actor, story::list("list.csv", LIST, false)).await.unwrap();
    drill(ctx, actor, "North").await;
    drill(ctx, actor, "South").await;
    programme::prove(ctx, actor, document("evaluation.age_days", EVALUATION, None, "of all")).await.unwrap();
    for site in ["North", "South"] {
        let walk = document("privacy.safeguards_walkthrough", WALK, Some(site), &format!("walk of {site}"));
        programme::prove(ctx, actor, walk).await.unwrap();
    }
    for site in ["North", "South"] {
        let reply = Reply {
            requirement: WALK.to_owned(),
            site: Some(site.to_owned()),
            answer: "yes".to_owned(),
            note: Some(format!("seen at {site}")),
            document: Some((format!("{site}.txt"), format!("notes of {site}").as_str().into())),
            ..Reply::default()
        };
        programme::reply(ctx, actor, reply).await.unwrap();
    }
    programme::note(ctx, actor).await.unwrap();
}

const DAY: Date = date(2026, 3, 3);
const PERIOD: Period = Period { from: DAY, to: DAY };

async fn sealed(ctx: &Context, actor: &Actor, wanted: impl Into<WantedBinder>) -> Result<Vec<u8>, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    programme::export(ctx, actor, wanted, file.reopen().unwrap()).await?;
    Ok(std::fs::read(file.path()).unwrap())
}

/// The scope that the manifest says, the paths, and a file by its path.
struct Binder {
    engagement: Option<String>,
    paths: Vec<String>,
    bytes: Vec<u8>,
}

impl Binder {
    fn of(bytes: Vec<u8>) -> Binder {
        let verified = programme::verify(bytes.as_slice(), None).unwrap();
        let paths = verified.manifest.entries.iter().map(|it| it.path.clone()).collect();
        Binder { engagement: verified.manifest.binder.engagement, paths, bytes }
    }

    fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|it| it == path)
    }

    fn text(&self, path: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let mut text = String::new();
        zip.by_name(path)
            .unwrap_or_else(|_| panic!("{path}: {:?}", self.paths))
            .read_to_string(&mut text)
            .unwrap();
        text
    }
}

fn auditor(scope: Scope, about: (Option<&str>, Option<&str>)) -> Grant {
    let moment = |text: Option<&str>| text.map(|text| text.parse().unwrap());
    Grant {
        roles: vec![Role::Auditor],
        valid_until: moment(Some("2027-01-01T00:00:00Z")),
        about: (moment(about.0), moment(about.1)),
        scope,
        ..Grant::default()
    }
}

fn scope(requirements: &[&str], sites: &[&str]) -> Scope {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
    Scope { requirements: names(requirements), sites: names(sites) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_and_seals_what_the_engagement_is_about_and_nothing_else() {
    story::two_on_each(async |ctx, one, _| {
        filled(&ctx, &one).await;
        let of = scope(&[WALK, DRILL], &["north"]);
        let ada = member(&ctx, &one, "ada", auditor(of, (None, None))).await;
        let seen = programme::list(&ctx, &ada, &Filter::default()).await.unwrap();
        let ids: Vec<&str> = seen.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!((ids.len(), seen.figures.of), (2, 2), "{ids:?}");
        let missing = programme::get(&ctx, &ada, EVALUATION).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        let walk = programme::get(&ctx, &ada, WALK).await.unwrap();
        assert_eq!(walk.proofs.len(), 1, "that of North");
        let drilled = programme::get(&ctx, &ada, DRILL).await.unwrap();
        let systems: Vec<&str> =
            drilled.signals.iter().flat_map(|it| &it.facts).map(|fact| fact.system.as_str()).collect();
        assert_eq!(systems, ["North"]);
        assert!(
            programme::on(&ctx, &ada, DAY)
                .await
                .unwrap()
                .then
                .iter()
                .all(|row| ids.contains(&row.requirement.as_str()))
        );

        let binder = Binder::of(sealed(&ctx, &ada, PERIOD).await.unwrap());
        let said = binder.engagement.clone().unwrap();
        assert!(said.contains("ada") && said.contains(WALK) && said.contains("sites north"), "{said}");
        assert!(
            !binder.has("audit/audit.jsonl")
                && !binder.has("audit/entries.csv")
                && binder.has("audit/head.txt")
        );
        let then = binder.text(&format!("states/as-known-then/{DAY}.csv"));
        assert_eq!(then.lines().count(), 3, "{then}");
        for path in ["proofs/proofs.csv", "answers/answers.csv", &format!("facts/{DAY}.csv")] {
            let text = binder.text(path);
            assert!(text.contains("North") && !text.contains("South"), "{path}: {text}");
        }
        assert_eq!(binder.paths.iter().filter(|path| path.ends_with(".document")).count(), 1);
        assert!(binder.text("contents.txt").contains("SCOPE OF AN ENGAGEMENT"));

        // What is asked for beside it can only make it smaller.
        let wider = WantedBinder { period: PERIOD, scope: scope(&[EVALUATION, DRILL], &[]) };
        let binder = Binder::of(sealed(&ctx, &ada, wider).await.unwrap());
        let then = binder.text(&format!("states/as-known-then/{DAY}.csv"));
        assert!(then.contains(DRILL) && !then.contains(EVALUATION) && !then.contains(WALK), "{then}");
        let unknown = WantedBinder { period: PERIOD, scope: scope(&["sr-nothing"], &[]) };
        let refused = sealed(&ctx, &one, unknown).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_of_an_engagement_holds_and_its_entries_alone_are_in_the_binder() {
    story::two_on_each(async |ctx, one, two| {
        filled(&ctx, &one).await;
        let about = (Some("2026-03-03T00:00:00Z"), Some("2026-03-04T00:00:00Z"));
        let ada = member(&ctx, &one, "ada", auditor(Scope::default(), about)).await;
        let next = at(&ctx, "2026-03-05T10:00:00Z");
        programme::note(&next, &one).await.unwrap();
        let later = Period { from: DAY, to: date(2026, 3, 4) };
        let refused = sealed(&next, &ada, later).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let refused = programme::ask(&next, &ada, later).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let binder = Binder::of(sealed(&next, &ada, PERIOD).await.unwrap());
        let entries = binder.text("audit/entries.csv");
        assert!(entries.contains("2026-03-03") && !entries.contains("2026-03-05"), "{entries}");
        assert!(!binder.has("audit/audit.jsonl"));
        let (head, _) = audit::head(&next, &one).await.unwrap();
        assert!(head.sequence > 0 && binder.text("audit/head.txt").contains("Public key"));
        // Who may read the whole log has all of it, and a scope that nothing says leaves nothing out.
        let whole = Binder::of(sealed(&next, &one, PERIOD).await.unwrap());
        assert!(
            whole.engagement.is_none() && whole.has("audit/audit.jsonl") && whole.has("alerts/account.csv")
        );
        let answers = whole.text("answers/answers.csv");
        assert!(answers.contains("seen at North") && answers.contains("seen at South"), "{answers}");
        assert!(
            !Binder::of(sealed(&next, &two, PERIOD).await.unwrap())
                .text("answers/answers.csv")
                .contains("seen")
        );

        for bad in [
            Grant {
                roles: vec![Role::Analyst],
                valid_until: None,
                about: (None, None),
                ..auditor(scope(&[DRILL], &[]), (None, None))
            },
            auditor(scope(&["sr-nothing"], &[]), (None, None)),
            auditor(scope(&[], &[" "]), (None, None)),
        ] {
            let invite = bedrail_app::accounts::invitations::Invite {
                full_name: "Ann".into(),
                mail: None,
                grant: bad.clone(),
            };
            let refused = bedrail_app::accounts::invitations::invite(&next, &one, &invite).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{bad:?}: {refused:?}");
        }
    })
    .await;
}

fn published(head: &str) -> NewAnchor {
    NewAnchor {
        head: head.to_owned(),
        kind: "published".to_owned(),
        keeper: "The county paper".to_owned(),
        place: "page 4 <script>".to_owned(),
        noted: DAY,
        reply: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_is_of_a_head_that_the_log_had_and_a_reply_carries_it() {
    story::two_on_each(async |ctx, one, two| {
        filled(&ctx, &one).await;
        let (verified, _) = audit::head(&ctx, &one).await.unwrap();
        let head = format!("{}:{}", verified.sequence, hex_of(&verified.hash));
        let row = programme::anchor(&ctx, &one, &published(&head)).await.unwrap();
        assert_eq!((row.number, row.entry, row.head.clone()), (1, verified.sequence, hex_of(&verified.hash)));

        let imprint: Vec<u8> = [b"0\x82".as_slice(), &Sha256::digest(&verified.hash), b"\x30"].concat();
        let stamped = |bytes: Vec<u8>| NewAnchor {
            kind: "time_stamp".to_owned(),
            reply: Some(("../reply.tsr".to_owned(), bytes.into())),
            ..published(&head)
        };
        let row = programme::anchor(&ctx, &one, &stamped(imprint)).await.unwrap();
        assert_eq!((row.number, row.file_name.as_str()), (2, "reply.tsr"));
        let other = programme::anchor(&ctx, &one, &stamped(vec![7; 500])).await;
        assert!(matches!(other, Err(Error::Invalid { .. })), "{other:?}");

        let strange = format!("{}:{}", verified.sequence, "ab".repeat(32));
        let never = programme::anchor(&ctx, &one, &published(&strange)).await;
        assert!(matches!(never, Err(Error::Conflict { .. })), "{never:?}");
        for bad in [
            published("12"),
            published("1:zz"),
            NewAnchor { kind: String::new(), ..published(&head) },
            NewAnchor { keeper: " ".to_owned(), ..published(&head) },
            NewAnchor { noted: date(2026, 2, 1), ..published(&head) },
            NewAnchor { noted: date(2026, 3, 6), ..published(&head) },
        ] {
            let refused = programme::anchor(&ctx, &one, &bad).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{bad:?}: {refused:?}");
        }
        assert_eq!(programme::anchors(&ctx, &one).await.unwrap().len(), 2);
        assert!(programme::anchors(&ctx, &two).await.unwrap().is_empty());
    })
    .await;
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_months_of_practices_show_the_days_that_were_written_down_and_the_gaps() {
    story::two_on_each(async |ctx, one, two| {
        filled(&ctx, &one).await;
        programme::note(&at(&ctx, "2026-03-04T10:00:00Z"), &one).await.unwrap();
        // A day that nobody wrote down lies between.
        let now = at(&ctx, "2026-03-06T10:00:00Z");
        programme::note(&now, &one).await.unwrap();
        programme::anchor(&now, &one, &NewAnchor { noted: date(2026, 3, 6), ..published("") }).await.unwrap();
        let it = programme::practices(&now, &one).await.unwrap();
        assert_eq!((it.from, it.to, it.anchors.len()), (date(2025, 3, 7), date(2026, 3, 6), 1));
        assert!(it.rows.iter().any(|row| row.id == "hicp-1"));
        for row in &it.rows {
            assert_eq!((row.noted, row.over.days), (3, 365), "{}", row.id);
            let runs = row.evidenced();
            let days: i32 = runs.iter().map(|(from, to)| (*to - *from).get_days() + 1).sum();
            assert_eq!(days, i32::try_from(row.over.evidenced).unwrap(), "{}: {runs:?}", row.id);
        }
        // Assets have their places, owners and bills or not: whatever is evidenced is so on the days written down alone.
        let most = it.rows.iter().max_by_key(|row| row.over.evidenced).unwrap();
        assert!(most.over.evidenced <= 3, "{most:?}");
        let nothing = programme::practices(&now, &two).await.unwrap();
        assert!(
            nothing.anchors.is_empty()
                && nothing.rows.iter().all(|row| row.noted == 0 && row.over.gaps.len() == 1)
        );

        let shown = reports::show(&now, &one, "recognised-practices").await.unwrap().html;
        assert!(shown.contains("<svg") && shown.contains("The county paper"), "{shown}");
        assert!(!shown.contains("<script>"), "{shown}");
        for format in [ReportFormat::Pdf, ReportFormat::Xlsx, ReportFormat::Html] {
            let file = reports::file(&now, &one, "recognised-practices", format).await.unwrap();
            assert!(
                file.bytes.len() > 1_000 && file.name.starts_with("recognised-practices-2026-03-06"),
                "{}",
                file.name
            );
        }
    })
    .await;
}
