//! A command that failed: one line with the chain of causes, one line on what to do about it.

use std::error::Error as StdError;
use std::io::{self, Write};

use bedrail_app::intake::IntakeError;
use bedrail_model::text::harmless;

use super::exit::Exit;

/// Why a command failed, ready to be told to the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// A failure with the words for it.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Error, message: message.into(), hint: None }
    }

    /// A command line that reads well but names something that is not there to be named.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// A failure with everything that led to it: `while: because: because`.
    pub(crate) fn because(doing: &str, error: &(dyn StdError + 'static)) -> Failure {
        if is_broken_pipe(error) {
            return Failure { exit: Exit::Success, message: String::new(), hint: None };
        }
        let mut message = format!("{doing}: {error}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            message.push_str(&format!(": {inner}"));
            cause = inner.source();
        }
        Failure::told(&message)
    }

    /// A message of the layers below, which write what to do about it in the same line.
    fn told(message: &str) -> Failure {
        match message.split_once("; hint: ") {
            Some((message, hint)) => Failure::new(message).hint(hint),
            None => Failure::new(message),
        }
    }

    /// A document that cannot be read at all.
    pub(crate) fn unreadable(name: &str, refusal: &IntakeError) -> Failure {
        let name = if name == "-" { "standard input" } else { name };
        let (message, hint) = refusal.message_and_hint();
        Failure { exit: Exit::Error, message: format!("{name}: {message}"), hint }
    }

    /// The same failure with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Tells standard error and gives the exit code. A reader who went away (`bedrail … | head`) is no failure.
    pub(crate) fn report(self) -> Exit {
        if self.exit != Exit::Success {
            let mut stderr = io::stderr().lock();
            // Nobody is left to tell when standard error is gone too.
            let _ = writeln!(stderr, "error: {}", harmless(&self.message));
            if let Some(hint) = &self.hint {
                let _ = writeln!(stderr, "hint: {}", harmless(hint));
            }
        }
        self.exit
    }
}

/// Whether the cause of it all is a reader that stopped reading.
fn is_broken_pipe(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl From<bedrail_app::Error> for Failure {
    fn from(error: bedrail_app::Error) -> Failure {
        let mut message = error.to_string();
        // On the person's own machine the cause behind "something went wrong" is theirs to see.
        let mut cause = StdError::source(&error);
        while let Some(inner) = cause {
            message.push_str(&format!(": {inner}"));
            cause = inner.source();
        }
        let failure = Failure::new(message);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Writing the answer failed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::because("cannot write the answer", &error)
    }
}
