//! The rules on people, by tables.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod courses;
mod lists;
mod policies;
mod scim;
