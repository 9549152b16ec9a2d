#![doc = include_str!("../README.md")]

pub mod breach;
pub mod catalog;
pub mod continuity;
pub mod decision;
pub mod device_report;
pub mod fact;
pub mod letter;
pub mod oscal;
pub mod penalty;
pub mod playbook;
pub mod questions;
pub mod retention;
pub mod risk;
pub mod signal;
pub mod state;
pub mod working_days;
