//! The laws of the nouns, checked from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

mod cpes;
mod differential;
mod ecosystems;
mod feeds;
mod oracles;
mod order_edges;
mod orders;
mod purls;
mod range_texts;
mod releases;
mod speed;
mod suffixes;
mod total_order;
