//! The rules of `docs/matching.md`, and the fast matcher beside the slow one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod agreement;
mod bare_name;
mod build;
mod configuration_words;
mod configurations;
mod decisions;
mod groups;
mod medical;
mod medical_names;
mod product_models;
mod product_name_edges;
mod product_names;
mod product_statements;
mod product_versions;
mod rules;
mod vex;
