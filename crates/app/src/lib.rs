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
pub mod error;
pub mod feeds;
pub mod intake;
pub mod page;
pub mod releases;
pub mod sboms;
pub mod scan;
pub mod starter;
pub mod today;

pub use actor::Actor;
pub use context::Context;
pub use error::Error;
