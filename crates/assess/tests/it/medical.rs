//! Medical advisories against labels that were written by reading the documents: `tests/icsma/README.md`.
//!
//! Names that are certainly the same (`variation`) are what a person confirms: the test confirms the candidate that is
//! likeliest, and nothing else. Names that may or may not be the same (`other`) are never confirmed.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use bedrail_assess::named_product::{Decision, Decisions, Match, Name, Prepared};
use bedrail_formats::csaf;
use bedrail_formats::limits::Limits;
use bedrail_model::answer::Answer;

/// One row of the labels.
struct Label {
    advisory: String,
    maker: String,
    product: String,
    version: String,
    expected: Answer,
    why: String,
    name: String,
}

#[expect(clippy::print_stdout, reason = "a test that was skipped says so")]
fn advisories() -> Option<HashMap<String, Prepared>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("data/csaf/cisa-icsma")) else {
        println!("skipped: no shared data");
        return None;
    };
    let prepare = |file: PathBuf| {
        let advisory = csaf::read(&std::fs::read(file).unwrap(), &Limits::default()).unwrap();
        (advisory.id.clone(), Prepared::new(&advisory))
    };
    Some(folder.map(|it| prepare(it.unwrap().path())).collect())
}

fn labels(text: &str) -> Vec<Label> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let label = |row: csv::StringRecord| Label {
        advisory: row[0].to_owned(),
        maker: row[1].to_owned(),
        product: row[2].to_owned(),
        version: row[3].to_owned(),
        expected: Answer::from_code(&row[4]).unwrap(),
        why: row[5].to_owned(),
        name: row[6].to_owned(),
    };
    reader.records().map(|row| label(row.unwrap())).collect()
}

/// Judge a row: as it comes, and after a person confirmed the likeliest name where the name is certainly the same.
fn judge(label: &Label, advisory: &Prepared) -> (Match, Match) {
    let name = Name::new(&label.maker, &label.product);
    let first = advisory.judge(&name, &label.version, &Decisions::new());
    let mut decisions = Decisions::new();
    if label.name != "other" && first.answer == Answer::CannotTell && first.group.is_none() {
        let alike = advisory.likenesses(&name, &label.version, &decisions);
        if let Some((best, _)) = alike.iter().enumerate().rev().max_by_key(|(_, it)| **it) {
            let theirs = advisory.groups[best].name.key();
            decisions.insert((name.key(), theirs), Decision::Same);
        }
    }
    let second = advisory.judge(&name, &label.version, &decisions);
    (first, second)
}

/// How often each answer was given for each label.
#[derive(Default)]
struct Counts(BTreeMap<(Answer, Answer), usize>);

impl Counts {
    fn of(&self, expected: Answer, said: Answer) -> usize {
        self.0.get(&(expected, said)).copied().unwrap_or_default()
    }

    fn sum(&self, which: impl Fn(&(Answer, Answer)) -> bool) -> usize {
        self.0.iter().filter(|(key, _)| which(key)).map(|(_, count)| count).sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few hundred")]
    fn recall(&self) -> f64 {
        self.of(Answer::Affected, Answer::Affected) as f64
            / self.sum(|(it, _)| *it == Answer::Affected) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few hundred")]
    fn precision(&self) -> f64 {
        self.of(Answer::Affected, Answer::Affected) as f64
            / self.sum(|(_, it)| *it == Answer::Affected) as f64
    }
}

#[test]
fn labelled_devices_get_the_answer_that_the_document_gives() {
    let Some(advisories) = advisories() else { return };
    let (mut alone, mut confirmed) = (Counts::default(), Counts::default());
    for label in labels(include_str!("../icsma/labels-open.csv")) {
        let (first, second) = judge(&label, &advisories[&label.advisory]);
        *alone.0.entry((label.expected, first.answer)).or_default() += 1;
        *confirmed.0.entry((label.expected, second.answer)).or_default() += 1;
        if second.answer != label.expected {
            println!(
                "{} | {} | {} | {} | {} -> {} ({}; alone {}; {} candidates) | {} | {}",
                label.advisory,
                label.maker,
                label.product,
                label.version,
                label.expected.code(),
                second.answer.code(),
                second.why.code(),
                first.answer.code(),
                second.candidates.len(),
                label.name,
                label.why
            );
        }
    }
    for (name, counts) in [("without confirmations", &alone), ("first candidate confirmed", &confirmed)] {
        println!("{name}: recall {:.3}, precision {:.3}", counts.recall(), counts.precision());
        for ((expected, said), count) in &counts.0 {
            println!("  {expected} -> {said}: {count}");
        }
    }
    // Before anybody confirmed anything, doubt is never "not affected".
    assert_eq!(alone.of(Answer::Affected, Answer::NotAffected), 0);
    assert!(confirmed.recall() >= 0.95, "recall {}", confirmed.recall());
    assert!(confirmed.precision() >= 0.98, "precision {}", confirmed.precision());
}
