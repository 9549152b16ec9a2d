//! NVD among the feeds: taken from a mirror, shown, asked, changed.

use std::fs;

use bedrail_assess::{Name, Platform};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::cpe::Origin;
use bedrail_model::data_status::SourceState;

use super::{Setup, now, outcome};
use crate::feeds::change::{self, Received};
use crate::feeds::data::Data;
use crate::feeds::update::Outcome;
use crate::feeds::{Judge, Question, Verdict};

/// A record of firmware before a version, on a hardware.
pub(super) fn firmware(cve: &str, day: &str, before: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{cve}","vulnStatus":"Analyzed","lastModified":"{day}T10:00:00.000",
        "descriptions":[{{"lang":"en","value":"Flow 300 accepts any command."}}],"references":[{{"url":"https://example.org/{cve}"}}],
        "metrics":{{"cvssMetricV31":[{{"cvssData":{{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}}}]}},
        "configurations":[{{"operator":"AND","nodes":[
         {{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:o:orbis:flow_300_firmware:*:*:*:*:*:*:*:*","versionEndExcluding":"{before}"}}]}},
         {{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":false,"criteria":"cpe:2.3:h:orbis:flow_300:-:*:*:*:*:*:*:*"}}]}}]}}]}}}}"#
    )
}

fn feed(setup: &Setup, part: &str, stated: usize, records: &[String]) {
    let folder = setup.mirror().join("nvd/json/cve/2.0");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        r#"{{"totalResults":{stated},"format":"NVD_CVE","version":"2.0","timestamp":"2025-01-31T08:00Z","vulnerabilities":[{}]}}"#,
        records.join(",")
    );
    fs::write(folder.join(format!("nvdcve-2.0-{part}.json.gz")), text).unwrap();
}

fn ask(data: &Data, purl: Option<&str>, names: &[(&str, Origin)], device: &[&str]) -> Verdict {
    let name = |(text, origin): &(&str, Origin)| Name::new(text.parse().unwrap(), *origin).unwrap();
    let part: Vec<Name> = names.iter().map(name).collect();
    let others = device.iter().map(|text| name(&(*text, Origin::Supplier)));
    let platform = Platform::new(part.iter().cloned().chain(others).collect());
    let current = data.current();
    let question = Question { purl, version: None };
    Judge::new(&current).judge_part(&question, &part, &platform).unwrap()
}

const FIRMWARE: (&str, Origin) = ("cpe:2.3:o:orbis:flow_300_firmware:3.1:*:*:*:*:*:*:*", Origin::Supplier);
const HARDWARE: &str = "cpe:2.3:h:orbis:flow_300:-:*:*:*:*:*:*:*";

#[test]
fn a_feed_of_a_year_is_taken_shown_and_asked() {
    let setup = Setup::new();
    feed(&setup, "2024", 1, &[firmware("CVE-2024-1", "2025-01-10", "3.2")]);
    let report = setup.update().unwrap();
    assert_eq!((outcome(&report, "nvd/2024"), report.advisories), (&Outcome::Updated, 2));
    let data = Data::open(&setup.dir()).unwrap();
    let status = data.status(now(), 7);
    let of = |name: &str| status.sources.iter().find(|source| source.name == name);
    let held = of("nvd/2024").unwrap();
    assert_eq!((held.state, held.records, held.age_days), (SourceState::Fresh, 1, Some(0)));
    assert!(of("nvd/2023").is_none(), "years that nobody has are welcome, not expected");

    let verdict = ask(&data, None, &[FIRMWARE], &[HARDWARE]);
    let [found] = &verdict.judgements[..] else { panic!("{verdict:?}") };
    assert_eq!(
        (found.weakness.id.as_str(), found.answer, found.reason),
        ("CVE-2024-1", Answer::Affected, Reason::VersionInRange)
    );
    assert_eq!((found.fixed_in.as_slice(), found.evidence.len()), (&["3.2".to_owned()][..], 1));
    let evidence = &found.evidence[0];
    assert_eq!((evidence.advisory.as_str(), &*evidence.source), ("NVD-CVE-2024-1", "nvd/2024"));
    assert_eq!(&*evidence.package, "CPE o:orbis:flow_300_firmware");
    assert_eq!(evidence.rule, "before 3.2; its CPE is from the bill of materials");
    let alone = ask(&data, None, &[FIRMWARE], &[]);
    assert_eq!(alone.judgements[0].reason, Reason::PlatformUnknown);
    assert_eq!(
        alone.judgements[0].evidence[0].rule,
        "before 3.2; affected if the hardware is orbis flow_300: not known; its CPE is from the bill of materials"
    );

    let dump = data.dump("CVE-2024-1").unwrap();
    assert_eq!(dump[0].original.as_deref(), Some(firmware("CVE-2024-1", "2025-01-10", "3.2").as_str()));
    let rows: Vec<(&str, &str)> = dump[0].affected.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        rows,
        [
            ("CPE h:orbis:flow_300", "on or with: without a version"),
            ("CPE o:orbis:flow_300_firmware", "affected: before 3.2"),
        ]
    );
    let record = &data.advisories_of("cve-2024-1").unwrap()[0];
    assert_eq!(record.details.as_deref(), Some("Flow 300 accepts any command."));
    assert_eq!(record.references, ["https://example.org/CVE-2024-1"]);
}

#[test]
fn a_name_that_leads_nowhere_or_was_guessed_is_no_all_clear() {
    let setup = Setup::new();
    let fixed = ("cpe:2.3:o:orbis:flow_300_firmware:3.2:*:*:*:*:*:*:*", Origin::Supplier);
    let data = |setup: &Setup| {
        setup.update().unwrap();
        Data::open(&setup.dir()).unwrap()
    };
    // No data on products: what the package URL leads to stands.
    assert_eq!(ask(&data(&setup), None, &[FIRMWARE], &[]).unassessed, Some(Reason::NoIdentifier));
    feed(&setup, "2024", 1, &[firmware("CVE-2024-1", "2025-01-10", "3.2")]);
    let data = data(&setup);
    let say = |name: (&str, Origin)| ask(&data, None, &[name], &[HARDWARE]);
    assert_eq!(say(fixed), Verdict::default());
    assert_eq!(say((fixed.0, Origin::Guessed)).unassessed, Some(Reason::NameGuessed));
    assert_eq!(say((HARDWARE, Origin::Supplier)).unassessed, Some(Reason::ProductUnknown));
    let guessed = say((FIRMWARE.0, Origin::Guessed));
    assert!(guessed.judgements[0].evidence[0].rule.ends_with("; its CPE was guessed by a program"));
    // Both ways: the package URL is answered, and the name is, too.
    let both = ask(&data, Some("pkg:npm/p@1.0.0"), &[FIRMWARE], &[HARDWARE]);
    let ids: Vec<&str> = both.judgements.iter().map(|one| one.weakness.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2024-1", "GHSA-a"]);
}

#[test]
fn a_bad_record_makes_the_feed_partial_and_a_cut_off_feed_is_refused() {
    let setup = Setup::new();
    let bad = firmware("CVE-2024-2", "2025-01-11", "3.2").replace("cpe:2.3:o:", "cpe:2.3:z:");
    feed(&setup, "2024", 3, &[firmware("CVE-2024-1", "2025-01-10", "3.2"), bad]);
    let report = setup.update().unwrap();
    let [warning] = &report.warnings[..] else { panic!("{:?}", report.warnings) };
    assert_eq!(warning.place, "nvd/2024: /vulnerabilities/1");
    assert!(
        warning.lost && warning.message.contains("/configurations/0/nodes/0/cpeMatch/0"),
        "{}",
        warning.message
    );
    let data = Data::open(&setup.dir()).unwrap();
    let status = data.status(now(), 7);
    let held = status.sources.iter().find(|source| source.name == "nvd/2024").unwrap();
    assert_eq!((held.state, held.records), (SourceState::Partial, 1));

    let path = setup.mirror().join("nvd/json/cve/2.0/nvdcve-2.0-2024.json.gz");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let report = setup.update().unwrap();
    assert!(
        matches!(outcome(&report, "nvd/2024"), Outcome::Refused(why) if why.contains("cut off")),
        "{report:?}"
    );
    data.refresh().unwrap();
    assert!(!ask(&data, None, &[FIRMWARE], &[HARDWARE]).judgements.is_empty(), "what was held stays");
}

#[test]
fn the_feed_of_changes_and_single_changes_replace_a_record() {
    let setup = Setup::new();
    feed(&setup, "2024", 1, &[firmware("CVE-2024-1", "2025-01-10", "3.2")]);
    feed(&setup, "modified", 1, &[firmware("CVE-2024-1", "2025-01-20", "3.1")]);
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    assert!(ask(&data, None, &[FIRMWARE], &[HARDWARE]).judgements.is_empty());
    let later = firmware("CVE-2024-1", "2025-01-25", "4");
    let received = Received { source: "nvd/modified", json: later.as_bytes() };
    let refreshed = change::apply(&data, &[received]).unwrap().unwrap();
    let touched: Vec<String> = refreshed.touched().unwrap().into_iter().map(|package| package.name).collect();
    assert_eq!(touched, ["o:orbis:flow_300_firmware"]);
    assert_eq!(ask(&data, None, &[FIRMWARE], &[HARDWARE]).judgements.len(), 1);
    let rejected = later.replace("Analyzed", "Rejected");
    let received = Received { source: "nvd/modified", json: rejected.as_bytes() };
    change::apply(&data, &[received]).unwrap().unwrap();
    assert!(ask(&data, None, &[FIRMWARE], &[HARDWARE]).judgements.is_empty());
    let odd = Received { source: "nvd/modified", json: b"{}" };
    assert!(change::apply(&data, &[odd]).is_err());
}

/// A record of the repository of overrides.
fn overridden(cve: &str, before: &str) -> String {
    format!(
        r#"{{"_annotation":{{"cve_id":"{cve}","description":"Flow 300 trusts its network.","reason":"not yet analyzed",
        "modified":"2025-01-20T08:00:00Z","references":["https://example.org/{cve}"]}},"cve":{{"configurations":[{{"nodes":[
        {{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:o:orbis:flow_300_firmware:*:*:*:*:*:*:*:*",
        "versionEndExcluding":"{before}","matchCriteriaId":"555CB8FF-584B-4201-802C-1A60901AB955"}}]}}]}}]}}}}"#
    )
}

#[test]
fn what_nvd_has_not_looked_at_is_told_by_the_overrides() {
    let setup = Setup::new();
    // NVD has the CVE and says nothing of products.
    let bare = r#"{"cve":{"id":"CVE-2025-7","vulnStatus":"Awaiting Analysis","lastModified":"2025-01-10T10:00:00.000",
        "descriptions":[{"lang":"en","value":"Flow 300 trusts its network."}]}}"#;
    feed(&setup, "2025", 1, &[bare.to_owned()]);
    setup.update().unwrap();
    let without = Data::open(&setup.dir()).unwrap();
    let verdict = ask(&without, None, &[FIRMWARE], &[HARDWARE]);
    assert_eq!(verdict.judgements, [], "{verdict:?}");

    let zip = setup.mirror().join("anchore/nvd-overrides/main.zip");
    let record = overridden("CVE-2025-7", "3.2");
    let entries = [
        ("nvd-data-overrides-main/README.md", "not a record"),
        ("nvd-data-overrides-main/data/2025/CVE-2025-7.json", record.as_str()),
        (
            "nvd-data-overrides-main/data/2025/CVE-2025-8.json",
            r#"{"_annotation":{"cve_id":"CVE-2025-8"},"cve":{}}"#,
        ),
        ("nvd-data-overrides-main/data/2025/CVE-2025-9.json", r#"{"cve":{}}"#),
    ];
    super::write_zip(&zip, &entries);
    let report = setup.update().unwrap();
    assert_eq!(outcome(&report, "anchore/nvd-overrides"), &Outcome::Updated);
    let data = Data::open(&setup.dir()).unwrap();
    let status = data.status(now(), 7);
    let held = status.sources.iter().find(|source| source.name == "anchore/nvd-overrides").unwrap();
    assert_eq!((held.state, held.records), (SourceState::Partial, 2), "one is no record, and is told of");

    let verdict = ask(&data, None, &[FIRMWARE], &[HARDWARE]);
    let [found] = &verdict.judgements[..] else { panic!("{verdict:?}") };
    assert_eq!((found.weakness.id.as_str(), found.answer), ("CVE-2025-7", Answer::Affected));
    assert_eq!(found.evidence[0].advisory, "ANCHORE-CVE-2025-7");
    assert_eq!(&*found.evidence[0].source, "anchore/nvd-overrides");

    let records = data.advisories_of("CVE-2025-7").unwrap();
    let own = records.iter().find(|it| it.id == "ANCHORE-CVE-2025-7").unwrap();
    assert_eq!(own.details.as_deref(), Some("Flow 300 trusts its network.\n\nnot yet analyzed"));
    assert_eq!(own.references, ["https://example.org/CVE-2025-7"]);
    assert!(own.credit.contains("Anchore"), "{}", own.credit);
    assert_eq!(data.dump("ANCHORE-CVE-2025-7").unwrap()[0].original.as_deref(), Some(record.as_str()));
}
