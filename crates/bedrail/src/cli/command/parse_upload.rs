//! `bedrail parse-upload`: the child process in which the server reads an upload. The document comes on standard input,
//! its content goes to standard output; a refusal is one line on standard error, message and hint together.

use std::io::{self, Write};

use bedrail_app::intake;
use bedrail_model::text::harmless;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run() -> Result<Exit, Failure> {
    match intake::parse_upload(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => Ok(Exit::Success),
        Err(refusal) => {
            writeln!(io::stderr().lock(), "error: {}", harmless(&refusal.to_string()))?;
            Ok(Exit::Error)
        }
    }
}
