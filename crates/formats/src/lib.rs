#![doc = include_str!("../README.md")]

pub mod alerts;
pub mod csaf;
mod decode;
pub mod device_list;
pub mod exposure;
pub mod feed;
pub mod firewall;
pub mod limits;
pub mod product_list;
pub mod sbom;
pub mod sra_tool;
pub mod transfer;
mod value;
pub mod vex;
