#![doc = include_str!("../README.md")]

pub mod evaluate;
pub mod evidence;
pub mod panel;
pub mod reference;
pub mod weakness;

pub use evaluate::{Subject, evaluate};
pub use panel::{Panel, RecordVerdict, Verdict};
