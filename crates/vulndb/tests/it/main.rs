//! Index files: what goes in comes out, damage is an error, deltas replace, changes are found.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod configurations;
mod damage;
mod deltas;
mod records;
mod tables;
