//! A made-up hospital group: advisories, device list and bills of materials of the wanted size, always the same.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// Devices in the list.
pub(crate) const DEVICES: usize = 100_000;
/// Releases that they run.
pub(crate) const RELEASES: usize = 2_000;
/// Components in each release's bill of materials.
pub(crate) const COMPONENTS: usize = 300;
/// Packages that components are drawn from, in [`VERSIONS`] versions each: 20,000 identities.
const PACKAGES: usize = 4_000;
const VERSIONS: usize = 5;

/// Source of the advisories, type of purl and name of the ecosystem; packages are dealt out in turn.
const ECOSYSTEMS: &[(&str, &str)] =
    &[("npm", "npm"), ("PyPI", "pypi"), ("crates.io", "cargo"), ("RubyGems", "gem")];

/// Numbers that look random and are always the same (splitmix64, Steele and others, 2014).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    /// A package; the first ones far more often than the last.
    fn package(&mut self) -> usize {
        let share = self.below(1_000_000) as f64 / 1e6;
        (share * share * PACKAGES as f64) as usize
    }
}

/// Name of a package.
pub(crate) fn package(at: usize) -> String {
    format!("part{at:04}")
}

/// One advisory on a package: all versions before `fixed` are affected.
pub(crate) fn advisory(id: &str, at: usize, fixed: usize, day: u32, withdrawn: bool) -> String {
    let (ecosystem, _) = ECOSYSTEMS[at % ECOSYSTEMS.len()];
    let name = package(at);
    let withdrawn = if withdrawn { r#""withdrawn":"2026-03-01T00:00:00Z","# } else { "" };
    format!(
        r#"{{"schema_version":"1.6.0","id":"{id}","modified":"2026-02-{day:02}T00:00:00Z","published":"2026-01-01T00:00:00Z",{withdrawn}"summary":"Flaw {id} in {name}","severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],"affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.{fixed}.0"}}]}}]}}]}}"#
    )
}

/// Source that the advisories on a package are from.
pub(crate) fn source(at: usize) -> String {
    format!("osv/{}", ECOSYSTEMS[at % ECOSYSTEMS.len()].0)
}

/// Writes a mirror of feeds with `per_package` advisories on each package; with none, one on a package nobody has.
pub(crate) fn mirror(folder: &Path, per_package: usize, day: u32) {
    let mut dice = Dice::new(7);
    let mut records: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for at in 0..ECOSYSTEMS.len() {
        let id = format!("CVE-2020-{at:05}");
        let record = advisory(&id, PACKAGES + at, 1, day, false);
        records.entry(source(at)).or_default().push((id, record));
    }
    for number in 0..PACKAGES * per_package {
        let at = number % PACKAGES;
        let id = format!("CVE-2025-{:05}", 10_000 + number);
        let record = advisory(&id, at, 1 + dice.below(VERSIONS), day, false);
        records.entry(source(at)).or_default().push((id, record));
    }
    for (source, records) in records {
        let folder = folder.join(source);
        fs::create_dir_all(&folder).unwrap();
        let mut zip = zip::ZipWriter::new(File::create(folder.join("all.zip")).unwrap());
        for (id, record) in records {
            zip.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(record.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }
}

/// Maker, model and version of a release.
pub(crate) fn release(at: usize) -> [String; 3] {
    [format!("Maker {:02}", at % 40), format!("Model {:03}", at / 4), format!("{}.0", at % 4)]
}

/// The device list, CSV.
pub(crate) fn list() -> String {
    let mut dice = Dice::new(11);
    let mut text = "Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Owner,Exposure,Type\n".to_owned();
    for at in 0..DEVICES {
        let [maker, model, version] = release(at % RELEASES);
        let (site, ward) = (dice.below(12), dice.below(40));
        let owner = ["", "Kim", "Lou", "Ada"][dice.below(4)];
        let exposure = ["outside", "flat", "isolated", ""][dice.below(4)];
        let kind = ["infusion pump", "patient monitor", "imaging", "ventilator", "analyser"][at % 5];
        let _ = writeln!(
            text,
            "D-{at:06},S{at:06},{maker},{model},{version},Site {site:02},Ward {ward:02},{owner},{exposure},{kind}"
        );
    }
    text
}

/// The bill of materials of a release, CycloneDX: a tree three deep.
pub(crate) fn bill(at: usize) -> String {
    let mut dice = Dice::new(1_000 + at as u64);
    let [maker, model, version] = release(at);
    let mut components = String::new();
    let mut ways: Vec<Vec<usize>> = vec![Vec::new(); COMPONENTS];
    for number in 0..COMPONENTS {
        let (part, release) = (dice.package(), dice.below(VERSIONS));
        let (name, kind) = (package(part), ECOSYSTEMS[part % ECOSYSTEMS.len()].1);
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            components,
            r#"{comma}{{"type":"library","bom-ref":"c{number}","name":"{name}","version":"1.{release}.0","purl":"pkg:{kind}/{name}@1.{release}.0"}}"#
        );
        if number >= 10 {
            ways[number / 10].push(number);
        }
    }
    let refs = |numbers: &mut dyn Iterator<Item = usize>| {
        numbers.map(|number| format!(r#""c{number}""#)).collect::<Vec<_>>().join(",")
    };
    let mut relations = format!(r#"{{"ref":"root","dependsOn":[{}]}}"#, refs(&mut (0..10)));
    for (number, below) in ways.iter().enumerate().filter(|(_, below)| !below.is_empty()) {
        let below = refs(&mut below.iter().copied());
        let _ = write!(relations, r#",{{"ref":"c{number}","dependsOn":[{below}]}}"#);
    }
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"firmware","bom-ref":"root","name":"{model}","version":"{version}","supplier":{{"name":"{maker}"}}}}}},"components":[{components}],"dependencies":[{relations}]}}"#
    )
}

/// The packages that most releases contain, the widest first.
pub(crate) fn widest(many: usize) -> Vec<String> {
    let mut uses: HashMap<usize, usize> = HashMap::new();
    for at in 0..RELEASES {
        let mut dice = Dice::new(1_000 + at as u64);
        let mut parts: Vec<usize> = (0..COMPONENTS)
            .map(|_| {
                let part = dice.package();
                dice.below(VERSIONS);
                part
            })
            .collect();
        parts.sort_unstable();
        parts.dedup();
        parts.into_iter().for_each(|part| *uses.entry(part).or_default() += 1);
    }
    let mut uses: Vec<(usize, usize)> = uses.into_iter().collect();
    uses.sort_by_key(|(part, uses)| (std::cmp::Reverse(*uses), *part));
    uses.into_iter().take(many).map(|(part, _)| package(part)).collect()
}
