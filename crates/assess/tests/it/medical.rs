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

/// The advisories as received; `None` where the shared data is not there.
#[expect(clippy::print_stdout, reason = "a test that was skipped says so")]
pub(crate) fn documents() -> Option<Vec<Vec<u8>>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("data/csaf/cisa-icsma")) else {
        println!("skipped: no shared data");
        return None;
    };
    Some(folder.map(|it| std::fs::read(it.unwrap().path()).unwrap()).collect())
}

fn advisories() -> Option<HashMap<String, Prepared>> {
    let prepare = |document: Vec<u8>| {
        let advisory = csaf::read(&document, &Limits::default()).unwrap();
        (advisory.id.clone(), Prepared::new(&advisory))
    };
    Some(documents()?.into_iter().map(prepare).collect())
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

/// Every label judged, alone and confirmed; what is not as expected is printed, with the figures.
#[expect(clippy::print_stdout, reason = "a measurement prints")]
fn measured(advisories: &HashMap<String, Prepared>, text: &str) -> (Counts, Counts) {
    let (mut alone, mut confirmed) = (Counts::default(), Counts::default());
    for label in labels(text) {
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
    (alone, confirmed)
}

#[test]
fn labelled_devices_get_the_answer_that_the_document_gives() {
    let Some(advisories) = advisories() else { return };
    let (alone, confirmed) = measured(&advisories, include_str!("../icsma/labels-open.csv"));
    // Before anybody confirmed anything, doubt is never "not affected".
    assert_eq!(alone.of(Answer::Affected, Answer::NotAffected), 0);
    assert!(confirmed.recall() >= 0.95, "recall {}", confirmed.recall());
    assert!(confirmed.precision() >= 0.98, "precision {}", confirmed.precision());
}

/// The third that was kept until the matcher was done. It was measured once (0.869 and 0.968), and has been read since.
#[test]
fn kept_labels_get_the_answer_that_the_document_gives() {
    let Some(advisories) = advisories() else { return };
    let (alone, confirmed) = measured(&advisories, include_str!("../icsma/labels-kept.csv"));
    assert_eq!(alone.of(Answer::Affected, Answer::NotAffected), 0);
    // A product that may carry a library, of a maker that the document does not name.
    assert!(alone.of(Answer::CannotTell, Answer::NotAffected) <= 1);
    assert!(confirmed.recall() >= 0.95, "recall {}", confirmed.recall());
    assert!(confirmed.precision() >= 0.98, "precision {}", confirmed.precision());
}

/// Other questions, by a reader who had not seen the matcher; the matcher was written without them.
#[test]
fn labels_of_a_second_reader_get_the_answer_that_the_document_gives() {
    let Some(advisories) = advisories() else { return };
    let (alone, confirmed) = measured(&advisories, include_str!("../icsma/labels-second.csv"));
    assert_eq!(alone.of(Answer::Affected, Answer::NotAffected), 0);
    assert!(confirmed.recall() >= 0.95, "recall {}", confirmed.recall());
    assert!(confirmed.precision() >= 0.98, "precision {}", confirmed.precision());
}

/// A list that repeats what makers say.
fn list() -> Vec<Prepared> {
    let rows = [
        "|Veltrano Infusions|DripVane Gateway|3.5, 3.6| |Vulnerable| | | | |",
        "|Veltrano Infusions|DripVane 300| | |Not vuln| | | | |",
        "|Veltrano Infusions|DripVane 500|< 4.0| |Fix| | | | |",
        "|Veltrano Infusions|DripVane Tower| | |Workaround| | |Close the port| |",
        "|Kestrel Imaging|All| | |Investigation| | | | |",
        "|Nimbus|All|All| |Vulnerable| | | | |",
    ];
    let head = "|Supplier|Product|Version (see Status)|Status CVE-2021-4104|Status CVE-2021-44228|\
                Status CVE-2021-45046|Status CVE-2021-45105|Notes|Links|\n|-|-|-|-|-|-|-|-|-|\n";
    let text = format!("{head}{}\n", rows.join("\n"));
    let list = bedrail_formats::product_list::read(text.as_bytes(), &Limits::default()).unwrap();
    assert!(list.warnings.is_empty(), "{:?}", list.warnings);
    list.advisories.iter().map(Prepared::new).collect()
}

#[test]
fn a_list_warns_and_never_clears() {
    let list = list();
    let judge = |maker: &str, product: &str, version: &str| {
        let name = Name::new(maker, product);
        let said = list.iter().filter(|it| it.may_concern(&name));
        let mut said: Vec<Match> = said.map(|it| it.judge(&name, version, &Decisions::new())).collect();
        said.sort_by_key(|it| it.answer);
        said.into_iter().next().map(|it| (it.answer, it.why.code()))
    };
    for (maker, product, version, expected) in [
        ("Veltrano Infusions Inc.", "DripVane Gateway", "3.6", (Answer::Affected, "version_in_range")),
        ("VELTRANO INFUSIONS", "DripVane Gateway", "4.0", (Answer::CannotTell, "version_not_comparable")),
        ("Veltrano", "DripVane Gateway", "3.6", (Answer::CannotTell, "name_unconfirmed")),
        ("Veltrano Infusions", "DripVane Gateway", "", (Answer::CannotTell, "no_version")),
        ("Veltrano Infusions", "DripVane 300", "8.2", (Answer::CannotTell, "claimed_not_affected")),
        // Whether "< 4.0" is what was mended or what was not, nobody can tell.
        ("Veltrano Infusions", "DripVane 500", "3.0", (Answer::CannotTell, "claimed_not_affected")),
        ("Veltrano Infusions", "DripVane 500", "5.0", (Answer::CannotTell, "named_in_other_versions")),
        ("Veltrano Infusions", "DripVane Tower", "1", (Answer::Affected, "without_versions")),
        ("Kestrel Imaging", "Vista", "8", (Answer::CannotTell, "under_investigation")),
        ("Nimbus GmbH", "Cloud 9", "", (Answer::Affected, "all_versions")),
    ] {
        assert_eq!(judge(maker, product, version), Some(expected), "{maker} {product} {version}");
    }
    assert_eq!(judge("Orbis Medical", "Flow 300", "1.0"), None, "another maker");
    let other = judge("Veltrano Infusions", "Completely Different Thing", "1.0");
    assert!(matches!(other, Some((Answer::NotAffected, "other_product"))), "{other:?}");
}

#[test]
fn of_several_weaknesses_each_is_judged_in_its_own_products() {
    let document = serde_json::json!({
        "document": {"csaf_version": "2.0", "title": "T", "tracking": {"id": "T-1"},
            "publisher": {"name": "Orbis", "category": "vendor", "namespace": "https://orbis.example"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Orbis", "branches": [
            {"category": "product_name", "name": "Flow 300", "branches": [{"category": "product_version_range",
                "name": "<= 3.64", "product": {"product_id": "A", "name": "Flow 300"}}]},
            {"category": "product_name", "name": "Tide 7", "branches": [{"category": "product_version_range",
                "name": "<= 2.0", "product": {"product_id": "B", "name": "Tide 7"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-99901", "product_status": {"known_affected": ["A"]}},
            {"cve": "CVE-2024-99902", "product_status": {"known_affected": ["B"], "fixed": ["A"]}}],
    });
    let advisory = csaf::read(document.to_string().as_bytes(), &Limits::default()).unwrap();
    let says = |prepared: &Prepared, product: &str, version: &str| {
        prepared.judge(&Name::new("Orbis", product), version, &Decisions::new()).answer
    };
    let (first, second) = (Prepared::on_weakness(&advisory, 0), Prepared::on_weakness(&advisory, 1));
    let whole = Prepared::new(&advisory);
    assert_eq!(says(&whole, "Flow 300", "3.0"), Answer::Affected);
    assert_eq!(says(&first, "Flow 300", "3.0"), Answer::Affected);
    assert_eq!(says(&second, "Flow 300", "3.0"), Answer::NotAffected);
    assert_eq!(says(&first, "Tide 7", "1.0"), Answer::NotAffected);
    assert_eq!(says(&second, "Tide 7", "1.0"), Answer::Affected);
}
