//! The proxy's files, tried from outside. What needs a judge is tried in `waf-engine`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
