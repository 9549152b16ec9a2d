//! The program: parse, run, say how it ended. Everything else is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A bill of materials is hundreds of thousands of small texts: `sbom add` is some 6 % faster than with glibc's allocator, for a
/// third more memory. musl's, which release archives would have, is made for size. Without huge pages (`no_thp`): a server that held much
/// for a moment gives it back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    bedrail::cli::run(std::env::args_os()).into()
}
