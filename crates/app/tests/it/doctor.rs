use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::doctor::{Check, Depth, Health, examine};
use bedrail_app::{Actor, Context, accounts, devices};

use crate::story::list;

fn settings(dir: &Path, database: Option<String>, now: &str) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        database,
        clock: Clock::Fixed(now.parse().unwrap()),
        parser: None,
        key_file: None,
        max_data_age_days: 7,
    }
}

const NOW: &str = "2026-03-03T10:00:00Z";

/// An installation with a device list in it.
async fn filled(dir: &Path, database: Option<String>) {
    let ctx = Context::open(settings(dir, database, NOW)).await.unwrap();
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::at_terminal(org, "kim".into());
    let rows = "Asset tag,Maker,Model\nP-1,Orbis,Flow 300\n";
    devices::import(&ctx, &actor, list("pumps.csv", rows, false)).await.unwrap();
    ctx.close().await.unwrap();
    #[cfg(unix)]
    mode(dir, 0o700);
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn of<'c>(checks: &'c [Check], part: &str) -> &'c Check {
    checks.iter().find(|check| check.part == part).unwrap_or_else(|| panic!("{part}: {checks:#?}"))
}

fn broken(checks: &[Check]) -> Vec<&'static str> {
    checks.iter().filter(|check| check.health == Health::Broken).map(|check| check.part).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_installation_has_nothing_broken() {
    for database in [None, bedrail_testkit::postgres::database()] {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), database.clone()).await;
        for depth in [Depth::Usual, Depth::Deep] {
            let checks = examine(settings(dir.path(), database.clone(), NOW), depth).await;
            assert!(broken(&checks).is_empty(), "{checks:#?}");
            let chain = of(&checks, "audit_chain");
            assert_eq!(chain.words, "General Hospital: 1 of 1 entries hold together");
            assert_eq!(of(&checks, "feeds").health, Health::Warning, "starter data alone");
            assert_eq!(of(&checks, "notices").health, Health::Warning);
            assert_eq!(of(&checks, "schema").health, Health::Fine);
            let deep = depth == Depth::Deep && database.is_none();
            assert_eq!(checks.iter().any(|check| check.part == "integrity"), deep, "{checks:#?}");
            if database.is_some() {
                assert_eq!(of(&checks, "database_role").health, Health::Fine);
                assert_eq!(of(&checks, "row_level_security").health, Health::Fine);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    let checks = examine(settings(&nowhere, None, NOW), Depth::Usual).await;
    assert_eq!(broken(&checks), ["data_folder"]);
    assert!(!nowhere.exists());
    let checks = examine(settings(dir.path(), None, NOW), Depth::Usual).await;
    assert_eq!(broken(&checks), ["database"]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is made");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_broken_is_named_with_what_to_mend() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), None).await;
    // A document that somebody changed, and a key that others can read.
    let documents = dir.path().join("documents");
    let folder = std::fs::read_dir(&documents).unwrap().next().unwrap().unwrap().path();
    let document = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&document, "another list").unwrap();
    std::fs::write(dir.path().join("secret.key"), "11".repeat(32)).unwrap();
    #[cfg(unix)]
    mode(&dir.path().join("secret.key"), 0o644);
    std::fs::write(dir.path().join("audit.key"), "no key").unwrap();
    // A clock that went back.
    let checks = examine(settings(dir.path(), None, "2026-03-01T10:00:00Z"), Depth::Usual).await;
    let wanted: &[&str] = if cfg!(unix) {
        &["secret_key", "audit_key", "documents", "clock"]
    } else {
        &["audit_key", "documents", "clock"]
    };
    assert_eq!(broken(&checks), wanted, "{checks:#?}");
    assert!(checks.iter().all(|check| check.health == Health::Fine || check.mend.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_somebody_changed_by_hand_is_told() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), None).await;
    let file = dir.path().join("bedrail.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let places: Vec<usize> = (0..bytes.len() - 9).filter(|at| &bytes[*at..at + 9] == b"pumps.csv").collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] = b'b';
    }
    std::fs::write(&file, bytes).unwrap();
    let checks = examine(settings(dir.path(), None, NOW), Depth::Usual).await;
    assert_eq!(broken(&checks), ["audit_chain"], "{checks:#?}");
    assert!(of(&checks, "audit_chain").words.contains("entry 1"), "{checks:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_passes_by_row_level_security_is_told() {
    let Some(url) = bedrail_testkit::postgres::database() else { return };
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), Some(url.clone())).await;
    let superuser = url.replacen("postgres://bedrail@", "postgres://postgres@", 1);
    let checks = examine(settings(dir.path(), Some(superuser.clone()), NOW), Depth::Usual).await;
    assert_eq!(broken(&checks), ["database_role"], "{checks:#?}");
    let ctx = Context::open(settings(dir.path(), Some(superuser), NOW)).await.unwrap();
    assert_eq!(ctx.second_lock().await.unwrap(), Some(false));
    let ctx = Context::open(settings(dir.path(), Some(url), NOW)).await.unwrap();
    assert_eq!(ctx.second_lock().await.unwrap(), Some(true));
}
