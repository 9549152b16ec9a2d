//! The program: the command line and the web, both thin over `bedrail_app`.

mod answer;
pub mod cli;
mod log;
mod single_sign_on;
mod stop;
pub mod web;
