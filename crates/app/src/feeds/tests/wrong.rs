//! Updates that go wrong: what was held stays in use.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use bedrail_model::data_status::SourceState;
use bedrail_testkit::small_disk::SmallDisk;

use super::{Setup, now, outcome, record};
use crate::feeds::update::Outcome;
use crate::feeds::{Addresses, Data, DataDir, FeedError, Options, Origin};

fn refused(outcome: &Outcome, words: &str) {
    assert!(matches!(outcome, Outcome::Refused(why) if why.contains(words)), "{outcome:?}");
}

#[test]
fn a_bad_entry_is_a_warning_and_the_source_is_partial() {
    let setup = Setup::new();
    setup.npm(&[
        ("GHSA-a.json", &record("GHSA-a", "2025-01-30", "2.0.0")),
        ("GHSA-b.json", "{\"id\": \"GHSA-b\", "),
    ]);
    let report = setup.update().unwrap();
    assert_eq!(report.warnings.len(), 1);
    assert_eq!(report.warnings[0].place, "osv/npm: GHSA-b.json");
    assert_eq!(setup.affecting(), ["GHSA-a"]);
    let status = Data::open(&setup.dir()).unwrap().status(now(), 7);
    let npm = status.sources.iter().find(|source| source.name == "osv/npm").unwrap();
    assert_eq!((npm.state, npm.records), (SourceState::Partial, 1));
}

#[test]
fn an_empty_feed_is_refused() {
    let setup = Setup::new();
    setup.update().unwrap();
    setup.npm(&[]);
    let report = setup.update().unwrap();
    refused(outcome(&report, "osv/npm"), "empty");
    assert_eq!(setup.affecting(), ["GHSA-a"]);
}

#[test]
fn a_feed_older_than_the_one_held_is_refused_unless_allowed() {
    let setup = Setup::new();
    setup.update().unwrap();
    setup.npm(&[("GHSA-old.json", &record("GHSA-old", "2024-06-01", "2.0.0"))]);
    refused(outcome(&setup.update().unwrap(), "osv/npm"), "older than the one held, of 2025-01-01");
    assert_eq!(setup.affecting(), ["GHSA-a"]);
    let origin = Origin::Mirror(setup.mirror());
    let report = setup.update_with(&origin, Options { allow_older: true, ..Options::default() }).unwrap();
    assert_eq!(outcome(&report, "osv/npm"), &Outcome::Updated);
    assert_eq!(setup.affecting(), ["GHSA-old"]);
}

#[test]
fn a_feed_cut_off_or_not_a_zip_is_refused() {
    let setup = Setup::new();
    setup.update().unwrap();
    let path = setup.mirror().join("osv/npm/all.zip");
    setup.npm(&[("GHSA-n.json", &record("GHSA-n", "2025-01-20", "2.0.0"))]);
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..whole.len() - 10], b"<html>captive portal</html>", b""] {
        fs::write(&path, bytes).unwrap();
        refused(outcome(&setup.update().unwrap(), "osv/npm"), "not a whole zip");
        assert_eq!(setup.affecting(), ["GHSA-a"]);
    }
}

#[test]
fn a_folder_without_feeds_is_an_error() {
    let setup = Setup::new();
    let empty = Origin::Mirror(setup.folder.path().join("nowhere"));
    assert!(matches!(setup.update_with(&empty, Options::default()), Err(FeedError::NoFeeds { .. })));
}

#[test]
fn only_one_update_runs_at_a_time() {
    let setup = Setup::new();
    setup.update().unwrap();
    let lock = setup.dir().lock().unwrap();
    assert!(matches!(setup.update(), Err(FeedError::Busy)));
    drop(lock);
    assert!(setup.update().is_ok());
}

/// What a killed update leaves behind at each step: nothing of it is in use, and the next update removes it.
#[test]
fn leftovers_of_a_killed_update_do_no_harm() {
    let setup = Setup::new();
    setup.update().unwrap();
    let data = setup.folder.path().join("data");
    let leftovers = [
        "feeds/.incoming/osv-npm.part",
        "feeds/osv/npm/0123456789abcdef.tmp",
        "feeds/osv/npm/0123456789abcdef.zip",
        "vulndb/base-0123456789abcdef.idx.tmp",
        "vulndb/base-0123456789abcdef.idx",
        "vulndb/manifest.tmp",
    ];
    for leftover in leftovers {
        fs::write(data.join(leftover), b"half").unwrap();
    }
    assert_eq!(setup.affecting(), ["GHSA-a"]);
    setup.npm(&[("GHSA-n.json", &record("GHSA-n", "2025-01-20", "2.0.0"))]);
    setup.update().unwrap();
    assert_eq!(setup.affecting(), ["GHSA-n"]);
    for leftover in leftovers {
        assert!(!data.join(leftover).exists(), "{leftover}");
    }
}

#[test]
fn a_lost_or_damaged_index_is_built_again_from_the_kept_feeds() {
    let setup = Setup::new();
    setup.update().unwrap();
    let folder = setup.folder.path().join("data/vulndb");
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "idx") {
            fs::write(path, b"damaged").unwrap();
        }
    }
    assert!(Data::open(&setup.dir()).is_err());
    assert!(setup.update().unwrap().rebuilt);
    assert_eq!(setup.affecting(), ["GHSA-a"]);
}

/// A server that states a length and sends less of it.
#[test]
fn a_download_that_is_cut_off_replaces_nothing() {
    let setup = Setup::new();
    setup.update().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            if request.starts_with("GET /stop") {
                return;
            }
            let answer: &[u8] = if request.starts_with("GET /npm/") {
                b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nPK\x03\x04 and then nothing"
            } else {
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            };
            _ = stream.write_all(answer);
        }
    });
    let addresses = Addresses {
        osv: address.clone(),
        nvd: address.clone(),
        nvd_overrides: address.clone(),
        kev: address.clone(),
        epss: address.clone(),
    };
    let report = setup.update_with(&Origin::Addresses(addresses), Options::default()).unwrap();
    assert!(
        matches!(outcome(&report, "osv/npm"), Outcome::NotFetched(_)),
        "{:?}",
        outcome(&report, "osv/npm")
    );
    assert!(matches!(outcome(&report, "osv/Maven"), Outcome::NotFetched(why) if why.contains("404")));
    assert_eq!(setup.affecting(), ["GHSA-a"]);
    let mut stop = std::net::TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    stop.write_all(b"GET /stop HTTP/1.1\r\n\r\n").unwrap();
    server.join().unwrap();
}

/// A disk that is full while feeds are taken over or the index is built.
#[test]
fn a_full_disk_leaves_what_is_held_in_use_and_the_next_update_mends_all() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let setup = Setup::new();
    let dir = DataDir::new(disk.path());
    let update = |origin: &Origin| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(super::update(&dir, origin, Options::default(), now(), &|_| {}))
    };
    let origin = Origin::Mirror(setup.mirror());
    update(&origin).unwrap();
    let many: Vec<(String, String)> = (0..4_000)
        .map(|number| {
            (format!("GHSA-{number}.json"), record(&format!("GHSA-{number}"), "2025-01-20", "2.0.0"))
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    setup.npm(&many);
    let feed = fs::metadata(setup.mirror().join("osv/npm/all.zip")).unwrap().len();
    // None for the feed; for the feed and a part of the index; for both but not for all that is written on the way.
    for room in [0, feed / 2, feed + (64 << 10), feed + (256 << 10)] {
        disk.fill_but(room);
        if let Err(error) = update(&origin) {
            let words = error.to_string();
            assert!(words.contains("No space left") || words.contains("os error 28"), "{room}: {words}");
            let held = Data::open(&dir).unwrap().status(now(), 7).advisories;
            assert_eq!(held, 1, "{room}");
        }
        disk.make_room();
    }
    assert!(update(&origin).unwrap().advisories == 4_000);
    assert_eq!(Data::open(&dir).unwrap().status(now(), 7).advisories, 4_000);
}
