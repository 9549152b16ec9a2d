//! The command line: what is printed, and the exit code.

mod alerts;
mod data;
mod doctor;
mod exposure;
mod fleet;
mod help;
mod http;
mod inside;
mod jobs;
mod killed;
mod lists;
mod medical;
mod mirror;
mod moving;
mod outputs;
mod programme;
mod rules_mirror;
pub(crate) mod run;
mod scan;
mod several;
mod sso;
#[cfg(unix)]
mod terminal;
mod to_server;
mod vex;
