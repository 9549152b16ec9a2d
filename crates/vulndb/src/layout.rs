//! The layout that writer and reader share; `docs/index-format.md` is its description.

use bedrail_model::ecosystem::Ecosystem;

use crate::hash::Hasher;

/// The first bytes of every index file.
pub(crate) const MAGIC: [u8; 8] = *b"BDRLVDB\0";
/// The version of the layout. Bump it when the layout, the hash or the compiled form of a range changes; a change of
/// version keys is noticed by [`key_fingerprint`] without it.
pub(crate) const FORMAT: u32 = 6;
/// Header and section table; the data begins here.
pub(crate) const HEADER_LENGTH: usize = 1024;
/// Bytes that one checksum covers: a page, so that checking touches no page that is not read anyway.
pub(crate) const BLOCK: u64 = 4096;
/// Where sections begin: a multiple of this.
pub(crate) const ALIGN: u64 = 8;
/// "No alias group": the record is alone.
pub(crate) const NO_GROUP: u32 = u32::MAX;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    /// Advisories and packages: a base, or a delta on top of one.
    Advisories = 0,
    /// KEV and EPSS.
    Side = 1,
}

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident = $tag:literal,)+) => {
        /// A section of a file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Section { $($(#[$doc])* $name,)+ }
        impl Section {
            pub(crate) const ALL: &[Section] = &[$(Section::$name,)+];
            pub(crate) const fn tag(self) -> [u8; 4] { match self { $(Section::$name => *$tag,)+ } }
        }
    };
}

sections! {
    /// What the file is: fingerprint of keys, snapshot, sources, ecosystems with their releases.
    Meta = b"META",
    /// Advisories by hash of id: rows of hash u64, offset u32 in `AdvisoryData`, alias group u32.
    AdvisoryRows = b"ADVR",
    /// Advisories.
    AdvisoryData = b"ADVD",
    /// For each advisory, and one more: where its packages begin in `AdvisoryPackages`, u32.
    AdvisoryPackageStarts = b"ADVS",
    /// Packages of the advisories, as u32 row numbers of `PackageRows`.
    AdvisoryPackages = b"ADVP",
    /// For each alias group: offset u32 in `GroupData`.
    GroupStarts = b"GRPS",
    /// Alias groups.
    GroupData = b"GRPD",
    /// All ids of alias groups by hash: rows of hash u64, group u32, zero u32.
    AliasRows = b"ALIR",
    /// All ids that advisories mention by hash: rows of hash u64, advisory u32, zero u32.
    MentionRows = b"MENT",
    /// Packages by hash: rows of hash u64, offset u32 in `PackageNames`, offset u32 in `PackageData`.
    PackageRows = b"PKGR",
    /// Ecosystem and name of each package, in the order of the rows.
    PackageNames = b"PKGN",
    /// Digest and entries of each package.
    PackageData = b"PKGD",
    /// KEV: rows by CVE number.
    Kev = b"KEVR",
    /// EPSS: rows by CVE number.
    Epss = b"EPSS",
}

/// What follows the first hyphen of an id: the CVE id of one of NVD's records. Where an id beside another is that, it is kept as
/// an empty text, which is no id.
pub(crate) fn behind_hyphen(id: &str) -> &str {
    id.split_once('-').map_or("", |(_, rest)| rest)
}

/// Bytes of a row of each hashed table.
pub(crate) const ROW: usize = 16;
/// Place of fields in the header.
pub(crate) mod header {
    pub(crate) const MAGIC: usize = 0;
    pub(crate) const FORMAT: usize = 8;
    pub(crate) const KIND: usize = 12;
    pub(crate) const FILE_LENGTH: usize = 16;
    pub(crate) const SUMS_AT: usize = 24;
    pub(crate) const SUMS_CRC: usize = 32;
    pub(crate) const SECTION_COUNT: usize = 36;
    pub(crate) const HEADER_CRC: usize = 40;
    pub(crate) const SECTIONS: usize = 48;
    /// Tag (4 bytes), zero (4 bytes), offset u64, length u64.
    pub(crate) const SECTION_ROW: usize = 24;
}

/// A hash over the keys of sample versions in every ecosystem. Stored keys can only be compared with keys that this
/// program makes in the same way; when the ways differ, so do the fingerprints, and the index is built again.
pub(crate) fn key_fingerprint() -> u64 {
    const SAMPLES: [&str; 13] = [
        "0",
        "1",
        "1.0",
        "1.10.0",
        "1.0.0-4",
        "1.0.0-alpha.1",
        "2.0-beta9",
        "1.2.3.4",
        "1:2.3~rc1-4+b1",
        "1.0_p1-r2",
        "v1.2.3+incompatible",
        "1!2.0.post3.dev4",
        "2.0.0-SNAPSHOT",
    ];
    let mut hasher = Hasher::new();
    let mut key = Vec::new();
    for ecosystem in Ecosystem::all() {
        hasher = hasher.part(ecosystem.name().as_bytes());
        let Some(order) = ecosystem.order() else { continue };
        for sample in SAMPLES {
            key.clear();
            let readable = order.write_key(sample, &mut key).is_ok();
            hasher = hasher.number(readable.into());
            if readable {
                hasher = hasher.part(&key);
            }
        }
    }
    hasher.finish()
}
