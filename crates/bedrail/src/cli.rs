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

use args::{Arguments, Command};
use exit::Exit;
use failure::Failure;

/// Runs one command line, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(shown) => return show_usage(&shown),
    };
    match dispatch(arguments) {
        Ok(exit) => exit,
        Err(failure) => failure.report(),
    }
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
        Command::Serve(options) => command::serve::run(&place, options),
        Command::Worker(options) => command::worker::run(&place, &options),
        Command::Demo(options) => command::demo::run(&place, options),
        Command::Db(options) => command::db::run(&place, options),
        Command::Scan(options) => command::scan::run(&place, &options),
        Command::Mend(options) => command::mend::run(&place, options),
        Command::Sbom(options) => command::sbom::run(&place, options),
        Command::Names(options) => command::names::run(&place, options),
        Command::Devices(options) => command::devices::run(&place, options),
        Command::Exposure(options) => command::exposure::run(&place, options),
        Command::Affected(options) => command::affected::run(&place, options),
        Command::Advisories(options) => command::advisories::run(&place, options),
        Command::Alerts(options) => command::alerts::run(&place, options),
        Command::Priorities(options) => command::decisions::priorities(&place, &options),
        Command::Decide(options) => command::decisions::decide(&place, &options),
        Command::Decisions(options) => command::decisions::decisions(&place, &options),
        Command::Actions(options) => command::decisions::actions(&place, &options),
        Command::Campaign(options) => command::campaigns::run(&place, &options),
        Command::Incidents(options) => command::incidents::run(&place, &options),
        Command::Unknowns(options) => command::unknowns::run(&place, options),
        Command::Vex(options) => command::vex::run(&place, options),
        Command::Facts(options) => command::facts::run(&place, options),
        Command::Programme(options) => command::programme::run(&place, options),
        Command::Risk(options) => command::response::risk(&place, &options),
        Command::Response(options) => command::response::response(&place, &options),
        Command::Report(options) => command::response::report(&place, &options),
        Command::People(options) => command::workforce::run(&place, options),
        Command::Guide(options) => command::office::guide(&place, &options),
        Command::Vendors(options) => command::office::vendors(&place, options),
        Command::Registers(options) => command::office::registers(&place, options),
        Command::Clients(options) => command::office::clients(&place, options),
        Command::Evidence(options) => command::evidence::run(&place, options),
        #[cfg(unix)]
        Command::Waf(options) => command::waf::run(&place, options),
        Command::Firewall(options) => command::firewall::run(&place, &options),
        Command::Audit(options) => command::audit::run(&place, options),
        Command::Organisation(options) => command::organisation::run(&place, &options),
        Command::Account(options) => command::account::run(&place, &options),
        Command::Doctor(options) => command::doctor::run(&place, &options),
        Command::Explain(options) => command::explain::run(&place, options),
        Command::Openapi => command::openapi::run(),
        Command::ParseUpload { kind } => command::parse_upload::run(kind),
    }
}
