//! The program: the command line and the web, both thin over `bedrail_app`.

mod answer;
pub mod cli;
pub mod web;
