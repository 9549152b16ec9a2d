//! The use cases as stories, on every database that is there.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on fails; clippy knows only functions marked as tests"
)]

mod alert_desk;
mod alerts;
mod any_order;
mod audit_log;
mod campaigns;
mod decisions;
mod doctor;
mod ends;
mod engagement;
mod exposure;
mod firewall;
mod follow;
mod follow_ups;
mod incidents;
mod medical;
mod members;
mod mentions;
mod names;
mod office;
mod priority;
mod products;
mod programme;
mod providers;
mod response;
mod sample_hospital;
mod self_assessment;
mod signals_fed;
mod sra;
mod statements;
mod story;
mod unknowns;
mod vex;
mod vex_signing;
mod workforce;
mod written;
