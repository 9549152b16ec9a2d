//! How values get into pages: made harmless first (control characters, bidirectional overrides), then escaped for HTML.
//! Configured in `askama.toml` for every template, so that no page can forget it.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};
use bedrail_model::text::harmless_lines;

/// The escaper of all templates.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Page;

impl Escaper for Page {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &harmless_lines(string))
    }
}
