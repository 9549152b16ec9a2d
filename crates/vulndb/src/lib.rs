#![doc = include_str!("../README.md")]

pub mod build;
pub mod db;
pub mod delta;
pub mod error;
mod groups;
mod hash;
mod layout;
mod map;
pub mod segment;
pub mod side;
mod spill;
mod vector;
mod write;

pub use build::{Builder, Shard, Summary};
pub use db::{AdvisoryRef, Db, GroupRef, SourceRef};
pub use error::{BuildError, OpenError, ReadError};
pub use side::SideTables;
