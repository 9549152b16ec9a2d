#![doc = include_str!("../README.md")]

pub mod cli;
pub mod config;
mod control;
pub mod event;
mod event_file;
mod exchange;
pub mod http1;
mod inflate;
pub mod judge;
mod listen;
mod probe;
pub mod proxy;
pub mod refusal;
pub mod routing;
mod saved;
mod serve_http1;
mod serve_http2;
mod site;
mod status;
pub mod supervisor;
pub mod tally;
mod tls;
mod upstream;
mod websocket;

pub use proxy::{Clock, Proxy, Running, StartError};
