//! One file for each command: it turns what was typed into a use case's command, calls it, and shows the answer.

pub(crate) mod account;
pub(crate) mod advisories;
pub(crate) mod affected;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod bills;
pub(crate) mod db;
pub(crate) mod decisions;
pub(crate) mod demo;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod explain;
mod listen;
pub(crate) mod mend;
pub(crate) mod moving;
pub(crate) mod names;
pub(crate) mod openapi;
pub(crate) mod organisation;
pub(crate) mod parse_upload;
pub(crate) mod sbom;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod sso;
pub(crate) mod unknowns;
pub(crate) mod vex;
pub(crate) mod worker;
