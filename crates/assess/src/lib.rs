#![doc = include_str!("../README.md")]

pub mod alerts;
pub mod bare_name;
pub mod bill_change;
pub mod component_name;
pub mod configuration;
pub mod decisions;
pub mod evaluate;
pub mod evidence;
pub mod exposure;
pub mod firewall;
pub mod name_proposal;
pub mod named_product;
pub mod operating_systems;
pub mod panel;
pub mod platform;
pub mod priority;
pub mod quality;
pub mod reference;
pub mod support;
pub mod vex;
pub mod weakness;

pub use bare_name::PackageNames;
pub use evaluate::{Subject, evaluate};
pub use panel::{Panel, RecordVerdict, Verdict};
pub use platform::{Name, Platform};
