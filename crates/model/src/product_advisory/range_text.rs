//! Versions and ranges as people write them in advisories about products: `<= 3.64`, `prior to 6.2`, `vers:all/*`,
//! `14.1.x`, `1.1 | 1.5 | 1.6`, `Rev J-M`.
//!
//! There is no exact order for such versions, so the comparison is tolerant and has three answers. What it cannot place
//! (another numbering, a version finer than the boundary, a date) is "cannot tell" with the reason, never "outside".
//! The rules and their sources stand in `docs/medical-advisories.md`.

mod loose;
mod phrases;

pub use loose::{LooseVersion, Standing};

/// The longest text that is read as versions, in bytes; longer ones are prose.
pub const MAX_TEXT_BYTES: usize = 2_000;

/// What a statement on a product says of versions: any of its spans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RangeText {
    /// In the order of the text.
    pub spans: Vec<Span>,
}

/// A part of a version statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// All versions.
    All,
    /// One version or, where it ends in `x`, a family of them.
    Listed(LooseVersion),
    /// From one version to another; one of them may be missing.
    Range {
        /// Where it begins.
        from: Option<Boundary>,
        /// Where it ends.
        to: Option<Boundary>,
    },
    /// A name that stands where a version belongs, such as a model.
    Named(String),
    /// Something that holds only under a condition: the words stand beside the span.
    If(Box<Span>, String),
    /// A date, or something else that is no version.
    Unread(String),
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// The version.
    pub version: LooseVersion,
    /// Whether the version itself is inside.
    pub end: End,
}

/// Whether the version at the end of a range is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// It is.
    Inside,
    /// It is not.
    Outside,
    /// The text can be read both ways: "up to 7.6.2".
    Unsaid,
}

/// Whether a version is one of those that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It is.
    Inside,
    /// It is, if these words hold of the device.
    InsideIf(String),
    /// It is not: it lies before or after every range, or beside what is listed and after every range.
    Outside,
    /// It cannot be told.
    CannotTell(Doubt),
}

/// Why it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The version of the device is not known.
    NoVersion,
    /// The version is finer than the boundary: 9.33.1 where the range ends with 9.33.
    Finer,
    /// The version is coarser than the boundary: 9 where the range ends with 9.33.
    Coarser,
    /// The version is of another numbering than the boundary.
    Unlike,
    /// The version is the end of the range, and the text does not say whether the end is inside.
    End,
    /// Only single versions are listed, and this is none of them.
    Unlisted,
    /// The statement gives a date or something else that no version can be compared with.
    Unread,
}

impl Doubt {
    /// The reason as a clause.
    pub const fn sentence(self) -> &'static str {
        match self {
            Doubt::NoVersion => "the version of the device is not known",
            Doubt::Finer => "the version is finer than the boundary that the advisory gives",
            Doubt::Coarser => "the version is less exact than the boundary that the advisory gives",
            Doubt::Unlike => "the version is numbered otherwise than those in the advisory",
            Doubt::End => "the advisory does not say whether the last version that it names is affected",
            Doubt::Unlisted => "the advisory lists single versions, and this is none of them",
            Doubt::Unread => {
                "the advisory gives something that a version cannot be compared with, such as a date"
            }
        }
    }
}

impl RangeText {
    /// Read a text that stands in the place of a version or range. Every text has a reading; see [`Span::Unread`].
    pub fn parse(text: &str) -> RangeText {
        if text.len() > MAX_TEXT_BYTES {
            return RangeText { spans: vec![Span::Unread(text.chars().take(80).collect())] };
        }
        RangeText { spans: phrases::spans(text) }
    }

    /// The ranges that a sentence or a full product name states in words: "Version 3.02.1744 and prior". Single versions in it are not taken.
    pub fn in_prose(text: &str) -> RangeText {
        if text.len() > MAX_TEXT_BYTES {
            return RangeText::default();
        }
        let mut spans = phrases::spans(text);
        spans.retain(|it| matches!(it, Span::Range { .. }));
        RangeText { spans }
    }

    /// The version that begins at a word of a sentence, with what is put on top of it ("8.5 GMA 3"), and the word behind it.
    pub fn version_at(words: &[&str], at: usize) -> Option<(String, usize)> {
        phrases::version_at(words, at)
    }

    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether a version is inside; an empty one is unknown.
    pub fn contains(&self, version: &str) -> Held {
        if self.spans.contains(&Span::All) {
            return Held::Inside;
        }
        let text = version.trim();
        if text.is_empty() {
            return Held::CannotTell(Doubt::NoVersion);
        }
        self.held(text, &LooseVersion::parse(phrases::plain_version(text)))
    }

    /// Whether a version that is already cut up is inside.
    pub fn contains_version(&self, version: &LooseVersion) -> Held {
        if self.spans.contains(&Span::All) { Held::Inside } else { self.held("", version) }
    }

    fn held(&self, text: &str, asked: &LooseVersion) -> Held {
        let mut together = Together::default();
        for span in &self.spans {
            together.take(span, text, asked);
        }
        together.answer()
    }
}

/// What all spans say together: inside wins, then conditions, then doubts; outside needs every span to say so.
#[derive(Default)]
struct Together {
    inside: bool,
    condition: Option<String>,
    doubt: Option<Doubt>,
    ranges_outside: usize,
    above_a_range: bool,
    listed_below: usize,
    listed_elsewhere: bool,
}

impl Together {
    fn take(&mut self, span: &Span, text: &str, asked: &LooseVersion) {
        match span {
            Span::All => self.inside = true,
            Span::Listed(listed) => self.take_listed(listed, asked),
            // What repeats the words of the advisory is meant by it.
            Span::Named(words) | Span::Unread(words) if same_words(words, text) => self.inside = true,
            Span::Named(_) => self.listed_elsewhere = true,
            Span::Range { from, to } => self.take_range(from.as_ref(), to.as_ref(), asked),
            Span::If(span, condition) => {
                let mut inner = Together::default();
                inner.take(span, text, asked);
                if inner.inside {
                    self.condition.get_or_insert_with(|| condition.clone());
                } else {
                    self.condition = self.condition.take().or(inner.condition);
                    self.doubt = self.doubt.or(inner.doubt);
                    self.ranges_outside += inner.ranges_outside;
                    self.above_a_range |= inner.above_a_range;
                    self.listed_below += inner.listed_below;
                    self.listed_elsewhere |= inner.listed_elsewhere;
                }
            }
            Span::Unread(_) => self.doubt = self.doubt.or(Some(Doubt::Unread)),
        }
    }

    fn take_listed(&mut self, listed: &LooseVersion, asked: &LooseVersion) {
        match asked.stand_to(listed) {
            Standing::Equal => self.inside = true,
            Standing::Finer if listed.family => self.inside = true,
            Standing::After => self.listed_below += 1,
            Standing::Before | Standing::Finer | Standing::Coarser | Standing::Unlike => {
                self.listed_elsewhere = true;
            }
        }
    }

    fn take_range(&mut self, from: Option<&Boundary>, to: Option<&Boundary>, asked: &LooseVersion) {
        let lower = from.map_or(Side::In, |it| it.as_lower(asked));
        let upper = to.map_or(Side::In, |it| it.as_upper(asked));
        match (lower, upper) {
            (Side::In, Side::In) => self.inside = true,
            (Side::Out, _) => self.ranges_outside += 1,
            (_, Side::Out) => {
                self.ranges_outside += 1;
                self.above_a_range = true;
            }
            (Side::Doubt(doubt), _) | (_, Side::Doubt(doubt)) => self.doubt = self.doubt.or(Some(doubt)),
        }
    }

    fn answer(self) -> Held {
        if self.inside {
            return Held::Inside;
        }
        if let Some(condition) = self.condition {
            return Held::InsideIf(condition);
        }
        if let Some(doubt) = self.doubt {
            return Held::CannotTell(doubt);
        }
        let listed = self.listed_below > 0 || self.listed_elsewhere;
        // A list speaks of its versions alone. Beside a range, what is after both is outside.
        let after_all = self.above_a_range && !self.listed_elsewhere;
        if self.ranges_outside > 0 && (!listed || after_all) {
            return Held::Outside;
        }
        Held::CannotTell(if listed { Doubt::Unlisted } else { Doubt::Unread })
    }
}

/// On which side of a boundary a version is.
enum Side {
    In,
    Out,
    Doubt(Doubt),
}

impl Boundary {
    fn as_upper(&self, asked: &LooseVersion) -> Side {
        match (asked.stand_to(&self.version), self.end) {
            (Standing::Before, _) | (Standing::Equal, End::Inside) => Side::In,
            (Standing::Finer, End::Inside) if self.version.family => Side::In,
            (Standing::Finer, End::Inside) => Side::Doubt(Doubt::Finer),
            (Standing::Equal | Standing::Finer, End::Unsaid) => Side::Doubt(Doubt::End),
            (Standing::Equal | Standing::Finer, End::Outside) | (Standing::After, _) => Side::Out,
            (Standing::Coarser, _) => Side::Doubt(Doubt::Coarser),
            (Standing::Unlike, _) => Side::Doubt(Doubt::Unlike),
        }
    }

    fn as_lower(&self, asked: &LooseVersion) -> Side {
        match (asked.stand_to(&self.version), self.end) {
            (Standing::After, _) | (Standing::Equal | Standing::Finer, End::Inside) => Side::In,
            (Standing::Equal | Standing::Finer, End::Unsaid) => Side::Doubt(Doubt::End),
            (Standing::Finer, End::Outside) => Side::Doubt(Doubt::Finer),
            (Standing::Equal, End::Outside) | (Standing::Before, _) => Side::Out,
            (Standing::Coarser, _) => Side::Doubt(Doubt::Coarser),
            (Standing::Unlike, _) => Side::Doubt(Doubt::Unlike),
        }
    }
}

/// Whether two texts have the same letters and digits, whatever the case and what stands between.
fn same_words(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}
