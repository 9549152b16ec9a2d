//! What was seen in one file, before it is put together: classes, what archives say of themselves, packages.

use crate::layers::{Image, Layer, LayerLink};
use crate::report::{Found, NotScanned, Place};

/// Everything seen.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) classes: Vec<ClassFact>,
    pub(crate) declared: Vec<Declared>,
    pub(crate) manifests: Vec<Manifest>,
    pub(crate) packages: Vec<Found>,
    pub(crate) systems: Vec<System>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) images: Vec<Image>,
    pub(crate) layer_links: Vec<LayerLink>,
    pub(crate) not_scanned: Vec<NotScanned>,
}

impl Facts {
    pub(crate) fn append(&mut self, mut other: Facts) {
        self.classes.append(&mut other.classes);
        self.declared.append(&mut other.declared);
        self.manifests.append(&mut other.manifests);
        self.packages.append(&mut other.packages);
        self.systems.append(&mut other.systems);
        self.layers.append(&mut other.layers);
        self.images.append(&mut other.images);
        self.layer_links.append(&mut other.layer_links);
        self.not_scanned.append(&mut other.not_scanned);
    }
}

/// A class of a library that is told by its classes.
#[derive(Debug, Clone)]
pub(crate) struct ClassFact {
    /// Where it is.
    pub(crate) place: Place,
    /// The folder in which its package begins, inside the container or on the disk; ends with `/` unless empty.
    pub(crate) root: String,
    /// The package of the library as found: `org/apache/logging/log4j/core`, or where it was moved to.
    pub(crate) package: String,
    /// Which library, by its place in `library::LIBRARIES`.
    pub(crate) library: usize,
    /// Whether it bears another name than it should, itself or its file.
    pub(crate) is_renamed: bool,
    /// The class as the library names it: `lookup/JndiLookup`.
    pub(crate) class: &'static str,
    /// The hash of its instructions.
    pub(crate) code: Option<[u8; 16]>,
    /// What its texts show.
    pub(crate) marks: Vec<&'static str>,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
}

/// A Maven artifact as `pom.properties` or `pom.xml` names it.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) place: Place,
    pub(crate) root: String,
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) version: String,
    /// The name of the file: `pom.properties` or `pom.xml`.
    pub(crate) file: &'static str,
}

/// What `META-INF/MANIFEST.MF` says.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) place: Place,
    pub(crate) attributes: Vec<(String, String)>,
    /// Whether there is one; else its archive stands here by its name.
    pub(crate) is_written: bool,
}

/// An operating system as `os-release` names it.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) version: Option<String>,
}
