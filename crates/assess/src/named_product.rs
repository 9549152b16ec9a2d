//! Advisories that name maker, product and version, against a device or release that does.
//!
//! Names that are the same but for case, punctuation, marks and legal form match by themselves. Names that are merely
//! alike are candidates: a person confirms or refuses each once, and until then the answer is "cannot tell", unless
//! the version lies outside for every candidate. Free text (remediations, full names) can make an answer more careful,
//! never less. `docs/medical-advisories.md` is the specification.

use std::collections::HashMap;

use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::range_text::{Held, LooseVersion, RangeText, Span, Standing};
use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, ProductStatus, VersionText, Word};

mod names;
mod why;
mod words;

pub use names::{Context, Likeness, Name, compare};
pub use why::Why;

/// An advisory made ready to be compared with many devices.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// One for each name of maker and product; its versions are in it.
    pub groups: Vec<Group>,
    context: Context,
    word: Word,
}

/// All that an advisory says of one maker and product.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name.
    pub name: Name,
    /// The products of the advisory that are meant, by index.
    pub products: Vec<usize>,
    affected: RangeText,
    cleared: RangeText,
    undecided: RangeText,
    /// Versions that remediations for it name.
    named_fixes: Vec<NamedFix>,
    word: Word,
    /// Whether it is about all products of its maker.
    all_of_maker: bool,
    /// Whether a statement calls it affected without a word on versions.
    without_versions: bool,
}

/// A version that a remediation names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedFix {
    version: LooseVersion,
    /// Whether the remediation is the maker's fix, and no workaround.
    by_maker: bool,
}

/// What a person of the organisation said of two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// They are one product.
    Same,
    /// They are two.
    Different,
}

/// Decisions by our name's key and the advisory's.
pub type Decisions = HashMap<(String, String), Decision>;

/// The judgement on one device or release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The answer.
    pub answer: Answer,
    /// Its reason.
    pub why: Why,
    /// The group that it is by, where one is known to be meant.
    pub group: Option<usize>,
    /// Groups that a person has to look at, the likeliest first; all of them would matter.
    pub candidates: Vec<usize>,
}

impl Prepared {
    /// Make an advisory ready.
    pub fn new(advisory: &ProductAdvisory) -> Prepared {
        Prepared::made(advisory, None)
    }

    /// Make ready what an advisory says of one of its weaknesses, by index. Products that only others of them speak of are
    /// left out.
    pub fn on_weakness(advisory: &ProductAdvisory, weakness: usize) -> Prepared {
        Prepared::made(advisory, Some(weakness))
    }

    fn made(advisory: &ProductAdvisory, weakness: Option<usize>) -> Prepared {
        let names = advisory
            .products
            .iter()
            .flat_map(|it| [it.product.as_str(), it.full_name.as_str(), it.version.text()]);
        // The title of a row of a list is ours, and explains no name.
        let title = if advisory.word == Word::Own { advisory.title.as_str() } else { "" };
        let context = Context::new(title, names);
        let mut groups: Vec<Group> = Vec::new();
        let mut by_name: HashMap<(String, String), usize> = HashMap::new();
        for (index, product) in advisory.products.iter().enumerate() {
            let Some(standing) = status_of(advisory, index, weakness) else { continue };
            let key = (product.maker.clone(), product.product.clone());
            let at = *by_name.entry(key).or_insert_with(|| {
                groups.push(Group::new(product, title, advisory.word));
                groups.len() - 1
            });
            groups[at].add(index, product, standing);
        }
        for group in &mut groups {
            group.named_fixes = named_fixes(advisory, &group.products);
            if is_said_of_all(advisory, &group.name) {
                group.affected.spans.push(Span::All);
            }
        }
        Prepared { groups, context, word: advisory.word }
    }

    /// Whether any of its names could be ours: what is ruled out here is different whatever the version. Cheap, for the
    /// many pairs that have nothing in common.
    pub fn may_concern(&self, ours: &Name) -> bool {
        self.groups.iter().any(|group| match self.word {
            Word::Own => names::may_be(ours, &group.name, &self.context),
            Word::Repeated => names::shares_maker(ours, &group.name),
        })
    }

    /// How a name of ours stands to each group, by decisions first; `version` is the text that stands beside the name.
    pub fn likenesses(&self, ours: &Name, version: &str, decisions: &Decisions) -> Vec<Likeness> {
        let likeness = |group: &Group| {
            let alike = if group.all_of_maker {
                names::compare_all_of_maker(ours, &group.name)
            } else {
                compare(ours, version, &group.name, &self.context)
            };
            if alike == Likeness::Different || decisions.is_empty() {
                return alike;
            }
            match decisions.get(&(ours.key(), group.name.key())) {
                Some(Decision::Same) => Likeness::Same,
                Some(Decision::Different) => Likeness::Different,
                None => alike,
            }
        };
        let asked = LooseVersion::parse(version);
        let mut alike: Vec<Likeness> = self.groups.iter().map(likeness).collect();
        // "IntelliSpace Portal 8.0.x" is likelier than 7.0.x for a device of version 8.0.2.
        for (group, likeness) in self.groups.iter().zip(&mut alike) {
            let named = group.name.version.as_deref().map(LooseVersion::parse);
            let fits =
                named.is_some_and(|it| matches!(asked.stand_to(&it), Standing::Equal | Standing::Finer));
            if let (Likeness::Maybe(points), true) = (&mut *likeness, fits) {
                *points = points.saturating_add(5);
            }
        }
        alike
    }

    /// Judge a device or release.
    pub fn judge(&self, ours: &Name, version: &str, decisions: &Decisions) -> Match {
        let alike = self.likenesses(ours, version, decisions);
        let mut best: Option<(Answer, Why, usize)> = None;
        let mut candidates: Vec<(u8, usize)> = Vec::new();
        for (index, likeness) in alike.iter().enumerate() {
            match likeness {
                Likeness::Different => {}
                Likeness::Same => {
                    let (answer, why) = self.groups[index].judge(ours, version);
                    if best.as_ref().is_none_or(|(it, _, _)| answer < *it) {
                        best = Some((answer, why, index));
                    }
                }
                Likeness::Maybe(points) => candidates.push((*points, index)),
            }
        }
        // Beside a name that is the same, others count only where ours lacks what they have.
        let known = best.is_some();
        // A name that holds ours, or is held by it, outranks those that merely share words with it.
        let highest = candidates.iter().map(|(points, _)| *points).max().unwrap_or_default();
        let contained = highest >= Likeness::CONTAINED;
        // A candidate whose version lies outside does not matter, if it is the product itself that has the version.
        candidates.retain(|(points, index)| {
            let said = || self.groups[*index].judge(ours, version);
            // What a list clears is worth a question only where the names are close.
            let clears = |why: &Why| matches!(why, Why::Claimed | Why::OtherVersions);
            (!(known || contained) || *points >= Likeness::CONTAINED)
                && (*points < Likeness::SHARED || said().0 != Answer::NotAffected)
                && (self.word == Word::Own || *points >= Likeness::CONTAINED || !clears(&said().1))
        });
        candidates.sort_by_key(|(points, index)| (std::cmp::Reverse(*points), *index));
        let candidates: Vec<usize> = candidates.into_iter().map(|(_, index)| index).collect();
        self.together(best, candidates, &alike)
    }

    fn together(
        &self,
        best: Option<(Answer, Why, usize)>,
        candidates: Vec<usize>,
        alike: &[Likeness],
    ) -> Match {
        match best {
            Some((answer, why, group)) if answer != Answer::NotAffected || candidates.is_empty() => {
                Match { answer, why, group: Some(group), candidates }
            }
            best if !candidates.is_empty() => Match {
                answer: Answer::CannotTell,
                why: Why::Unconfirmed(candidates.len()),
                group: best.map(|(_, _, group)| group),
                candidates,
            },
            // Whichever of those alike it is, the version lies outside; or nothing is alike.
            _ => {
                let outside = alike.iter().any(|it| matches!(it, Likeness::Maybe(_)));
                let why = if outside { Why::Outside } else { Why::OtherProduct };
                Match { answer: Answer::NotAffected, why, group: None, candidates }
            }
        }
    }
}

impl Group {
    /// Whether it is about all products of its maker.
    pub const fn is_all_of_maker(&self) -> bool {
        self.all_of_maker
    }

    fn new(product: &NamedProduct, title: &str, word: Word) -> Group {
        // A product called "Version" is a slip: the title says which is meant.
        let telling = words::words(&product.product).iter().any(|it| words::is_telling(it));
        let title = words::title_name(title);
        let named = telling || title.is_empty();
        Group {
            name: Name::new(&product.maker, if named { &product.product } else { &title }),
            word,
            all_of_maker: product.all_of_maker,
            without_versions: false,
            products: Vec::new(),
            affected: RangeText::default(),
            cleared: RangeText::default(),
            undecided: RangeText::default(),
            named_fixes: Vec::new(),
        }
    }

    fn add(&mut self, index: usize, product: &NamedProduct, standing: StatusOfAll) {
        self.products.push(index);
        if let VersionText::Exact(text) = &product.version {
            self.name.add_models(text);
        }
        let mut range = match &product.version {
            // A row of a list without a version is about the product as a whole.
            VersionText::Unstated if self.word == Word::Repeated && self.name.version.is_none() => {
                self.without_versions |= matches!(standing, StatusOfAll::Affected);
                RangeText { spans: vec![Span::All] }
            }
            VersionText::Unstated => in_name(&self.name),
            VersionText::Exact(text) | VersionText::Range(text) => RangeText::parse(text),
        };
        // "Xeleris 3.1: all versions" is all of 3.1.
        if self.name.version.is_some() && range.spans == [Span::All] {
            range = in_name(&self.name);
        }
        if let [condition, ..] = product.conditions.as_slice() {
            let bound = range.spans.into_iter();
            range.spans = bound.map(|it| Span::If(Box::new(it), condition.clone())).collect();
        }
        match standing {
            StatusOfAll::Affected => {
                // Where the structured form and its text disagree, the wider one counts.
                if !range.spans.contains(&Span::All) {
                    range.spans.extend(prose_spans(product));
                }
                self.affected.spans.append(&mut range.spans);
            }
            StatusOfAll::Cleared => self.cleared.spans.append(&mut range.spans),
            StatusOfAll::Undecided => self.undecided.spans.append(&mut range.spans),
        }
    }

    /// Judge a version, the name being the same. Hearsay clears nothing.
    fn judge(&self, ours: &Name, version: &str) -> (Answer, Why) {
        match (self.word, self.judge_by_text(ours, version)) {
            (Word::Own, said) => said,
            (Word::Repeated, (Answer::NotAffected, Why::Cleared)) => (Answer::CannotTell, Why::Claimed),
            (Word::Repeated, (Answer::NotAffected, _)) => (Answer::CannotTell, Why::OtherVersions),
            (Word::Repeated, (Answer::Affected, Why::AllVersions)) if self.without_versions => {
                (Answer::Affected, Why::WithoutVersions)
            }
            (Word::Repeated, said) => said,
        }
    }

    fn judge_by_text(&self, ours: &Name, version: &str) -> (Answer, Why) {
        let own = version.trim();
        let version = if own.is_empty() { ours.version.as_deref().unwrap_or_default() } else { own };
        let affected = self.held(&self.affected, ours, version);
        let cleared = self.held(&self.cleared, ours, version);
        match (affected, cleared) {
            (Held::Inside, Held::Inside) => (Answer::CannotTell, Why::Contradiction),
            (Held::Inside, _) if self.affected.spans.contains(&Span::All) => {
                (Answer::Affected, Why::AllVersions)
            }
            (Held::Inside, _) if self.is_named_as_fix(version) => (Answer::CannotTell, Why::NamedAsFix),
            (Held::Inside, _) => (Answer::Affected, Why::Version),
            (_, Held::Inside) => (Answer::NotAffected, Why::Cleared),
            (Held::InsideIf(words), _) => (Answer::CannotTell, Why::Condition(words)),
            _ if self.held(&self.undecided, ours, version) == Held::Inside => {
                (Answer::CannotTell, Why::UnderInvestigation)
            }
            (Held::CannotTell(doubt), _) => (Answer::CannotTell, Why::VersionDoubt(doubt)),
            (Held::Outside, _) if self.is_before_every_fix(version) => (Answer::CannotTell, Why::BeforeFix),
            (Held::Outside, _) => (Answer::NotAffected, Why::Outside),
        }
    }

    /// Whether a version is inside; models that stand in the place of versions may stand in our product's name, and
    /// conditions may be settled by its words.
    fn held(&self, range: &RangeText, ours: &Name, version: &str) -> Held {
        if range.is_empty() {
            return Held::Outside;
        }
        let held = range.contains(version);
        match &held {
            Held::InsideIf(condition) if settles(ours, version, condition) => Held::Inside,
            Held::CannotTell(_) | Held::InsideIf(_)
                if range.spans.iter().any(|it| names_model(ours, version, it)) =>
            {
                Held::Inside
            }
            _ => held,
        }
    }

    /// Whether a remediation names this very version, and the range does not name it as its end.
    fn is_named_as_fix(&self, version: &str) -> bool {
        let asked = LooseVersion::parse(version);
        let is_end = |span: &Span| match span {
            Span::Range { to: Some(to), .. } => asked.stand_to(&to.version) == Standing::Equal,
            _ => false,
        };
        let listed = |span: &Span| matches!(span, Span::Listed(it) if asked.stand_to(it) == Standing::Equal);
        let fixes =
            || self.named_fixes.iter().filter(|fix| fix.by_maker).map(|fix| asked.stand_to(&fix.version));
        // Of several that are named, each but the last mends only a part.
        fixes().any(|it| it == Standing::Equal)
            && !fixes().any(|it| it == Standing::Before)
            && !self.affected.spans.iter().any(|it| is_end(it) || listed(it))
    }

    /// Whether remediations name later versions than those affected, and this one comes before all of them.
    fn is_before_every_fix(&self, version: &str) -> bool {
        let asked = LooseVersion::parse(version);
        let is_past_an_end = |span: &Span| match span {
            Span::Range { to: Some(to), .. } => {
                !matches!(asked.stand_to(&to.version), Standing::Before | Standing::Unlike)
            }
            _ => false,
        };
        if !self.affected.spans.iter().any(is_past_an_end) {
            return false;
        }
        let after: Vec<Standing> = self
            .named_fixes
            .iter()
            .filter(|fix| self.affected.contains_version(&fix.version) == Held::Outside)
            .map(|fix| asked.stand_to(&fix.version))
            .collect();
        !after.is_empty() && after.iter().all(|it| matches!(it, Standing::Before | Standing::Coarser))
    }
}

/// What the weaknesses of an advisory say of a product together.
#[derive(Clone, Copy)]
enum StatusOfAll {
    Affected,
    Cleared,
    Undecided,
}

/// Affected by one is affected; a product that no weakness speaks of is affected, since the tree lists what is. Where one
/// weakness is meant, a product that only others speak of has no status.
fn status_of(advisory: &ProductAdvisory, product: usize, weakness: Option<usize>) -> Option<StatusOfAll> {
    let mut said: Vec<ProductStatus> = Vec::new();
    let mut of_others = false;
    for (index, it) in advisory.weaknesses.iter().enumerate() {
        let mut here = it.statuses.iter().filter(|(_, it)| *it == product).map(|(status, _)| *status);
        match weakness {
            Some(wanted) if wanted != index => of_others |= here.next().is_some(),
            _ => said.extend(here),
        }
    }
    if said.is_empty() && of_others {
        return None;
    }
    if said.is_empty() || said.iter().any(|it| it.is_affected()) {
        return Some(StatusOfAll::Affected);
    }
    let open = |it: &ProductStatus| matches!(it, ProductStatus::UnderInvestigation | ProductStatus::Unknown);
    Some(if said.iter().any(open) { StatusOfAll::Undecided } else { StatusOfAll::Cleared })
}

/// The version that a name holds, as a list of one; nothing is said of other versions.
fn in_name(name: &Name) -> RangeText {
    let text = name.version.as_deref().unwrap_or_default();
    let version = LooseVersion::parse(text);
    let span = if version.is_empty() {
        Span::Unread(name.product().to_owned())
    } else {
        Span::Listed(version.into_family())
    };
    RangeText { spans: vec![span] }
}

/// What the part of a full name behind the product's own says of versions: ranges, and single versions where the
/// structured form has single versions too ("2.2" of which the full name says 2.20).
fn prose_spans(product: &NamedProduct) -> Vec<Span> {
    let name = product.full_name.as_str();
    let Some((_, rest)) = name.split_once(&product.product) else { return RangeText::in_prose(name).spans };
    let rest = rest.trim_start_matches([':', ' ', '-']);
    match product.version {
        VersionText::Exact(_) if rest.split_whitespace().count() < 9 => {
            let mut spans = RangeText::parse(rest).spans;
            spans.retain(|it| matches!(it, Span::Listed(_) | Span::Range { .. }));
            spans
        }
        _ => RangeText::in_prose(rest).spans,
    }
}

/// Whether a weakness speaks of all devices of a model, whatever the versions in the tree: "across all CMS8000 devices".
fn is_said_of_all(advisory: &ProductAdvisory, name: &Name) -> bool {
    let own = words::words(name.product());
    let models = own.iter().filter(|it| words::has_digit(it) && it.len() > 3);
    let phrases: Vec<String> = models.map(|it| format!("all {it} devices")).collect();
    let mut notes = advisory.weaknesses.iter().flat_map(|it| &it.notes);
    !phrases.is_empty()
        && notes.any(|note| {
            let text = note.text.to_lowercase();
            phrases.iter().any(|it| text.contains(it))
        })
}

/// Versions in the words of remediations that may be fixes, for these products. "3.1 or prior" and "less than 9.19" are none.
fn named_fixes(advisory: &ProductAdvisory, products: &[usize]) -> Vec<NamedFix> {
    let remedies = advisory.weaknesses.iter().flat_map(|it| &it.remediations);
    let fixes = remedies
        .filter(|it| it.products.is_empty() || it.products.iter().any(|product| products.contains(product)));
    let mut found: Vec<NamedFix> = Vec::new();
    for fix in fixes {
        let text: Vec<&str> = fix.details.split_whitespace().collect();
        for (at, word) in text.iter().enumerate() {
            let word = word.trim_matches(|it: char| !it.is_alphanumeric());
            let numbered = word.contains('.') || word.chars().filter(char::is_ascii_digit).count() > 4;
            let after = text.get(at + 1..).unwrap_or_default();
            let before = at.checked_sub(1).and_then(|it| text.get(it)).copied().unwrap_or_default();
            let older = matches!(after, ["or" | "and", next, ..] if next.starts_with(['p', 'e', 'b', 'o', 'l']))
                || before == "than";
            if !numbered || older || word.contains('/') || word.len() > 24 {
                continue;
            }
            // "v1.8.4 Service Pack 01" is one version.
            let version = match after {
                ["Service", "Pack", number, ..] => format!("{word} sp{number}"),
                [release, ..] if release.starts_with("SR") || release.starts_with("SP") => {
                    format!("{word} {release}")
                }
                _ => word.to_owned(),
            };
            let version = LooseVersion::parse(&version);
            let fix = NamedFix { version, by_maker: fix.category == "vendor_fix" };
            if fix.version.has_number() && !found.contains(&fix) {
                found.push(fix);
            }
        }
    }
    found
}

/// Words of conditions that decide nothing: "running on old, unsupported operating systems such as Windows 2000".
const CONDITION_WORDS: &[&str] =
    &["as", "installed", "old", "operating", "or", "running", "such", "unsupported", "using"];

/// Whether the telling words of a condition all stand in our product's name or version.
fn settles(ours: &Name, version: &str, condition: &str) -> bool {
    let own: Vec<String> = words::words(ours.product()).into_iter().chain(words::words(version)).collect();
    let said = words::words(condition);
    let mut telling: Vec<&String> =
        said.iter().filter(|it| words::is_telling(it) && !CONDITION_WORDS.contains(&it.as_str())).collect();
    if telling.is_empty() {
        telling = said.iter().collect();
    }
    !telling.is_empty() && telling.into_iter().all(|it| own.contains(it))
}

/// Whether a model that the advisory lists in the place of a version stands in our product's name or version.
fn names_model(ours: &Name, version: &str, span: &Span) -> bool {
    let text = match span {
        Span::Named(text) => text.as_str(),
        Span::Listed(listed) => return ours.names_version(listed, version),
        Span::All | Span::Range { .. } | Span::If(..) | Span::Unread(_) => return false,
    };
    settles(ours, version, text)
}
