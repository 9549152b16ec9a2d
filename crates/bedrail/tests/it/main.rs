//! Tests of the program as people and scripts use it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

mod cli;
mod web;
