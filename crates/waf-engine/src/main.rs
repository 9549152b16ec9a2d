#![doc = include_str!("../README.md")]

mod arguments;
#[cfg(modsecurity)]
mod check;
#[cfg(modsecurity)]
mod judge;
#[cfg(modsecurity)]
mod modsecurity;
#[cfg(modsecurity)]
mod preamble;
#[cfg(any(modsecurity, test))]
mod redact;
#[cfg(any(modsecurity, test))]
mod rule_files;
#[cfg(modsecurity)]
mod run;
#[cfg(modsecurity)]
mod serve;

use std::process::ExitCode;

use arguments::Task;

/// The command line is wrong (`EX_USAGE` of sysexits.h, as the others here).
const USAGE: u8 = 64;
/// No engine.
const UNAVAILABLE: u8 = 69;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(it) if it.task == Task::Help => {
            show(arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(it) => run(it),
        Err(usage) => {
            complain(&usage);
            ExitCode::from(USAGE)
        }
    }
}

#[cfg(modsecurity)]
fn run(arguments: arguments::Arguments) -> ExitCode {
    run::run(arguments)
}

#[cfg(not(modsecurity))]
fn run(_: arguments::Arguments) -> ExitCode {
    complain(&NoLibrary);
    ExitCode::from(UNAVAILABLE)
}

/// What a build without the library says.
#[cfg(not(modsecurity))]
#[derive(Debug, thiserror::Error)]
#[error(
    "bedrail-waf-engine was built without libmodsecurity\nhint: install libmodsecurity-dev (3.0.9 or newer) and build it again"
)]
struct NoLibrary;

#[expect(clippy::print_stdout, reason = "what was asked for")]
fn show(text: &str) {
    print!("{text}");
}

/// An error and its causes to standard error.
#[expect(clippy::print_stderr, reason = "the one place that says what went wrong")]
fn complain(error: &dyn std::error::Error) {
    eprintln!("bedrail-waf-engine: {error}");
    let mut cause = error.source();
    while let Some(it) = cause {
        eprintln!("  because: {it}");
        cause = it.source();
    }
}
