//! Things to scan, made by the tests: class files, archives of each kind, folders.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use bedrail_scanner::budget::{Limits, Shared};
use bedrail_scanner::report::Report;
use bedrail_scanner::{Depth, Options, scan};
use zip::write::SimpleFileOptions;

/// A class of this name with these texts in its constant pool and one method that returns (JVMS §4).
pub(crate) fn class(name: &str, texts: &[&str]) -> Vec<u8> {
    let mut pool: Vec<Vec<u8>> = Vec::new();
    let utf8 =
        |text: &str| [&[1][..], &u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    pool.push(utf8(name)); // 1
    pool.push(vec![7, 0, 1]); // 2: this class
    pool.push(utf8("Code")); // 3
    pool.push(utf8("run")); // 4
    pool.push(utf8("()V")); // 5
    pool.extend(texts.iter().map(|text| utf8(text)));
    let mut bytes = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52];
    bytes.extend(u16::try_from(pool.len() + 1).unwrap().to_be_bytes());
    bytes.extend(pool.concat());
    // public, this, no super class, no interfaces, no fields, one method `run()V` with one attribute `Code`.
    bytes.extend([0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 4, 0, 5, 0, 1, 0, 3]);
    // 13 bytes: no stack, no locals, one instruction `return`, no handlers, no attributes.
    bytes.extend([0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 1, 0xb1, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// JndiLookup as before 2.3.1, 2.12.2 and 2.17.0, in a package.
pub(crate) fn jndi_lookup(package: &str) -> Vec<u8> {
    class(&format!("{package}/lookup/JndiLookup"), &["jndi"])
}

/// The same with the switch of 2.17.0.
pub(crate) fn jndi_lookup_with_switch(package: &str) -> Vec<u8> {
    class(&format!("{package}/lookup/JndiLookup"), &["isJndiLookupEnabled"])
}

/// The package as published.
pub(crate) const CORE: &str = "org/apache/logging/log4j/core";

/// A zip of these entries, deflated.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(entries, SimpleFileOptions::default())
}

pub(crate) fn zip_with(entries: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A jar with one class of Log4j that a rebuild may have.
pub(crate) fn jar() -> Vec<u8> {
    let path = format!("{CORE}/lookup/JndiLookup.class");
    zip(&[("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n\r\n"), (&path, &jndi_lookup(CORE))])
}

/// A tar archive (ustar).
pub(crate) fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in entries {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(header);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// A cpio archive (new ASCII).
pub(crate) fn cpio(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in entries.iter().copied().chain([("TRAILER!!!", &b""[..])]) {
        let (size, length) = (bytes.len(), name.len() + 1);
        archive.extend(
            format!("070701{:08x}{:08x}{:032x}{size:08x}{:032x}{length:08x}{:08x}", 1, 0o100_644, 0, 0, 0)
                .bytes(),
        );
        archive.extend(name.bytes().chain([0]));
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend(bytes);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}

/// An ar archive, as a Debian package is one.
pub(crate) fn ar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in entries {
        archive.extend(
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, bytes.len()).bytes(),
        );
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(2), b'\n');
    }
    archive
}

/// An rpm package with this name, version and payload.
pub(crate) fn rpm(name: &str, version: &str, compressor: &str, payload: &[u8]) -> Vec<u8> {
    let mut package = vec![0xed, 0xab, 0xee, 0xdb];
    package.resize(96, 0);
    let header = |tags: &[(u32, &str)]| {
        let (mut index, mut data) = (Vec::new(), Vec::new());
        for (tag, text) in tags {
            for word in [*tag, 6, u32::try_from(data.len()).unwrap(), 1] {
                index.extend(word.to_be_bytes());
            }
            data.extend(text.bytes().chain([0]));
        }
        let mut header = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        header.extend(u32::try_from(tags.len()).unwrap().to_be_bytes());
        header.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        [header, index, data].concat()
    };
    package.extend(header(&[]));
    package.extend(header(&[(1000, name), (1001, version), (1002, "1"), (1125, compressor)]));
    package.extend(payload);
    package
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 1);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// LZMA without a mark, as `lzma` and old kernels write it.
pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = liblzma::stream::LzmaOptions::new_preset(1).unwrap();
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
    let mut writer = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::stream::encode_all(bytes, 1).unwrap()
}

/// A folder that goes with the value.
pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(self, path: &str, bytes: &[u8]) -> Folder {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn scan(&self) -> Report {
        self.scan_with(&Options::default())
    }

    pub(crate) fn scan_with(&self, options: &Options) -> Report {
        scan(&[PathBuf::from(self.0.path())], options, &Shared::default())
    }

    /// A place without the folder's own name.
    pub(crate) fn short(&self, place: &impl ToString) -> String {
        place.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }

    /// What was found, one line each: `place name version`.
    pub(crate) fn found(&self, report: &Report) -> Vec<String> {
        let line = |it: &bedrail_scanner::report::Found| {
            format!("{} {} {}", self.short(&it.place), it.name, it.version.as_deref().unwrap_or("?"))
        };
        report.found.iter().map(line).collect()
    }

    /// What was not scanned, one line each: `place: reason`.
    pub(crate) fn not_scanned(&self, report: &Report) -> Vec<String> {
        report.not_scanned.iter().map(|it| format!("{}: {}", self.short(&it.place), it.reason)).collect()
    }
}

/// The scan of one file.
pub(crate) fn scan_bytes(name: &str, bytes: &[u8]) -> (Folder, Report) {
    let folder = Folder::new().with(name, bytes);
    let report = folder.scan();
    (folder, report)
}

pub(crate) fn thorough() -> Options {
    Options { depth: Depth::Thorough, ..Options::default() }
}

pub(crate) fn limited(change: impl Fn(&mut Limits)) -> Options {
    let mut options = Options::default();
    change(&mut options.limits);
    options
}

/// Places at which Log4j's core was found.
pub(crate) fn cores(folder: &Folder, report: &Report) -> Vec<String> {
    report.found.iter().filter(|it| it.name == "log4j-core").map(|it| folder.short(&it.place)).collect()
}
