use crate::cli::args::{Affected, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(_place: &Place, _: Affected) -> Result<Exit, Failure> {
    Err(Failure::new("not in this build yet"))
}
