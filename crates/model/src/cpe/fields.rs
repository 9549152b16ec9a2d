//! A name as eleven texts in one spelling: cheap to read by the million, cheap to keep, equal where the names are.

use std::borrow::Cow;
use std::fmt;

use super::{Attribute, Cpe, Unreadable, Value, binding};

/// The components of a formatted string, each as [`Cpe`]'s `Display` writes it: `*`, `-`, or a quoted text in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields<'a>([Cow<'a, str>; 11]);

impl<'a> Fields<'a> {
    /// Reads a name in either binding. Most of NVD's are in our spelling already and are only cut at their colons.
    ///
    /// # Errors
    /// When it is no name.
    pub fn read(text: &'a str) -> Result<Fields<'a>, Unreadable> {
        match cut(text) {
            Some(fields) => Ok(fields),
            None => text.parse::<Cpe>().map(|cpe| cpe.fields()),
        }
    }

    /// The same, kept apart from the text it was read from.
    pub fn into_owned(self) -> Fields<'static> {
        Fields(self.0.map(|field| Cow::Owned(field.into_owned())))
    }

    /// The text of an attribute.
    pub fn get(&self, attribute: Attribute) -> &str {
        &self.0[attribute as usize]
    }

    /// Part, vendor and product, as the index looks them up: `o:linux:linux_kernel`. `None` where one of them is open, or there
    /// is no product. A vendor of `-` is one: NVD names products of makers that nobody knows so (`h:-:wireless_ip_camera_360`).
    pub fn product(&self) -> Option<String> {
        let [part, vendor, product, ..] = &self.0;
        let named = [part, vendor, product].into_iter().all(|text| text != "*" && is_plain(text));
        (named && part != "-" && product != "-").then(|| format!("{part}:{vendor}:{product}"))
    }

    /// Whether the product "does not apply": the name is of nothing in particular, and covers no product that has a name.
    pub fn names_no_product(&self) -> bool {
        self.get(Attribute::Product) == "-"
    }
}

/// Whether a text of this spelling has no wild card: those stand without a backslash.
fn is_plain(text: &str) -> bool {
    let mut quoted = false;
    !text.bytes().any(|byte| {
        let wild = !quoted && matches!(byte, b'*' | b'?');
        quoted = byte == b'\\' && !quoted;
        wild
    })
}

/// Cuts a formatted string of lower-case letters, digits, `_`, `.` and `-`, which needs no reading.
fn cut(text: &str) -> Option<Fields<'_>> {
    let rest = text.strip_prefix("cpe:2.3:")?;
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
    let mut fields = [const { Cow::Borrowed("") }; 11];
    let mut components = rest.split(':');
    for field in &mut fields {
        let component = components.next()?;
        if component != "*" && (component.is_empty() || !component.bytes().all(plain)) {
            return None;
        }
        *field = Cow::Borrowed(component);
    }
    let sound = components.next().is_none() && matches!(fields[0].as_ref(), "a" | "o" | "h" | "*" | "-");
    sound.then_some(Fields(fields))
}

impl Cpe {
    /// The name as eleven texts.
    pub fn fields(&self) -> Fields<'static> {
        Fields(self.0.each_ref().map(|value| Cow::Owned(Spelled(value).to_string())))
    }
}

struct Spelled<'v>(&'v Value);

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binding::write_value(self.0, f)
    }
}
