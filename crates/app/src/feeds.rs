//! Vulnerability data: where it comes from, how it is fetched and kept, how old it is, and what it says of a component.
//!
//! Below the data folder, `feeds/` keeps the feeds as received, named by their content, and `vulndb/` the index built
//! from them with a manifest that names both. Everything new is written beside what is in use; the manifest is replaced
//! last, by rename, so a program killed at any moment leaves the data that was in use before.

pub mod bundle;
mod by_name;
pub mod change;
pub mod data;
pub mod dump;
mod error;
mod fetch;
pub(crate) mod folder;
mod index;
pub mod judge;
mod known;
mod manifest;
mod mirror;
pub mod sources;
mod spoken;
pub mod starter;
pub mod status;
#[cfg(test)]
mod tests;
pub mod update;

pub use data::{Data, MentionedBy, Refreshed};
pub use error::FeedError;
pub use fetch::Addresses;
pub(crate) use fetch::{install_provider, single, words as words_of};
pub use folder::DataDir;
pub(crate) use folder::sync;
pub use judge::{Judge, Question, Verdict};
pub use starter::build_starter;
pub use update::{Options, Origin, Progress, UpdateReport, update};
