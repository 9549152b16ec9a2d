//! Why a line was not understood.

use bedrail_model::alert::SourceKind;

/// Why a line was not understood. The line is accounted for all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is longer than any line may be.
    #[error(
        "the line has {bytes} bytes, more than is read of one; hint: leave bodies and packets out of the log"
    )]
    Cut {
        /// Bytes of the whole line.
        bytes: u64,
    },
    /// It ends before its line end: the writer died, the file was rotated or the connection closed in the middle of it.
    #[error("the line is cut off in its middle")]
    Half,
    /// It is no JSON from start to end.
    #[error("broken JSON at column {column}: {detail}")]
    BrokenJson {
        /// Where, from 1, in the JSON.
        column: usize,
        /// What the parser says.
        detail: String,
    },
    /// It is none of the formats.
    #[error("the line is of no known format; hint: set the kind of the source, or give it a mapping file")]
    UnknownShape,
    /// It is of a known format, but of a type that is not known.
    #[error("the type `{0}` is not known")]
    UnknownType(String),
    /// It lacks what every alert of its format has.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// Its header breaks the rules of its format.
    #[error("{format}: {detail}")]
    Header {
        /// Of which format.
        format: &'static str,
        /// How.
        detail: &'static str,
    },
    /// A mapping names a place that the line does not have.
    #[error("there is nothing at `{pointer}`, where `{field}` is mapped to; {found}")]
    NoPointer {
        /// The field.
        field: &'static str,
        /// The JSON pointer.
        pointer: String,
        /// What there is on the way to it.
        found: String,
    },
    /// The source is set to a kind that is not read from lines.
    #[error("lines of the kind `{}` are not read; hint: set the kind of the source to one of docs/alerts.md", .0.code())]
    NoReader(SourceKind),
}

impl Why {
    /// The stable code by which lines are counted.
    pub const fn code(&self) -> &'static str {
        match self {
            Why::Cut { .. } => "cut",
            Why::Half => "half",
            Why::BrokenJson { .. } => "broken_json",
            Why::UnknownShape => "unknown_shape",
            Why::UnknownType(_) => "unknown_type",
            Why::Missing(_) => "missing",
            Why::Header { .. } => "header",
            Why::NoPointer { .. } => "no_pointer",
            Why::NoReader(_) => "no_reader",
        }
    }

    /// From the parser of JSON. Its message names no value of the document.
    pub(super) fn json(error: &serde_json::Error) -> Why {
        let detail = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Data => "a value is of the wrong type or given twice",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "a sign is out of place",
        };
        Why::BrokenJson { column: error.column(), detail: detail.to_owned() }
    }
}
