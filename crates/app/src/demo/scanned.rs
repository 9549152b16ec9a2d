//! A firmware of the sample, as a hospital finds it where the maker sends no bill: an archive of a root file system that is made
//! here, scanned by the scanner, and handed in as what was found.

use std::io::{Cursor, Write as _};

use jiff::Timestamp;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::SampleSbom;
use super::tables::Tables;
use crate::bills::{self, Target};
use crate::scan::upload;

/// Product and version of the firmware, and when somebody scanned it.
const FIRMWARE: (&str, &str, &str) = ("frl2", "1.1", "2025-01-20T09:30:00Z");

const STATUS: &str = include_str!("../../../../demo/scanned/frl2-1.1.dpkg-status");
const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"10\"\nPRETTY_NAME=\"Debian GNU/Linux 10 (buster)\"\n";
/// Libraries of the firmware's own program: group, artifact, version.
const LIBRARIES: &[(&str, &str, &str)] = &[
    ("org.yaml", "snakeyaml", "1.26"),
    ("org.apache.commons", "commons-text", "1.8"),
    ("com.fasterxml.jackson.core", "jackson-databind", "2.9.10"),
];

/// What was found in the firmware.
pub(super) fn sbom(tables: &Tables) -> Option<SampleSbom> {
    let (code, version, scanned) = FIRMWARE;
    let product = tables.products.iter().find(|it| it.code == code)?;
    let (maker, model) = (tables.makers[product.maker].name, product.model);
    let name = format!("{code}-{version}.tar");
    let folder = tempfile::tempdir().ok()?;
    let inventory = upload::scan(&name, folder.path(), Cursor::new(firmware()?)).ok()?;
    let at: Timestamp = scanned.parse().ok()?;
    Some(SampleSbom {
        file_name: format!("{maker} {model} {version}.scanned.cdx.json").to_lowercase().replace(' ', "-"),
        bytes: bills::write(&inventory, Target::CycloneDx, at).ok()?.bytes,
        maker: maker.to_owned(),
        model: model.to_owned(),
        version: version.to_owned(),
    })
}

/// The archive of the root file system.
fn firmware() -> Option<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |path: String, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content).ok()
    };
    add("etc/os-release".to_owned(), OS_RELEASE.as_bytes())?;
    add("var/lib/dpkg/status".to_owned(), STATUS.as_bytes())?;
    for (group, artifact, version) in LIBRARIES {
        add(format!("opt/gateway/lib/{artifact}.jar"), &library(group, artifact, version)?)?;
    }
    archive.into_inner().ok()
}

fn library(group: &str, artifact: &str, version: &str) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let path = format!("META-INF/maven/{group}/{artifact}/pom.properties");
    zip.start_file(path, SimpleFileOptions::default()).ok()?;
    zip.write_all(format!("groupId={group}\nartifactId={artifact}\nversion={version}\n").as_bytes()).ok()?;
    zip.finish().ok().map(Cursor::into_inner)
}
