//! Configurations read aloud: over trees as given, names compared attribute by attribute, versions by their texts.

use std::cmp::Ordering;

use bedrail_model::answer::Reason;
use bedrail_model::configuration::{Bound, Criterion, Node};
use bedrail_model::cpe::{Attribute, Coverage, Cpe, Value};
use bedrail_model::version::Order;

use crate::configuration::Truth;
use crate::evaluate::weight;
use crate::operating_systems::is_of;

/// What configurations say of a part with these names, in a device whose parts have all of those.
pub fn judge(configurations: &[Node<'_>], part: &[Cpe], device: &[Cpe]) -> Reason {
    judge_lacking(configurations, part, device, &[])
}

/// The same of a device of which somebody said that it does not have some products, by part, vendor and product.
pub fn judge_lacking(configurations: &[Node<'_>], part: &[Cpe], device: &[Cpe], lacking: &[&str]) -> Reason {
    let listed = |lacked: &&&str| {
        let mut products = device.iter().filter_map(|name| name.fields().product());
        let is_spelling =
            |long: &str, short: &str| long.starts_with(&format!("{short}_")) && !is_of(long, short);
        !products.any(|product| {
            product == **lacked
                || is_of(&product, lacked)
                || is_spelling(&product, lacked)
                || is_spelling(lacked, &product)
        })
    };
    let lacking: Vec<&str> = lacking.iter().filter(listed).copied().collect();
    let device = (device, &lacking[..]);
    // One configuration that is a choice is as many configurations.
    let one_choice = match configurations {
        [Node::Any(choice)] => &choice[..],
        several => several,
    };
    let said = one_choice.iter().map(|configuration| {
        let mut anchor = Reason::VersionOutside;
        each_vulnerable(configuration, false, &mut |criterion| {
            for name in part.iter().filter(|name| same_product(criterion, name)) {
                anchor = std::cmp::min_by_key(anchor, covers(criterion, name), |reason| weight(*reason));
            }
        });
        match (Truth::from(anchor), holds(configuration, device)) {
            (Truth::No, _) | (_, Truth::No) => Reason::VersionOutside,
            (Truth::Yes, Truth::Unknown) => Reason::PlatformUnknown,
            _ => anchor,
        }
    });
    said.chain([Reason::VersionOutside])
        .min_by_key(|reason| weight(*reason))
        .unwrap_or(Reason::VersionOutside)
}

fn each_vulnerable(node: &Node<'_>, negated: bool, with: &mut impl FnMut(&Criterion<'_>)) {
    match node {
        Node::Any(nodes) | Node::All(nodes) => {
            nodes.iter().for_each(|node| each_vulnerable(node, negated, with));
        }
        Node::Not(node) => each_vulnerable(node, !negated, with),
        Node::Criterion(criterion) if criterion.vulnerable && !negated => with(criterion),
        Node::Criterion(_) => {}
    }
}

/// All parts, and the products that it does not have.
type Device<'d> = (&'d [Cpe], &'d [&'d str]);

fn holds(node: &Node<'_>, device: Device<'_>) -> Truth {
    match node {
        Node::Any(nodes) => nodes.iter().map(|node| holds(node, device)).max().unwrap_or(Truth::Unknown),
        Node::All(nodes) => nodes.iter().map(|node| holds(node, device)).min().unwrap_or(Truth::Yes),
        Node::Not(node) => !holds(node, device),
        Node::Criterion(criterion) => device_has(criterion, device),
    }
}

fn device_has(criterion: &Criterion<'_>, (device, lacking): Device<'_>) -> Truth {
    let same = device.iter().filter(|name| same_product(criterion, name));
    if same.map(|name| Truth::from(covers(criterion, name))).any(|truth| truth == Truth::Yes) {
        return Truth::Yes;
    }
    let asked = product(criterion);
    let of_it = device.iter().filter_map(|name| name.fields().product()).any(|name| is_of(&name, &asked));
    let whatever = criterion.start.is_none()
        && criterion.end.is_none()
        && matches!(criterion.name.get(Attribute::Version), "*" | "-")
        && Attribute::ALL[4..].iter().all(|attribute| criterion.name.get(*attribute) == "*");
    let lacks = |lacked: &&str| *lacked == asked || is_of(&asked, lacked);
    match of_it && whatever && !criterion.vulnerable {
        true => Truth::Yes,
        false if lacking.iter().any(lacks) => Truth::No,
        false => Truth::Unknown,
    }
}

fn product(criterion: &Criterion<'_>) -> String {
    let of = |attribute| criterion.name.get(attribute);
    format!("{}:{}:{}", of(Attribute::Part), of(Attribute::Vendor), of(Attribute::Product))
}

fn same_product(criterion: &Criterion<'_>, name: &Cpe) -> bool {
    name.fields().product().is_some_and(|ours| ours == product(criterion))
}

fn covers(criterion: &Criterion<'_>, name: &Cpe) -> Reason {
    let written: Vec<&str> = Attribute::ALL.iter().map(|attribute| criterion.name.get(*attribute)).collect();
    let with = |changed: &[(Attribute, &str)]| {
        let mut texts = written.clone();
        changed.iter().for_each(|(attribute, text)| texts[*attribute as usize] = text);
        let asked: Cpe = format!("cpe:2.3:{}", texts.join(":")).parse().unwrap_or_default();
        asked.compare(name).coverage()
    };
    let ranged = criterion.start.is_some() || criterion.end.is_some();
    if ranged {
        let range = in_range(criterion, name);
        return match with(&[(Attribute::Version, "*"), (Attribute::Update, "*")]) {
            Coverage::No(_) => Reason::VersionOutside,
            Coverage::Match => range,
            Coverage::Unknown(_) if range == Reason::VersionOutside => Reason::VersionOutside,
            Coverage::Unknown(_) => Reason::NameVague,
        };
    }
    let version = criterion.name.get(Attribute::Version);
    let first = matches!(name.literal(Attribute::Update), Some("ga" | "gold" | "release"));
    let update = match criterion.name.get(Attribute::Update) {
        "-" if first => "*",
        update => update,
    };
    let unversioned = (criterion.vulnerable || matches!(name.literal(Attribute::Part), Some("o" | "h")))
        && version == "-"
        && name.get(Attribute::Version) != &Value::NotApplicable;
    if unversioned {
        return match with(&[(Attribute::Version, "*")]) {
            Coverage::No(_) => Reason::VersionOutside,
            Coverage::Unknown(_) => Reason::NameVague,
            Coverage::Match if !criterion.vulnerable => Reason::VersionListed,
            Coverage::Match if name.get(Attribute::Version) == &Value::Any => Reason::NoVersion,
            Coverage::Match => Reason::VersionUnreadable,
        };
    }
    if name.get(Attribute::Version) == &Value::NotApplicable && !matches!(version, "-" | "*") {
        return match with(&[(Attribute::Version, "*"), (Attribute::Update, update)]) {
            Coverage::No(_) => Reason::VersionOutside,
            Coverage::Match | Coverage::Unknown(_) => Reason::NoVersion,
        };
    }
    let anything = || with(&[(Attribute::Version, "*"), (Attribute::Update, "*")]);
    match with(&[(Attribute::Update, update)]) {
        Coverage::No(_) if may_be(criterion, name) && !matches!(anything(), Coverage::No(_)) => {
            Reason::VersionUnreadable
        }
        Coverage::No(_) => Reason::VersionOutside,
        Coverage::Unknown(Attribute::Version) => Reason::NoVersion,
        Coverage::Unknown(_) => Reason::NameVague,
        Coverage::Match if version == "*" => Reason::AllVersions,
        Coverage::Match => Reason::VersionListed,
    }
}

/// Whether the version may be the one that the criterion names, in another spelling or with a packager's suffix.
fn may_be(criterion: &Criterion<'_>, name: &Cpe) -> bool {
    let texts: Vec<&str> = Attribute::ALL.iter().map(|attribute| criterion.name.get(*attribute)).collect();
    let asked: Cpe = format!("cpe:2.3:{}", texts.join(":")).parse().unwrap_or_default();
    let (Some(theirs), Some(ours)) = (asked.literal(Attribute::Version), name.literal(Attribute::Version))
    else {
        return false;
    };
    let with_update =
        |version: &str, cpe: &Cpe| match (cpe.get(Attribute::Update), cpe.literal(Attribute::Update)) {
            (_, Some(update)) => Some(format!("{version}-{update}")),
            (Value::Text(_), None) => None,
            _ => Some(version.to_owned()),
        };
    let plain = !matches!(name.get(Attribute::Update), Value::Text(_));
    let bare = Order::Generic.without_packaging(ours).filter(|_| plain).map(str::to_owned);
    let Some(theirs) = with_update(theirs, &asked) else { return false };
    [with_update(ours, name), bare]
        .into_iter()
        .flatten()
        .any(|ours| Order::Generic.compare(&ours, &theirs) == Ok(Ordering::Equal))
}

fn in_range(criterion: &Criterion<'_>, name: &Cpe) -> Reason {
    let Some(version) = name.literal(Attribute::Version) else { return Reason::NoVersion };
    let update = name.literal(Attribute::Update);
    let asked_update = criterion.name.get(Attribute::Update);
    let written_elsewhere = !matches!(asked_update, "*" | "-");
    let whole = match name.get(Attribute::Update) {
        Value::Text(_) => update.map(|update| format!("{version}-{update}")),
        Value::Any | Value::NotApplicable => Some(version.to_owned()),
    };
    let stands = |bound: &Bound<'_>, end: bool| {
        if Order::Generic.key(&bound.version).is_err() {
            return Err(Reason::RangeUnreadable);
        }
        let whole = whole.as_deref().filter(|_| !(end && written_elsewhere));
        let whole = whole.filter(|whole| Order::Generic.key(whole).is_ok());
        let packaged = Order::Generic.without_packaging(version).filter(|_| update.is_none());
        let is_bound = |release| Order::Generic.compare(release, &bound.version) == Ok(Ordering::Equal);
        // A build of the bound's very release: it is that, or later.
        if Order::Generic.key(version).is_ok() && packaged.is_some_and(is_bound) && bound.inclusive == end {
            return Err(Reason::VersionUnreadable);
        }
        if whole.is_none() && same_release(version, &bound.version).unwrap_or(true) {
            return Err(Reason::VersionUnreadable);
        }
        Order::Generic
            .compare(whole.unwrap_or(version), &bound.version)
            .map_err(|_| Reason::VersionUnreadable)
    };
    let mut open = None;
    for (bound, end) in [(&criterion.start, false), (&criterion.end, true)] {
        let Some(bound) = bound else { continue };
        let beyond = if end { Ordering::Greater } else { Ordering::Less };
        match stands(bound, end) {
            Ok(side) if side == beyond || (side == Ordering::Equal && !bound.inclusive) => {
                return Reason::VersionOutside;
            }
            Ok(_) => {}
            Err(reason) => open = open.max(Some(reason)),
        }
    }
    match open {
        Some(reason) => reason,
        None if asked_update == "-" && update.is_some() => Reason::NameVague,
        None => Reason::VersionInRange,
    }
}

/// Whether two versions have the same numbers; `None` where one has no place.
fn same_release(a: &str, b: &str) -> Option<bool> {
    let numbers = |text: &str| {
        Order::Generic.key(text).ok()?;
        let text = text.to_ascii_lowercase();
        let text = text.trim_start_matches('v');
        let end = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(text.len());
        let mut numbers: Vec<u64> =
            text[..end].trim_end_matches('.').split('.').map_while(|part| part.parse().ok()).collect();
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(numbers)
    };
    Some(numbers(a)? == numbers(b)?)
}
