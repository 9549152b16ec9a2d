//! A configuration of NVD against a device: three-valued (Kleene), with what is missing named.
//!
//! `docs/matching.md`, "Products that only a CPE names", is the specification; `reference::configuration` is the same, slowly.

mod explain;
mod sieve;

use std::cmp::Ordering;
use std::ops::ControlFlow;

use bedrail_model::advisory::pack::{Malformed, Unpack};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::configuration::compiled::{BoundView, CriterionView, Group, Head, MAX_DEPTH, read_head};
use bedrail_model::cpe::{self, Attribute, Coverage, Cpe, Relation, Value};
use bedrail_model::version::Order;

use crate::evaluate::weight;
use crate::platform::{Key, Name, Platform};

pub use explain::{Told, asked_products, explain};
pub use sieve::{Found, Sieve};

/// Words by which a name calls the first release of a version, before any update.
const FIRST_RELEASE: [&str; 3] = ["ga", "gold", "release"];

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    No,
    /// It cannot be told.
    Unknown,
    /// It does.
    Yes,
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<Reason> for Truth {
    fn from(reason: Reason) -> Truth {
        match reason.answer() {
            Answer::Affected => Truth::Yes,
            Answer::CannotTell => Truth::Unknown,
            Answer::NotAffected => Truth::No,
        }
    }
}

/// What compiled configurations say of a part with these names, in a device that has it: one of them must call the part
/// vulnerable, and everything that it asks of the device must hold.
///
/// # Errors
/// When the bytes are no tree.
pub fn evaluate(
    tree: &[u8],
    part: &[Name],
    device: &Platform,
    scratch: &mut Vec<u8>,
) -> Result<Reason, Malformed> {
    let mut best = Reason::VersionOutside;
    each_configuration(tree, |unpack| {
        let reason = of_configuration(unpack, part, device, scratch)?;
        best = std::cmp::min_by_key(best, reason, |reason| weight(*reason));
        Ok(())
    })?;
    Ok(best)
}

/// Calls `with` for each configuration; it reads the whole of it.
fn each_configuration<'a>(
    tree: &'a [u8],
    mut with: impl FnMut(&mut Unpack<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut unpack = Unpack::new(tree);
    if unpack.is_empty() {
        return Ok(());
    }
    let mut ahead = unpack;
    match read_head(&mut ahead)? {
        Head::Any(count) => (0..count).try_for_each(|_| with(&mut ahead)),
        Head::All(_) | Head::Not | Head::Group(_) => with(&mut unpack),
    }
}

/// Reads one configuration. Where it calls the part vulnerable in none of its versions, nothing else is looked at.
fn of_configuration(
    unpack: &mut Unpack<'_>,
    part: &[Name],
    device: &Platform,
    scratch: &mut Vec<u8>,
) -> Result<Reason, Malformed> {
    let mut ahead = *unpack;
    let anchor = anchor(unpack, (false, 0), part, scratch)?;
    if anchor.answer() == Answer::NotAffected {
        return Ok(Reason::VersionOutside);
    }
    let truth = holds(&mut ahead, device, scratch)?;
    Ok(combine(anchor, truth))
}

/// The most that a criterion says of the part.
fn anchor(
    unpack: &mut Unpack<'_>,
    (negated, depth): (bool, usize),
    part: &[Name],
    scratch: &mut Vec<u8>,
) -> Result<Reason, Malformed> {
    if depth > MAX_DEPTH {
        return Err(Malformed);
    }
    let mut anchor = Reason::VersionOutside;
    let mut hear = |reason| anchor = std::cmp::min_by_key(anchor, reason, |reason| weight(*reason));
    match read_head(unpack)? {
        Head::Any(count) | Head::All(count) => {
            for _ in 0..count {
                hear(self::anchor(unpack, (negated, depth + 1), part, scratch)?);
            }
        }
        Head::Not => hear(self::anchor(unpack, (!negated, depth + 1), part, scratch)?),
        Head::Group(group) if group.vulnerable && !negated => {
            for name in part.iter().filter(|name| name.product == group.product) {
                hear(best(&group, name, scratch)?.0);
            }
        }
        Head::Group(_) => {}
    }
    Ok(anchor)
}

/// Whether a tree holds for a device. Its depth was seen to be sound.
fn holds(unpack: &mut Unpack<'_>, device: &Platform, scratch: &mut Vec<u8>) -> Result<Truth, Malformed> {
    Ok(match read_head(unpack)? {
        // Where nothing is named of which one must hold, nobody knows what that would be.
        Head::Any(0) => Truth::Unknown,
        Head::Any(count) => {
            let mut truth = Truth::No;
            for _ in 0..count {
                truth = truth.max(holds(unpack, device, scratch)?);
            }
            truth
        }
        Head::All(count) => {
            let mut truth = Truth::Yes;
            for _ in 0..count {
                truth = truth.min(holds(unpack, device, scratch)?);
            }
            truth
        }
        Head::Not => !holds(unpack, device, scratch)?,
        Head::Group(group) => of_device(&group, device, scratch)?,
    })
}

/// What is said of the part alone, and whether the whole holds.
fn combine(anchor: Reason, whole: Truth) -> Reason {
    match (Truth::from(anchor), whole) {
        (Truth::No, _) | (_, Truth::No) => Reason::VersionOutside,
        (Truth::Yes, Truth::Unknown) => Reason::PlatformUnknown,
        (Truth::Yes | Truth::Unknown, _) => anchor,
    }
}

/// Whether the device is known to have what the criteria name. By a list of parts it is never known not to: a list says what is
/// there, and what it has in another version it may have in this one, too. Only who was asked can say that a product is not there.
pub(crate) fn of_device(
    group: &Group<'_>,
    device: &Platform,
    scratch: &mut Vec<u8>,
) -> Result<Truth, Malformed> {
    for name in device.of(group.product) {
        if best(group, name, scratch)?.0.answer() == Answer::Affected {
            return Ok(Truth::Yes);
        }
    }
    match of_family(group, device, scratch)? {
        Truth::Unknown if device.lacks(group.product) => Ok(Truth::No),
        truth => Ok(truth),
    }
}

/// A condition on any system of a family is met by each of its systems.
fn of_family(group: &Group<'_>, device: &Platform, scratch: &mut Vec<u8>) -> Result<Truth, Malformed> {
    let mut truth = Truth::Unknown;
    if !group.vulnerable && device.runs_any(group.product) {
        group.each(scratch, |criterion| {
            let whatever = matches!(criterion.version, "*" | "-") && criterion.update == "*";
            if whatever && !criterion.has_others() && criterion.start.is_none() && criterion.end.is_none() {
                truth = Truth::Yes;
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(truth)
}

/// The most that one of the criteria says of a name, and where it stands among them.
pub(crate) fn best(
    group: &Group<'_>,
    name: &Name,
    scratch: &mut Vec<u8>,
) -> Result<(Reason, usize), Malformed> {
    let (mut best, mut best_at, mut at) = (Reason::VersionOutside, 0, 0);
    group.each(scratch, |criterion| {
        let reason = covers(group, &criterion, name);
        if weight(reason) < weight(best) {
            (best, best_at) = (reason, at);
        }
        at += 1;
        // Nothing tells more.
        if best == Reason::VersionInRange { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok((best, best_at))
}

/// What a criterion says of a name of its product.
fn covers(group: &Group<'_>, criterion: &CriterionView<'_, '_>, name: &Name) -> Reason {
    if criterion.start.is_some() || criterion.end.is_some() {
        return match of_others(group, criterion, name) {
            Coverage::No(_) => Reason::VersionOutside,
            Coverage::Match => in_range(criterion, name),
            Coverage::Unknown(_) => match Truth::from(in_range(criterion, name)) {
                Truth::No => Reason::VersionOutside,
                Truth::Unknown | Truth::Yes => Reason::NameVague,
            },
        };
    }
    let has_none = name.cpe.get(Attribute::Version) == &Value::NotApplicable;
    match criterion.version {
        "-" if (name.is_platform() || group.vulnerable) && !has_none => {
            of_unversioned(group, criterion, name)
        }
        version if has_none && !matches!(version, "*" | "-") => of_no_version(group, criterion, name),
        version if excluded_at_sight(version, name) => Reason::VersionOutside,
        version => match compare(group, criterion, (version, asked_update(criterion, name)), name) {
            Coverage::No(_) if may_be_listed(group, criterion, name) => Reason::VersionUnreadable,
            Coverage::No(_) => Reason::VersionOutside,
            Coverage::Unknown(Attribute::Version) => Reason::NoVersion,
            Coverage::Unknown(_) => Reason::NameVague,
            Coverage::Match if version == "*" => Reason::AllVersions,
            Coverage::Match => Reason::VersionListed,
        },
    }
}

/// A product "without a version". NVD writes so what has none of its own (`windows_7:-`), and what it knows no version of. Where a
/// system, firmware or hardware is only what the weak part runs on, its product is asked for and nothing else. Where it is what is
/// weak, a version that our side has cannot be compared.
fn of_unversioned(group: &Group<'_>, criterion: &CriterionView<'_, '_>, name: &Name) -> Reason {
    match compare(group, criterion, ("*", criterion.update), name) {
        Coverage::No(_) => Reason::VersionOutside,
        Coverage::Unknown(_) => Reason::NameVague,
        Coverage::Match if !group.vulnerable => Reason::VersionListed,
        Coverage::Match if name.cpe.get(Attribute::Version) == &Value::Any => Reason::NoVersion,
        Coverage::Match => Reason::VersionUnreadable,
    }
}

/// A name that says it has no version, against a criterion that has one: nobody knows whether it is that one.
fn of_no_version(group: &Group<'_>, criterion: &CriterionView<'_, '_>, name: &Name) -> Reason {
    match compare(group, criterion, ("*", asked_update(criterion, name)), name) {
        Coverage::No(_) => Reason::VersionOutside,
        Coverage::Match | Coverage::Unknown(_) => Reason::NoVersion,
    }
}

/// The update that a criterion asks for. Without one (`-`) it asks for the first release, which some names say in a word.
fn asked_update<'a>(criterion: &CriterionView<'_, 'a>, name: &Name) -> &'a str {
    let first = name.cpe.literal(Attribute::Update).is_some_and(|update| FIRST_RELEASE.contains(&update));
    if criterion.update == "-" && first { "*" } else { criterion.update }
}

/// Whether a version that is written differently may yet be the one that a criterion names: both have the same place in the order
/// (`2.0`, `2.0.0`, `v2`), or ours is that release with a packager's suffix (`1.30.1-6`).
fn may_be_listed(group: &Group<'_>, criterion: &CriterionView<'_, '_>, name: &Name) -> bool {
    let Some(ours) = &name.key else { return false };
    if criterion.version.contains(['*', '?'])
        || criterion.update.contains(['*', '?']) && criterion.update != "*"
    {
        return false;
    }
    let written = match criterion.update {
        "*" | "-" => criterion.version.replace('\\', ""),
        update => format!("{}-{update}", criterion.version).replace('\\', ""),
    };
    let Ok(theirs) = Order::Generic.key(&written) else { return false };
    let same = [&ours.whole, &ours.packaged].into_iter().flatten().any(|key| *key == theirs);
    same && !matches!(compare(group, criterion, ("*", "*"), name), Coverage::No(_))
}

fn of_others(group: &Group<'_>, criterion: &CriterionView<'_, '_>, name: &Name) -> Coverage {
    if criterion.has_others() { compare(group, criterion, ("*", "*"), name) } else { Coverage::Match }
}

/// A criterion with this version and update against a name of its product: by the texts where they settle it, as names where an attribute
/// behind the update has wild cards.
fn compare(
    group: &Group<'_>,
    criterion: &CriterionView<'_, '_>,
    (version, update): (&str, &str),
    name: &Name,
) -> Coverage {
    if let Some(coverage) = compare_written(criterion, (version, update), name) {
        return coverage;
    }
    match criterion.name(group.product, version, update).parse::<Cpe>() {
        Ok(criterion) => criterion.compare(&name.cpe).coverage(),
        // What was compiled can be read.
        Err(_) => Coverage::Unknown(Attribute::Version),
    }
}

fn compare_written(
    criterion: &CriterionView<'_, '_>,
    release: (&str, &str),
    name: &Name,
) -> Option<Coverage> {
    let ours = (name.fields.get(Attribute::Version), name.fields.get(Attribute::Update));
    let [version, update] =
        cpe::compare_written(release, ours).or_else(|| cpe::compare_release(release, &name.cpe))?;
    let others = criterion
        .others()
        .map(|(attribute, text)| Some((cpe::relation_written(text, name.fields.get(attribute))?, attribute)));
    let release = [Some((version, Attribute::Version)), Some((update, Attribute::Update))];
    let mut coverage = if name.has_wild_others { None } else { Some(Coverage::Match) };
    for relation in release.into_iter().chain(others) {
        match relation {
            // Whatever the others say, it is something else.
            Some((Relation::Disjoint, attribute)) => return Some(Coverage::No(attribute)),
            Some((Relation::Subset | Relation::Undefined, attribute))
                if coverage == Some(Coverage::Match) =>
            {
                coverage = Some(Coverage::Unknown(attribute));
            }
            Some(_) => {}
            None => coverage = None,
        }
    }
    coverage
}

/// Whether a version differs from the name's already in the numbers that both begin with. However version and update are
/// taken apart, those stay; so most of a record's long lists need not be looked at closely.
fn excluded_at_sight(version: &str, name: &Name) -> bool {
    let ours = name.fields.get(Attribute::Version);
    let both_said = !matches!(version, "*" | "-") && !matches!(ours, "*" | "-");
    both_said && is_plain(version) && is_plain(ours) && numbers(version) != numbers(ours)
}

fn is_plain(text: &str) -> bool {
    !text.contains(['*', '?', '\\'])
}

/// The numbers in front, without a `v` and without the zeros at the end, which have no say.
fn numbers(version: &str) -> &str {
    let version = version.strip_prefix('v').unwrap_or(version);
    let end =
        version.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(version.len());
    let mut numbers = version[..end].trim_end_matches('.');
    while let Some(shorter) = numbers.strip_suffix(".0") {
        numbers = shorter;
    }
    numbers
}

/// Bounds are for versions; an update beside them is that of the upper bound, as the older feeds had it.
fn in_range(criterion: &CriterionView<'_, '_>, name: &Name) -> Reason {
    let Some(key) = &name.key else {
        return if name.cpe.literal(Attribute::Version).is_none() {
            Reason::NoVersion
        } else {
            Reason::VersionUnreadable
        };
    };
    let of_update = !matches!(criterion.update, "*" | "-");
    let (start, end) = (criterion.start, criterion.end);
    let below = start.map_or(Place::Inside, |start| place(key, &start, false, Ordering::Less));
    let above = end.map_or(Place::Inside, |end| place(key, &end, of_update, Ordering::Greater));
    match below.max(above) {
        Place::Outside => Reason::VersionOutside,
        Place::Unknown(reason) => reason,
        Place::Inside if criterion.update == "-" && name.cpe.literal(Attribute::Update).is_some() => {
            Reason::NameVague
        }
        Place::Inside => Reason::VersionInRange,
    }
}

/// Where a version stands to a bound. `Outside` outweighs what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Inside,
    Unknown(Reason),
    Outside,
}

/// `beyond` is the side of the bound that lies outside. With `of_update`, an update of the bound is written elsewhere, so that
/// at its very version nothing can be told.
fn place(key: &Key, bound: &BoundView<'_>, of_update: bool, beyond: Ordering) -> Place {
    if bound.key.is_empty() {
        return Place::Unknown(Reason::RangeUnreadable);
    }
    let whole = if of_update { None } else { key.whole.as_ref() };
    let packaged = key.packaged.as_ref();
    let (key, exact) = match (whole, &key.version) {
        (Some(whole), _) => (whole, true),
        (None, Some(version)) => (version, false),
        (None, None) => return Place::Unknown(Reason::VersionUnreadable),
    };
    if !exact && Order::Generic.is_same_release(key.as_bytes(), bound.key) {
        return Place::Unknown(Reason::VersionUnreadable);
    }
    // A packager's build of the bound's release is that release, or later: told where both come to the same.
    if packaged.is_some_and(|release| release.as_bytes() == bound.key)
        && bound.inclusive == (beyond == Ordering::Greater)
    {
        return Place::Unknown(Reason::VersionUnreadable);
    }
    match Order::Generic.compare_keys(key.as_bytes(), bound.key) {
        None => Place::Unknown(Reason::VersionUnreadable),
        Some(side) if side == beyond => Place::Outside,
        Some(Ordering::Equal) if !bound.inclusive => Place::Outside,
        Some(_) => Place::Inside,
    }
}
