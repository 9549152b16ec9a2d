//! Names of products: both bindings, and the comparison, by the tables of NISTIR 7695 and 7696.

use bedrail_model::cpe::{Attribute, Coverage, Cpe, Relation, Value};
use proptest::prelude::*;

fn cpe(text: &str) -> Cpe {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// NISTIR 7695, 6.1.3 and 6.2.2: the same name in the URI and in the formatted string.
#[test]
fn both_bindings_of_a_name_are_the_same_name() {
    for (uri, formatted) in [
        (
            "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
            "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
        ),
        (
            "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
            "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
        ),
        (
            "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
            "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*",
        ),
        (
            "cpe:/a:hp:openview_network_manager:7.51:-:~~~linux~~",
            "cpe:2.3:a:hp:openview_network_manager:7.51:-:*:*:*:linux:*:*",
        ),
        (
            "cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~",
            r"cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*",
        ),
        ("cpe:/a:foo~bar:big%7emoney_2010", r"cpe:2.3:a:foo\~bar:big\~money_2010:*:*:*:*:*:*:*:*"),
        ("cpe:/o:acme:os", "cpe:2.3:o:acme:os:*:*:*:*:*:*:*:*"),
        ("CPE:/O:ACME:OS:-", "cpe:2.3:o:acme:os:-:*:*:*:*:*:*:*"),
    ] {
        assert_eq!(cpe(uri), cpe(formatted), "{uri}");
        assert_eq!(cpe(uri).to_string(), formatted);
    }
}

#[test]
fn names_as_people_write_them_are_read() {
    for (written, meant) in [
        // Components left out, empty, or with punctuation that should be quoted.
        ("cpe:2.3:a:acme:pump", "cpe:2.3:a:acme:pump:*:*:*:*:*:*:*:*"),
        ("cpe:2.3:a:acme:pump:1.0:::::::", "cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*"),
        (
            "cpe:2.3:a:gnu:libstdc++:12+dfsg:*:*:*:*:*:*:*",
            r"cpe:2.3:a:gnu:libstdc\+\+:12\+dfsg:*:*:*:*:*:*:*",
        ),
        ("cpe:/a:acme:pump:*", "cpe:2.3:a:acme:pump:*:*:*:*:*:*:*:*"),
        (r" cpe:2.3:a:acme:a\:b:\-:*:*:*:*:*:*:* ", r"cpe:2.3:a:acme:a\:b:\-:*:*:*:*:*:*:*"),
        (r"cpe:2.3:a:acme:50\%:1\.0:*:*:*:*:*:*:*", r"cpe:2.3:a:acme:50\%:1.0:*:*:*:*:*:*:*"),
        ("cpe:2.3:a:münchen:pumpe:1:*:*:*:*:*:*:*", "cpe:2.3:a:münchen:pumpe:1:*:*:*:*:*:*:*"),
    ] {
        assert_eq!(cpe(written).to_string(), meant);
    }
    // A quoted sign is itself and no wild card; a quoted hyphen is no "does not apply".
    assert_eq!(cpe(r"cpe:2.3:a:acme:\*:\-").literal(Attribute::Product), Some("*"));
    assert_eq!(cpe(r"cpe:2.3:a:acme:\*:\-").literal(Attribute::Version), Some("-"));
}

#[test]
fn what_is_no_name_is_refused_with_its_place() {
    let long = format!("cpe:2.3:a:acme:{}", "x".repeat(5_000));
    for (text, place, words) in [
        ("", 0, "begins neither"),
        ("cpe", 0, "begins neither"),
        ("pkg:maven/a/b@1", 0, "begins neither"),
        ("cpe:2.3:x:acme:pump:1:*:*:*:*:*:*:*", 8, "the part is none of"),
        ("cpe:/x:acme", 5, "the part is none of"),
        ("cpe:2.3:a?:acme", 8, "the part is none of"),
        // NISTIR 7695, 6.1.3, example 4, and 5.3.2: wild cards stand at the ends only.
        ("cpe:/a:foo%5cbar:big%24money:12.%02.1234", 29, "inside a value"),
        ("cpe:2.3:a:acme:pu*mp:1:*:*:*:*:*:*:*", 15, "inside a value"),
        ("cpe:2.3:a:acme:pump:1.?.2:*:*:*:*:*:*:*", 20, "inside a value"),
        ("cpe:2.3:a:acme:pump:1:*:*:*:*:*:*:*:*", 36, "more than eleven"),
        ("cpe:/a:acme:pump:1:u:e:en:more", 26, "more than seven"),
        ("cpe:/a:acme:pump:1::~a~b~c", 21, "fewer than five"),
        ("cpe:/a:acme:pump:1::~a~b~c~d~e~f", 21, "more than five"),
        ("cpe:/a:acme:100%", 15, "encodes nothing"),
        ("cpe:/a:acme:%zz", 12, "encodes nothing"),
        (r"cpe:2.3:a:acme:pump\", 19, "quotes nothing"),
        ("cpe:2.3:a:acme:pump one:1", 19, "a space or a control"),
        ("cpe:2.3:a:acme:pump\u{1b}[31m:1", 19, "a space or a control"),
        (&long, 4_096, "too long"),
    ] {
        let error = text.parse::<Cpe>().expect_err(text);
        assert!(error.problem.contains(words), "{text}: {error}");
        assert_eq!(error.place, place, "{text}: {error}");
        assert!(error.to_string().len() < 400 && !error.to_string().contains('\u{1b}'));
    }
}

/// NISTIR 7696, table 6-2: each row, with a version as the attribute that differs.
#[test]
fn values_stand_to_each_other_as_the_table_says() {
    use Relation::{Disjoint, Equal, Subset, Superset, Undefined};
    for (row, source, target, relation) in [
        (1, "*", "*", Equal),
        (2, "*", "-", Superset),
        (3, "*", "8.0", Superset),
        (4, "*", "8.*", Undefined),
        (5, "-", "*", Subset),
        (6, "-", "-", Equal),
        (7, "-", "8.0", Disjoint),
        (8, "-", "8.*", Undefined),
        (9, "8.0", "8.0", Equal),
        (10, "8.0", "9.0", Disjoint),
        (11, "8.0", "8.*", Undefined),
        (12, "8.0", "-", Disjoint),
        (13, "8.0", "*", Subset),
        (14, "8.*", "8.0", Superset),
        (14, "8.*", "9.0", Disjoint),
        (15, "8.*", "*", Subset),
        (16, "8.*", "-", Disjoint),
        (17, "8.*", "8.0*", Undefined),
    ] {
        let name = |version: &str| cpe(&format!("cpe:2.3:a:acme:pump:{version}"));
        let compared = name(source).compare(&name(target));
        assert_eq!(compared.of(Attribute::Version), relation, "row {row}: {source} to {target}");
        assert_eq!(compared.relation(), relation, "row {row}: {source} to {target}");
    }
}

/// NISTIR 7696, 6.3: `*` is any number of characters, each `?` one or none.
#[test]
fn wild_cards_cover_what_they_may() {
    for (source, target, covers) in [
        ("8.*", "8.", true),
        ("8.*", "8.0.6001", true),
        ("*.6001", "8.0.6001", true),
        ("*0*", "8.0.6001", true),
        ("*7*", "8.0.6001", false),
        ("sp?", "sp", true),
        ("sp?", "sp2", true),
        ("sp?", "sp22", false),
        ("sp??", "sp22", true),
        ("?sp", "xsp", true),
        ("?sp", "xxsp", false),
        ("?aa?", "aaa", true),
        ("??", "ab", true),
        ("??", "abc", false),
        ("*aab", "aaab", true),
        (r"8.\*", "8.0", false),
        (r"8.\*", r"8.\*", true),
    ] {
        let name = |other: &str| cpe(&format!("cpe:2.3:a:acme:pump:1:*:*:*:*:*:*:{other}"));
        let relation = name(source).compare(&name(target)).of(Attribute::Other);
        let covered = matches!(relation, Relation::Superset | Relation::Equal);
        assert_eq!(covered, covers, "{source} to {target}");
    }
}

/// What `bedrail explain cpe` prints, on every attribute.
#[test]
fn a_criterion_covers_a_candidate_or_not_or_it_cannot_be_told() {
    for (criterion, candidate, answer, attribute) in [
        ("cpe:2.3:o:acme:os:*", "cpe:2.3:o:acme:os:3.1", "match", None),
        ("cpe:2.3:o:acme:os", "cpe:2.3:a:acme:os:3.1", "no", Some(Attribute::Part)),
        ("cpe:2.3:o:acme:os", "cpe:2.3:o:other:os", "no", Some(Attribute::Vendor)),
        ("cpe:2.3:o:acme:os", "cpe:2.3:o:*:os", "unknown", Some(Attribute::Vendor)),
        ("cpe:2.3:o:acme:os", "cpe:2.3:*:acme:os", "unknown", Some(Attribute::Part)),
        // Upper case and the older binding are the same names.
        ("cpe:/o:Acme:OS:3.1", "cpe:2.3:o:acme:os:3.1:*:*:*:*:*:*:*", "match", None),
        // A version that does not apply is no version, never all of them.
        ("cpe:2.3:a:acme:pump:-", "cpe:2.3:a:acme:pump:1.0", "no", Some(Attribute::Version)),
        ("cpe:2.3:a:acme:pump:-", "cpe:2.3:a:acme:pump:*", "unknown", Some(Attribute::Version)),
        ("cpe:2.3:a:acme:pump:-", "cpe:2.3:a:acme:pump:-", "match", None),
        ("cpe:2.3:a:acme:pump:1.0", "cpe:2.3:a:acme:pump:-", "no", Some(Attribute::Version)),
        ("cpe:2.3:a:acme:pump:1.0", "cpe:2.3:a:acme:pump:*", "unknown", Some(Attribute::Version)),
        // What it runs on is part of the name.
        (
            "cpe:2.3:a:acme:forms:1.0:*:*:*:*:wordpress:*:*",
            "cpe:2.3:a:acme:forms:1.0:*:*:*:*:*:*:*",
            "unknown",
            Some(Attribute::TargetSoftware),
        ),
        (
            "cpe:2.3:a:acme:forms:1.0:*:*:*:*:wordpress:*:*",
            "cpe:2.3:a:acme:forms:1.0:*:*:*:*:drupal:*:*",
            "no",
            Some(Attribute::TargetSoftware),
        ),
        // What excludes outweighs what is not known.
        (
            "cpe:2.3:a:acme:forms:1.0:*:*:*:*:wordpress:*:*",
            "cpe:2.3:a:other:forms:*:*:*:*:*:*:*:*",
            "no",
            Some(Attribute::Vendor),
        ),
        (
            "cpe:2.3:h:acme:pump:*:*:*:*:*:*:x64:*",
            "cpe:2.3:h:acme:pump:2:*:*:*:*:*:x86:*",
            "no",
            Some(Attribute::TargetHardware),
        ),
        ("cpe:2.3:a:acme:pump:8.*", "cpe:2.3:a:acme:pump:8.1", "match", None),
        ("cpe:2.3:a:acme:pump:8.1", "cpe:2.3:a:acme:pump:8.*", "unknown", Some(Attribute::Version)),
    ] {
        let coverage = cpe(criterion).compare(&cpe(candidate)).coverage();
        assert_eq!(coverage.to_string(), answer, "{criterion} and {candidate}");
        let named = match coverage {
            Coverage::Match => None,
            Coverage::No(attribute) | Coverage::Unknown(attribute) => Some(attribute),
        };
        assert_eq!(named, attribute, "{criterion} and {candidate}");
    }
}

/// NVD's dictionary writes the patch level as update (`ntp:4.2.8:p18`, `openssh:7.4:p1`, `sudo:1.8.31:p2`).
#[test]
fn version_and_update_are_compared_as_one() {
    for (criterion, candidate, answer) in [
        ("4.2.8:p18", "4.2.8:p18", "match"),
        ("4.2.8:p18", "4.2.8:p17", "no"),
        ("4.2.8:p18", "4.2.8p18:*", "match"),
        ("4.2.8:p18", "4.2.8p18:-", "match"),
        ("4.2.8:p18", "4.2.8p17:*", "no"),
        ("4.2.8p18:*", "4.2.8:p18", "match"),
        ("4.2.8:*", "4.2.8p18:*", "match"),
        ("4.2.8:-", "4.2.8p18:*", "no"),
        ("4.2.8:-", "4.2.8:-", "match"),
        // Which patch level it is, the candidate does not say.
        ("4.2.8:p18", "4.2.8:*", "unknown"),
        ("4.2.8:-", "4.2.8:*", "unknown"),
        ("2.0:rc1", "2.0-rc1:*", "match"),
        ("2.0:rc1", "2.0.rc.1:*", "match"),
        ("2.0:beta9", "2.0:beta_9", "match"),
        ("2.0:beta9", "2.0-beta10:*", "no"),
        ("9.0:sp1", "9.0_sp1:*", "match"),
        // A letter is part of the version (OpenSSL), no update of it.
        ("1.0.2:*", "1.0.2k:*", "no"),
        ("1.0.2k:*", "1.0.2k:*", "match"),
        ("1.0.2k:*", "1.0.2k-fips:*", "no"),
        // Of a version that is not known, another update still says no.
        ("4.2.8:p18", "*:p17", "no"),
        ("4.2.8:p18", "*:*", "unknown"),
        // Where no version is named, "no update" may only say that it stands in the version, as in `4.2.8p18:-`.
        ("4.2.8:p18", "*:-", "unknown"),
        ("*:-", "*:-", "match"),
    ] {
        let name = |release: &str| cpe(&format!("cpe:2.3:a:acme:pump:{release}"));
        let coverage = name(criterion).compare(&name(candidate)).coverage();
        assert_eq!(coverage.to_string(), answer, "{criterion} and {candidate}");
    }
}

/// Bills say "no version" in the name and give one beside it.
#[test]
fn a_version_beside_a_name_fills_it_where_it_says_none() {
    for (name, filled) in [
        ("cpe:2.3:o:acme:fw:*:*:*:*:*:*:*:*", Some("1.2")),
        ("cpe:2.3:o:acme:fw:-:*:*:*:*:*:*:*", Some("1.2")),
        ("cpe:2.3:a:acme:viewer:-:*:*:*:*:*:*:*", Some("1.2")),
        ("cpe:2.3:a:acme:viewer:2:*:*:*:*:*:*:*", Some("2")),
        // Hardware has none, and a Windows has it in its name.
        ("cpe:2.3:h:acme:pump:-:*:*:*:*:*:*:*", None),
        ("cpe:2.3:o:microsoft:windows_7:-:*:*:*:*:*:*:*", None),
    ] {
        assert_eq!(cpe(name).or_version(" 1.2 ").literal(Attribute::Version), filled, "{name}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in "(cpe:2\\.3:|cpe:/)?[aoh]?[ -~\u{e9}\u{1}]{0,60}") {
        let _ = text.parse::<Cpe>();
    }

    #[test]
    fn what_is_written_is_read_back(values in prop::collection::vec("[a-z0-9*?:~%\\\\.!$é-]{0,6}", 10)) {
        let quote = |value: &String| value.chars().map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") }).collect::<String>();
        let text = format!("cpe:2.3:a:{}", values.iter().map(quote).collect::<Vec<_>>().join(":"));
        let read = cpe(&text);
        prop_assert_eq!(&cpe(&read.to_string()), &read);
        for (attribute, value) in Attribute::ALL.into_iter().skip(1).zip(&values) {
            let wanted = if value.is_empty() { None } else { Some(value.as_str()) };
            prop_assert_eq!(read.literal(attribute), wanted);
            prop_assert!(!value.is_empty() || *read.get(attribute) == Value::Any);
        }
        // A name covers itself, whatever is in it.
        prop_assert_eq!(read.compare(&read).coverage(), Coverage::Match);
    }

    /// Whoever says less of a candidate never turns "match" into "no": an added fact may, a forgotten one may not.
    #[test]
    fn forgetting_a_fact_never_excludes(criterion in "[ab*-]:[ab*-]:[12*-](p1|p2)?:(p1|p2|[*-])", candidate in "[ab]:[ab]:[12](p1|p2)?:(p1|p2|[*-])", forgotten in 0usize..4) {
        let full = cpe(&format!("cpe:2.3:a:{candidate}"));
        let less: Vec<&str> = candidate.split(':').enumerate().map(|(i, v)| if i == forgotten { "*" } else { v }).collect();
        let less = cpe(&format!("cpe:2.3:a:{}", less.join(":")));
        let criterion = cpe(&format!("cpe:2.3:a:{criterion}"));
        if criterion.compare(&full).coverage() == Coverage::Match {
            prop_assert!(!matches!(criterion.compare(&less).coverage(), Coverage::No(_)), "{criterion} {full} {less}");
        }
    }
}
