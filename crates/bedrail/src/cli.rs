//! The command line: what was typed (`args`), what is done about it (`command`), how answers are shown
//! (`output`) and how it ends (`exit`). Data goes to standard output, everything said about it to standard error.

mod args;
mod command;
pub mod exit;
mod failure;
mod input;
mod output;
mod output_file;
mod progress;
mod public_url;
mod sso_args;
mod terminal;
mod verdict;

use std::ffi::OsString;

use clap::Parser;

use crate::memory;

use args::{Arguments, Command, Later};
use exit::Exit;
use failure::Failure;

/// Runs one command line, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(shown) => return show_usage(&shown),
    };
    let exit = dispatch(arguments).unwrap_or_else(Failure::report);
    memory::give_back_no_more();
    exit
}

/// Prints help and version to standard output, a usage error to standard error.
fn show_usage(shown: &clap::Error) -> Exit {
    // Nobody is left to tell when the terminal is gone.
    let _ = shown.print();
    if shown.use_stderr() { Exit::Usage } else { Exit::Success }
}

/// Every command, in the order of `--help`.
fn dispatch(arguments: Arguments) -> Result<Exit, Failure> {
    let place = arguments.place;
    match arguments.command {
        Command::Serve(Later(options)) => command::serve::run(&place, options),
        Command::Worker(Later(options)) => command::worker::run(&place, &options),
        Command::Demo(Later(options)) => command::demo::run(&place, options),
        Command::Db(Later(options)) => command::db::run(&place, options),
        Command::Scan(Later(options)) => command::scan::run(&place, &options),
        Command::Mend(Later(options)) => command::mend::run(&place, options),
        Command::Sbom(Later(options)) => command::sbom::run(&place, options),
        Command::Names(Later(options)) => command::names::run(&place, options),
        Command::Devices(Later(options)) => command::devices::run(&place, options),
        Command::Exposure(Later(options)) => command::exposure::run(&place, options),
        Command::Affected(Later(options)) => command::affected::run(&place, options),
        Command::Advisories(Later(options)) => command::advisories::run(&place, options),
        Command::Alerts(Later(options)) => command::alerts::run(&place, options),
        Command::Priorities(Later(options)) => command::decisions::priorities(&place, &options),
        Command::Decide(Later(options)) => command::decisions::decide(&place, &options),
        Command::Decisions(Later(options)) => command::decisions::decisions(&place, &options),
        Command::Actions(Later(options)) => command::decisions::actions(&place, &options),
        Command::Campaign(Later(options)) => command::campaigns::run(&place, &options),
        Command::Incidents(Later(options)) => command::incidents::run(&place, &options),
        Command::Unknowns(Later(options)) => command::unknowns::run(&place, options),
        Command::Vex(Later(options)) => command::vex::run(&place, options),
        Command::Facts(Later(options)) => command::facts::run(&place, options),
        Command::Programme(Later(options)) => command::programme::run(&place, options),
        Command::Risk(Later(options)) => command::response::risk(&place, &options),
        Command::Response(Later(options)) => command::response::response(&place, &options),
        Command::Report(Later(options)) => command::response::report(&place, &options),
        Command::People(Later(options)) => command::workforce::run(&place, options),
        Command::Guide(Later(options)) => command::office::guide(&place, &options),
        Command::Vendors(Later(options)) => command::office::vendors(&place, options),
        Command::Registers(Later(options)) => command::office::registers(&place, options),
        Command::Clients(Later(options)) => command::office::clients(&place, options),
        Command::Evidence(Later(options)) => command::evidence::run(&place, options),
        #[cfg(unix)]
        Command::Waf(Later(options)) => command::waf::run(&place, options),
        Command::Firewall(Later(options)) => command::firewall::run(&place, &options),
        Command::Audit(Later(options)) => command::audit::run(&place, options),
        Command::Organisation(Later(options)) => command::organisation::run(&place, &options),
        Command::Account(Later(options)) => command::account::run(&place, &options),
        Command::Doctor(Later(options)) => command::doctor::run(&place, &options),
        Command::Explain(Later(options)) => command::explain::run(&place, options),
        Command::Openapi => command::openapi::run(),
        Command::ParseUpload { kind } => command::parse_upload::run(kind),
    }
}
