//! Runs the real binary away from the person's own data and settings.

use std::path::Path;
use std::process::{self, Output};

use assert_cmd::Command;
use serde_json::Value;

/// `bedrail` with a clean environment.
pub(crate) fn bedrail() -> Command {
    Command::from_std(program())
}

/// The same, to start and stop by hand.
pub(crate) fn program() -> process::Command {
    let mut command = process::Command::new(env!("CARGO_BIN_EXE_bedrail"));
    for name in ["BEDRAIL_DATA", "BEDRAIL_DATABASE", "XDG_DATA_HOME", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").env("COLUMNS", "100").env("TERM", "dumb").env("BEDRAIL_FEEDS", "off");
    command
}

/// Runs a command in a folder, with its data below it.
pub(crate) fn run(folder: &Path, words: &[&str]) -> Output {
    bedrail().current_dir(folder).args(["--data", "data"]).args(words).output().unwrap()
}

/// The same, where it must end with a certain code; its standard output.
pub(crate) fn text(folder: &Path, code: i32, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output).to_owned()
}

/// The same, as JSON.
pub(crate) fn json(folder: &Path, code: i32, words: &[&str]) -> Value {
    let text = text(folder, code, words);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
