//! `bedrail openapi`: the OpenAPI document, from the same code that answers the requests.

use std::io::Write;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::web;

pub(crate) fn run() -> Result<Exit, Failure> {
    std::io::stdout().write_all(web::openapi().as_bytes())?;
    Ok(Exit::Success)
}
