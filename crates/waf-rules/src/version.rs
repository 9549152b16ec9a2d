//! Versions of rule sets and the channel they are taken from.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The version of a rule set: `MAJOR.MINOR.PATCH`, and `-dev` or the like for what comes before a release.
///
/// Ordered as the Core Rule Set releases them; what comes before a release is older than the release.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RulesVersion {
    numbers: [u32; 3],
    before: Option<String>,
}

/// Text that is no version of a rule set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of a rule set; hint: it is written like 4.28.0")]
pub struct VersionError(String);

impl RulesVersion {
    /// The numbers: major, minor, patch.
    pub fn numbers(&self) -> [u32; 3] {
        self.numbers
    }

    /// Whether this is a release, and not what comes before one.
    pub fn is_release(&self) -> bool {
        self.before.is_none()
    }
}

impl FromStr for RulesVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<RulesVersion, VersionError> {
        let wrong = || VersionError(text.chars().take(40).collect());
        let bare = text.strip_prefix('v').unwrap_or(text);
        let (release, before) = match bare.split_once('-') {
            Some((release, before)) => (release, Some(before)),
            None => (bare, None),
        };
        let mut numbers = [0; 3];
        let mut parts = release.split('.');
        for number in &mut numbers {
            let part = parts.next().ok_or_else(wrong)?;
            let digits =
                !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
            *number = if digits { part.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        }
        let plain = |before: &str| {
            (1..=20).contains(&before.len())
                && before.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        };
        if parts.next().is_some() || before.is_some_and(|before| !plain(before)) {
            return Err(wrong());
        }
        Ok(RulesVersion { numbers, before: before.map(str::to_owned) })
    }
}

impl TryFrom<String> for RulesVersion {
    type Error = VersionError;

    fn try_from(text: String) -> Result<RulesVersion, VersionError> {
        text.parse()
    }
}

impl From<RulesVersion> for String {
    fn from(version: RulesVersion) -> String {
        version.to_string()
    }
}

impl fmt::Display for RulesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        self.before.iter().try_for_each(|before| write!(f, "-{before}"))
    }
}

impl Ord for RulesVersion {
    fn cmp(&self, other: &RulesVersion) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (&self.before, &other.before) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(another)) => one.cmp(another),
        })
    }
}

impl PartialOrd for RulesVersion {
    fn partial_cmp(&self, other: &RulesVersion) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which releases an installation follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The newest release, about one a month.
    Newest,
    /// The newest patch of the line with long support.
    LongSupport,
}

impl Channel {
    /// The line with long support: 4.25.x, kept until the third quarter of 2027 (CRS, "Supported versions").
    pub const LONG_SUPPORT: [u32; 2] = [4, 25];

    /// The version to take among those offered: the newest release of the channel. `None` where there is none.
    pub fn choose(self, offered: &[RulesVersion]) -> Option<&RulesVersion> {
        let of_channel = |version: &&RulesVersion| {
            version.is_release() && (self == Channel::Newest || version.numbers[..2] == Channel::LONG_SUPPORT)
        };
        offered.iter().filter(of_channel).max()
    }
}
