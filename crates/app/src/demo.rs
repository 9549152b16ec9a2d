//! The sample hospital: Quillhaven Hospitals, four sites, 2,500 devices, all made up and always the same. The tables are in
//! `demo/` at the root; here they become bills of materials and a device list, which go through the same use cases as a
//! real hospital's files. So the sample also proves the product.

mod alerts;
mod answers;
mod bill;
mod campaign;
mod cyclonedx;
mod decisions;
mod devices;
mod firewall;
mod incident;
mod office;
mod programme;
mod random;
mod response;
mod scanned;
mod spdx;
mod tables;
mod udi;
mod workforce;
mod written;

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use bedrail_model::exposure::Vantage;

use crate::audit::{self, AuditFilter};
use crate::devices::{ImportDevices, ImportReport, RowOutcome};
use crate::exposure::{self, ImportExposure};
use crate::names::{self, Confirm};
use crate::page::PageRequest;
use crate::sboms::AddSbom;
use crate::vex::{self, AddVex, Pin};
use crate::{Actor, Context, Error};

use bill::Bill;
use tables::{Format, Tables};

/// The day that the sample is made for: its newest document is from shortly before it. Look at it with
/// `--as-of 2025-02-15` to see the support ends and the age of the data as they were on that day.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2025, 2, 15);

/// The name of the organisation.
pub const ORGANISATION: &str = "Quillhaven Hospitals (sample)";

/// Advisories of invented makers: file name and document. One is about pumps of the hospital by their very names and about
/// others by a longer one, one about monitors, one about versions that the hospital does not have.
const ADVISORIES: &[(&str, &str)] = &[
    ("qm-24-11.json", include_str!("../../../demo/advisories/qm-24-11.json")),
    ("vi-2025-001.json", include_str!("../../../demo/advisories/vi-2025-001.json")),
    ("wx-2025-02.json", include_str!("../../../demo/advisories/wx-2025-02.json")),
];

/// Statements on weaknesses, and the maker for whose products their issuer's word counts: one of a maker, one of somebody whom
/// nobody knows.
const STATEMENTS: &[(&str, &str, Option<&str>)] = &[
    (
        "veltrano-2025-02.openvex.json",
        include_str!("../../../demo/vex/veltrano-2025-02.openvex.json"),
        Some("Veltrano Infusions"),
    ),
    ("nobody-2025-01.openvex.json", include_str!("../../../demo/vex/nobody-2025-01.openvex.json"), None),
];

/// Evidence of exposure, and from where somebody would have looked: a scan, what the border hands on, an old record of Shodan. They
/// agree with the device list, contradict it, and show devices that it does not know.
const EVIDENCE: &[(&str, &str, Vantage)] = &[
    (
        "made-up-border-scan.xml",
        include_str!("../../../demo/exposure/made-up-border-scan.xml"),
        Vantage::Outside,
    ),
    ("made-up-nat-list.csv", include_str!("../../../demo/exposure/made-up-nat-list.csv"), Vantage::Unknown),
    (
        "made-up-shodan-host.json",
        include_str!("../../../demo/exposure/made-up-shodan-host.json"),
        Vantage::Unknown,
    ),
];

/// The tables, read once. They are part of the program, so a fault in them is a fault of ours.
static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);

/// A bill of materials as its invented maker hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSbom {
    /// The file's name.
    pub file_name: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Version.
    pub version: String,
}

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReport {
    /// Bills of materials handed in.
    pub sboms: usize,
    /// Of those, how many the organisation had already.
    pub sboms_unchanged: usize,
    /// The report on the device list.
    pub devices: ImportReport,
}

/// How far loading has come: what is being done, how many are done, how many there are.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Send + Sync);

/// Every bill of materials of the sample: those of makers, in the order of the table of releases, then what was found by scanning.
pub fn sboms() -> impl Iterator<Item = SampleSbom> {
    of_makers().chain(scanned::sbom(&TABLES))
}

fn of_makers() -> impl Iterator<Item = SampleSbom> {
    TABLES.releases.iter().filter_map(|release| {
        let format = release.format?;
        let bill = Bill::of(&TABLES, release);
        let bytes = match format {
            Format::CycloneDxJson(version) => cyclonedx::json(&bill, version),
            Format::CycloneDxXml(version) => cyclonedx::xml(&bill, version),
            Format::SpdxJson => spdx::json(&bill),
            Format::SpdxTagValue => spdx::tag_value(&bill),
        };
        Some(SampleSbom {
            file_name: format!("{}.{}", bill.file_stem(), format.extension()),
            bytes,
            maker: bill.maker.to_owned(),
            model: bill.model.to_owned(),
            version: bill.version.to_owned(),
        })
    })
}

/// The device list of the sample, a CSV file with one header line.
pub fn device_list() -> Vec<u8> {
    devices::list(&TABLES).into_bytes()
}

/// Writes every document of the sample to a folder, for people to look at: `devices.csv`, `sboms/`, `advisories/`, `vex/`, `alerts/` and
/// `exposure/`. Answers how many files were written.
///
/// # Errors
/// When a file cannot be written.
pub fn write_to(folder: &Path) -> io::Result<usize> {
    let sbom_folder = folder.join("sboms");
    std::fs::create_dir_all(&sbom_folder)?;
    std::fs::write(folder.join("devices.csv"), device_list())?;
    let mut files = 1;
    let advisory_folder = folder.join("advisories");
    std::fs::create_dir_all(&advisory_folder)?;
    for (name, text) in ADVISORIES {
        std::fs::write(advisory_folder.join(name), text)?;
        files += 1;
    }
    let alert_folder = folder.join("alerts");
    std::fs::create_dir_all(&alert_folder)?;
    std::fs::write(alert_folder.join("eve.json"), alerts::day(&device_list()))?;
    files += 1;
    let vex_folder = folder.join("vex");
    std::fs::create_dir_all(&vex_folder)?;
    for (name, text, _) in STATEMENTS {
        std::fs::write(vex_folder.join(name), text)?;
        files += 1;
    }
    let exposure_folder = folder.join("exposure");
    std::fs::create_dir_all(&exposure_folder)?;
    for (name, text, _) in EVIDENCE {
        std::fs::write(exposure_folder.join(name), text)?;
        files += 1;
    }
    for sbom in sboms() {
        std::fs::write(sbom_folder.join(&sbom.file_name), &sbom.bytes)?;
        files += 1;
    }
    Ok(files)
}

/// Loads the sample through the use cases that a real hospital uses. Loading it twice changes nothing.
///
/// # Errors
/// [`Error::Conflict`] when the organisation has devices that are not of the sample; any error of the use cases.
pub async fn load(ctx: &Context, actor: &Actor, progress: Progress<'_>) -> Result<LoadReport, Error> {
    refuse_beside_real_devices(ctx, actor).await?;
    let documents: Vec<SampleSbom> = sboms().collect();
    let total = documents.len();
    let mut sboms_unchanged = 0;
    for (done, sbom) in documents.into_iter().enumerate() {
        progress("bills of materials", done, total);
        let receipt = crate::sboms::add(ctx, actor, add_command(sbom)).await?;
        sboms_unchanged += usize::from(receipt.unchanged);
    }
    progress("bills of materials", total, total);
    let rows = TABLES.devices();
    progress("devices", 0, rows);
    let devices = crate::devices::import(ctx, actor, device_command()).await?;
    progress("devices", rows, rows);
    let advisories = ADVISORIES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    crate::medical::take(ctx, actor, advisories.collect()).await?;
    names(ctx, actor).await?;
    decisions::take(ctx, actor).await?;
    statements(ctx, actor).await?;
    evidence(ctx, actor).await?;
    answers::take(ctx, actor).await?;
    alerts::take(ctx, actor, &device_list()).await?;
    campaign::take(ctx, actor).await?;
    incident::take(ctx, actor).await?;
    firewall::take(ctx, actor).await?;
    crate::alerts::own::look(ctx, actor).await?;
    written::take(ctx, actor).await?;
    response::take(ctx, actor).await?;
    workforce::take(ctx, actor).await?;
    office::take(ctx, actor).await?;
    programme::take(ctx, actor).await?;
    Ok(LoadReport { sboms: total, sboms_unchanged, devices })
}

/// A name that bills of several makers give without an identifier, and what it is.
const NAME: (&str, &str) = ("Newtonsoft.Json", "pkg:nuget/Newtonsoft.Json");

/// Says once what a name means; who took that back is not overruled by loading again.
async fn names(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let page = PageRequest::at(0, 1);
    let filter = AuditFilter { action: Some("names.".to_owned()), ..AuditFilter::default() };
    if audit::list(ctx, actor, &filter, &page).await?.total > 0 {
        return Ok(());
    }
    let (name, identifier) = (NAME.0.to_owned(), Some(NAME.1.to_owned()));
    let command = Confirm { name, identifier, everywhere: true, ..Confirm::default() };
    match names::confirm(ctx, actor, &[command]).await {
        // Fetched data may lack the ecosystem.
        Ok(_) | Err(Error::Invalid { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes the statements in, and pins the maker once; who unpinned it is not overruled by loading again.
async fn statements(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    for (name, text, maker) in STATEMENTS {
        let command = AddVex {
            file_name: (*name).to_owned(),
            document: text.as_bytes().to_vec().into(),
            signature: None,
        };
        let receipt = vex::add(ctx, actor, command).await?;
        if let Some(maker) = maker.filter(|_| !receipt.unchanged) {
            let (key, makers) = (receipt.issuer_key, vec![maker.to_owned()]);
            vex::pin(ctx, actor, &Pin { key, makers, ..Pin::default() }).await?;
        }
    }
    Ok(())
}

/// Takes the evidence of exposure in once; who took a file away is not overruled by loading again.
async fn evidence(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let held = exposure::list(ctx, actor, &PageRequest::at(0, 1)).await?.files;
    for (name, text, vantage) in EVIDENCE {
        if held.iter().any(|row| row.name == *name) {
            continue;
        }
        let command = ImportExposure {
            file_name: (*name).to_owned(),
            document: text.as_bytes().to_vec().into(),
            vantage: *vantage,
            dry_run: false,
        };
        exposure::import(ctx, actor, command).await?;
    }
    Ok(())
}

/// The sample must never mix with a real inventory.
async fn refuse_beside_real_devices(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let present = crate::devices::grid(ctx, actor).await?;
    let foreign = present.makers.iter().find(|maker| TABLES.makers.iter().all(|ours| ours.name != **maker));
    match foreign {
        None => Ok(()),
        Some(maker) => Err(Error::Conflict {
            message: format!(
                "this organisation has devices that are not of the sample, by {maker} for one; the sample hospital only \
                 goes into an empty one: use another data folder"
            ),
        }),
    }
}

fn add_command(sbom: SampleSbom) -> AddSbom {
    AddSbom {
        file_name: sbom.file_name,
        document: sbom.bytes.into(),
        maker: Some(sbom.maker),
        model: Some(sbom.model),
        version: Some(sbom.version),
    }
}

fn device_command() -> ImportDevices {
    ImportDevices {
        file_name: "quillhaven-devices.csv".into(),
        document: device_list().into(),
        mapping: Vec::new(),
        dry_run: false,
    }
}

impl LoadReport {
    /// Devices that are new.
    pub fn devices_added(&self) -> usize {
        self.devices.count(RowOutcome::Added)
    }
}

#[cfg(test)]
mod tests;
