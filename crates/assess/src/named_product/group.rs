//! All that an advisory says of one maker and product.

use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::range_text::{
    Boundary, End, Held, LooseVersion, RangeText, Span, Standing,
};
use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, ProductStatus, VersionText, Word};

use super::fixes::{Left, NamedFix, left, named_fixes};
use super::models::{are_companions, contradicts, names_model, settles};
use super::names::Name;
use super::why::Why;
use super::words;

/// All that an advisory says of one maker and product.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name.
    pub name: Name,
    /// The products of the advisory that are meant, by index.
    pub products: Vec<usize>,
    /// The operating system that the name binds it to: "used with Windows XP".
    platform: Option<String>,
    affected: RangeText,
    cleared: RangeText,
    undecided: RangeText,
    /// The versions that are called the first and the last affected.
    ends: (Vec<LooseVersion>, Vec<LooseVersion>),
    /// Versions that remediations for it name.
    named_fixes: Vec<NamedFix>,
    /// Weaknesses that versions leave which mend others.
    left: Vec<Left>,
    /// The words of the full names, for what stands in front of a version.
    full_names: Vec<String>,
    word: Word,
    /// Whether it is about all products of its maker.
    all_of_maker: bool,
    /// Whether a statement calls it affected without a word on versions.
    without_versions: bool,
}

impl Group {
    /// Whether it is about all products of its maker.
    pub const fn is_all_of_maker(&self) -> bool {
        self.all_of_maker
    }

    pub(super) fn new(product: &NamedProduct, title: &str, word: Word) -> Group {
        // A product called "Version" is a slip: the title says which is meant.
        let telling = words::words(&product.product).iter().any(|it| words::is_telling(it));
        let title = words::title_name(title);
        let named = telling || title.is_empty();
        let (name, platform) = without_platform(if named { &product.product } else { &title });
        Group {
            name: Name::new(&product.maker, name),
            platform: platform.map(str::to_owned),
            word,
            all_of_maker: product.all_of_maker,
            without_versions: false,
            products: Vec::new(),
            affected: RangeText::default(),
            cleared: RangeText::default(),
            undecided: RangeText::default(),
            ends: (Vec::new(), Vec::new()),
            named_fixes: Vec::new(),
            left: Vec::new(),
            full_names: Vec::new(),
        }
    }

    /// What carries a product, where its full name says so: "included in Capsule DTS all versions". Any product of the maker
    /// may carry it as well.
    pub(super) fn of_carrier(index: usize, product: &NamedProduct, word: Word) -> Option<Group> {
        let (name, versions) = carrier(&product.full_name)?;
        let mut group = Group::new(&NamedProduct { product: name, ..product.clone() }, "", word);
        group.name.of_any = true;
        group.products.push(index);
        group.affected.spans.push(versions);
        Some(group)
    }

    /// An accessory that the version is bound to, with its own versions: "8.x (with Wireless Battery Modules v17 | v17D19)".
    pub(super) fn of_accessory(index: usize, product: &NamedProduct, word: Word) -> Option<Group> {
        let (_, bracket) = product.version.text().split_once('(')?;
        let text = bracket.trim_end_matches(')').trim();
        let text = text.strip_prefix("with ").unwrap_or(text);
        let at = text.find(|it: char| it.is_ascii_digit() || matches!(it, '<' | '>' | '='))?;
        let (name, versions) = text.split_at(text[..at].trim_end_matches(['v', '(', ' ']).len());
        let named = |it: &str| it.starts_with(|it: char| it.is_uppercase());
        if name.split_whitespace().count() < 2 || !name.split_whitespace().all(named) {
            return None;
        }
        let product = NamedProduct { product: name.to_owned(), ..product.clone() };
        let mut group = Group::new(&product, "", word);
        group.products.push(index);
        group.affected = RangeText::parse(versions.trim_start_matches(['(', ' ']));
        // What is said for the sake of another product clears none.
        group.affected.spans.push(Span::Unread(text.to_owned()));
        Some(group)
    }

    /// Take in another group of the same name.
    pub(super) fn join(&mut self, other: Group) {
        self.products.extend(other.products);
        self.affected.spans.extend(other.affected.spans);
    }

    /// Take in a product that the name stands for.
    pub(super) fn add(&mut self, index: usize, product: &NamedProduct, standing: StatusOfAll) {
        self.products.push(index);
        self.full_names.extend(words::words(&product.full_name));
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
        // Where the structured form and its text disagree, the wider one counts.
        if standing == StatusOfAll::Affected && !range.spans.contains(&Span::All) {
            range.spans.extend(prose_spans(product));
        }
        if let Some(condition) = product.conditions.first().or(self.platform.as_ref()) {
            let bound = range.spans.into_iter();
            range.spans = bound.map(|it| Span::If(Box::new(it), condition.clone())).collect();
        }
        match standing {
            StatusOfAll::First | StatusOfAll::Last => {
                let version = LooseVersion::parse(product.version.text());
                let ends = if standing == StatusOfAll::First { &mut self.ends.0 } else { &mut self.ends.1 };
                ends.push(version);
            }
            StatusOfAll::Affected => self.affected.spans.append(&mut range.spans),
            StatusOfAll::Cleared => self.cleared.spans.append(&mut range.spans),
            StatusOfAll::Undecided => self.undecided.spans.append(&mut range.spans),
        }
    }

    /// Take in what the rest of the advisory says of its products; where one weakness is meant, of that alone.
    pub(super) fn finish(&mut self, advisory: &ProductAdvisory, weakness: Option<usize>) {
        self.take_ends();
        self.named_fixes = named_fixes(advisory, &self.products);
        self.left = left(advisory, &self.products, weakness);
        if is_said_of_all(advisory, &self.name) || are_companions(&self.name, &self.affected.spans) {
            self.affected.spans.push(Span::All);
        }
    }

    /// One version that is called the first affected and one that is called the last are a range. Of several, nobody can
    /// tell which belong together: each stands for itself.
    fn take_ends(&mut self) {
        let (first, last) = std::mem::take(&mut self.ends);
        let inside = |it: &LooseVersion| Some(Boundary { version: it.clone(), end: End::Inside });
        match (first.as_slice(), last.as_slice()) {
            ([from], []) => self.affected.spans.push(Span::Range { from: inside(from), to: None }),
            ([], [to]) => self.affected.spans.push(Span::Range { from: None, to: inside(to) }),
            ([from], [to]) => {
                self.affected.spans.push(Span::Range { from: inside(from), to: inside(to) });
            }
            _ => self.affected.spans.extend(first.into_iter().chain(last).map(Span::Listed)),
        }
    }

    /// Judge a version, the name being the same. Hearsay clears nothing.
    pub(super) fn judge(&self, ours: &Name, version: &str) -> (Answer, Why) {
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
            (Held::Inside, _) if self.is_named_as_fix(version) => (Answer::CannotTell, Why::NamedAsFix),
            (Held::Inside, _) if self.affected.spans.contains(&Span::All) => {
                (Answer::Affected, Why::AllVersions)
            }
            (Held::Inside, _) => (Answer::Affected, Why::Version),
            (_, Held::Inside) => (Answer::NotAffected, Why::Cleared),
            (Held::InsideIf(words), _) => (Answer::CannotTell, Why::Condition(words)),
            _ if self.held(&self.undecided, ours, version) == Held::Inside => {
                (Answer::CannotTell, Why::UnderInvestigation)
            }
            (Held::CannotTell(doubt), _) => (Answer::CannotTell, Why::VersionDoubt(doubt)),
            (Held::Outside, _) if self.is_before_every_fix(version) => (Answer::CannotTell, Why::BeforeFix),
            (Held::Outside, _) => self.what_is_left(version),
        }
    }

    /// A version outside, which may be one that leaves a weakness.
    fn what_is_left(&self, version: &str) -> (Answer, Why) {
        let asked = LooseVersion::parse(version);
        let said = self.left.iter().filter_map(|it| match asked.stand_to(&it.version) {
            Standing::Equal if !it.by_hand => Some((Answer::Affected, Why::WeaknessLeft(it.ids.clone()))),
            Standing::Equal | Standing::Finer | Standing::After => {
                Some((Answer::CannotTell, Why::WeaknessMayBeLeft(it.ids.clone())))
            }
            Standing::Before | Standing::Coarser | Standing::Unlike => None,
        });
        said.min_by_key(|(answer, _)| *answer).unwrap_or((Answer::NotAffected, Why::Outside))
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
            Held::InsideIf(condition) if contradicts(ours, version, condition) => Held::Outside,
            Held::CannotTell(_) | Held::InsideIf(_)
                if range.spans.iter().any(|it| names_model(ours, version, &self.name, it))
                    || self
                        .version_behind_a_name(version)
                        .is_some_and(|it| range.contains(it) == Held::Inside) =>
            {
                Held::Inside
            }
            _ => held,
        }
    }

    /// The version behind a word that stands in front of it in a full name, too: "VS4 A.07.107".
    fn version_behind_a_name<'v>(&self, version: &'v str) -> Option<&'v str> {
        let (name, rest) = version.split_once(' ')?;
        let word = name.to_lowercase();
        let is_name = word.starts_with(char::is_alphabetic) && !word.contains('.');
        (is_name && self.full_names.contains(&word)).then_some(rest)
    }

    /// Whether a remediation names this very version, and the range does not name it as its end.
    fn is_named_as_fix(&self, version: &str) -> bool {
        let asked = LooseVersion::parse(version);
        let is_end = |span: &Span| match span {
            Span::Range { to: Some(to), .. } => asked.stand_to(&to.version) == Standing::Equal,
            _ => false,
        };
        let standing = |fix: &NamedFix| asked.stand_to(&fix.version);
        let fixes = || self.named_fixes.iter().filter(|fix| fix.by_maker);
        let listed = |span: &Span| matches!(span, Span::Listed(it) if asked.stand_to(it) == Standing::Equal);
        // Of several that are named, each but the last mends only a part.
        fixes().any(|it| !it.in_part && standing(it) == Standing::Equal)
            && !fixes().any(|it| matches!(standing(it), Standing::Before | Standing::Coarser))
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusOfAll {
    Affected,
    /// The first version that is affected, and the last.
    First,
    Last,
    Cleared,
    Undecided,
}

/// Affected by one is affected; a product that no weakness speaks of is affected, since the tree lists what is. Where one
/// weakness is meant, a product that only others speak of has no status.
pub(super) fn status_of(
    advisory: &ProductAdvisory,
    product: usize,
    weakness: Option<usize>,
) -> Option<StatusOfAll> {
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
    let all = |wanted: ProductStatus| !said.is_empty() && said.iter().all(|it| *it == wanted);
    if all(ProductStatus::FirstAffected) || all(ProductStatus::LastAffected) {
        return Some(if all(ProductStatus::FirstAffected) { StatusOfAll::First } else { StatusOfAll::Last });
    }
    if said.is_empty() || said.iter().any(|it| it.is_affected()) {
        return Some(StatusOfAll::Affected);
    }
    let open = |it: &ProductStatus| matches!(it, ProductStatus::UnderInvestigation | ProductStatus::Unknown);
    Some(if said.iter().any(open) { StatusOfAll::Undecided } else { StatusOfAll::Cleared })
}

/// A name without the operating system that it binds the product to, and that.
fn without_platform(name: &str) -> (&str, Option<&str>) {
    let lower = name.to_ascii_lowercase();
    let bound = [" used with ", " running on ", " on "]
        .iter()
        .filter_map(|it| Some((lower.find(it)?, it.len())))
        .min();
    match bound.map(|(at, len)| (&name[..at], &name[at + len..])) {
        Some((before, behind))
            if words::words(behind).first().is_some_and(|it| words::is_system_word(it)) =>
        {
            (before, Some(behind))
        }
        _ => (name, None),
    }
}

/// How a full name says that another product carries what it names.
const CARRIED: &[&str] =
    &["included in ", "embedded in ", "integrated into ", "integrated in ", "contained in "];

/// The name of what carries a product, and what is said of its versions.
fn carrier(full_name: &str) -> Option<(String, Span)> {
    let (_, rest) = CARRIED.iter().find_map(|it| full_name.split_once(it))?;
    let rest = rest.split([')', ';', '.']).next().unwrap_or_default();
    let lower = rest.to_ascii_lowercase();
    let at = [" all versions", " all models", " version"].iter().filter_map(|it| lower.find(it)).min();
    let (name, versions) = rest.split_at_checked(at.unwrap_or(rest.len()))?;
    let name = name.trim_matches([' ', ',', ':', '-']);
    let told =
        words::words(name).iter().any(|it| words::is_telling(it)) && name.split_whitespace().count() < 8;
    let all = versions.trim_start().starts_with("all ");
    told.then(|| (name.to_owned(), if all { Span::All } else { Span::Unread(full_name.to_owned()) }))
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
