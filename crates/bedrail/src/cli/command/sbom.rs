use crate::cli::args::{Place, Sbom};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(_place: &Place, _: Sbom) -> Result<Exit, Failure> {
    Err(Failure::new("not in this build yet"))
}
