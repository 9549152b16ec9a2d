//! What is known of the terminal: how wide it is, and whether it wants colour.

use std::io::IsTerminal;

use comfy_table::Table;

/// Columns to fill where no terminal says how wide it is: a file or a pipe.
const WIDTH_OF_A_FILE: u16 = 100;

/// Narrower than this nothing fits; the lines are then left to the terminal to break.
const NARROWEST: u16 = 40;

/// How text for people is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Columns to fill.
    pub(crate) width: u16,
    /// Whether colour may be used; it never carries a meaning alone.
    pub(crate) colour: bool,
}

impl Look {
    /// For a file or a pipe.
    pub(crate) const PLAIN: Look = Look { width: WIDTH_OF_A_FILE, colour: false };

    /// For standard output, whatever it is. `COLUMNS` wins over what the terminal says, `NO_COLOR` (no-color.org) and a
    /// dumb terminal go without colour. So does the old console of Windows, which shows the codes as letters; Windows Terminal
    /// says its name, and shells of Unix say theirs.
    pub(crate) fn of_stdout() -> Look {
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let is_terminal = std::io::stdout().is_terminal();
        let asked = named("COLUMNS").and_then(|columns| columns.parse().ok());
        let seen = || is_terminal.then(|| Table::new().width()).flatten();
        Look {
            width: asked.or_else(seen).unwrap_or(WIDTH_OF_A_FILE).max(NARROWEST),
            colour: is_terminal
                && (cfg!(not(windows)) || named("WT_SESSION").is_some() || named("TERM").is_some())
                && named("NO_COLOR").is_none()
                && named("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}
