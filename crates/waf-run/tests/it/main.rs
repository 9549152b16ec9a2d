//! Rule sets on a proxy that runs, with the real engine and real rules. Loopback only.
//!
//! Without libmodsecurity, or without the shared rule sets, there is nothing to try: each test then says so and ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]
#![expect(
    clippy::print_stdout,
    reason = "a test that is skipped says so, one that measures prints its figures"
)]

mod application;
mod kit;
mod log4shell;
mod look;
mod own_tests;
mod refused;
mod report;
mod stages;
mod swaps;
