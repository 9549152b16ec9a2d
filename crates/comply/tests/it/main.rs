//! The tests of this crate, in one binary.

mod agreements;
mod assessment;
mod breach;
mod catalogues;
mod continuity;
mod device_reports;
mod history;
mod letters;
mod oscal;
mod penalties;
mod questions;
mod registers;
mod retention;
mod risk;
mod schema;
mod speed;
mod states;
mod support;
