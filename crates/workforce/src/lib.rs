#![doc = include_str!("../README.md")]

pub mod certificate;
pub mod compare;
pub mod course;
pub mod dates;
pub mod list;
pub mod markdown;
pub mod quiz;
pub mod scim;
pub mod template;
