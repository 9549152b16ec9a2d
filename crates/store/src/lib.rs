#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod audit;
mod change;
pub mod classes;
mod database;
pub mod devices;
pub mod documents;
mod error;
pub mod factors;
pub mod findings;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
mod lock;
pub mod memberships;
mod migrations;
pub mod notices;
pub mod organisations;
pub mod personal;
pub mod releases;
pub mod sboms;
pub mod sessions;
pub mod sites;
pub mod software;
mod sql;
mod statistics;
pub mod tokens;
mod view;
pub mod weaknesses;

pub use change::{Change, Reference, Stamp};
pub use database::{Address, Store};
pub use error::Error;
pub use lock::{Held, Lock};
pub use sql::STATEMENTS;
pub use view::View;
