use bedrail_app::audit::file::{FileError, Noted, VerifiedFile, verify};
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_app::page::PageRequest;
use bedrail_app::seen::Seen;
use bedrail_app::{Actor, Context, Error, accounts, devices};
use bedrail_model::money::Currency;
use bedrail_model::organisation::OrgKind;

use crate::story::{list, open};

/// An installation whose log has a few entries.
async fn with_entries(dir: &std::path::Path, database: Option<String>) -> (Context, Actor) {
    let ctx = open(dir, database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::at_terminal(org, "kim".into()).at(Some([10, 0, 0, 7].into()));
    for (name, second_factor) in [("General", false), ("General Hospital", true)] {
        let wanted = SetOrganisation {
            name: name.into(),
            kind: OrgKind::Hybrid,
            second_factor,
            currency: Currency::USD,
        };
        organisations::set(&ctx, &actor, &Seen::Whatever, wanted).await.unwrap();
    }
    let rows = "Asset tag,Maker,Model\nP-1,Orbis,Flow 300\n";
    devices::import(&ctx, &actor, list("pumps.csv", rows, false)).await.unwrap();
    (ctx, actor)
}

async fn exported(ctx: &Context, actor: &Actor) -> String {
    let mut lines = Vec::new();
    audit::export(ctx, actor, &mut lines).await.unwrap();
    String::from_utf8(lines).unwrap()
}

fn checked(text: &str) -> Result<VerifiedFile, FileError> {
    verify(text.as_bytes(), &Noted::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_from_where_and_what_was_before_and_can_be_searched() {
    let dir = tempfile::tempdir().unwrap();
    log_can_be_searched(dir.path(), None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        log_can_be_searched(dir.path(), Some(url)).await;
    }
}

async fn log_can_be_searched(dir: &std::path::Path, database: Option<String>) {
    let (ctx, actor) = with_entries(dir, database).await;
    let find = |text: &str, action: &str| AuditFilter {
        text: Some(text.into()),
        action: Some(action.into()),
        ..AuditFilter::default()
    };
    let page = PageRequest::default();
    let found = audit::list(&ctx, &actor, &find("KIM", "organisation."), &page).await.unwrap();
    assert_eq!(found.total, 2);
    let newest = &found.rows[0];
    assert_eq!(newest.address.as_deref(), Some("10.0.0.7"));
    assert!(newest.before.as_deref().unwrap().starts_with("General, hybrid"), "{newest:?}");
    assert!(newest.after.as_deref().unwrap().contains("second factor for everybody"), "{newest:?}");
    for nothing in [find("100%", ""), find("", "organisation.sett"), find("k_m", "")] {
        assert_eq!(audit::list(&ctx, &actor, &nothing, &page).await.unwrap().total, 0, "{nothing:?}");
    }
    let later = AuditFilter { from: Some("2026-03-03T10:00:01Z".parse().unwrap()), ..AuditFilter::default() };
    assert_eq!(audit::list(&ctx, &actor, &later, &page).await.unwrap().total, 0);
    let (chain, _) = audit::head(&ctx, &actor).await.unwrap();
    assert_eq!((chain.entries, chain.sequence), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_log_is_checked_without_a_database_and_names_the_first_broken_line() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = with_entries(dir.path(), None).await;
    let text = exported(&ctx, &actor).await;
    let whole = checked(&text).unwrap();
    assert_eq!((whole.chain.entries, whole.name.as_str()), (3, "General Hospital"));
    assert_eq!(text.lines().count(), 5);
    // Carrying the log away is an entry itself.
    assert_eq!(checked(&exported(&ctx, &actor).await).unwrap().chain.entries, 4);

    let lines: Vec<&str> = text.lines().collect();
    let changed = text.replacen("pumps.csv", "bumps.csv", 1);
    assert!(checked(&changed).unwrap_err().to_string().starts_with("line 4: the chain breaks at entry 3 ("));
    let dropped = [&lines[..2], &lines[3..]].concat().join("\n");
    assert_eq!(
        checked(&dropped).unwrap_err().to_string(),
        "line 3: the chain breaks at entry 3: entry 2 should stand there"
    );
    let no_newest = [&lines[..3], &lines[4..]].concat().join("\n");
    assert!(checked(&no_newest).unwrap_err().to_string().contains("ends at entry 2, but 3 were written"));
    assert!(matches!(checked(&lines[..4].join("\n")), Err(FileError::Cut { line: 5 })));
    assert!(matches!(checked(&format!("{text}{{}}")), Err(FileError::Beyond { line: 6 })));
    assert!(matches!(checked(""), Err(FileError::Cut { .. })));
    assert!(matches!(checked("{}"), Err(FileError::Shape { line: 1, .. })));
    assert!(matches!(checked(&"x".repeat(2 << 20)), Err(FileError::Shape { line: 1, .. })));
    let other = text.replacen(&whole.chain.org.to_string(), "0190b6a2-7c1e-7000-8000-000000000000", 1);
    assert!(
        matches!(checked(&other), Err(FileError::Chain { line: 2, .. })),
        "another organisation's name on it"
    );
    let signature = lines[4].rsplit_once("signature\":\"").unwrap().1;
    let forged = text.replacen(&signature[..2], if signature.starts_with("00") { "01" } else { "00" }, 99);
    assert!(checked(&forged).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_written_anew_as_a_whole_is_told_by_the_noted_head_and_key() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ctx, actor) = with_entries(dir.path(), None).await;
    let (head, key) = audit::head(&ctx, &actor).await.unwrap();
    let noted = (head.sequence, head.hash.clone());
    assert!(audit::head_past(&ctx, &actor, Some(&noted)).await.is_ok());

    let (again, someone) = with_entries(other.path(), None).await;
    let refused = audit::head_past(&again, &someone, Some(&noted)).await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict { message } if message.contains("written anew")), "{refused}");
    let text = exported(&again, &someone).await;
    let by_head = Noted { head: Some(noted), key: None };
    assert!(verify(text.as_bytes(), &by_head).unwrap_err().to_string().contains("written anew"));
    let by_key = Noted { head: None, key: Some(key) };
    assert!(verify(text.as_bytes(), &by_key).unwrap_err().to_string().contains("another key"));
}

/// Written by `bedrail audit export` before personal values were kept apart: our own, made-up data.
const OLDER: &str = include_str!("samples/audit-format-2.jsonl");

#[test]
fn a_log_from_before_personal_values_were_kept_apart_holds_as_before() {
    let found = checked(OLDER).unwrap();
    assert_eq!((found.chain.entries, found.chain.erased), (3, 0));
    let changed = OLDER.replacen("\"subject\":\"ann\"", "\"subject\":\"eve\"", 1);
    assert!(matches!(checked(&changed), Err(FileError::Chain { line: 2, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_the_one_that_was_written_is_found_and_an_erased_one_is_told() {
    let dir = tempfile::tempdir().unwrap();
    names_are_checked(dir.path(), None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        names_are_checked(dir.path(), Some(url)).await;
    }
}

async fn names_are_checked(dir: &std::path::Path, database: Option<String>) {
    let (ctx, actor) = with_entries(dir, database).await;
    for name in ["ann", "bob"] {
        accounts::emergency_administrator(&ctx, &actor, name).await.unwrap();
    }
    let text = exported(&ctx, &actor).await;
    assert!(text.contains("\"value\":\"ann\""), "{text}");
    assert!(!text.contains("\"subject\":\"ann\""), "the entry itself holds no name");
    assert_eq!(checked(&text).unwrap().chain.erased, 0);
    let says = |text: &str| checked(text).unwrap_err().to_string();
    let other = text.replacen("\"value\":\"ann\"", "\"value\":\"eve\"", 1);
    assert!(says(&other).contains("is not what was written"), "{}", says(&other));
    // A value cannot be left out, and one cannot be put in another's place.
    let begin = text.find(",\"personal\":[").unwrap();
    let end = begin + text[begin..].find(']').unwrap() + 1;
    let without = format!("{}{}", &text[..begin], &text[end..]);
    assert!(says(&without).contains("is gone, and was not erased"), "{}", says(&without));

    let ann = accounts::erasure::find(&ctx, &actor, "ann").await.unwrap();
    let erased = accounts::erasure::erase(&ctx, &actor, ann).await.unwrap();
    assert_eq!((erased.values, erased.older_entries), (1, 0));
    let after = exported(&ctx, &actor).await;
    assert!(!after.contains("\"ann\"") && after.contains("\"value\":\"bob\""), "{after}");
    assert_eq!(checked(&after).unwrap().chain.erased, 1);
    assert_eq!(checked(&text).unwrap().chain.erased, 0, "the older copy holds as before");
    let log = audit::list(&ctx, &actor, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
    let subjects: Vec<&str> = log.rows.iter().map(|entry| entry.subject.as_str()).collect();
    assert!(
        subjects.contains(&"(erased)") && subjects.contains(&"bob") && !subjects.contains(&"ann"),
        "{subjects:?}"
    );
    assert!(accounts::erasure::find(&ctx, &actor, "ann").await.is_err());
    let last = accounts::erasure::find(&ctx, &actor, "bob").await.unwrap();
    let refused = accounts::erasure::erase(&ctx, &actor, last).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Conflict { message } if message.contains("last administrator")),
        "{refused}"
    );
}
