//! The program: the command line and the web, both thin over `bedrail_app`.

mod answer;
mod bill_letter;
mod chain;
pub mod cli;
mod log;
mod memory;
mod rank;
mod single_sign_on;
mod stop;
mod unknown_question;
pub mod web;
