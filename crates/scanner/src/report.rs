//! What a scan found, and what it could not look into.

use std::collections::BTreeMap;
use std::{fmt, io};

/// Between a container and what is in it, as Java writes it (`JarURLConnection`).
pub const INSIDE: &str = "!/";

/// Where something is: a file, then the name inside each container on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(Vec<String>);

impl Place {
    /// A file of the file system.
    pub fn file(path: impl Into<String>) -> Place {
        Place(vec![path.into()])
    }

    /// A container, by its own parts.
    pub(crate) fn of(parts: &[String]) -> Place {
        Place(parts.to_vec())
    }

    /// Something in the container that is here.
    #[must_use]
    pub fn inside(&self, name: &str) -> Place {
        let mut parts = self.0.clone();
        parts.push(name.to_owned());
        Place(parts)
    }

    /// The parts: the file, then the names.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// The name inside of the innermost container, or the file.
    pub fn name(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The containers around it, outermost first; none for a file of the file system.
    pub fn around(&self) -> &[String] {
        &self.0[..self.0.len().saturating_sub(1)]
    }

    /// Whether it is this container or something in it.
    pub fn is_within(&self, container: &[String]) -> bool {
        self.0.starts_with(container)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(INSIDE))
    }
}

/// Why something was not looked into, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// The operating system does not let us.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It is not what its first bytes promise.
    #[error("the {kind} is damaged or cut off ({what}); what could be read before was looked at")]
    Damaged {
        /// What it should be: `zip archive`.
        kind: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A zip whose list of entries cannot be used.
    #[error(
        "the zip archive's list of entries is damaged ({0}); the entries were found one by one, and some may be missing"
    )]
    NoDirectory(String),
    /// A password is needed for so many entries.
    #[error("{0} of its entries are encrypted, and were not looked at")]
    Encrypted(u64),
    /// It is known what it is, and there is no reader for it.
    #[error("{0} is not opened by this program")]
    Unsupported(String),
    /// A part of something that is only whole together with another file.
    #[error("the {kind} needs {other}, so what it holds is not known")]
    NeedsOther {
        /// What it is: `qcow2 disk image`.
        kind: &'static str,
        /// What it needs.
        other: String,
    },
    /// Containers in containers in containers.
    #[error("it lies deeper than {0} containers inside one another")]
    TooDeep(usize),
    /// Too many entries.
    #[error("there are more than {0} entries; the rest was not looked at")]
    TooMany(u64),
    /// It grows too large.
    #[error("it expands to more than {0} bytes; the rest was not looked at")]
    ExpandsTooFar(u64),
    /// It grows as only a bomb does.
    #[error(
        "it expands to more than {0} times its size, as only a decompression bomb does; the rest was not looked at"
    )]
    Bomb(u64),
    /// It takes too long.
    #[error("it took longer than {0} seconds; the rest was not looked at")]
    TooLong(u64),
    /// A single file that is larger than any of its kind.
    #[error("it is larger than {limit} bytes, more than a {kind} ever is")]
    TooLarge {
        /// What it should be: `class file`.
        kind: &'static str,
        /// The bytes allowed.
        limit: u64,
    },
    /// What the operating system makes up while one looks, or asks for hardware by.
    #[error("it is not stored on a disk ({0})")]
    Virtual(&'static str),
    /// An inventory that somebody left.
    #[error("it is an inventory (SBOM); what it names was not taken over, only what is really here")]
    Inventory,
    /// Another file system, which was to be left alone.
    #[error("it is another file system (--one-file-system)")]
    OtherFileSystem,
    /// Whoever started the scan ended it.
    #[error("the scan was stopped")]
    Stopped,
}

impl Reason {
    /// What a failed read says: a limit of ours that was met, a damaged container, or the operating system.
    pub(crate) fn of_read(kind: &'static str, error: &io::Error) -> Reason {
        let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Reason>());
        match (ours, error.raw_os_error()) {
            (Some(reason), _) => reason.clone(),
            (None, Some(_)) => Reason::Unreadable(error.to_string()),
            (None, None) => Reason::Damaged { kind, what: error.to_string() },
        }
    }

    /// Whether something may be missing from the answer: not where there is nothing to find, or where it was asked for.
    pub fn is_gap(&self) -> bool {
        !matches!(self, Reason::Virtual(_) | Reason::OtherFileSystem | Reason::Inventory)
    }

    /// Whether everything ends by it, not only one container.
    pub(crate) fn ends_file(&self) -> bool {
        matches!(
            self,
            Reason::TooMany(_)
                | Reason::ExpandsTooFar(_)
                | Reason::Bomb(_)
                | Reason::TooLong(_)
                | Reason::Stopped
        )
    }
}

/// Something that was not looked into, or not to its end. It never counts as clean.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotScanned {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// How sure it is what something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// What a lock file names: it was to be installed, and was not seen itself.
    Low,
    /// What it says of itself (a package database, a manifest), or a part of its code.
    Fair,
    /// Its code, and what it says of itself does not speak against it.
    High,
}

impl Confidence {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Fair => "fair",
            Confidence::High => "high",
        }
    }
}

/// One file that speaks for a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The file.
    pub place: Place,
    /// What it shows: `lookup/JndiLookup of 2.13.0 to 2.14.1`.
    pub shows: String,
    /// SHA-256 of its bytes, lower-case hex, where it is code.
    pub sha256: Option<String>,
}

/// What is known of the code of a library, class by class. Names are those of `library::LIBRARIES`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Code {
    /// Classes that are there, each with the marks in it.
    pub present: BTreeMap<String, Vec<String>>,
    /// Whether the container was read to its end, and what it holds under other names was looked at, so that a class that is not among
    /// them is not there.
    pub whole: bool,
}

impl Code {
    /// Whether it is known that a class is not there.
    pub fn lacks(&self, class: &str) -> bool {
        self.whole && !self.present.contains_key(class)
    }

    /// Whether a class is there and bears a mark.
    pub fn marked(&self, class: &str, mark: &str) -> bool {
        self.present.get(class).is_some_and(|marks| marks.iter().any(|it| it == mark))
    }
}

/// A software package that is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The package URL's type: `maven`, `npm`, `deb`.
    pub kind: &'static str,
    /// Its name space: a Maven group, a distribution.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Its version as it says itself, or as its code shows.
    pub version: Option<String>,
    /// Qualifiers of the package URL: `arch`, `distro`.
    pub qualifiers: Vec<(&'static str, String)>,
    /// Every version that the code fits, oldest first; empty where nothing is known of the code.
    pub versions: Vec<String>,
    /// What it says itself, where its code says otherwise.
    pub declared: Option<String>,
    /// Its names in NVD's dictionary (CPE 2.3, formatted strings), where no package manager knows it.
    pub cpes: Vec<String>,
    /// What is known of its code.
    pub code: Option<Code>,
    /// Where it is: the container or folder that it lies in.
    pub place: Place,
    /// The files that speak for it.
    pub evidence: Vec<Evidence>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What a person should know: relocated, classes of several versions.
    pub remarks: Vec<String>,
    /// Whether it is the operating system itself.
    pub is_system: bool,
}

/// The result of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What is inside, in the order of places.
    pub found: Vec<Found>,
    /// What is only in a lower layer of a container image, where a later layer removes or replaces it: not in what runs from the image.
    pub hidden: Vec<Found>,
    /// What was not looked into.
    pub not_scanned: Vec<NotScanned>,
    /// Files that were looked at.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Things that hold no content and were passed over: symbolic links, sockets, pipes.
    pub passed_over: u64,
    /// Whether it was ended before its end.
    pub stopped: bool,
}
