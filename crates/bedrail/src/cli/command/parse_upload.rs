//! `bedrail parse-upload`: the child process in which the server reads an upload. The document comes on standard input,
//! its content goes to standard output; a refusal is one line on standard error, message and hint together.

use std::io::{self, Write};

use bedrail_app::intake;
use bedrail_model::text::harmless;

use crate::cli::args::UploadKind;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(kind: UploadKind) -> Result<Exit, Failure> {
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    let parsed = match kind {
        UploadKind::Sbom => intake::parse_upload(input, output),
        UploadKind::Devices => intake::parse_devices(input, output),
        UploadKind::Files => intake::scan_upload(input, output),
        UploadKind::Vex => intake::parse_vex(input, output),
        UploadKind::Exposure => intake::parse_exposure(input, output),
        UploadKind::Words => intake::parse_words(input, output),
        UploadKind::Sra => intake::parse_sra(input, output),
    };
    match parsed {
        Ok(()) => Ok(Exit::Success),
        Err(refusal) => {
            writeln!(io::stderr().lock(), "error: {}", harmless(&refusal.to_string()))?;
            Ok(Exit::Error)
        }
    }
}
