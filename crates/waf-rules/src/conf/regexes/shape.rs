//! The form of an expression of PCRE: groups and classes that end, quantifiers that have something to repeat (pcre2pattern(3)).
//! What is allowed inside of a group's head is left to the engine.

use std::iter::Peekable;
use std::str::Chars;

/// Groups within groups; the engine's own limit is 250.
const DEEPEST: usize = 250;

/// What is wrong with an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// `(a`
    #[error("a group has no end")]
    GroupOpen,
    /// `a)`
    #[error("a group ends that did not begin")]
    GroupShut,
    /// `[a`
    #[error("a class has no end")]
    ClassOpen,
    /// `[z-a]`
    #[error("a range of a class runs backwards")]
    Range,
    /// `*a`
    #[error("a quantifier has nothing to repeat")]
    Nothing,
    /// `a{3,2}`
    #[error("a quantifier ends before it begins")]
    Count,
    /// `a\`
    #[error("it ends with a backslash")]
    Escape,
    /// `((((...`
    #[error("it has more than {DEEPEST} groups within groups")]
    Deep,
}

struct Reader<'e> {
    rest: Peekable<Chars<'e>>,
    depth: usize,
    /// Whether what was read last can be repeated.
    item: bool,
}

/// Whether an expression has the form of one.
pub(super) fn check(expression: &str) -> Result<(), Broken> {
    let mut reader = Reader { rest: expression.chars().peekable(), depth: 0, item: false };
    while let Some(c) = reader.rest.next() {
        reader.take(c)?;
    }
    if reader.depth > 0 { Err(Broken::GroupOpen) } else { Ok(()) }
}

impl Reader<'_> {
    fn take(&mut self, c: char) -> Result<(), Broken> {
        match c {
            '\\' => self.escaped()?,
            '(' => self.open()?,
            ')' => {
                self.depth = self.depth.checked_sub(1).ok_or(Broken::GroupShut)?;
                self.item = true;
            }
            '[' => self.class()?,
            '|' => self.item = false,
            '*' | '+' | '?' => self.repeat()?,
            '{' => match self.count() {
                Some((from, to)) if to.is_some_and(|to| to < from) => return Err(Broken::Count),
                Some(_) => self.repeat()?,
                // Anything else in braces stands for itself.
                None => self.item = true,
            },
            _ => self.item = true,
        }
        Ok(())
    }

    fn escaped(&mut self) -> Result<(), Broken> {
        match self.rest.next() {
            None => return Err(Broken::Escape),
            // What is between these stands for itself.
            Some('Q') => {
                let mut before = ' ';
                for c in self.rest.by_ref() {
                    if before == '\\' && c == 'E' {
                        break;
                    }
                    before = c;
                }
            }
            Some(_) => {}
        }
        self.item = true;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Broken> {
        self.item = false;
        match self.rest.peek() {
            // The head of a group; a comment has no other end than its bracket.
            Some('?') => {
                self.rest.next();
                if self.rest.peek() == Some(&'#') {
                    return if self.rest.by_ref().any(|c| c == ')') {
                        Ok(())
                    } else {
                        Err(Broken::GroupOpen)
                    };
                }
            }
            // A verb, as `(*UTF8)`.
            Some('*') => {
                self.rest.next();
            }
            _ => {}
        }
        self.depth += 1;
        if self.depth > DEEPEST { Err(Broken::Deep) } else { Ok(()) }
    }

    /// A quantifier, with the sign that makes it lazy or possessive.
    fn repeat(&mut self) -> Result<(), Broken> {
        if !self.item {
            return Err(Broken::Nothing);
        }
        if matches!(self.rest.peek(), Some('?' | '+')) {
            self.rest.next();
        }
        self.item = false;
        Ok(())
    }

    /// `3}`, `3,}` or `3,4}` after a brace: from and to; nothing is read where it is none of these.
    fn count(&mut self) -> Option<(u32, Option<u32>)> {
        let mut ahead = self.rest.clone();
        let text: String = ahead.by_ref().take(24).take_while(|c| *c != '}').collect();
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let (from, to) = text.split_once(',').map_or((text.as_str(), None), |(from, to)| (from, Some(to)));
        if from.is_empty() || !digits(from) || !to.is_none_or(digits) {
            return None;
        }
        // The brace was taken with it.
        for _ in 0..=text.chars().count() {
            self.rest.next()?;
        }
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        Some((number(from), to.filter(|to| !to.is_empty()).map(number)))
    }

    fn class(&mut self) -> Result<(), Broken> {
        self.rest.next_if_eq(&'^');
        let mut before = None;
        // A bracket that comes first stands for itself.
        if self.rest.next_if_eq(&']').is_some() {
            before = Some(']');
        }
        loop {
            let c = self.rest.next().ok_or(Broken::ClassOpen)?;
            match c {
                ']' => break,
                '\\' => {
                    let escaped = self.rest.next().ok_or(Broken::ClassOpen)?;
                    before = self.stands_for(escaped);
                }
                '[' if matches!(self.rest.peek(), Some(':' | '.' | '=')) && self.named() => before = None,
                '-' => {
                    let end = self.rest.peek().copied().filter(|it| !matches!(it, ']' | '\\' | '['));
                    if let (Some(from), Some(to)) = (before, end) {
                        if to < from {
                            return Err(Broken::Range);
                        }
                        self.rest.next();
                    }
                    before = None;
                }
                other => before = Some(other),
            }
        }
        self.item = true;
        Ok(())
    }

    /// The sign that an escape within a class stands for; `None` for one that stands for several, or is not worked out here.
    fn stands_for(&mut self, escaped: char) -> Option<char> {
        match escaped {
            'x' if self.rest.peek() != Some(&'{') => {
                let mut number = 0;
                for _ in 0..2 {
                    let Some(digit) =
                        self.rest.next_if(char::is_ascii_hexdigit).and_then(|it| it.to_digit(16))
                    else {
                        break;
                    };
                    number = number * 16 + digit;
                }
                char::from_u32(number)
            }
            // `\x{263a}`, `\p{Greek}`, `\o{101}`: what is in braces belongs to it.
            'x' | 'p' | 'P' | 'o' => {
                if self.rest.next_if_eq(&'{').is_some() {
                    while self.rest.next_if(|it| !matches!(it, '}' | ']')).is_some() {}
                    self.rest.next_if_eq(&'}');
                }
                None
            }
            'c' => {
                self.rest.next();
                None
            }
            '0'..='7' => {
                while self.rest.next_if(|it| matches!(it, '0'..='7')).is_some() {}
                None
            }
            letter if letter.is_ascii_alphanumeric() => None,
            sign => Some(sign),
        }
    }

    /// `[:alpha:]` within a class.
    fn named(&mut self) -> bool {
        let mut ahead = self.rest.clone();
        let Some(sign) = ahead.next() else { return false };
        let name: String =
            ahead.by_ref().take(20).take_while(|c| c.is_ascii_alphabetic() || *c == '^').collect();
        let taken = name.chars().count() + 2;
        let mut again = self.rest.clone().skip(1 + name.chars().count());
        let ends = again.next() == Some(sign) && again.next() == Some(']');
        if ends {
            self.rest.by_ref().take(taken + 1).for_each(drop);
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, check};

    #[test]
    fn what_has_no_form_is_told_from_what_has_one() {
        for (expression, expected) in [
            ("(", Err(Broken::GroupOpen)),
            ("a(b(c)", Err(Broken::GroupOpen)),
            ("(?#never", Err(Broken::GroupOpen)),
            ("a)", Err(Broken::GroupShut)),
            ("(?=a)(", Err(Broken::GroupOpen)),
            ("[a", Err(Broken::ClassOpen)),
            ("[]", Err(Broken::ClassOpen)),
            ("[[:alpha:]", Err(Broken::ClassOpen)),
            ("[a\\]", Err(Broken::ClassOpen)),
            ("[z-a]", Err(Broken::Range)),
            ("*a", Err(Broken::Nothing)),
            ("a|*", Err(Broken::Nothing)),
            ("(+)", Err(Broken::Nothing)),
            ("a**", Err(Broken::Nothing)),
            ("{2}", Err(Broken::Nothing)),
            ("a{3,2}", Err(Broken::Count)),
            ("a\\", Err(Broken::Escape)),
            ("a(b|c)*?d++e{2}+[]x][^]y](?>z)\\)", Ok(())),
            ("(?i)(?<!a)b\\1(?P<n>c)(?#d(e)f*", Ok(())),
            ("${jndi} a{,2} {x} \\Q(*[\\E", Ok(())),
            ("[[:^space:][:alpha:]_-] [a-z\\d-] [\\]-a] [-a] [a-] [+--]", Ok(())),
            ("[^\\s\\x0b-\"] [\\x00-\\x1f] [\\x{41}-b] [\\p{L}-z] [\\0-9] [\\cA-Z]", Ok(())),
            ("[\\x62-a]", Err(Broken::Range)),
            ("^$|()|", Ok(())),
        ] {
            assert_eq!(check(expression), expected, "{expression}");
        }
        assert_eq!(check(&"(".repeat(300)), Err(Broken::Deep));
    }
}
