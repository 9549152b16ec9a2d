//! The one error that use cases return. Small on purpose: only `web::error` and `cli::exit` translate it.

use std::io;

use crate::seen::Stale;

/// What went wrong, in words for the person who asked. No SQL, no secret, no path of the server in any of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the actor may not know of it.
    #[error("{what} was not found")]
    NotFound {
        /// What was asked for: "release 0190b6a2-…".
        what: String,
    },
    /// The request cannot be carried out as it stands.
    #[error("{message}")]
    Invalid {
        /// What is wrong and where: "row 12, column Serial: …".
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// It collides with the present state.
    #[error("{message}")]
    Conflict {
        /// With what.
        message: String,
    },
    /// The record was changed since the caller looked; nothing was written.
    #[error("{0}")]
    Stale(Box<Stale>),
    /// The actor may not do this.
    #[error("{actor} may not {action}")]
    Denied {
        /// Who.
        actor: String,
        /// What: "add a bill of materials".
        action: String,
    },
    /// Something needed is not there right now; trying again may help.
    #[error("{message}")]
    Unavailable {
        /// What is missing.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A fault of ours or of the machine. The source goes to the log, never to the person.
    #[error("something went wrong inside Bedrail")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// [`Error::NotFound`] of a thing in words.
    pub fn not_found(what: impl Into<String>) -> Error {
        Error::NotFound { what: what.into() }
    }

    /// [`Error::Invalid`] without a hint.
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::Invalid { message: message.into(), hint: None }
    }

    /// [`Error::Invalid`] by what a reader says, whose hint stands behind its message.
    pub(crate) fn refused(text: &str) -> Error {
        let (message, hint) = message_and_hint(text);
        Error::Invalid { message, hint }
    }

    /// The sentence that tells what to do next, where there is one.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Invalid { hint, .. } | Error::Unavailable { hint, .. } => hint.as_deref(),
            Error::Stale(_) => Some("look at it as it is now, then change it again"),
            Error::NotFound { .. } | Error::Conflict { .. } | Error::Denied { .. } | Error::Internal(_) => {
                None
            }
        }
    }
}

/// A message and what to do about it, taken apart: readers write both in one line.
pub(crate) fn message_and_hint(text: &str) -> (String, Option<String>) {
    match text.split_once("; hint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (text.to_owned(), None),
    }
}

impl From<bedrail_store::Error> for Error {
    fn from(error: bedrail_store::Error) -> Error {
        let unavailable = |message: &str, hint: &str| Error::Unavailable {
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        };
        if error.is_full() {
            tracing::error!(cause = ?error, "no room for the database");
            return unavailable(
                "there is no room left for the database; nothing of this was stored",
                NO_ROOM,
            );
        }
        if error.is_away() {
            tracing::error!(cause = ?error, "the database cannot be reached");
            let hint = "try again in a moment, and look first whether your change is there; whoever runs Bedrail starts the database";
            return unavailable("the database cannot be reached right now", hint);
        }
        if let bedrail_store::Error::Overtaken = error {
            let message = "the same request was sent again, and that one is carried out".to_owned();
            return Error::Conflict { message };
        }
        if error.is_busy() {
            return unavailable("the database is busy with another change", "try again in a moment");
        }
        Error::Internal(Box::new(error))
    }
}

/// What to do where the disk is full.
const NO_ROOM: &str =
    "make room on the disk of the data folder, then do it again: nothing needs to be started anew";

/// Of files in the data folder.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
            tracing::error!(cause = ?error, "no room in the data folder");
            let message = "there is no room left in the data folder; nothing of this was stored".to_owned();
            return Error::Unavailable { message, hint: Some(NO_ROOM.to_owned()) };
        }
        Error::Internal(Box::new(error))
    }
}
