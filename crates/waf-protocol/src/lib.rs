#![doc = include_str!("../README.md")]

#[cfg(unix)]
pub mod client;
mod frame;
pub mod message;
mod wire;

#[cfg(unix)]
pub use client::Client;
pub use frame::{FRAME_LIMIT, Frame, HEAD_LENGTH, ProtocolError, frame_head};
pub use message::{Answer, Failure, Hello, Interruption, Match, Request, Side, VERSION, Verdict};
