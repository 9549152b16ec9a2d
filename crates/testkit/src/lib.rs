#![doc = include_str!("../README.md")]

pub mod postgres;
pub mod small_disk;
pub mod traffic;
