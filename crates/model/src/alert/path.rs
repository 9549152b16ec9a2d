//! What was asked for, reduced to a class: enough to tell a login page from an image archive, too little to tell of a patient
//! or to hold what an attacker wrote.

use std::fmt;

/// A class of paths; empty where there is none.
///
/// How a path becomes one, in this order:
/// 1. scheme and host of an absolute address go, and everything from the first `?`, `#` or `;` on;
/// 2. empty segments and `.` are passed over; what does not begin with `/` is the class `*`;
/// 3. the first two segments stay, in lower case, where they are words: up to 24 letters, `-` and `_`, perhaps with a dot
///    before them (`.git`), or a version (`v2`). Anything else, and whatever follows a word for persons
///    (`patient`, `users`, `home`), becomes `*`;
/// 4. deeper segments become one `**`;
/// 5. the extension of the last segment stays, where it has at most five letters and digits and begins with a letter.
///
/// Nothing is decoded: a segment with `%` is no word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PathClass(String);

/// Segments that stay.
const KEPT: usize = 2;
/// Letters of the longest word: `microsoft-server-activesync` is no word of a medical device.
const WORD: usize = 24;
/// Segments looked at; what is longer has no other class.
const SEGMENTS: usize = 64;

/// Segments behind which a person's name or number stands as a rule.
const PERSONS: &[&str] = &[
    "account",
    "accounts",
    "customer",
    "customers",
    "employee",
    "employees",
    "home",
    "member",
    "members",
    "patient",
    "patients",
    "people",
    "person",
    "persons",
    "practitioner",
    "practitioners",
    "profile",
    "profiles",
    "related-person",
    "staff",
    "u",
    "user",
    "users",
];

impl PathClass {
    /// No path.
    pub const fn none() -> PathClass {
        PathClass(String::new())
    }

    /// The class of what was asked for: a path or a whole address.
    pub fn of(request: &str) -> PathClass {
        let request = request.trim();
        if request.is_empty() {
            return PathClass::none();
        }
        let path = without_host(request);
        let path = path.split(['?', '#', ';']).next().unwrap_or_default();
        if !path.starts_with('/') {
            return PathClass("*".to_owned());
        }
        let mut class = String::with_capacity(48);
        let mut persons = false;
        let mut segments =
            path.split('/').filter(|it| !it.is_empty() && *it != ".").take(SEGMENTS).peekable();
        let mut kept = 0;
        while let Some(segment) = segments.next() {
            let (stem, extension) = match segments.peek() {
                None => split_extension(segment),
                Some(_) => (segment, None),
            };
            if kept < KEPT {
                class.push('/');
                let from = class.len();
                if persons || !push_word(&mut class, stem) {
                    class.truncate(from);
                    class.push('*');
                }
                persons = class.get(from..).is_some_and(|word| PERSONS.contains(&word));
            } else if kept == KEPT {
                class.push_str("/**");
            }
            kept += 1;
            if let Some(extension) = extension {
                class.push('.');
                class.extend(extension.chars().map(|it| it.to_ascii_lowercase()));
            }
        }
        if class.is_empty() {
            class.push('/');
        }
        PathClass(class)
    }

    /// The class that the database holds: as [`PathClass::as_str`] gave it.
    pub fn from_stored(class: impl Into<String>) -> PathClass {
        PathClass(class.into())
    }

    /// The class as text; empty where there is none.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PathClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An absolute address without scheme and host (RFC 9112 §3.2.2).
fn without_host(request: &str) -> &str {
    let Some((scheme, rest)) = request.split_once("://") else { return request };
    if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return request;
    }
    rest.find(['/', '?', '#']).map_or("/", |at| match &rest[at..] {
        path if path.starts_with('/') => path,
        _ => "/",
    })
}

/// The last segment and its extension.
fn split_extension(segment: &str) -> (&str, Option<&str>) {
    match segment.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=5).contains(&extension.len())
                && extension.starts_with(|it: char| it.is_ascii_alphabetic())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, Some(extension))
        }
        _ => (segment, None),
    }
}

/// Write a segment that is a word; false where it is none.
fn push_word(class: &mut String, segment: &str) -> bool {
    let bare = segment.strip_prefix('.').unwrap_or(segment);
    let letters = !bare.is_empty()
        && bare.len() <= WORD
        && bare.starts_with(|it: char| it.is_ascii_alphabetic())
        && bare.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    let version = bare.strip_prefix(['v', 'V']).is_some_and(|digits| {
        (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if letters || version {
        class.extend(segment.chars().map(|it| it.to_ascii_lowercase()));
    }
    letters || version
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_becomes_a_class() {
        for (request, class) in [
            ("", ""),
            ("/", "/"),
            ("//", "/"),
            ("/login.php", "/login.php"),
            ("/Login.PHP?user=bob&password=x", "/login.php"),
            ("/wp-admin/setup-config.php", "/wp-admin/setup-config.php"),
            ("/fhir/Patient/8812?name=Miller", "/fhir/patient/**"),
            ("/Patient/Miller", "/patient/*"),
            ("/patient/miller.html", "/patient/*.html"),
            ("/users/jsmith/mail/inbox", "/users/*/**"),
            ("/~jsmith/index.html", "/*/index.html"),
            ("/api/v2/studies/1.2.840.113619/series", "/api/v2/**"),
            ("/.git/config", "/.git/config"),
            ("/.env", "/.env"),
            ("/cgi-bin/../../etc/passwd", "/cgi-bin/*/**"),
            ("/%61dmin/", "/*"),
            ("/a;jsessionid=0000aBcD/b", "/a"),
            ("/${jndi:ldap://evil.example/a}", "/*/*/**"),
            ("http://pacs.example.org:8042/instances/9f-12/file.dcm", "/instances/*/**.dcm"),
            ("HTTPS://host", "/"),
            ("https://host?x=1", "/"),
            ("host:443", "*"),
            ("*", "*"),
            ("/Müller", "/*"),
            ("/1/2/3", "/*/*/**"),
            ("/4a5c6e7f-0000-0000-0000-000000000000", "/*"),
        ] {
            assert_eq!(PathClass::of(request).as_str(), class, "{request}");
        }
        let long = format!("/{}", "a/".repeat(100_000));
        assert_eq!(PathClass::of(&long).as_str(), "/a/a/**");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        /// No query, no digit that could be a number of somebody, nothing long, whatever was asked for.
        #[test]
        fn a_class_is_short_and_plain(path in "[/a-zA-Z0-9._~%?#;:=&é-]{0,80}", query in "[a-z0-9=]{1,20}") {
            let class = PathClass::of(&format!("/{path}"));
            prop_assert!(class.as_str().len() <= 2 * (WORD + 2) + "/**".len() + ".12345".len());
            prop_assert!(class.as_str().bytes().all(|it| it.is_ascii_graphic() && !b"?#;%&=:".contains(&it)));
            prop_assert_eq!(PathClass::of(&format!("/{path}?{query}")), class);
        }
    }
}
