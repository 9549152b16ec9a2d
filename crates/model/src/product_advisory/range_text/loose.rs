//! A version of no known scheme, cut into numbers and words, and how two of them stand to one another.

use std::cmp::Ordering;

/// A version as makers of devices write it: `v8.2.1`, `R4.1L1`, `B.06.18`, `012U000040`, `14.1.x`, `1.8.4 Service Pack 01`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LooseVersion {
    parts: Vec<Part>,
    /// Whether it stands for everything that begins with it: `14.1.x`, or a single letter (`M` for M.00, M.04).
    pub family: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A number without leading zeros.
    Number(String),
    /// Letters, in lower case; `series` where a digit follows at once, as in `U000040`.
    Word { letters: String, series: bool },
}

/// How a version stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It comes before.
    Before,
    /// It is the same.
    Equal,
    /// It comes after.
    After,
    /// It is the same and goes on: 9.33.1 to 9.33.
    Finer,
    /// It is the beginning of the other: 9 to 9.33.
    Coarser,
    /// They are not of one numbering.
    Unlike,
}

/// Words that stand before a version and say nothing.
const PREFIXES: &[&str] = &[
    "v",
    "ver",
    "version",
    "versions",
    "rev",
    "revision",
    "revisions",
    "r",
    "rel",
    "release",
    "releases",
    "sw",
    "software",
    "fw",
    "firmware",
    "build",
    "all",
    "the",
    "model",
    "models",
    "number",
    "no",
    "product",
    "id",
    "reorder",
    "part",
    "udi",
    "ndc",
];

impl LooseVersion {
    /// Whether a word before a version says nothing of it: "version", "rev", "software".
    pub(super) fn says_nothing(word: &str) -> bool {
        PREFIXES.contains(&word) || word == "with"
    }

    /// Cut a text into its parts. A text without letters and digits has none, and is unlike everything.
    pub fn parse(text: &str) -> LooseVersion {
        let lower = text
            .to_lowercase()
            .replace("service pack", "sp")
            .replace("hot fix", "hf")
            .replace("hotfix", "hf");
        let mut parts = cut(&lower);
        while parts.len() > 1
            && matches!(&parts[0], Part::Word { letters, series } if is_prefix(letters, *series, &parts[1]))
        {
            parts.remove(0);
        }
        let mut family = false;
        while let Some(Part::Word { letters, .. }) = parts.last() {
            if letters != "x" || parts.len() == 1 {
                break;
            }
            family = true;
            parts.pop();
        }
        // `C.0x` reaches to C.09: the x stands for a digit, not for a part.
        if family
            && ends_in_digit_x(&lower)
            && let Some(Part::Number(number)) = parts.last_mut()
        {
            number.push('9');
            *number = without_zeros(number);
            family = false;
        }
        if matches!(parts.as_slice(), [Part::Word { letters, .. }] if letters.len() == 1) {
            family = true;
        }
        LooseVersion { parts, family }
    }

    /// The same, standing for everything that begins with it.
    #[must_use]
    pub fn into_family(self) -> LooseVersion {
        LooseVersion { family: true, ..self }
    }

    /// Whether there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it has a number in it.
    pub fn has_number(&self) -> bool {
        self.parts.iter().any(|it| matches!(it, Part::Number(_)))
    }

    /// Whether it could be a model's number as well as a version: with letters, or of three digits and more without a dot.
    pub fn may_be_a_model(&self) -> bool {
        match self.parts.as_slice() {
            [Part::Number(number)] => number.len() > 2,
            parts => self.has_number() && parts.iter().any(|it| matches!(it, Part::Word { .. })),
        }
    }

    /// Its parts as words, letters and the digits right behind them together: `3005`, `s3`.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut goes_on = false;
        for part in &self.parts {
            let (text, series) = match part {
                Part::Number(number) => (number, false),
                Part::Word { letters, series } => (letters, *series),
            };
            match words.last_mut() {
                Some(last) if goes_on => last.push_str(text),
                _ => words.push(text.clone()),
            }
            goes_on = series;
        }
        words
    }

    /// How this version stands to another.
    pub fn stand_to(&self, other: &LooseVersion) -> Standing {
        let (mine, theirs) = without_a_lone_name(&self.parts, &other.parts);
        let (mine, theirs) = without_a_part_number(mine, theirs);
        if mine.is_empty() || theirs.is_empty() || of_another_numbering(mine, theirs) {
            return Standing::Unlike;
        }
        for (a, b) in mine.iter().zip(theirs) {
            match compare(a, b) {
                Some(Ordering::Less) => return Standing::Before,
                Some(Ordering::Greater) => return Standing::After,
                Some(Ordering::Equal) => {}
                None => return Standing::Unlike,
            }
        }
        let common = mine.len().min(theirs.len());
        match (rest(&mine[common..]), rest(&theirs[common..])) {
            (Rest::Nothing, Rest::Nothing) => Standing::Equal,
            (Rest::Something, _) => Standing::Finer,
            // 1.8.4 comes before 1.8.4 Service Pack 1, which is put on top of what it is for.
            (_, Rest::Something) if is_put_on_top(&theirs[common..]) => Standing::Before,
            (_, Rest::Something) => Standing::Coarser,
        }
    }
}

fn is_prefix(letters: &str, series: bool, next: &Part) -> bool {
    let before_a_number = matches!(next, Part::Number(_));
    match letters {
        // `R4.1` and `v8` are versions, `R.4` is a family R.
        "v" | "r" => series && before_a_number,
        _ => PREFIXES.contains(&letters),
    }
}

fn cut(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|it: char| if digits { !it.is_ascii_digit() } else { !it.is_alphabetic() })
            .unwrap_or(rest.len());
        if end == 0 {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(end);
        parts.push(if digits {
            Part::Number(without_zeros(run))
        } else {
            Part::Word { letters: run.to_owned(), series: after.starts_with(|it: char| it.is_ascii_digit()) }
        });
        rest = after;
    }
    parts
}

fn without_zeros(digits: &str) -> String {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// Whether a digit stands right before the last `x`.
fn ends_in_digit_x(text: &str) -> bool {
    text.trim_end().strip_suffix('x').is_some_and(|it| it.ends_with(|it: char| it.is_ascii_digit()))
}

/// `LPI 3.5.12` and `3.5.12`: a word of several letters before the numbers counts only where both have one.
fn without_a_lone_name<'p>(a: &'p [Part], b: &'p [Part]) -> (&'p [Part], &'p [Part]) {
    let named = |parts: &[Part]| matches!(parts, [Part::Word { letters, series: false }, Part::Number(_), ..] if letters.len() > 1);
    let number_first = |parts: &[Part]| matches!(parts, [Part::Number(_), ..]);
    if named(a) && number_first(b) {
        (&a[1..], b)
    } else if named(b) && number_first(a) {
        (a, &b[1..])
    } else {
        (a, b)
    }
}

/// `053L000092` and `L92`: the number before a series counts only where both have one.
fn without_a_part_number<'p>(a: &'p [Part], b: &'p [Part]) -> (&'p [Part], &'p [Part]) {
    let series = |parts: &[Part], at: usize| match parts.get(at) {
        Some(Part::Word { letters, series: true }) if letters.len() == 1 => Some(letters.clone()),
        _ => None,
    };
    let numbered = |parts: &[Part]| matches!(parts, [Part::Number(_), _, Part::Number(_)]);
    if numbered(a) && b.len() == 2 && series(a, 1).is_some() && series(a, 1) == series(b, 0) {
        (&a[1..], b)
    } else if numbered(b) && a.len() == 2 && series(b, 1).is_some() && series(b, 1) == series(a, 0) {
        (a, &b[1..])
    } else {
        (a, b)
    }
}

/// A letter of a series (`U` of 012U000040) that differs, or a year against a number.
fn of_another_numbering(a: &[Part], b: &[Part]) -> bool {
    let year = |parts: &[Part]| match parts {
        [Part::Number(number), ..] => {
            number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
        }
        _ => false,
    };
    let small = |parts: &[Part]| matches!(parts, [Part::Number(number), ..] if number.len() < 4);
    let series_differs = a.iter().zip(b).any(|pair| match pair {
        (Part::Word { letters: a, series: first }, Part::Word { letters: b, series: second }) => {
            (*first || *second) && a != b
        }
        _ => false,
    });
    series_differs || (year(a) && small(b)) || (year(b) && small(a))
}

/// Numbers by value; single letters by the alphabet; longer words only if they are the same.
fn compare(a: &Part, b: &Part) -> Option<Ordering> {
    match (a, b) {
        (Part::Number(a), Part::Number(b)) => Some(a.len().cmp(&b.len()).then_with(|| a.cmp(b))),
        (Part::Word { letters: a, .. }, Part::Word { letters: b, .. }) if a == b => Some(Ordering::Equal),
        (Part::Word { letters: a, .. }, Part::Word { letters: b, .. }) if a.len() == 1 && b.len() == 1 => {
            Some(a.cmp(b))
        }
        _ => None,
    }
}

enum Rest {
    Nothing,
    Something,
}

/// Zeros at the end say nothing: 2.4 is 2.4.0.
fn rest(parts: &[Part]) -> Rest {
    let zeros = parts.iter().all(|it| matches!(it, Part::Number(number) if number == "0"));
    if zeros { Rest::Nothing } else { Rest::Something }
}

/// Words for what is put on top of a version: service packs and releases, hot fixes, patches.
const ON_TOP: &[&str] = &["sp", "sr", "hf", "gma", "patch", "update"];

fn is_put_on_top(parts: &[Part]) -> bool {
    matches!(parts, [Part::Word { letters, .. }, ..] if ON_TOP.contains(&letters.as_str()))
}
