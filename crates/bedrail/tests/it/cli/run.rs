//! Runs the real binary away from the person's own data and settings.

use assert_cmd::Command;

/// `bedrail` with a clean environment.
pub(crate) fn bedrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrail"));
    for name in ["BEDRAIL_DATA", "BEDRAIL_DATABASE", "XDG_DATA_HOME", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").env("COLUMNS", "100").env("TERM", "dumb");
    command
}
