//! The laws of the nouns, checked from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod ecosystems;
mod orders;
mod purls;
