//! Damage anywhere in a file is an error where it is read, never a panic and never another answer.

use std::path::Path;

use bedrail_vulndb::segment::Segment;
use tempfile::tempdir;

use crate::configurations::nvd;
use crate::records::{build, mentioning, npm, record};

/// Everything that the file says, or that it is damaged.
fn read_all(path: &Path) -> Result<String, String> {
    use std::fmt::Write;
    let segment = Segment::open(path).map_err(|error| error.to_string())?;
    let mut said = format!("{:?} {:?} {}\n", segment.sources(), segment.releases(), segment.snapshot());
    let mut read = || {
        for number in 0..segment.advisory_count() {
            let advisory = segment.advisory(number)?;
            _ = writeln!(
                said,
                "{advisory:?} {:?} {:?}",
                segment.aliases_of(number)?,
                segment.mentions_of(number)?
            );
            _ = writeln!(said, "{:?}", segment.configurations_of(number)?);
            _ = writeln!(
                said,
                "{:?} {:?}",
                segment.packages_of(number)?,
                segment.find_advisory(advisory.id)?
            );
            if let Some(group) = segment.group_of(number)? {
                _ = writeln!(said, "{:?}", segment.group(group)?);
            }
        }
        for number in 0..segment.package_count() {
            let package = segment.package(number)?;
            _ = writeln!(said, "{:?} {:?}", package.ecosystem, package.name);
            for entry in package.entries() {
                let entry = entry?;
                let (advisory, affected) = (entry.advisory, entry.affected);
                _ = writeln!(said, "{}", segment.source(entry.source)?);
                let rules: Result<Vec<String>, _> =
                    affected.ranges().map(|range| range.map(|range| range.rule())).collect();
                _ = writeln!(said, "{advisory} {rules:?} {:?}", affected.listed());
            }
        }
        for id in ["CVE-1", "GHSA-7", "CVE-100", "none"] {
            _ = writeln!(said, "{:?} {:?}", segment.find_group(id)?, segment.mentioned_by(id)?);
        }
        _ = writeln!(said, "{}", segment.find_package(npm(), "p3")?.is_some());
        _ = writeln!(said, "{}", segment.package_names()?.count());
        Ok::<(), bedrail_vulndb::ReadError>(())
    };
    read().map_err(|error| error.to_string())?;
    Ok(said)
}

fn small_index(path: &Path) -> String {
    let mut records: Vec<_> = (0..12)
        .map(|n| {
            let packages = [(&*format!("p{n}"), "1.0.0"), ("all", "2.0.0")];
            let record = record(&format!("GHSA-{n}"), &[&format!("CVE-{}", n / 2)], &packages);
            mentioning(record, &["CVE-100", &format!("CVE-{}", 200 + n)])
        })
        .collect();
    records.push(nvd("CVE-1", "o:acme:pump_firmware", "3.2"));
    build(path, &records);
    read_all(path).unwrap()
}

#[test]
fn every_flipped_byte_is_an_error() {
    let folder = tempdir().unwrap();
    let (path, bent) = (folder.path().join("base.idx"), folder.path().join("bent.idx"));
    small_index(&path);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&bent, &bytes).unwrap();
        let said = read_all(&bent);
        assert!(said.is_err(), "byte {at} of {} was flipped and nobody noticed: {said:?}", whole.len());
    }
}

#[test]
fn every_truncation_is_an_error() {
    let folder = tempdir().unwrap();
    let (path, cut) = (folder.path().join("base.idx"), folder.path().join("cut.idx"));
    small_index(&path);
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(7) {
        std::fs::write(&cut, &whole[..length]).unwrap();
        assert!(read_all(&cut).is_err(), "cut to {length} bytes and nobody noticed");
    }
    std::fs::write(&cut, [whole.as_slice(), b"more"].concat()).unwrap();
    assert!(read_all(&cut).is_err());
    std::fs::write(&cut, b"not an index at all").unwrap();
    assert!(read_all(&cut).is_err());
}
