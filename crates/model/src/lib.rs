#![doc = include_str!("../README.md")]

pub mod advisory;
pub mod answer;
pub mod component;
pub mod cpe;
pub mod data_status;
pub mod device;
pub mod ecosystem;
pub mod finding;
pub mod ids;
pub mod job;
pub mod organisation;
pub mod product_advisory;
pub mod purl;
pub mod severity;
pub mod text;
pub mod version;
