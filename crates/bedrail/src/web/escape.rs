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

/// A text of the catalogue as HTML: what stands between backticks is something to type, the same in every language.
pub(crate) fn marked(text: impl AsRef<str>) -> String {
    let mut out = String::new();
    for (index, piece) in text.as_ref().split('`').enumerate() {
        let tags = if index % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        out.push_str(tags.0);
        // Writing to a string cannot fail.
        let _ = Page.write_escaped_str(&mut out, piece);
        out.push_str(tags.1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_is_typed_is_marked_and_the_rest_is_escaped() {
        assert_eq!(marked("start with `--a <b>` & so"), "start with <code>--a &#60;b&#62;</code> &#38; so");
        assert_eq!(marked("<i>"), "&#60;i&#62;");
    }
}
