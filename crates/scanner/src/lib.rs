#![doc = include_str!("../README.md")]

mod binary;
pub mod budget;
pub mod class_file;
mod container;
mod content;
mod detect;
mod document;
mod examine;
mod facts;
mod fields;
mod java;
mod layers;
mod library;
mod opened;
mod queue;
pub mod report;
mod resolve;
mod scan;
pub mod targets;
mod walk;

/// Every kind of container that is known by its content, and whether it is opened.
pub fn containers() -> impl Iterator<Item = (&'static str, bool)> {
    container::CONTAINERS.iter().map(|it| (it.name, it.open.is_read()))
}

/// Every kind of file that says what is installed or packed.
pub fn detectors() -> impl Iterator<Item = &'static str> {
    detect::DETECTORS.iter().map(|it| it.name)
}

/// What is told by version strings in programs and firmware.
pub fn rules() -> impl Iterator<Item = &'static str> {
    binary::RULES.iter().map(|rule| rule.component)
}

/// The classes whose absence is told: they were looked for under every name before it is.
pub fn missed_classes() -> impl Iterator<Item = &'static str> {
    library::LIBRARIES.iter().flat_map(|it| it.missed.iter().copied())
}

pub use document::is_document;
pub use examine::Depth;
pub use scan::{Options, count, scan};
pub use walk::Walk;
