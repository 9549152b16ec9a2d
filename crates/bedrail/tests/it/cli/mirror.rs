//! A small folder of feeds, made up.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The feeds that every installation is bound to hold.
const EXPECTED: [&str; 13] = [
    "AlmaLinux",
    "Alpine",
    "Debian",
    "Go",
    "Hex",
    "Maven",
    "NuGet",
    "Packagist",
    "Pub",
    "PyPI",
    "RubyGems",
    "crates.io",
    "npm",
];

/// One record in each feed, one exploited weakness, one score.
pub(crate) fn write(folder: &Path) {
    for ecosystem in EXPECTED {
        write_feed(folder, ecosystem, 1, "2025-02-10");
    }
    let kev = r#"{"catalogVersion": "2025.02.12", "dateReleased": "2025-02-12T00:00:00.0000Z", "count": 1, "vulnerabilities": [
        {"cveID": "CVE-2025-0001", "dateAdded": "2025-02-12", "dueDate": "2025-03-01", "knownRansomwareCampaignUse": "Unknown"}]}"#;
    put(&folder.join("kev/known_exploited_vulnerabilities.json"), kev.as_bytes());
    let scores = "#model_version:v2025.03.14,score_date:2025-02-01T12:55:00Z\ncve,epss,percentile\nCVE-2025-0001,0.5,0.9\n";
    put(&folder.join("epss/epss_scores-current.csv.gz"), scores.as_bytes());
}

/// The feed of one ecosystem: every record affects the package `p` before 2.0.0.
pub(crate) fn write_feed(folder: &Path, ecosystem: &str, records: usize, day: &str) {
    let path = folder.join("osv").join(ecosystem).join("all.zip");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for number in 0..records {
        let id = format!("TEST-{}-{number}", ecosystem.replace('.', "-"));
        zip.start_file(format!("{id}.json"), SimpleFileOptions::default()).unwrap();
        zip.write_all(record(&id, ecosystem, day).as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn record(id: &str, ecosystem: &str, day: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "{day}T00:00:00Z", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "p"}},
        "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "2.0.0"}}]}}]}}]}}"#
    )
}

fn put(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
