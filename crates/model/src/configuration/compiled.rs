//! Reading the compiled form of configurations.

use super::{ALL, ANY, NIBBLE, NOT, OTHERS, PLATFORM, VULNERABLE, flag};
use crate::advisory::pack::{Malformed, Unpack};
use crate::cpe::Attribute;

/// How deep a tree may be. NVD's have three levels.
pub const MAX_DEPTH: usize = 8;

/// The beginning of a node; its children follow.
#[derive(Debug, Clone, Copy)]
pub enum Head<'a> {
    /// One of so many that follow.
    Any(u32),
    /// All of so many that follow.
    All(u32),
    /// Not the one that follows.
    Not,
    /// Criteria over one product, one of which must hold.
    Group(Group<'a>),
}

/// Criteria over one product, one of which must hold.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Whether the product is what has the weakness.
    pub vulnerable: bool,
    /// Part, vendor and product: `o:linux:linux_kernel`.
    pub product: &'a str,
    body: Unpack<'a>,
}

/// One criterion; its product is the group's.
#[derive(Debug, Clone, Copy)]
pub struct CriterionView<'c, 'a> {
    /// The version as a formatted string has it.
    pub version: &'c str,
    /// The update as a formatted string has it.
    pub update: &'a str,
    /// From which version on.
    pub start: Option<BoundView<'a>>,
    /// Up to which version.
    pub end: Option<BoundView<'a>>,
    others: Option<Unpack<'a>>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundView<'a> {
    /// The version as the record has it.
    pub version: &'a str,
    /// Whether the version itself belongs to the range.
    pub inclusive: bool,
    /// Its key; empty where it has no place in the order.
    pub key: &'a [u8],
}

/// Reads the beginning of the next node.
///
/// # Errors
/// When the bytes are no tree.
#[inline]
pub fn read_head<'a>(unpack: &mut Unpack<'a>) -> Result<Head<'a>, Malformed> {
    Ok(match unpack.byte()? {
        ANY => Head::Any(unpack.index()?),
        ALL => Head::All(unpack.index()?),
        NOT => Head::Not,
        kind @ (VULNERABLE | PLATFORM) => Head::Group(Group {
            vulnerable: kind == VULNERABLE,
            product: unpack.text()?,
            body: Unpack::new(unpack.bytes()?),
        }),
        _ => return Err(Malformed),
    })
}

/// Calls `with` for every group of a compiled tree, and says whether it stands below a negation.
///
/// # Errors
/// When the bytes are no tree.
pub fn each_group<'a>(tree: &'a [u8], mut with: impl FnMut(Group<'a>, bool)) -> Result<(), Malformed> {
    fn walk<'a>(
        unpack: &mut Unpack<'a>,
        (negated, depth): (bool, usize),
        with: &mut impl FnMut(Group<'a>, bool),
    ) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        match read_head(unpack)? {
            Head::Any(count) | Head::All(count) => {
                (0..count).try_for_each(|_| walk(unpack, (negated, depth + 1), with))
            }
            Head::Not => walk(unpack, (!negated, depth + 1), with),
            Head::Group(group) => {
                with(group, negated);
                Ok(())
            }
        }
    }
    let mut unpack = Unpack::new(tree);
    match unpack.is_empty() {
        true => Ok(()),
        false => walk(&mut unpack, (false, 0), &mut with),
    }
}

impl<'a> Group<'a> {
    /// Calls `with` for every criterion until it breaks off; `version` is where versions are put together.
    ///
    /// # Errors
    /// When the bytes are no group.
    #[inline]
    pub fn each(
        &self,
        version: &mut Vec<u8>,
        mut with: impl FnMut(CriterionView<'_, 'a>) -> std::ops::ControlFlow<()>,
    ) -> Result<(), Malformed> {
        let mut unpack = self.body;
        version.clear();
        while !unpack.is_empty() {
            let flags = unpack.byte()?;
            let (shared, rest) = read_shared(&mut unpack)?;
            if shared > version.len() {
                return Err(Malformed);
            }
            version.truncate(shared);
            version.extend_from_slice(rest);
            let update = match flags {
                flags if flags & flag::UPDATE != 0 => unpack.text()?,
                flags if flags & flag::NO_UPDATE != 0 => "-",
                _ => "*",
            };
            let start = if flags & flag::START == 0 { None } else { Some(read_bound(&mut unpack)?) };
            let end = if flags & flag::END == 0 { None } else { Some(read_bound(&mut unpack)?) };
            let others = if flags & flag::OTHERS == 0 { None } else { Some(skip_others(&mut unpack)?) };
            let version = std::str::from_utf8(version).map_err(|_| Malformed)?;
            if with(CriterionView { version, update, start, end, others }).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[inline]
fn read_shared<'a>(unpack: &mut Unpack<'a>) -> Result<(usize, &'a [u8]), Malformed> {
    let lengths = usize::from(unpack.byte()?);
    match (lengths >> 4, lengths & NIBBLE) {
        (_, NIBBLE) => Ok((unpack.index()? as usize, unpack.bytes()?)),
        (shared, rest) => Ok((shared, unpack.take(rest)?)),
    }
}

#[inline]
fn read_bound<'a>(unpack: &mut Unpack<'a>) -> Result<BoundView<'a>, Malformed> {
    let inclusive = unpack.byte()? & flag::INCLUSIVE != 0;
    Ok(BoundView { version: unpack.text()?, inclusive, key: unpack.bytes()? })
}

fn skip_others<'a>(unpack: &mut Unpack<'a>) -> Result<Unpack<'a>, Malformed> {
    let others = *unpack;
    for _ in 0..unpack.index()? {
        OTHERS.get(usize::from(unpack.byte()?)).ok_or(Malformed)?;
        unpack.text()?;
    }
    Ok(others)
}

impl<'a> CriterionView<'_, 'a> {
    /// Whether an attribute behind the update is said.
    pub const fn has_others(&self) -> bool {
        self.others.is_some()
    }

    /// The same with a version that is kept elsewhere: its own is put together anew for every criterion.
    #[must_use]
    pub const fn with_version<'v>(&self, version: &'v str) -> CriterionView<'v, 'a> {
        let CriterionView { update, start, end, others, .. } = *self;
        CriterionView { version, update, start, end, others }
    }

    /// Whether it names the product and nothing of its versions.
    pub const fn is_plain(&self) -> bool {
        let unversioned =
            matches!(self.version.as_bytes(), b"*" | b"-") && matches!(self.update.as_bytes(), b"*" | b"-");
        unversioned && self.start.is_none() && self.end.is_none() && self.others.is_none()
    }

    /// The attributes behind the update that are said.
    pub fn others(&self) -> impl Iterator<Item = (Attribute, &'a str)> + use<'a> {
        let mut unpack = self.others.unwrap_or(Unpack::new(&[0]));
        let count = unpack.index().unwrap_or_default();
        (0..count).map_while(move |_| {
            let attribute = *OTHERS.get(usize::from(unpack.byte().ok()?))?;
            Some((attribute, unpack.text().ok()?))
        })
    }

    /// The name as a formatted string, of this product and with this version and update.
    pub fn name(&self, product: &str, version: &str, update: &str) -> String {
        let mut others = ["*"; OTHERS.len()];
        for (attribute, text) in self.others() {
            others[attribute as usize - OTHERS[0] as usize] = text;
        }
        format!("cpe:2.3:{product}:{version}:{update}:{}", others.join(":"))
    }

    /// Which versions it names, in words: `from 1.0, before 2.0`, `version 4.2.8 p18`, `all versions`.
    pub fn rule(&self) -> String {
        let mut words = Vec::new();
        if let Some(start) = self.start {
            words.push(format!("{} {}", if start.inclusive { "from" } else { "after" }, start.version));
        }
        if let Some(end) = self.end {
            words.push(format!("{} {}", if end.inclusive { "up to" } else { "before" }, end.version));
        }
        if words.is_empty() {
            words.push(match self.version {
                "*" => "all versions".to_owned(),
                "-" => "without a version".to_owned(),
                version => format!("version {}", version.replace('\\', "")),
            });
        }
        let mut rule = words.join(", ");
        if !matches!(self.update, "*" | "-") {
            rule.push(' ');
            rule.push_str(&self.update.replace('\\', ""));
        }
        for (attribute, text) in self.others() {
            rule.push_str(&format!(", {} {}", attribute.name(), text.replace('\\', "")));
        }
        rule
    }
}
