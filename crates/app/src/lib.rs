#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod actor;
pub mod advisories;
pub mod affected;
pub mod audit;
pub mod clock;
pub mod context;
pub mod demo;
pub mod devices;
pub mod document;
pub mod error;
pub mod feeds;
mod fleet;
pub mod intake;
pub mod jobs;
mod judge;
mod matching;
pub mod organisations;
pub mod page;
mod parse;
pub mod people;
mod purl;
pub mod releases;
pub mod rematch;
pub mod rights;
pub mod sboms;
pub mod scan;
mod secrets;
mod showing;
pub mod starter;
pub mod today;
mod vault;

pub use actor::Actor;
pub use context::Context;
pub use document::Document;
pub use error::Error;
