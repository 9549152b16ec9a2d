#![doc = include_str!("../README.md")]

mod decode;
pub mod limits;
pub mod sbom;
pub mod transfer;
