//! Compares the starter advisories with the public OSV records of the same ids, where those are at hand: for every package
//! that both name and a sample of versions, the answers are equal. What is of NVD is compared with NVD's feeds as it stands.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bedrail_formats::feed::nvd::{self, NvdLimits, Records};
use bedrail_model::ecosystem::Ecosystem;
use serde_json::Value;
use zip::ZipArchive;

use super::{of_nvd, records};

/// Versions per package at most; the feeds list hundreds for some.
const SAMPLE: usize = 60;

/// The folder with the feeds: `BEDRAIL_SHARED`, or `../shared` beside the workspace.
fn feeds() -> Option<PathBuf> {
    let shared = std::env::var_os("BEDRAIL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    Some(shared.join("data")).filter(|folder| folder.join("osv").is_dir())
}

/// The zips that were opened, by ecosystem.
struct Feeds {
    folder: PathBuf,
    open: HashMap<String, Option<ZipArchive<File>>>,
}

impl Feeds {
    /// The public record of an id in the dump of an ecosystem.
    fn record(&mut self, ecosystem: &str, id: &str) -> Option<Value> {
        let path = self.folder.join(ecosystem).join("all.zip");
        let archive = self
            .open
            .entry(ecosystem.to_owned())
            .or_insert_with(|| Some(ZipArchive::new(File::open(path).ok()?).unwrap()));
        let mut text = String::new();
        archive.as_mut()?.by_name(&format!("{id}.json")).ok()?.read_to_string(&mut text).unwrap();
        Some(serde_json::from_str(&text).unwrap())
    }
}

/// The entries of a record for a package.
fn entries<'a>(record: &'a Value, ecosystem: &str, name: &str) -> Vec<&'a Value> {
    let same = |entry: &&Value| {
        entry["package"]["ecosystem"] == ecosystem
            && entry["package"]["name"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(name))
    };
    record["affected"].as_array().unwrap().iter().filter(same).collect()
}

fn listed(entry: &Value) -> impl Iterator<Item = &str> {
    entry["versions"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The events of an entry's version ranges, range by range: what it is, and its version.
fn ranges(entry: &Value) -> Vec<Vec<(&str, &str)>> {
    let ranges = entry["ranges"].as_array().into_iter().flatten().filter(|range| range["type"] != "GIT");
    ranges
        .map(|range| {
            let events =
                range["events"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
            events.filter_map(|(kind, at)| Some((&**kind, at.as_str()?))).collect()
        })
        .collect()
}

/// Whether a range holds a version (OSV schema, "Evaluation"); `None` where the ecosystem's order refuses a boundary.
fn within(ecosystem: Ecosystem, range: &[(&str, &str)], version: &str) -> Option<bool> {
    let order = ecosystem.order()?;
    let mut events = Vec::new();
    for (kind, at) in range {
        let beside = if *at == "0" { Ordering::Greater } else { order.compare(version, at).ok()? };
        events.push((*kind, *at, beside));
    }
    events.sort_by(|a, b| match (a.1, b.1) {
        ("0", "0") => Ordering::Equal,
        ("0", _) => Ordering::Less,
        (_, "0") => Ordering::Greater,
        (a, b) => order.compare(a, b).unwrap(),
    });
    let mut inside = false;
    for (kind, _, beside) in events {
        match kind {
            "introduced" if beside.is_ge() => inside = true,
            "fixed" if beside.is_ge() => inside = false,
            "last_affected" if beside.is_gt() => inside = false,
            _ => {}
        }
    }
    Some(inside)
}

/// The answer of some entries; `None` where it cannot be told.
fn affected(ecosystem: Ecosystem, entries: &[&Value], version: &str) -> Option<bool> {
    let mut answers = entries.iter().flat_map(|entry| {
        let listed = listed(entry).any(|listed| listed == version).then_some(Some(true));
        let judged = ranges(entry).into_iter().map(|range| within(ecosystem, &range, version));
        listed.into_iter().chain(judged).collect::<Vec<_>>()
    });
    answers.try_fold(false, |affected, answer| answer.map(|answer| affected || answer))
}

/// Versions to ask about: every boundary, and a spread of the listed ones.
fn sample<'a>(ecosystem: Ecosystem, entries: &[&'a Value]) -> BTreeSet<&'a str> {
    let listed: Vec<&str> = entries.iter().flat_map(|entry| listed(entry)).collect();
    let step = listed.len() / SAMPLE + 1;
    let order = ecosystem.order().unwrap();
    let boundaries = entries.iter().flat_map(|entry| ranges(entry)).flatten().map(|(_, at)| at);
    listed
        .iter()
        .copied()
        .step_by(step)
        .chain(boundaries)
        .filter(|version| *version != "0" && order.compare(version, version).is_ok())
        .collect()
}

#[test]
fn the_starter_ranges_say_what_the_public_records_say() {
    let Some(folder) = feeds() else {
        println!("skipped: no shared data");
        return;
    };
    let mut feeds = Feeds { folder: folder.join("osv"), open: HashMap::new() };
    let (mut packages, mut versions) = (0, 0);
    for (id, text) in records() {
        let ours: Value = serde_json::from_str(text).unwrap();
        let aliases = ours["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // The first record that names the package counts: GHSA for languages, the CVE record for distributions.
        let ids: Vec<&str> = aliases.filter(|alias| alias.starts_with("GHSA-")).chain([id]).collect();
        let named: BTreeSet<(&str, &str)> = ours["affected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let package = &entry["package"];
                (package["ecosystem"].as_str().unwrap(), package["name"].as_str().unwrap())
            })
            .collect();
        for (full, name) in named {
            let (ecosystem, _) = Ecosystem::parse_osv(full).unwrap();
            let public = ids.iter().find_map(|id| {
                let record = feeds.record(ecosystem.name(), id)?;
                (!entries(&record, full, name).is_empty()).then_some(record)
            });
            let Some(public) = public else { continue };
            let (ours, theirs) = (entries(&ours, full, name), entries(&public, full, name));
            packages += 1;
            for version in sample(ecosystem, &theirs).union(&sample(ecosystem, &ours)) {
                versions += 1;
                assert_eq!(
                    affected(ecosystem, &ours, version),
                    affected(ecosystem, &theirs, version),
                    "{id}, {full} {name} {version}"
                );
            }
        }
    }
    println!("compared {versions} versions of {packages} packages");
    assert!(packages > 400, "only {packages} packages have a public record");
}

#[test]
fn the_starter_configurations_are_those_of_nvd() {
    let Some(folder) = feeds().map(|data| data.join("nvd/json/cve/2.0")).filter(|folder| folder.is_dir())
    else {
        println!("skipped: no shared data");
        return;
    };
    let year = |id: &str| id.split('-').nth(1).unwrap().to_owned();
    let years: BTreeSet<String> = of_nvd().map(|(id, _)| year(id)).collect();
    let mut compared = BTreeSet::new();
    for of_year in years {
        let feed = folder.join(format!("nvdcve-2.0-{of_year}.json.gz"));
        let mut public = Records::open(&feed, NvdLimits::default()).unwrap();
        let mut json = Vec::new();
        while public.next_into(&mut json).unwrap().is_some() {
            let id = nvd::id_of(&json).unwrap();
            let Some((id, text)) = of_nvd().find(|(ours, _)| *ours == id) else { continue };
            let (ours, theirs) = (nvd::parse(text.as_bytes()).unwrap(), nvd::parse(&json).unwrap());
            assert_eq!(ours.configurations, theirs.configurations, "{id}");
            compared.insert(id);
        }
    }
    assert_eq!(compared.len(), of_nvd().len(), "{compared:?}");
}
