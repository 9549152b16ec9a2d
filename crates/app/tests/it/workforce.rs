//! People from the roster to a signature and a certificate: joiner, mover and leaver, versions that are in force, links, quizzes that
//! are judged on the server, a directory.

use std::collections::BTreeMap;

use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::workforce::course::{self, Course};
use bedrail_app::workforce::directory::{self, Refused};
use bedrail_app::workforce::duties::{self, Again, NewStatement};
use bedrail_app::workforce::import::{self, ImportRoster, Outcome};
use bedrail_app::workforce::me::{self, Me, Quiz};
use bedrail_app::workforce::policies::{self, NewPolicy, NewVersion};
use bedrail_app::workforce::roster::{self, Facts, Looked};
use bedrail_app::workforce::sheets::{self, Sheet, SignedList};
use bedrail_app::workforce::training::{self, AssignCourse};
use bedrail_app::workforce::{night, personal, scim, wording};
use bedrail_app::{Actor, Context, Error, accounts};
use bedrail_model::ids::{DutyId, PolicyId, WorkerId};
use bedrail_model::workforce::{ClosedFor, DutyKind, Stage};
use jiff::civil::date;
use serde_json::json;

use crate::story;

const ROSTER: &str = "\
Staff number,Name,Mail,Roles,Site,Ward,Start,End
1,Ada Quill,ada@clinic.example,nurse,North,ICU,2025-01-01,
2,Bram Hall,,nurse,North,ICU,2025-01-01,
3,Cleo Wren,cleo@clinic.example,office,North,Desk,2025-01-01,
4,=HYPERLINK(1),evil@clinic.example,nurse,North,ICU,2025-01-01,
5,Dan Gone,dan@clinic.example,nurse,North,ICU,2025-01-01,2025-06-30
";

/// Two organisations with the same roster, on each database.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_on_each(async |ctx, one, two| {
        for actor in [&one, &two] {
            import::roster(&ctx, actor, list(ROSTER, false)).await.unwrap();
        }
        story(ctx, one, two).await;
    })
    .await;
}

fn list(text: &str, dry_run: bool) -> ImportRoster {
    ImportRoster { file_name: "roster.csv".into(), document: text.into(), dry_run }
}

fn at(ctx: &Context, moment: &str) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(moment.parse().unwrap());
    later
}

async fn person(ctx: &Context, actor: &Actor, name: &str) -> WorkerId {
    let looked = Looked { text: name.into(), ..Looked::default() };
    let found = roster::list(ctx, actor, &looked, &PageRequest::default()).await.unwrap();
    assert_eq!(found.total, 1, "{name}");
    found.rows[0].id
}

/// Somebody who came by a link of their own.
async fn come(ctx: &Context, actor: &Actor, name: &str) -> Me {
    let path = personal::make(ctx, actor, person(ctx, actor, name).await).await.unwrap();
    let session = personal::open(ctx, path.strip_prefix("/me/link/").unwrap(), name).await.unwrap();
    me::of_link(ctx, &session).await.unwrap()
}

async fn open_of(ctx: &Context, me: &Me) -> Vec<(DutyKind, DutyId)> {
    let items = me::list(ctx, me).await.unwrap();
    items
        .iter()
        .filter(|it| it.assignment.stage == Stage::Open)
        .map(|it| (it.duty.kind, it.duty.id))
        .collect()
}

async fn published(ctx: &Context, actor: &Actor, body: &str, roles: &str) -> PolicyId {
    let new = NewPolicy {
        title: "Clean desks".into(),
        body: body.into(),
        roles: roles.into(),
        ..NewPolicy::default()
    };
    let id = policies::make(ctx, actor, &new).await.unwrap();
    policies::approve(ctx, actor, id, 1).await.unwrap();
    policies::publish(ctx, actor, id, 1).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_is_looked_through_taken_over_and_moves_what_is_asked() {
    on_both(async |ctx, one, two| {
        let again = import::roster(&ctx, &one, list(ROSTER, true)).await.unwrap();
        assert_eq!((again.added, again.changed, again.unchanged, again.refused), (0, 0, 4, 1), "{again:#?}");
        assert!(matches!(&again.lines[0].outcome, Outcome::Refused(why) if why.contains("formula")));
        let id = published(&ctx, &one, "Keep desks clean.", "nurse").await;
        let duty = policies::get(&ctx, &one, id).await.unwrap().row.signing.unwrap();
        assert_eq!(duty.1.asked, 2, "who left before is not asked, nor who has another role");
        assert!(duties::list(&ctx, &two, DutyKind::ALL).await.unwrap().is_empty(), "nothing crosses");

        // Cleo becomes a nurse, Ada moves to the desk, Bram leaves, Edda joins; all by one list.
        let next = "Staff number,Name,Mail,Roles,Ward,End\n3,,,nurse,ICU,\n1,,,office,Desk,\n2,,,nurse,ICU,2026-03-02\n9,Edda Fern,,nurse,ICU,\n";
        let preview = import::roster(&ctx, &one, list(next, true)).await.unwrap();
        assert_eq!((preview.added, preview.changed, preview.absent), (1, 3, 0), "{preview:#?}");
        let done = import::roster(&ctx, &one, list(next, false)).await.unwrap().followed.unwrap();
        assert_eq!((done.assigned, done.closed), (2, 2));
        let state = async |name: &str| {
            let id = person(&ctx, &one, name).await;
            let items = roster::get(&ctx, &one, id).await.unwrap().items;
            let last = items.iter().map(|it| (it.assignment.stage, it.assignment.closed_for)).next_back();
            last.unwrap()
        };
        assert_eq!(state("Bram Hall").await, (Stage::Closed, Some(ClosedFor::Left)));
        assert_eq!(state("Ada Quill").await, (Stage::Closed, Some(ClosedFor::Moved)));
        assert_eq!(state("Cleo Wren").await, (Stage::Open, None));
        assert_eq!(state("Edda Fern").await, (Stage::Open, None));
        // By hand the same rule holds: Ada is a nurse again, and then leaves.
        let ada = person(&ctx, &one, "Ada Quill").await;
        let facts = Facts { name: "Ada Quill".into(), roles: vec!["Nurse".into()], ward: "ICU".into(), ..Facts::default() };
        assert_eq!(roster::set(&ctx, &one, ada, &facts).await.unwrap().assigned, 1);
        assert_eq!(roster::leave(&ctx, &one, ada, date(2026, 3, 2)).await.unwrap().closed, 1);
        let tally = duties::get(&ctx, &one, duty.0).await.unwrap().tally;
        assert_eq!((tally.asked, tally.done), (2, 0), "wards are counted with each change");
        assert_eq!(night::run(&ctx, &one).await.unwrap().followed, Default::default(), "a night finds nothing left");
        assert_eq!(duties::get(&ctx, &one, duty.0).await.unwrap().tally, tally);
        // From another organisation nobody is seen or moved.
        assert!(matches!(roster::get(&ctx, &two, ada).await, Err(Error::NotFound { .. })));
        assert!(matches!(roster::leave(&ctx, &two, ada, date(2026, 3, 2)).await, Err(Error::NotFound { .. })));
        assert!(matches!(policies::get(&ctx, &two, id).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_signed_by_its_hash_and_an_outdated_one_is_refused() {
    on_both(async |ctx, one, _two| {
        let id = published(&ctx, &one, "Lock your screen.", "*").await;
        let ada = come(&ctx, &one, "Ada Quill").await;
        let (kind, first) = open_of(&ctx, &ada).await[0];
        assert_eq!(kind, DutyKind::Policy);
        let asked = me::get(&ctx, &ada, first).await.unwrap();
        let wrong = me::sign(&ctx, &ada, first, &"0".repeat(64)).await;
        assert!(matches!(wrong, Err(Error::Conflict { .. })), "another text is not signed");

        // A second version takes the place of the first: whoever still has the first page open cannot sign it.
        let stale =
            policies::write(&ctx, &one, id, &NewVersion { seen: 0, body: "x".into(), note: String::new() })
                .await;
        assert!(matches!(stale, Err(Error::Conflict { .. })));
        let new = NewVersion { seen: 1, body: "Lock your screen, always.".into(), note: "always".into() };
        assert_eq!(policies::write(&ctx, &one, id, &new).await.unwrap(), 2);
        assert!(
            matches!(policies::publish(&ctx, &one, id, 2).await, Err(Error::Conflict { .. })),
            "not approved"
        );
        policies::approve(&ctx, &one, id, 2).await.unwrap();
        let later = at(&ctx, "2026-03-10T10:00:00Z");
        policies::publish(&later, &one, id, 2).await.unwrap();
        let refused = me::sign(&later, &ada, first, &asked.duty.sha256).await;
        assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
        let ada = come(&later, &one, "Ada Quill").await;
        let (_, second) = open_of(&later, &ada).await[0];
        let text = me::get(&later, &ada, second).await.unwrap();
        assert_eq!(text.body, "Lock your screen, always.");
        me::sign(&later, &ada, second, &text.duty.sha256).await.unwrap();
        assert!(
            matches!(me::sign(&later, &ada, second, &text.duty.sha256).await, Err(Error::Conflict { .. })),
            "once"
        );
        assert_eq!(duties::get(&later, &one, second).await.unwrap().tally.done, 1);

        // What was in force on any day, and reviews that renew themselves.
        let version = async |day| {
            let listed = policies::list(&later, &one, Some(day)).await.unwrap();
            listed.rows[0].in_force.as_ref().map(|it| it.version)
        };
        assert_eq!(version(date(2026, 3, 2)).await, None);
        assert_eq!(version(date(2026, 3, 9)).await, Some(1));
        assert_eq!(version(date(2026, 3, 10)).await, Some(2));
        let next = policies::review(&at(&ctx, "2027-02-01T10:00:00Z"), &one, id, "still true").await.unwrap();
        assert_eq!(next, date(2028, 2, 1));
        let compared = policies::compared(&later, &one, id, (1, 2)).await.unwrap();
        assert_eq!((compared.lines.len(), compared.wordless.len()), (2, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_with_names_left_open_are_not_approved() {
    on_both(async |ctx, one, _two| {
        let values = [("officer".to_owned(), "Dr Hall".to_owned())].into();
        let new =
            NewPolicy { template: Some("passwords-and-sign-in".into()), values, ..NewPolicy::default() };
        let id = policies::make(&ctx, &one, &new).await.unwrap();
        let refused = policies::approve(&ctx, &one, id, 1).await.unwrap_err().to_string();
        assert!(refused.contains("{{deadline}}") || refused.contains("{{contact}}"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_once_for_the_person_alone_and_shows_nothing_before() {
    on_both(async |ctx, one, two| {
        let ada = person(&ctx, &one, "Ada Quill").await;
        let code = async |ctx: &Context| {
            let path = personal::make(ctx, &one, ada).await.unwrap();
            path.strip_prefix("/me/link/").unwrap().to_owned()
        };
        let first = code(&ctx).await;
        assert_eq!(personal::look(&ctx, &first).await.unwrap(), "General Hospital");
        let second = code(&ctx).await;
        assert!(
            matches!(personal::look(&ctx, &first).await, Err(Error::NotFound { .. })),
            "an earlier one ends"
        );
        assert!(matches!(personal::open(&ctx, &second, "Bram Hall").await, Err(Error::Invalid { .. })));
        let session = personal::open(&ctx, &second, "quill,  ADA").await.unwrap();
        assert!(
            matches!(personal::open(&ctx, &second, "Ada Quill").await, Err(Error::NotFound { .. })),
            "once"
        );
        assert!(me::of_link(&ctx, &session).await.is_ok());
        assert!(me::of_link(&at(&ctx, "2026-03-03T14:00:00Z"), &session).await.is_err(), "four hours");
        let third = code(&ctx).await;
        assert!(me::of_link(&ctx, &session).await.is_err(), "a new link ends what is open");
        for _ in 0..5 {
            assert!(personal::open(&ctx, &third, "somebody else").await.is_err());
        }
        assert!(
            matches!(personal::open(&ctx, &third, "Ada Quill").await, Err(Error::NotFound { .. })),
            "too many tries"
        );
        // Many names at once are no more tries than one after the other.
        let fifth = code(&ctx).await;
        let tries: Vec<_> = (0..40)
            .map(|at| {
                let (ctx, code) = (ctx.clone(), fifth.clone());
                tokio::spawn(async move { personal::open(&ctx, &code, &format!("name {at}")).await })
            })
            .collect();
        let mut looked_at = 0;
        for tried in tries {
            looked_at += u64::from(matches!(tried.await.unwrap(), Err(Error::Invalid { .. })));
        }
        assert_eq!(looked_at, 5);
        let fourth = code(&ctx).await;
        assert!(personal::look(&at(&ctx, "2026-03-17T10:00:00Z"), &fourth).await.is_err(), "two weeks");
        let session = personal::open(&ctx, &fourth, "Ada Quill").await.unwrap();
        roster::leave(&ctx, &one, ada, date(2026, 3, 2)).await.unwrap();
        assert!(me::of_link(&ctx, &session).await.is_err(), "who left is let in no more");
        assert!(matches!(personal::make(&ctx, &one, ada).await, Err(Error::Conflict { .. })));
        assert!(matches!(personal::make(&ctx, &two, ada).await, Err(Error::NotFound { .. })));
        for nothing in ["", "x", &"0".repeat(81), &format!("{}-{}", one.org.uuid().simple(), "0".repeat(48))]
        {
            assert!(matches!(personal::look(&ctx, nothing).await, Err(Error::NotFound { .. })), "{nothing}");
        }
    })
    .await;
}

/// The answers that are right, as they are shown.
fn right(course: &Course, quiz: &Quiz) -> BTreeMap<usize, usize> {
    let shown = |(at, (question, answers)): (usize, &(usize, Vec<usize>))| {
        (at, answers.iter().position(|answer| *answer == course.questions[*question].right).unwrap())
    };
    quiz.order.0.iter().enumerate().map(shown).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiz_is_judged_on_the_server_once_in_time_and_for_whom_it_was_asked() {
    on_both(async |ctx, one, _two| {
        let command = AssignCourse { course: "privacy-and-devices".into(), roles: "nurse".into(), days: 30 };
        let duty = training::assign(&ctx, &one, &command).await.unwrap();
        let (ada, bram) = (come(&ctx, &one, "Ada Quill").await, come(&ctx, &one, "Bram Hall").await);
        let cleo = come(&ctx, &one, "Cleo Wren").await;
        assert!(
            matches!(me::begin(&ctx, &cleo, duty).await, Err(Error::NotFound { .. })),
            "not asked of her role"
        );
        let quiz = me::begin(&ctx, &ada, duty).await.unwrap();
        assert_eq!(me::begin(&ctx, &ada, duty).await.unwrap(), quiz, "no second order to choose from");
        let course = course::of("privacy-and-devices").unwrap();
        let good = right(course, &quiz);
        assert!(
            matches!(me::answer(&ctx, &bram, quiz.id, &good).await, Err(Error::NotFound { .. })),
            "another's"
        );
        let mut edited = good.clone();
        edited.insert(0, 99);
        assert!(matches!(me::answer(&ctx, &ada, quiz.id, &edited).await, Err(Error::Invalid { .. })));
        edited.remove(&0);
        assert!(matches!(me::answer(&ctx, &ada, quiz.id, &edited).await, Err(Error::Invalid { .. })));
        let late = at(&ctx, "2026-03-03T10:45:00Z");
        assert!(
            matches!(me::answer(&late, &ada, quiz.id, &good).await, Err(Error::Conflict { .. })),
            "past the time"
        );
        let bad: BTreeMap<usize, usize> =
            good.iter().map(|(at, answer)| (*at, usize::from(*answer == 0))).collect();
        let failed = me::answer(&ctx, &ada, quiz.id, &bad).await.unwrap();
        assert!(!failed.judged.passed && failed.certificate.is_none());
        assert!(
            matches!(me::answer(&ctx, &ada, quiz.id, &good).await, Err(Error::Conflict { .. })),
            "replayed"
        );
        let quiz = me::begin(&ctx, &ada, duty).await.unwrap();
        let passed = me::answer(&ctx, &ada, quiz.id, &right(course, &quiz)).await.unwrap();
        assert_eq!((passed.judged.right, passed.expires), (12, Some(date(2027, 3, 3))));
        let number = passed.certificate.unwrap();
        assert_eq!(me::own_certificate(&ctx, &ada, &number).await.unwrap().name, "Ada Quill");
        assert!(me::own_certificate(&ctx, &bram, &number).await.is_err());
        assert_eq!(training::check(&ctx, &one, &number.to_lowercase()).await.unwrap().title, course.title);
        // Bram tries too often, then the rest of the day is over.
        for _ in 0..5 {
            let quiz = me::begin(&ctx, &bram, duty).await.unwrap();
            let bad =
                right(course, &quiz).iter().map(|(at, answer)| (*at, usize::from(*answer == 0))).collect();
            assert!(!me::answer(&ctx, &bram, quiz.id, &bad).await.unwrap().judged.passed);
        }
        assert!(matches!(me::begin(&ctx, &bram, duty).await, Err(Error::Conflict { .. })));
        // It is asked anew thirty days before it ends, and out of turn after an incident.
        night::run(&at(&ctx, "2027-01-31T01:00:00Z"), &one).await.unwrap();
        assert_eq!(roster::get(&ctx, &one, ada.worker.id).await.unwrap().items.len(), 1);
        night::run(&at(&ctx, "2027-02-02T01:00:00Z"), &one).await.unwrap();
        assert_eq!(roster::get(&ctx, &one, ada.worker.id).await.unwrap().items.len(), 2);
        let again = Again { ward: "ICU".into(), note: "incident 7".into(), ..Again::default() };
        let refused = duties::again(&ctx, &one, duty, &again, 14).await;
        assert!(matches!(refused, Err(Error::Conflict { .. })), "all have it open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_sheets_are_taken_in_line_by_line() {
    on_both(async |ctx, one, _two| {
        let command = AssignCourse { course: "security-and-phishing".into(), roles: "*".into(), days: 30 };
        let duty = training::assign(&ctx, &one, &command).await.unwrap();
        let text = "Mail,Name,Course,Completed,Score\nada@clinic.example,,security-and-phishing,2026-02-01,90\n\
            ,Bram Hall,Security and phishing,2/1/2026,85%\nnobody@clinic.example,,security-and-phishing,2026-02-01,90\n\
            cleo@clinic.example,,wizardry,2026-02-01,90\ncleo@clinic.example,,security-and-phishing,2999-01-01,90\n";
        let dry = training::import(&ctx, &one, list(text, true)).await.unwrap();
        assert_eq!((dry.changed, dry.refused), (2, 3), "{dry:#?}");
        assert_eq!(duties::get(&ctx, &one, duty).await.unwrap().tally.done, 0, "a look changes nothing");
        training::import(&ctx, &one, list(text, false)).await.unwrap();
        assert_eq!(duties::get(&ctx, &one, duty).await.unwrap().tally.done, 2);
        let again = training::import(&ctx, &one, list(text, false)).await.unwrap();
        assert_eq!((again.changed, again.unchanged, again.refused), (0, 2, 3));

        let new = NewStatement { title: "Risks".into(), body: "I know them.".into(), roles: "nurse".into(), days: 30, ..NewStatement::default() };
        let id = duties::open(&ctx, &one, &new).await.unwrap();
        let (ada, bram, cleo) = (person(&ctx, &one, "Ada Quill").await, person(&ctx, &one, "Bram Hall").await, person(&ctx, &one, "Cleo Wren").await);
        let sheet = Sheet {
            sha256: duties::get(&ctx, &one, id).await.unwrap().duty.sha256,
            signed: vec![ada, bram],
            on: date(2026, 3, 2),
            scan: ("sheet.pdf".into(), b"%PDF-1.7 scan".to_vec().into()),
        };
        for wrong in [
            Sheet { sha256: "0".repeat(64), ..sheet.clone() },
            Sheet { signed: vec![ada, cleo], ..sheet.clone() },
            Sheet { signed: vec![], ..sheet.clone() },
            Sheet { on: date(2026, 3, 4), ..sheet.clone() },
            Sheet { on: date(2026, 2, 1), ..sheet.clone() },
            Sheet { scan: ("sheet.exe".into(), b"MZ".to_vec().into()), ..sheet.clone() },
        ] {
            assert!(sheets::take_sheet(&ctx, &one, id, &wrong).await.is_err(), "{wrong:?}");
        }
        assert_eq!(duties::get(&ctx, &one, id).await.unwrap().tally.done, 0, "a refused sheet notes nobody");
        assert_eq!(sheets::take_sheet(&ctx, &one, id, &sheet).await.unwrap(), 2);
        assert_eq!(duties::get(&ctx, &one, id).await.unwrap().tally.done, 2);
        let (missing, page) = (Stage::Open, PageRequest::default());
        assert_eq!(duties::people(&ctx, &one, id, missing, ("", ""), &page).await.unwrap().total, 0);
    })
    .await;
}

fn words_fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../words/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_brought_have_words_to_edit_compare_and_find() {
    on_both(async |ctx, one, two| {
        let id = published(&ctx, &one, "Keep desks clean.", "nurse").await;
        let bring = async |name: &str, bytes: Vec<u8>| {
            policies::bring(&ctx, &one, id, (name.to_owned(), bytes.into()), "as it was").await
        };
        let newest = async || policies::get(&ctx, &one, id).await.unwrap().versions.remove(0);
        assert_eq!(bring("old.pdf", words_fixture("latin.pdf")).await.unwrap(), 2);
        let pdf = newest().await;
        assert!(pdf.body.contains("Paper with names of patients"), "{}", pdf.body);
        assert!(pdf.document.is_some() && pdf.left_out.iter().any(|it| it.contains("Lines are those")));
        assert_eq!(bring("old.docx", words_fixture("word.docx")).await.unwrap(), 3);
        let word = newest().await;
        assert!(word.body.contains("- Keys stay with you."), "{}", word.body);
        assert_ne!(word.sha256, pdf.sha256);
        // What was read is compared, and can be written on: the newest text is what an editor begins with.
        let compared = policies::compared(&ctx, &one, id, (2, 3)).await.unwrap();
        assert!(
            compared.wordless.is_empty() && compared.lines.iter().any(|it| it.text.contains("Keys stay"))
        );
        let body = word.body.replace("Keys stay with you.", "Keys and badges stay with you.");
        policies::write(&ctx, &one, id, &NewVersion { seen: 3, body, note: String::new() }).await.unwrap();
        assert_eq!(newest().await.document, None, "what was written anew is no document any more");

        let find = async |actor: &Actor, words: &str| wording::find(&ctx, actor, words).await;
        let found = find(&one, "BADGES  stay").await.unwrap();
        assert_eq!((found[0].version, found[0].in_force, found.len()), (4, false, 1));
        assert_eq!(found[0].passage, "- Keys and badges stay with you.");
        assert_eq!(find(&one, "desks clean").await.unwrap()[0].version, 1, "what is in force is found, too");
        assert!(find(&one, "Paper with names of patients").await.unwrap().is_empty(), "an old draft is not");
        assert!(find(&one, "50%_").await.unwrap().is_empty() && find(&one, " ").await.is_err());
        assert!(find(&two, "badges").await.unwrap().is_empty(), "nothing crosses");

        // Pictures are kept, and it is said that there is nothing to compare.
        assert_eq!(bring("scan.pdf", words_fixture("picture.pdf")).await.unwrap(), 5);
        let picture = newest().await;
        assert!(picture.body.is_empty() && picture.left_out[0].starts_with("The pages are pictures"));
        let compared = policies::compared(&ctx, &one, id, (4, 5)).await.unwrap();
        assert_eq!(compared.wordless, [(5, picture.left_out.clone())]);
        assert_eq!(bring("words.txt", b"\xef\xbb\xbfPlain\r\nwords\x07".to_vec()).await.unwrap(), 6);
        assert_eq!(newest().await.body, "Plain\nwords");

        let whole = words_fixture("latin.pdf");
        for (name, bytes, why) in [
            ("locked.pdf", words_fixture("password.pdf"), "password"),
            ("cut.pdf", whole[..whole.len() / 2].to_vec(), "cut off"),
            ("rubbish.pdf", b"%PDF-1.7 rubbish %%EOF".to_vec(), "cannot be read"),
            ("cut.docx", words_fixture("word.docx")[..9_000].to_vec(), "not that of a DOCX"),
        ] {
            let refused = bring(name, bytes).await.unwrap_err().to_string();
            assert!(refused.contains(why), "{name}: {refused}");
        }
        assert_eq!(newest().await.version, 6, "a refused document is no version");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_who_signed_is_judged_line_by_line_and_needs_its_scan() {
    on_both(async |ctx, one, two| {
        let id = published(&ctx, &one, "Lock your screen.", "*").await;
        let duty = policies::get(&ctx, &one, id).await.unwrap().row.signing.unwrap().0;
        let hash = duties::get(&ctx, &one, duty).await.unwrap().duty.sha256;
        let text = format!(
            "Mail,Staff number,Name,Signed on,Version\nada@clinic.example,,,2026-03-03,1\n,2,,3/3/2026,{}\n\
            cleo@clinic.example,,,2026-03-02,1\n,3,,2026-03-03,2\nnobody@clinic.example,,,2026-03-03,1\n\
            ,1,,2026-03-03,1\n,,Dan Gone,2026-03-03,1\n,2,,2999-01-01,1\n,,Cleo Wren,,1\n",
            &hash[..8]
        );
        let scan = Some(("sheet.pdf".to_owned(), b"%PDF-1.7 scan".to_vec().into()));
        let list =
            |dry_run, scan| SignedList { list: ("signed.csv".into(), text.as_str().into()), scan, dry_run };
        let look = sheets::take_list(&ctx, &one, duty, &list(true, None)).await.unwrap();
        assert_eq!((look.changed, look.refused), (2, 7), "{look:#?}");
        let why: Vec<(u64, &str)> = look
            .lines
            .iter()
            .filter_map(|line| match &line.outcome {
                Outcome::Refused(why) => Some((line.number, why.as_str())),
                _ => None,
            })
            .collect();
        for (line, words) in [
            (4, "earlier text"),
            (5, "another text"),
            (6, "nobody"),
            (7, "line 2"),
            (8, "not asked of"),
            (9, "line 3"),
            (10, "day is missing"),
        ] {
            assert!(
                why.iter().any(|(at, why)| *at == line && why.contains(words)),
                "{line} {words}: {why:?}"
            );
        }
        assert_eq!(duties::get(&ctx, &one, duty).await.unwrap().tally.done, 0, "a look changes nothing");
        assert!(sheets::take_list(&ctx, &one, duty, &list(false, None)).await.is_err(), "no scan, no proof");
        let exe = Some(("sheet.exe".to_owned(), b"MZ".to_vec().into()));
        assert!(sheets::take_list(&ctx, &one, duty, &list(false, exe)).await.is_err());
        let other = sheets::take_list(&ctx, &two, duty, &list(false, scan.clone())).await;
        assert!(matches!(other, Err(Error::NotFound { .. })), "another organisation's");
        let done = sheets::take_list(&ctx, &one, duty, &list(false, scan.clone())).await.unwrap();
        assert_eq!((done.changed, done.refused, done.followed.is_some()), (2, 7, true));
        assert_eq!(duties::get(&ctx, &one, duty).await.unwrap().tally.done, 2);
        let ada = person(&ctx, &one, "Ada Quill").await;
        let item = roster::get(&ctx, &one, ada).await.unwrap().items.pop().unwrap();
        assert!(item.assignment.document.is_some(), "the scan is the proof");
        assert_eq!(item.assignment.sha256.as_deref(), Some(hash.as_str()));
        let again = sheets::take_list(&ctx, &one, duty, &list(false, scan.clone())).await.unwrap();
        assert_eq!((again.changed, again.unchanged), (0, 3), "who signed has signed");

        // A new version takes the place of the first: nothing of the old sheet counts for it.
        let later = at(&ctx, "2026-03-10T10:00:00Z");
        let new = NewVersion { seen: 1, body: "Lock your screen, always.".into(), note: String::new() };
        policies::write(&later, &one, id, &new).await.unwrap();
        policies::approve(&later, &one, id, 2).await.unwrap();
        policies::publish(&later, &one, id, 2).await.unwrap();
        let closed = sheets::take_list(&later, &one, duty, &list(false, scan.clone())).await;
        assert!(matches!(closed, Err(Error::Conflict { .. })), "{closed:?}");
        let second = policies::get(&later, &one, id).await.unwrap().row.signing.unwrap().0;
        let old = sheets::take_list(&later, &one, second, &list(false, scan)).await.unwrap();
        assert_eq!((old.changed, old.unchanged), (0, 0), "{old:#?}");
    })
    .await;
}

fn kind_of(refused: Result<serde_json::Value, Refused>) -> (u16, Option<&'static str>) {
    match refused {
        Err(Refused::Fault(fault)) => (fault.status, fault.kind),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_keeps_the_roster_and_erases_nobody() {
    on_both(async |ctx, one, two| {
        let base = "https://b.example/scim/v2";
        published(&ctx, &one, "Lock your screen.", "guide").await;
        let sent = json!({ "schemas": [scim::USER], "userName": "BJensen", "externalId": "701984", "title": "Guide",
            "name": { "givenName": "Barbara", "familyName": "Jensen" }, "emails": [{ "value": "bj@clinic.example" }] });
        let made = directory::create(&ctx, &one, &sent, base).await.unwrap();
        let id = made["id"].as_str().unwrap();
        assert_eq!((&made["active"], &made["meta"]["location"]), (&json!(true), &json!(format!("{base}/Users/{id}"))));
        assert_eq!(kind_of(directory::create(&ctx, &one, &sent, base).await), (409, Some("uniqueness")));
        let found = directory::list(&ctx, &one, Some("userName eq \"bjensen\""), (1, 10), base).await.unwrap();
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
        // Who was added from a file is found by the address, and taken over.
        let ada = directory::list(&ctx, &one, Some("userName eq \"ada@clinic.example\""), (1, 10), base).await.unwrap();
        assert_eq!(ada["totalResults"], 1);
        let all = directory::list(&ctx, &one, None, (2, 2), base).await.unwrap();
        assert_eq!((&all["totalResults"], &all["itemsPerPage"], &all["startIndex"]), (&json!(5), &json!(2), &json!(2)));
        assert_eq!(kind_of(directory::list(&ctx, &one, Some("userName sw \"b\""), (1, 1), base).await).1, Some("invalidFilter"));

        let worker: WorkerId = id.parse().unwrap();
        let open = async || roster::get(&ctx, &one, worker).await.unwrap().items.iter().filter(|it| it.assignment.stage == Stage::Open).count();
        assert_eq!(open().await, 1, "a joiner is asked at once");
        let off = json!({ "schemas": [scim::PATCH], "Operations": [{ "op": "replace", "path": "active", "value": false }] });
        let patched = directory::patch(&ctx, &one, id, &off, base).await.unwrap();
        assert_eq!((&patched["active"], open().await), (&json!(false), 0), "a leaver's items close");
        let put = directory::replace(&ctx, &one, id, &sent, base).await.unwrap();
        assert_eq!((&put["active"], open().await), (&json!(true), 1), "who comes back is asked again");
        directory::delete(&ctx, &one, id).await.unwrap();
        assert_eq!(kind_of(directory::get(&ctx, &one, id, base).await), (404, None));
        assert_eq!(directory::list(&ctx, &one, None, (1, 10), base).await.unwrap()["totalResults"], 4);
        assert!(roster::get(&ctx, &one, worker).await.unwrap().worker.has_left(date(2026, 3, 3)), "the record stays");
        let back = directory::create(&ctx, &one, &sent, base).await.unwrap();
        assert_eq!(back["id"], id, "and is the same when the person comes back");
        // The other organisation has its own users.
        assert_eq!(kind_of(directory::get(&ctx, &two, id, base).await), (404, None));
        assert_eq!(kind_of(directory::patch(&ctx, &two, id, &off, base).await), (404, None));
        assert!(directory::create(&ctx, &two, &sent, base).await.is_ok());
    })
    .await;
}

/// The figures of the issue: 20,000 people, 60 policies, 10 courses. `cargo test -p bedrail-app --test it -- --ignored workforce --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn twenty_thousand_people_are_assigned_in_a_night() {
    use std::fmt::Write as _;
    let dir = tempfile::tempdir().unwrap();
    let ctx = story::open(dir.path(), None).await;
    let one = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    let mut text = "Staff number,Name,Roles,Site,Ward,Start\n".to_owned();
    for at in 0..20_000 {
        let _ = writeln!(
            text,
            "{at},Person {at},role {};clinical,Site {},Ward {},2025-01-01",
            at % 20,
            at % 4,
            at % 200
        );
    }
    let begun = std::time::Instant::now();
    import::roster(&ctx, &one, list(&text, false)).await.unwrap();
    timed("import of 20,000 people", begun);
    asked_of_all(&ctx, &one).await;
    for (what, moment) in [
        ("a night without change", "2026-03-04T01:00:00Z"),
        ("a night on which all is late", "2026-05-04T01:00:00Z"),
    ] {
        let begun = std::time::Instant::now();
        let night = night::run(&at(&ctx, moment), &one).await.unwrap();
        timed(&format!("{what} ({night:?})"), begun);
    }
    time_pages(&ctx, &one).await;
}

#[expect(clippy::print_stdout, reason = "a measurement is read")]
fn timed(what: &str, since: std::time::Instant) {
    println!("{what}: {} ms", since.elapsed().as_millis());
}

/// 60 policies, and with the courses of ours ten things to learn or to sign.
async fn asked_of_all(ctx: &Context, one: &Actor) {
    let begun = std::time::Instant::now();
    for at in 0..60 {
        // Ten are everybody's, the others of three roles of twenty each.
        let roles = if at < 10 {
            "*".to_owned()
        } else {
            format!("role {}, role {}, role {}", at % 20, (at + 7) % 20, (at + 13) % 20)
        };
        published(ctx, one, &format!("Policy {at}"), &roles).await;
    }
    for course in course::all() {
        let command = AssignCourse { course: course.code.clone(), roles: "*".into(), days: 30 };
        training::assign(ctx, one, &command).await.unwrap();
    }
    for at in 0..8 {
        let new = NewStatement {
            title: format!("Course {at}"),
            body: "x".into(),
            roles: "clinical".into(),
            days: 30,
            ..NewStatement::default()
        };
        duties::open(ctx, one, &new).await.unwrap();
    }
    timed("60 policies published, 10 courses asked", begun);
}

async fn time_pages(ctx: &Context, one: &Actor) {
    let begun = std::time::Instant::now();
    roster::list(
        ctx,
        one,
        &Looked { text: "person 19".into(), stage: "here".into(), ..Looked::default() },
        &PageRequest::default(),
    )
    .await
    .unwrap();
    roster::figures(ctx, one).await.unwrap();
    timed("roster page", begun);
    let begun = std::time::Instant::now();
    let listed = policies::list(ctx, one, None).await.unwrap();
    timed("policies page", begun);
    let begun = std::time::Instant::now();
    duties::list(ctx, one, &[DutyKind::Course]).await.unwrap();
    duties::wards(ctx, one, DutyKind::Course).await.unwrap();
    timed("training page", begun);
    let everybody =
        listed.rows.iter().filter_map(|row| row.signing).max_by_key(|(_, tally)| tally.asked).unwrap();
    let begun = std::time::Instant::now();
    duties::get(ctx, one, everybody.0).await.unwrap();
    duties::people(ctx, one, everybody.0, Stage::Open, ("Site 1", "Ward 1"), &PageRequest::default())
        .await
        .unwrap();
    timed("attestation page of a ward", begun);
    let begun = std::time::Instant::now();
    duties::people(ctx, one, everybody.0, Stage::Open, ("", ""), &PageRequest::default()).await.unwrap();
    timed("attestation page of everybody", begun);
    let ada = come(ctx, one, "Person 777").await;
    let begun = std::time::Instant::now();
    let open = open_of(ctx, &ada).await;
    timed("own page", begun);
    let policy = open.iter().find(|(kind, _)| *kind == DutyKind::Policy).unwrap().1;
    let begun = std::time::Instant::now();
    let asked = me::get(ctx, &ada, policy).await.unwrap();
    me::sign(ctx, &ada, policy, &asked.duty.sha256).await.unwrap();
    timed("reading and signing", begun);
}
