//! Facts that people write down: what is refused, what is the same, and lists with a mapping.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_comply::written::{Form, KINDS, Kind, MOST_LINE, Mapping, MappingError, New, read_csv};
use jiff::civil::date;

const TODAY: jiff::civil::Date = date(2026, 3, 3);

fn disposal() -> New {
    let fields = [("item", "medium"), ("method", "Destroyed"), ("by", "clinical engineering")];
    New {
        day: "2026-03-01".to_owned(),
        system: "SN-7".to_owned(),
        fields: fields.map(|(code, value)| (code.to_owned(), value.to_owned())).into(),
    }
}

#[test]
fn kinds_have_one_code_each_and_fields_that_can_be_told_apart() {
    let codes: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
    assert_eq!(codes.len(), KINDS.len());
    for kind in KINDS {
        let fields: BTreeSet<&str> = kind.fields.iter().map(|it| it.code).collect();
        assert_eq!(fields.len(), kind.fields.len(), "{}", kind.code);
        assert!(!fields.contains("day") && !fields.contains("system"), "{}", kind.code);
        assert!(kind.citation.starts_with("45 CFR 164."), "{}", kind.code);
        assert!(kind.code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{}", kind.code);
        for field in kind.fields {
            if let Form::Choice(choices) = field.form {
                assert!(choices.len() > 1, "{}: {}", kind.code, field.code);
            }
        }
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let kind = Kind::of("disposal").unwrap();
    let good = disposal().check(kind, TODAY).unwrap();
    assert_eq!(good.field("method"), "destroy", "words are taken as well as codes");
    let with = |code: &str, value: &str| {
        let mut new = disposal();
        new.fields.insert(code.to_owned(), value.to_owned());
        new
    };
    for (new, place) in [
        (New { day: "2026-03-04".to_owned(), ..disposal() }, "Day"),
        (New { day: "1990-01-01".to_owned(), ..disposal() }, "Day"),
        (New { day: "03/01/2026".to_owned(), ..disposal() }, "Day"),
        (New { system: " ".to_owned(), ..disposal() }, "Serial number"),
        (New { system: "SN\u{202e}7".to_owned(), ..disposal() }, "Serial number"),
        (New { system: "x".repeat(MOST_LINE + 1), ..disposal() }, "Serial number"),
        (with("method", "burned"), "How"),
        (with("by", ""), "Done by"),
        (with("by", "a\nb"), "Done by"),
        (with("colour", "red"), "fields"),
    ] {
        assert_eq!(new.check(kind, TODAY).unwrap_err().place, place, "{new:?}");
    }
    let review = Kind::of("visitor").unwrap();
    let mut visit = New { day: "2026-03-01".to_owned(), system: "Main".to_owned(), fields: BTreeMap::new() };
    for (code, value) in [("who", "Lift company"), ("in", "25:00"), ("escorted_by", "porter")] {
        visit.fields.insert(code.to_owned(), value.to_owned());
    }
    assert_eq!(visit.check(review, TODAY).unwrap_err().place, "In at");
}

#[test]
fn the_same_fact_has_the_same_digest_however_its_system_is_spelt() {
    let kind = Kind::of("disposal").unwrap();
    let digest = |new: New| new.check(kind, TODAY).unwrap().digest();
    assert_eq!(digest(disposal()), digest(New { system: " sn-7 ".to_owned(), ..disposal() }));
    assert_ne!(digest(disposal()), digest(New { system: "SN-8".to_owned(), ..disposal() }));
    assert_ne!(digest(disposal()), digest(New { day: "2026-02-28".to_owned(), ..disposal() }));
}

#[test]
fn a_list_is_read_by_its_mapping_and_its_faults_are_told_by_line() {
    let kind = Kind::of("disposal").unwrap();
    let text = "\u{feff}When;Serial number;Item;How;Done by;Colour\r\n\
        2026-03-01;SN-1;device;destroyed;\"vault; inc.\";red\r\n\
        \r\n\
        2027-01-01;SN-2;device;destroyed;vault;\r\n\
        2026-03-02;\"SN\n3\";device;destroyed;vault;\r\n\
        2026-03-02;SN-4;medium;purge;\"said \"\"done\"\"\";\r\n";
    let mapping = Mapping::parse("day=When, item=item").unwrap();
    let taken = read_csv(kind, text.as_bytes(), &mapping, TODAY).unwrap();
    let lines: Vec<usize> = taken.facts.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 7]);
    assert_eq!(taken.facts[0].1.field("by"), "vault; inc.");
    assert_eq!(taken.facts[1].1.field("by"), "said \"done\"");
    let refused: Vec<usize> = taken.refused.iter().map(|(line, _)| *line).collect();
    assert_eq!(refused, [4, 5], "{:?}", taken.refused);
    assert_eq!(taken.unused, ["Colour"]);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let kind = Kind::of("disposal").unwrap();
    let whole = "day,system,item,method,by\n";
    for (text, mapping, wanted) in [
        ("", "", "no rows"),
        (whole, "", "no rows"),
        ("day,day,item\n", "", "two columns"),
        ("day,system,item,method\n2026-03-01,a,device,clear\n", "", "no column stands for by"),
        ("day,system,item,method,by\n\"2026", "", "does not end"),
        ("day,system,item,method,by\n1", "by=Who", "no column \"Who\""),
        ("day,system,item,method,by\n1", "who=by", "no field \"who\""),
    ] {
        let mapping = Mapping::parse(mapping).unwrap();
        let error = read_csv(kind, text.as_bytes(), &mapping, TODAY).unwrap_err().to_string();
        assert!(error.contains(wanted), "{text:?}: {error}");
    }
    assert!(matches!(Mapping::parse("day"), Err(MappingError::Shape(_))));
    let latin = read_csv(kind, b"day\xff", &Mapping::default(), TODAY);
    assert_eq!(latin, Err(MappingError::Encoding(3)));
}
