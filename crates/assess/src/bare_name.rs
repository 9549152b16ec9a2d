//! Components that are known by a name alone: whether they bear the name of a package that a record names
//! (`docs/matching.md`, "A name alone"). It never leads to more than "cannot tell".

use std::borrow::Cow;
use std::collections::HashSet;

use bedrail_model::ecosystem::Ecosystem;

/// What people call a product, and the packages that it comes in. A bill of materials that says only "log4j" may mean any.
#[rustfmt::skip]
pub const BUNDLES: &[(&str, &[&str])] = &[
    ("log4j", &["log4j-core", "log4j-api", "log4j"]),
    ("log4j2", &["log4j-core", "log4j-api"]),
    ("logback", &["logback-core", "logback-classic"]),
    ("struts", &["struts2-core", "struts-core", "struts"]),
    ("struts2", &["struts2-core"]),
    ("spring", &["spring-core", "spring-beans", "spring-context", "spring-expression", "spring-web", "spring-webmvc", "spring-webflux"]),
    ("spring-framework", &["spring-core", "spring-beans", "spring-context", "spring-expression", "spring-web", "spring-webmvc", "spring-webflux"]),
    ("tomcat", &["tomcat-embed-core", "tomcat-catalina", "tomcat-coyote", "tomcat"]),
    ("jetty", &["jetty-server", "jetty-http"]),
    ("netty", &["netty-all", "netty-handler", "netty-common", "netty-codec-http", "netty-codec-http2"]),
    ("jackson", &["jackson-databind", "jackson-core"]),
    ("shiro", &["shiro-core", "shiro-web"]),
    ("activemq", &["activemq-client", "activemq-broker", "activemq-openwire-legacy"]),
    ("hibernate", &["hibernate-core"]),
    ("bouncycastle", &["bcprov-jdk15on", "bcprov-jdk18on"]),
    ("glibc", &["glibc", "eglibc"]),
    ("libc6", &["glibc", "eglibc"]),
    ("libssl", &["openssl"]),
    ("libcrypto", &["openssl"]),
    ("xz", &["xz-utils", "xz"]),
    ("liblzma", &["xz-utils", "xz"]),
    ("sqlite", &["sqlite3", "sqlite"]),
    ("linux-kernel", &["linux", "kernel"]),
    ("node.js", &["nodejs", "node"]),
];

/// Words that stand before the names of products and are not part of them.
pub const PUBLISHERS: &[&str] = &["apache", "gnu"];

/// How the files of libraries end.
pub const FILE_ENDS: &[&str] = &[".jar", ".war", ".dll", ".so", ".whl"];

/// The names that the packages of some records go by, made ready for asking.
#[derive(Debug, Clone, Default)]
pub struct PackageNames(HashSet<String>);

impl PackageNames {
    /// The last parts of these packages' names.
    pub fn of<'n>(packages: impl IntoIterator<Item = (Ecosystem, &'n str)>) -> PackageNames {
        PackageNames(
            packages
                .into_iter()
                .map(|(ecosystem, name)| folded(short(ecosystem, name)).into_owned())
                .collect(),
        )
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a component that is called so may be one of the packages: `log4j-core`, also with its group, as the name
    /// of its file or with a remark (`org.example:log4j-core`, `log4j-core-2.11.1.jar`, `log4j-core (shaded)`), or the
    /// product that the package belongs to (`log4j`).
    pub fn meet(&self, component: &str) -> bool {
        let component = folded(component.trim());
        spellings(&component).iter().any(|spelling| self.meet_spelling(spelling))
    }

    fn meet_spelling(&self, spelling: &str) -> bool {
        let ends = spelling.match_indices(['/', ':', '.']).map(|(at, _)| &spelling[at + 1..]);
        ends.chain([spelling]).any(|name| {
            self.0.contains(name)
                || BUNDLES.iter().any(|(bundle, packages)| {
                    *bundle == name && packages.iter().any(|package| self.0.contains(*package))
                })
        })
    }
}

/// The part of a package's name that people say: Maven's artifact, npm's name without its scope, the last element of a
/// Go path without its major version.
pub(crate) fn short(ecosystem: Ecosystem, name: &str) -> &str {
    let mut parts = name.rsplit(['/', ':']);
    let last = parts.next().unwrap_or(name);
    if ecosystem.name() != "Go" {
        return last;
    }
    let last = if is_major(last) { parts.next().unwrap_or(last) } else { last };
    match last.rsplit_once('.') {
        Some((name, major)) if is_major(major) && !name.is_empty() => name,
        _ => last,
    }
}

/// `v2`: Go's mark of a major version.
fn is_major(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lower case, and `_` as `-`.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte != b'_' && byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.to_lowercase().replace('_', "-"))
}

/// The ways in which a component's name may hold a package's: as it is, its first word, the same without the ending of a
/// file and without a version, and all of them behind a publisher's name.
pub(crate) fn spellings(component: &str) -> [&str; 5] {
    let own = PUBLISHERS.iter().find_map(|word| component.strip_prefix(*word)?.strip_prefix([' ', '-']));
    let own = own.map_or(component, str::trim_start);
    let word = own.split([' ', '(', '@']).next().unwrap_or(own);
    let file = FILE_ENDS.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    [component, own, word, file, without_version(file)]
}

/// The part of a file's name before its version, which starts at the first hyphen with a digit behind it.
fn without_version(name: &str) -> &str {
    let version = name
        .match_indices('-')
        .find(|(at, _)| name[at + 1..].starts_with(|letter: char| letter.is_ascii_digit()));
    version.map_or(name, |(at, _)| &name[..at])
}
