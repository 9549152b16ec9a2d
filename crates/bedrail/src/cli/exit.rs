//! How a command ends. The codes are a promise to scripts; `docs/exit-codes.md` says what leads to each.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, and nothing to report at or above the bar.
    Success,
    /// It failed: a file that cannot be read, a database that cannot be opened, an answer that cannot be written.
    Error,
    /// The command line itself is wrong.
    Usage,
    /// `--fail-on`: something at or above the bar was found.
    Found,
    /// Nothing was found at or above the bar, but the answer is not complete.
    Incomplete,
}

/// Every way to end with its meaning, as `docs/exit-codes.md` lists them.
pub const EXITS: [(Exit, u8, &str); 5] = [
    (Exit::Success, 0, "done; nothing at or above the bar"),
    (Exit::Error, 1, "it failed"),
    (Exit::Usage, 2, "the command line is wrong"),
    (Exit::Found, 3, "something at or above the bar of --fail-on was found"),
    (Exit::Incomplete, 4, "nothing at or above the bar was found, but the answer is incomplete"),
];

impl Exit {
    /// The code that the operating system sees.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Error => 1,
            Exit::Usage => 2,
            Exit::Found => 3,
            Exit::Incomplete => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
