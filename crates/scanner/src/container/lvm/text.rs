//! The text in which LVM writes its metadata (lvm2, lib/config): sections in braces, keys with a string, a number or a list of these.

/// Sections inside one another; a segment lies in a volume in a list of volumes in a group.
const MAX_DEPTH: usize = 8;
/// Keys and values of one text: a hundred thousand volumes.
const MAX_VALUES: usize = 1 << 20;

/// A part of the text, by its keys in their order.
#[derive(Default)]
pub(super) struct Section<'t>(Vec<(&'t str, Node<'t>)>);

enum Node<'t> {
    Section(Section<'t>),
    Values(Vec<Value<'t>>),
}

/// One value.
#[derive(Clone, Copy)]
pub(super) enum Value<'t> {
    /// A string as it is written: escapes stay, since no name has any.
    Text(&'t str),
    Number(u64),
}

impl<'t> Section<'t> {
    /// The whole text.
    pub(super) fn parse(text: &'t str) -> Result<Section<'t>, &'static str> {
        let mut parser = Parser { rest: text, values: 0 };
        parser.section(0)
    }

    fn node(&self, key: &str) -> Option<&Node<'t>> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, node)| node)
    }

    /// All sections in it, with their names.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&'t str, &Section<'t>)> {
        self.0.iter().filter_map(|(name, node)| match node {
            Node::Section(section) => Some((*name, section)),
            Node::Values(_) => None,
        })
    }

    pub(super) fn section(&self, key: &str) -> Option<&Section<'t>> {
        match self.node(key)? {
            Node::Section(section) => Some(section),
            Node::Values(_) => None,
        }
    }

    /// The values of a key, one or a list; none where it is not there.
    pub(super) fn values(&self, key: &str) -> &[Value<'t>] {
        match self.node(key) {
            Some(Node::Values(values)) => values,
            _ => &[],
        }
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.values(key) {
            [Value::Number(number)] => Some(*number),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        match self.values(key) {
            [Value::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a list of strings has this one.
    pub(super) fn has(&self, key: &str, wanted: &str) -> bool {
        self.values(key).iter().any(|value| matches!(value, Value::Text(text) if *text == wanted))
    }
}

enum Token<'t> {
    /// A name or a number.
    Word(&'t str),
    /// What stands in quotes.
    Text(&'t str),
    Sign(u8),
}

struct Parser<'t> {
    rest: &'t str,
    values: usize,
}

impl<'t> Parser<'t> {
    /// The next token; none at the end, where a zero may stand.
    fn token(&mut self) -> Result<Option<Token<'t>>, &'static str> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        let sign = match self.rest.as_bytes() {
            [] | [0, ..] => return Ok(None),
            [sign, ..] => *sign,
        };
        match sign {
            b'{' | b'}' | b'[' | b']' | b'=' | b',' => {
                self.take(1);
                Ok(Some(Token::Sign(sign)))
            }
            b'"' => {
                self.take(1);
                let end = end_of_string(self.rest).ok_or("a string in its metadata has no end")?;
                let text = self.take(end);
                self.take(1);
                Ok(Some(Token::Text(text)))
            }
            _ => {
                let is_end = |it: char| {
                    it.is_ascii_whitespace()
                        || matches!(it, '{' | '}' | '[' | ']' | '=' | ',' | '"' | '#' | '\0')
                };
                let end = self.rest.find(is_end).unwrap_or(self.rest.len());
                Ok(Some(Token::Word(self.take(end))))
            }
        }
    }

    fn take(&mut self, count: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn section(&mut self, depth: usize) -> Result<Section<'t>, &'static str> {
        const WRONG: &str = "its metadata is not written as LVM does";
        let mut section = Section::default();
        loop {
            let name = match self.token()? {
                None if depth == 0 => return Ok(section),
                Some(Token::Sign(b'}')) if depth > 0 => return Ok(section),
                Some(Token::Word(name) | Token::Text(name)) => name,
                None | Some(Token::Sign(_)) => return Err(WRONG),
            };
            self.count()?;
            let node = match self.token()? {
                Some(Token::Sign(b'{')) if depth < MAX_DEPTH => Node::Section(self.section(depth + 1)?),
                Some(Token::Sign(b'=')) => Node::Values(self.value()?),
                _ => return Err(WRONG),
            };
            section.0.push((name, node));
        }
    }

    /// What stands behind a key.
    fn value(&mut self) -> Result<Vec<Value<'t>>, &'static str> {
        const WRONG: &str = "a value in its metadata is not written as LVM does";
        let mut values = Vec::new();
        match self.token()? {
            Some(Token::Sign(b'[')) => {}
            Some(Token::Word(word)) => return Ok(vec![value_of(word)]),
            Some(Token::Text(text)) => return Ok(vec![Value::Text(text)]),
            _ => return Err(WRONG),
        }
        loop {
            match self.token()? {
                Some(Token::Sign(b']')) => return Ok(values),
                Some(Token::Sign(b',')) => {}
                Some(Token::Word(word)) => values.push(value_of(word)),
                Some(Token::Text(text)) => values.push(Value::Text(text)),
                _ => return Err(WRONG),
            }
            self.count()?;
        }
    }

    fn count(&mut self) -> Result<(), &'static str> {
        self.values += 1;
        if self.values > MAX_VALUES { Err("it has more metadata than any group of volumes") } else { Ok(()) }
    }
}

fn value_of(word: &str) -> Value<'_> {
    word.parse().map_or(Value::Text(word), Value::Number)
}

/// The place of the quote that ends a string: one behind an odd number of backslashes does not.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_as_it_is_written() {
        let text = "rhel {\nid = \"a-b\"\nseqno = 3 # newest\nflags = []\n\"a b\" {\nstripes = [\n\"pv0\", 7,\n\"pv1\", 0\n]\n}\n}\n\
            # Generated by \"nobody\" {\ndescription = \"lvcreate \\\"a}\\\\\"\n\0";
        let all = Section::parse(text).unwrap();
        let group = all.section("rhel").unwrap();
        assert_eq!((group.text("id"), group.number("seqno")), (Some("a-b"), Some(3)));
        assert!(group.values("flags").is_empty() && group.values("nothing").is_empty());
        let (name, inner) = group.sections().next().unwrap();
        assert!(name == "a b" && inner.has("stripes", "pv1") && !inner.has("stripes", "pv2"));
        assert_eq!(inner.values("stripes").len(), 4);
        assert_eq!(all.text("description"), Some("lvcreate \\\"a}\\\\"));
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        for text in ["a {", "}", "a = ", "a = [ 1", "a = \"b", "a b", "= 1", "a = { }", "a = ]"] {
            assert!(Section::parse(text).is_err(), "{text}");
        }
        assert!(Section::parse(&"a {".repeat(100)).is_err());
        assert!(Section::parse(&"a = 1\n".repeat(MAX_VALUES + 1)).is_err());
        assert!(Section::parse("").is_ok());
    }
}
