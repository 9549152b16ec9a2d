#![doc = include_str!("../README.md")]

mod decode;
pub mod device_list;
pub mod feed;
pub mod limits;
pub mod sbom;
pub mod transfer;
