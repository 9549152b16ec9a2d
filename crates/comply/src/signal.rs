//! Signals: what shows that a requirement is met. Each is about one kind of system, is computed in one way, and is judged
//! by one rule; a fact is one value of one signal at one moment.

mod page;
mod table;

pub use page::page;
pub use table::SIGNALS;

/// What a signal says something about. A fact about another kind of system is refused: what Bedrail does well is no proof
/// for the systems that hold records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// The organisation as a whole: its roles, policies, plans.
    Organisation,
    /// A site or ward.
    Site,
    /// Its people.
    Workforce,
    /// Systems that hold or pass electronic PHI: records, pictures, mail, workstations.
    RecordSystem,
    /// Connected medical devices.
    Device,
    /// Suppliers and business associates.
    Vendor,
    /// Bedrail itself.
    Bedrail,
}

impl About {
    /// The words for people.
    pub const fn name(self) -> &'static str {
        match self {
            About::Organisation => "the organisation",
            About::Site => "a site",
            About::Workforce => "the workforce",
            About::RecordSystem => "systems with ePHI",
            About::Device => "medical devices",
            About::Vendor => "vendors",
            About::Bedrail => "Bedrail itself",
        }
    }
}

/// How the value of a signal comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By the program, from what it holds.
    Computed {
        /// Which part of the program holds it.
        source: &'static str,
    },
    /// By a person with a document.
    Manual {
        /// Why no program can see it.
        reason: &'static str,
        /// The document that is asked for.
        proof: &'static str,
    },
    /// By an import that is not there yet; until then the signal is unknown.
    NotConnected {
        /// The import that will bring it.
        import: &'static str,
    },
}

/// How a value is judged. Every limit is the house's own default, for the law names none of them; where one is set after a
/// text, the row says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Met when it is so.
    Yes,
    /// Met when nothing is counted; otherwise failed.
    NoneLeft,
    /// Met when at least one is counted.
    AtLeastOne,
    /// Met up to so many days, inclusive.
    AtMostDays(i64),
    /// Met up to so many hours, inclusive.
    AtMostHours(i64),
    /// Met from so many per cent on, inclusive; partly met from the second on.
    AtLeastPercent(u64, u64),
    /// Not judged: says whether a requirement applies.
    Applies,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Signal {
    /// The stable id that catalogues name.
    pub id: &'static str,
    /// What it is about.
    pub about: About,
    /// How its value comes about.
    pub kind: Kind,
    /// How a value is judged.
    pub rule: Rule,
    /// Days for which a value holds after it was observed, inclusive. Then it is unknown again.
    pub valid_days: i64,
    /// What is counted, in words.
    pub how: &'static str,
}

impl Signal {
    /// The signal of an id.
    pub fn of(id: &str) -> Option<&'static Signal> {
        SIGNALS.iter().find(|signal| signal.id == id)
    }
}

/// The value of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// So or not so.
    Flag(bool),
    /// So many.
    Count(u64),
    /// So many of so many.
    Share {
        /// How many do.
        met: u64,
        /// Of how many.
        of: u64,
    },
    /// Days.
    Days(i64),
    /// Hours.
    Hours(i64),
}

/// What the rule of a signal says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Failed.
    Failed,
    /// There was nothing to count.
    Nothing,
    /// Partly met.
    Partly,
    /// Met.
    Met,
}

impl Rule {
    /// Judges a value. `None` where the value is not of the kind that the rule judges.
    pub fn judge(self, value: Value) -> Option<Outcome> {
        let met = |met: bool| if met { Outcome::Met } else { Outcome::Failed };
        Some(match (self, value) {
            (Rule::Yes | Rule::Applies, Value::Flag(so)) => met(so),
            (Rule::NoneLeft, Value::Count(count)) => met(count == 0),
            (Rule::AtLeastOne, Value::Count(count)) => met(count > 0),
            (Rule::AtMostDays(most), Value::Days(days)) => met((0..=most).contains(&days)),
            (Rule::AtMostHours(most), Value::Hours(hours)) => met((0..=most).contains(&hours)),
            (Rule::AtLeastPercent(..), Value::Share { of: 0, .. }) => Outcome::Nothing,
            (Rule::AtLeastPercent(good, partly), Value::Share { met, of }) if met <= of => {
                // Whole numbers: 949 of 1,000 are no 95 per cent.
                let reaches = |percent: u64| u128::from(met) * 100 >= u128::from(percent) * u128::from(of);
                if reaches(good) {
                    Outcome::Met
                } else if reaches(partly) {
                    Outcome::Partly
                } else {
                    Outcome::Failed
                }
            }
            _ => return None,
        })
    }

    /// The rule in words.
    pub fn words(self) -> String {
        match self {
            Rule::Yes => "yes".to_owned(),
            Rule::NoneLeft => "none".to_owned(),
            Rule::AtLeastOne => "at least one".to_owned(),
            Rule::AtMostDays(days) => format!("at most {days} days"),
            Rule::AtMostHours(hours) => format!("at most {hours} hours"),
            Rule::AtLeastPercent(good, partly) => format!("{good} %; partly from {partly} %"),
            Rule::Applies => "says whether the requirement applies".to_owned(),
        }
    }
}
