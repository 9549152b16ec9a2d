//! The program: parse, run, say how it ended. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    bedrail::cli::run(std::env::args_os()).into()
}
