//! Updates as they go well and as they go wrong, on small mirrors; and the main question on the real feeds.

mod nvd;
mod over_the_net;
mod real;
mod story;
mod unknowns;
mod wrong;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::{TempDir, tempdir};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::update::Outcome;
use super::{Data, DataDir, FeedError, Options, Origin, Question, UpdateReport, update};

/// A data folder and a mirror beside it.
struct Setup {
    folder: TempDir,
}

impl Setup {
    fn new() -> Setup {
        let setup = Setup { folder: tempdir().unwrap() };
        setup.npm(&[("GHSA-a.json", &record("GHSA-a", "2025-01-01", "2.0.0"))]);
        setup
    }

    fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    fn dir(&self) -> DataDir {
        DataDir::new(self.folder.path().join("data"))
    }

    /// Puts these entries into the npm feed of the mirror.
    fn npm(&self, entries: &[(&str, &str)]) {
        write_zip(&self.mirror().join("osv/npm/all.zip"), entries);
    }

    fn update(&self) -> Result<UpdateReport, FeedError> {
        self.update_with(&Origin::Mirror(self.mirror()), Options::default())
    }

    fn update_with(&self, origin: &Origin, options: Options) -> Result<UpdateReport, FeedError> {
        self.run(origin, options, now())
    }

    /// An update at another moment.
    fn update_at(&self, origin: &Origin, at: Timestamp) -> Result<UpdateReport, FeedError> {
        self.run(origin, Options::default(), at)
    }

    fn run(&self, origin: &Origin, options: Options, at: Timestamp) -> Result<UpdateReport, FeedError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options { pause: Duration::from_millis(1), ..options };
        runtime.block_on(update(&self.dir(), origin, options, at, &|_| {}))
    }

    /// Ids of what affects version 1.0.0 of the npm package `p`.
    fn affecting(&self) -> Vec<String> {
        let data = Data::open(&self.dir()).unwrap();
        let verdict = data.judge(&Question { purl: Some("pkg:npm/p@1.0.0"), version: None }).unwrap();
        verdict.judgements.into_iter().map(|judgement| judgement.weakness.id.clone()).collect()
    }
}

fn now() -> Timestamp {
    "2025-02-01T00:00:00Z".parse().unwrap()
}

/// A record that affects the npm package `p` before a version.
fn record(id: &str, day: &str, fixed: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "{day}T00:00:00Z", "affected": [{{"package": {{"ecosystem": "npm", "name": "p"}},
        "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}]}}"#
    )
}

fn write_zip(path: &Path, entries: &[(&str, &str)]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn outcome<'r>(report: &'r UpdateReport, source: &str) -> &'r Outcome {
    &report.sources.iter().find(|(name, _)| name == source).unwrap().1
}
