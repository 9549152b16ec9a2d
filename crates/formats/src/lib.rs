#![doc = include_str!("../README.md")]

pub mod csaf;
mod decode;
pub mod device_list;
pub mod feed;
pub mod limits;
pub mod product_list;
pub mod sbom;
pub mod transfer;
mod value;
pub mod vex;
