//! Feeds: records as the schema and real sources write them, and zips that are not what they say.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use bedrail_formats::feed::archive::{ArchiveError, Buffers, EntryError, FeedLimits, FeedZip};
use bedrail_formats::feed::{epss, kev, osv};
use bedrail_model::advisory::{EventKind, RangeKind};
use tempfile::{TempDir, tempdir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, content)) in entries.iter().enumerate() {
        let method = if index % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn saved(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("all.zip");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// What each entry turns out to be.
fn read(bytes: &[u8], limits: FeedLimits) -> Result<Vec<Result<Vec<u8>, EntryError>>, ArchiveError> {
    let (_folder, path) = saved(bytes);
    let zip = FeedZip::open(&path, limits)?;
    let mut buffers = Buffers::default();
    zip.entries().map(|entry| Ok(zip.read(&entry?, &mut buffers).map(<[u8]>::to_vec))).collect()
}

#[test]
fn a_zip_is_read_entry_by_entry() {
    let long = vec![b'x'; 300_000];
    let bytes = zip_of(&[("a.json", b"{}"), ("b.json", b"stored"), ("c.json", &long), ("empty.json", b"")]);
    let contents: Vec<Vec<u8>> =
        read(&bytes, FeedLimits::default()).unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!(contents, [b"{}".to_vec(), b"stored".to_vec(), long, Vec::new()]);
    let (_folder, path) = saved(&bytes);
    let zip = FeedZip::open(&path, FeedLimits::default()).unwrap();
    assert!(zip.find("b.json").unwrap().is_some());
    assert!(zip.find("z.json").unwrap().is_none());
}

#[test]
fn a_damaged_entry_leaves_the_others_readable() {
    let mut bytes = zip_of(&[("a.json", &[b'a'; 4000]), ("b.json", b"stored content"), ("c.json", b"{}")]);
    let at = bytes.windows(14).position(|window| window == b"stored content").unwrap();
    bytes[at] ^= 1;
    let entries = read(&bytes, FeedLimits::default()).unwrap();
    assert!(matches!(entries[1], Err(EntryError::Checksum)));
    assert!(entries[0].is_ok() && entries[2].is_ok());
}

#[test]
fn a_size_that_lies_is_an_error_of_the_entry() {
    let bytes = zip_of(&[("bomb.json", &vec![b' '; 5_000_000]), ("fine.json", b"{}")]);
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for stated in [10_u32, 4_999_999, 5_000_001] {
        let mut lying = bytes.clone();
        lying[directory + 24..directory + 28].copy_from_slice(&stated.to_le_bytes());
        let entries = read(&lying, FeedLimits::default()).unwrap();
        assert!(entries[0].is_err(), "stated {stated}");
        assert!(entries[1].is_ok());
    }
}

#[test]
fn limits_hold_before_anything_is_expanded() {
    let bytes = zip_of(&[("bomb.json", &vec![b' '; 5_000_000]), ("fine.json", b"{}")]);
    let entries = read(&bytes, FeedLimits { entry_bytes: 1_000_000, ..FeedLimits::default() }).unwrap();
    assert!(matches!(entries[0], Err(EntryError::TooLarge(1_000_000))));
    assert!(entries[1].is_ok());
    let many = read(&bytes, FeedLimits { entries: 1, ..FeedLimits::default() });
    assert!(matches!(many, Err(ArchiveError::TooMuch { what: "entries", .. })));
    let large = read(&bytes, FeedLimits { total_bytes: 1_000_000, ..FeedLimits::default() });
    assert!(matches!(large, Err(ArchiveError::TooMuch { .. })));
}

#[test]
fn a_zip_cut_off_anywhere_or_bent_anywhere_is_no_panic() {
    let bytes = zip_of(&[("a.json", &[b'a'; 600]), ("b.json", b"stored"), ("c.json", b"{}")]);
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length], FeedLimits::default()).is_err(), "cut to {length}");
    }
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 0xff;
        if let Ok(entries) = read(&bent, FeedLimits::default()) {
            assert!(entries.len() <= 3);
        }
    }
}

#[test]
fn a_record_is_read_with_everything_that_matching_needs() {
    let json = br#"{
      "schema_version": "1.6.7", "id": "GHSA-x", "modified": "2024-07-25T20:23:05.854188Z", "published": "0001-01-01T00:00:00Z",
      "withdrawn": null, "aliases": ["CVE-1", "CVE-\u0032"], "related": ["CVE-9"], "upstream": ["CVE-8"], "summary": "a \"b\"",
      "details": "long", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"type": "Ubuntu", "score": "high"}],
      "database_specific": {"severity": "MODERATE", "cwe_ids": []},
      "affected": [
        {"package": {"ecosystem": "Debian:12", "name": "openssl"}, "versions": ["1"],
         "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/x"}],
         "ranges": [{"type": "GIT", "repo": "https://x", "events": [{"introduced": "0"}]},
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}, {"limit": "3"}, {"last_affected": "4"}]}],
         "database_specific": {"last_known_affected_version_range": "<= 2"}},
        {"package": {}, "ranges": null},
        {"package": {"ecosystem": "Nowhere", "name": "x"}, "database_specific": [1, 2]}
      ]}"#;
    let advisory = osv::parse(json).unwrap();
    assert_eq!(advisory.aliases, ["CVE-1", "CVE-2"]);
    assert_eq!(advisory.mentions, ["CVE-8", "CVE-9"]);
    assert_eq!((advisory.published, advisory.withdrawn), (None, None));
    assert_eq!(advisory.vectors, ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/x"]);
    assert_eq!(advisory.unknown_ecosystems, ["Nowhere"]);
    let [affected] = &advisory.affected[..] else { panic!("one entry has a package we know") };
    assert_eq!((affected.release.as_deref(), affected.last_known.as_deref()), (Some("12"), Some("<= 2")));
    assert_eq!(affected.ranges[0].kind, RangeKind::Commits);
    let kinds: Vec<EventKind> = affected.ranges[1].events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Introduced, EventKind::Fixed, EventKind::Limit, EventKind::LastAffected]);
    assert_eq!(osv::parse_prose(json).unwrap().details.as_deref(), Some("long"));
}

#[test]
fn related_ids_are_mentioned_only_where_a_distribution_names_cves() {
    for (id, ecosystem, mentions) in [
        ("DSA-1", "Debian:12", &["CVE-8", "CVE-9"][..]),
        ("ALSA-2025:1", "AlmaLinux:9", &["CVE-8", "CVE-9"]),
        ("CGA-1", "Wolfi", &["CVE-8", "CVE-9"]),
        ("GHSA-1", "npm", &["CVE-8"]),
        // The record of a CVE names the advisories that fix it, which is the other way round.
        ("CVE-7", "Alpine:v3.20", &["CVE-8"]),
    ] {
        let json = format!(
            r#"{{"id": "{id}", "upstream": ["CVE-8"], "related": ["CVE-9", "USN-1", "UBUNTU-CVE-9"],
            "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "p"}}}}]}}"#
        );
        assert_eq!(osv::parse(json.as_bytes()).unwrap().mentions, mentions, "{id}");
    }
}

#[test]
fn where_there_is_no_summary_the_text_begins_it() {
    for (fields, summary) in [
        (r#""summary": "short", "details": "long""#, "short"),
        (r#""summary": " ", "details": "\n## Impact of \"it\"\nMore""#, "Impact of \"it\""),
        (r#""details": null"#, ""),
        (r#""details": """#, ""),
    ] {
        let json = format!(r#"{{"id": "x", {fields}}}"#);
        assert_eq!(osv::parse(json.as_bytes()).unwrap().summary, summary, "{fields}");
    }
    let json = format!(r#"{{"id": "x", "details": "{}"}}"#, "wörd ".repeat(100));
    let summary = osv::parse(json.as_bytes()).unwrap().summary.into_owned();
    assert!(summary.ends_with("wörd…") && summary.chars().count() <= 201, "{summary}");
}

#[test]
fn a_record_that_breaks_the_schema_is_refused_as_a_whole() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"id": ""}"#,
        r#"{"id": 7}"#,
        r#"{"id": "x", "modified": "yesterday"}"#,
        r#"{"id": "x", "affected": [{"package": {"ecosystem": "npm", "name": "p"}, "ranges": [{"type": "SEMVER", "events": [{}]}]}]}"#,
        r#"{"id": "x", "affected": [{"package": {"ecosystem": "npm", "name": "p"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0", "fixed": "1"}]}]}]}"#,
        r#"{"id": "x", "affected": [{"package": {"ecosystem": "npm", "name": "p"}, "ranges": [{"type": "MOON", "events": []}]}]}"#,
    ] {
        assert!(osv::parse(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn the_catalogue_of_the_exploited_keeps_what_it_can_read() {
    let json = br#"{"dateReleased": "2026-08-07T16:45:47.0648Z", "count": 3, "vulnerabilities": [
        {"cveID": "CVE-1", "dateAdded": "2021-12-10", "dueDate": "2021-12-24", "knownRansomwareCampaignUse": "Known"},
        {"cveID": "CVE-2", "dateAdded": "soon"}]}"#;
    let catalogue = kev::parse(json).unwrap();
    assert_eq!((catalogue.count, catalogue.entries.len(), catalogue.warnings.len()), (Some(3), 1, 1));
    assert!(catalogue.entries[0].1.ransomware);
    assert_eq!(catalogue.warnings[0].place, "/vulnerabilities/1");
    assert!(kev::parse(b"{}").is_err());
}

#[test]
fn scores_are_read_with_and_without_percentile() {
    let old =
        epss::parse("#model_version:v1,score_date:2021-08-31T00:00:00+0000\ncve,epss\nCVE-1,0.5\n").unwrap();
    assert_eq!(old.date, Some("2021-08-31T00:00:00Z".parse().unwrap()));
    assert_eq!(old.rows[0].1.percentile, None);
    let new = epss::parse("#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z\r\ncve,epss,percentile\r\nCVE-1,0.5,0.9\r\nCVE-2,7,1\r\n").unwrap();
    assert_eq!((new.rows.len(), new.rows[0].1.percentile, new.warnings.len()), (1, Some(0.9), 1));
    assert_eq!(new.warnings[0].place, "line 4");
    assert!(epss::parse("hello").is_err());
    assert!(epss::parse("").is_err());
}

/// OSV schema, "affected[].ranges[].events": each range has at least one `introduced`. Without it a range would cover nothing.
#[test]
fn a_range_of_versions_without_introduced_is_an_error() {
    for (kind, events, is_read) in [
        ("SEMVER", r#"[{"fixed": "2.0.0"}]"#, false),
        ("ECOSYSTEM", "[]", false),
        ("SEMVER", r#"[{"introduced": "0"}, {"fixed": "2.0.0"}]"#, true),
        // Commits are passed over.
        ("GIT", "[]", true),
    ] {
        let json = format!(
            r#"{{"id": "GHSA-a", "affected": [{{"package": {{"ecosystem": "npm", "name": "p"}}, "ranges": [{{"type": "{kind}", "events": {events}}}]}}]}}"#
        );
        assert_eq!(osv::parse(json.as_bytes()).is_ok(), is_read, "{json}");
    }
}
