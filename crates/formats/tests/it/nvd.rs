//! NVD: records as the feeds have them, odd ones, and feeds that are cut off or no feeds.

use std::io::Write;

use bedrail_formats::feed::nvd::{self, FeedError, NvdError, NvdLimits, Records};
use bedrail_model::configuration::Node;
use flate2::Compression;
use flate2::write::GzEncoder;

const FIRMWARE: &str = r#"{"cve":{"id":"CVE-2023-24256","vulnStatus":"Analyzed","published":"2023-07-06T15:15:10.040",
 "lastModified":"2023-07-12T13:52:17.237","descriptions":[{"lang":"es","value":"Un problema"},
 {"lang":"en","value":"An issue in the com.nextev.datastatistic component of NIO EC6 Aspen before v3.3.0 allows attackers to\nescalate privileges via path traversal."}],
 "metrics":{"cvssMetricV31":[{"cvssData":{"vectorString":"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"}}],
  "cvssMetricV2":[{"cvssData":{"vectorString":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}}],"ssvcV203":[{"any":"thing"}]},
 "configurations":[{"operator":"AND","nodes":[
  {"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:o:nio:aspen:*:*:*:*:*:*:*:*",
   "versionEndExcluding":"3.3.0","matchCriteriaId":"x"}]},
  {"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:h:nio:ec6:-:*:*:*:*:*:*:*"}]}]}],
 "references":[{"url":"https://example.org/a"},{"url":"https://example.org/a"}]}}"#;

fn feed(records: &[&str]) -> String {
    format!(
        r#"{{"resultsPerPage":{n},"startIndex":0,"totalResults":{n},"format":"NVD_CVE","version":"2.0",
           "timestamp":"2025-02-21T08:02Z","vulnerabilities": [{}]}}"#,
        records.join(" ,\n"),
        n = records.len()
    )
}

fn read(text: &[u8], limits: NvdLimits) -> Result<Vec<Vec<u8>>, FeedError> {
    let mut records = Records::new(text, limits)?;
    let (mut all, mut record) = (Vec::new(), Vec::new());
    while let Some(number) = records.next_into(&mut record)? {
        assert_eq!(number, all.len() as u64);
        all.push(record.clone());
    }
    Ok(all)
}

#[test]
fn a_record_is_read_as_a_tree_over_the_device() {
    let advisory = nvd::parse(FIRMWARE.as_bytes()).unwrap();
    assert_eq!(advisory.id, "NVD-CVE-2023-24256");
    assert_eq!(advisory.aliases, ["CVE-2023-24256"]);
    assert_eq!(advisory.summary, "An issue in the com.nextev.datastatistic component of NIO…");
    assert_eq!(advisory.modified.unwrap().to_string(), "2023-07-12T13:52:17.237Z");
    assert_eq!(advisory.withdrawn, None);
    // CVSS v2 rates otherwise; it counts where there is no newer vector.
    assert_eq!(advisory.vectors, ["CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"]);
    let [Node::All(nodes)] = &advisory.configurations[..] else { panic!("{:?}", advisory.configurations) };
    let [Node::Any(weak), Node::Any(on)] = &nodes[..] else { panic!("{nodes:?}") };
    let (Node::Criterion(weak), Node::Criterion(on)) = (&weak[0], &on[0]) else { panic!("{nodes:?}") };
    assert_eq!(weak.name.product().unwrap(), "o:nio:aspen");
    assert_eq!(weak.end.as_ref().map(|end| (&*end.version, end.inclusive)), Some(("3.3.0", false)));
    assert_eq!(
        (weak.vulnerable, on.vulnerable, on.name.product().unwrap()),
        (true, false, "h:nio:ec6".into())
    );
    let prose = nvd::parse_prose(FIRMWARE.as_bytes()).unwrap();
    assert!(prose.details.unwrap().ends_with("path traversal."));
    assert_eq!(prose.references, ["https://example.org/a"]);
    assert_eq!(nvd::id_of(FIRMWARE.as_bytes()).unwrap(), "CVE-2023-24256");
}

/// Records rejected by their CNA keep their configurations in some feeds; they name nothing.
#[test]
fn a_rejected_record_is_withdrawn_and_names_nothing() {
    let advisory = FIRMWARE.replace("Analyzed", "Rejected");
    let advisory = nvd::parse(advisory.as_bytes()).unwrap();
    assert_eq!(advisory.withdrawn, advisory.modified);
    assert!(advisory.configurations.is_empty());
    let bare = br#"{"cve":{"id":"CVE-2099-1","vulnStatus":"Rejected"}}"#;
    assert!(nvd::parse(bare).unwrap().withdrawn.is_some());
}

#[test]
fn odd_records_are_read_or_refused_with_their_place() {
    let with = |from: &str, to: &str| {
        let text = FIRMWARE.replace(from, to);
        assert_ne!(text, FIRMWARE, "{from}");
        nvd::parse(text.as_bytes())
            .map(|advisory| advisory.configurations.len())
            .map_err(|error| error.to_string())
    };
    // Escapes in a criterion, an unquoted plus sign, moments with a zone.
    assert_eq!(with("o:nio:aspen", r"o:nio:aspen\\+"), Ok(1));
    assert_eq!(with("o:nio:aspen", "o:nio:aspen+"), Ok(1));
    assert_eq!(with("13:52:17.237", "13:52:17.237Z"), Ok(1));
    assert_eq!(with(r#""operator":"OR","negate":false,"#, ""), Ok(1));
    assert_eq!(with(r#""metrics""#, r#""metricz""#), Ok(1));
    // A maker that nobody knows (CVE-2017-11632), no product at all (CVE-2017-13091).
    assert_eq!(with("o:nio:aspen", "h:-:wireless_ip_camera_360"), Ok(1));
    assert_eq!(with("o:nio:aspen", "o:-:-"), Ok(1));
    for (from, to, said) in [
        ("o:nio:aspen", "o:nio:asp*", "/configurations/0/nodes/0/cpeMatch/0: "),
        ("o:nio:aspen", "o:nio:*", "/configurations/0/nodes/0/cpeMatch/0: the product is open"),
        ("cpe:2.3:o:nio", "cpe:2.3:z:nio", "/configurations/0/nodes/0/cpeMatch/0: `cpe:2.3:z:nio"),
        ("o:nio:aspen", "o:*:aspen", "/configurations/0/nodes/0/cpeMatch/0: the product is open"),
        ("aspen:*", "aspen:3.1", "/configurations/0/nodes/0/cpeMatch/0: a version stands beside bounds"),
        ("\"AND\"", "\"XOR\"", "/configurations/0 has the unknown operator `XOR`"),
        ("2023-07-12T", "12.07.2023 ", "lastModified `12.07.2023 13:52:17.237` is not a moment"),
        ("CVE-2023-24256", "GHSA-1", "`GHSA-1` is no CVE id"),
        ("\"vulnerable\":true,", "", "not a record of NVD: missing field `vulnerable`"),
    ] {
        let error = with(from, to).unwrap_err();
        assert!(error.starts_with(said), "{error}");
    }
    assert!(matches!(nvd::parse(b"[]"), Err(NvdError::Shape(_))));
}

#[test]
fn a_feed_is_cut_into_its_records() {
    let tricky = r#"{"cve":{"id":"CVE-1","text":"}{\"][\\"}}"#;
    let text = feed(&[FIRMWARE, tricky, "{}"]);
    let records = read(text.as_bytes(), NvdLimits::default()).unwrap();
    assert_eq!(records, [FIRMWARE.as_bytes(), tricky.as_bytes(), b"{}"]);
    let header = Records::new(text.as_bytes(), NvdLimits::default()).unwrap().header();
    assert_eq!(header.made.unwrap().to_string(), "2025-02-21T08:02:00Z");
    assert_eq!(header.stated, Some(3));
    assert!(read(feed(&[]).as_bytes(), NvdLimits::default()).unwrap().is_empty());
}

#[test]
fn a_feed_that_is_cut_off_anywhere_is_an_error() {
    let text = feed(&[FIRMWARE, "{}"]);
    for length in 0..text.len() {
        assert!(read(&text.as_bytes()[..length], NvdLimits::default()).is_err(), "cut to {length}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.json.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let count = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let mut records = Records::open(&path, NvdLimits::default())?;
        let (mut record, mut count) = (Vec::new(), 0);
        while records.next_into(&mut record)?.is_some() {
            count += 1;
        }
        Ok::<u32, FeedError>(count)
    };
    assert_eq!(count(&packed).unwrap(), 2);
    assert_eq!(count(text.as_bytes()).unwrap(), 2);
    for length in [0, 1, 20, packed.len() / 2, packed.len() - 9, packed.len() - 1] {
        assert!(count(&packed[..length]).is_err(), "cut to {length}");
    }
}

#[test]
fn other_documents_and_bombs_are_refused() {
    let small = NvdLimits { record_bytes: 1000, total_bytes: 4000, header_bytes: 500 };
    for (text, said) in [
        (String::new(), "it has no list of vulnerabilities"),
        ("{}".into(), "it has no list of vulnerabilities"),
        (feed(&[]).replace("NVD_CVE", "OTHER"), "its format is not NVD_CVE 2.0"),
        (feed(&[]).replace("\"2.0\"", "\"1.1\""), "its format is not NVD_CVE 2.0"),
        (format!("{{{}\"vulnerabilities\":[]}}", " ".repeat(600)), "it has no list of vulnerabilities"),
        (feed(&["7"]), "record 0 is none"),
        (feed(&[&format!("{{\"a\":\"{}\"}}", "x".repeat(1000))]), "more than 1000 bytes in one record"),
        (feed(&vec!["{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxx\"}"; 200]), "more than 4000 bytes when expanded"),
        (feed(&[&"{\"a\":".repeat(150)]), "it ends in the middle of record 0"),
    ] {
        let error = read(text.as_bytes(), small).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// The shapes that public records really have: see the list of the shared data.
#[test]
fn real_records_are_read() {
    let Some(shared) = crate::shared("nvd/samples") else { return };
    let folder = shared.join("dependency-track");
    let mut read = 0;
    for file in std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|end| end == "json"))
    {
        let text = std::fs::read(file.path()).unwrap();
        let advisory = nvd::parse(&text).unwrap_or_else(|error| panic!("{:?}: {error}", file.path()));
        assert!(!advisory.configurations.is_empty(), "{:?}", file.path());
        read += 1;
    }
    assert_eq!(read, 7);
    for (file, records) in [("vunnel/full-page.json", 2000), ("osv.dev/nvdcve-2.0/CVE-2024-3094.json", 1)] {
        let path = shared.join(file);
        let mut feed = Records::open(&path, NvdLimits::default()).unwrap();
        let (mut record, mut count) = (Vec::new(), 0);
        while feed.next_into(&mut record).unwrap().is_some() {
            nvd::parse(&record).unwrap_or_else(|error| panic!("{file}: {error}"));
            count += 1;
        }
        assert!(count > 0 && count <= records, "{file}: {count}");
    }
}
