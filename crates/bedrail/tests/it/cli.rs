//! The command line: what is printed, and the exit code.

mod data;
mod fleet;
mod help;
mod jobs;
mod killed;
mod mirror;
mod outputs;
mod run;
mod scan;
