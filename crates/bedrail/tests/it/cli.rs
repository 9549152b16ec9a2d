//! The command line: what is printed, and the exit code.

mod help;
mod run;
mod scan;
