//! What is known of the terminal: whether there is one, how wide it is, whether it wants colour.

use std::borrow::Cow;

/// Text from outside, so that a terminal shows it and obeys none of it.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
            .collect(),
    )
}
