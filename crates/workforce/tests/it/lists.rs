//! Rosters and days: what is read, what is refused and why.

use bedrail_workforce::list::{self, Entry, Field, ListError};
use bedrail_workforce::{certificate, compare, dates, markdown};
use jiff::civil::{Date, date};

fn one(text: &str) -> Result<Entry, String> {
    list::read(text.as_bytes()).unwrap().lines.remove(0).1
}

#[test]
fn a_roster_is_read_whatever_its_columns_are_called() {
    let text = "\u{feff}Employee ID;First name;Last name;Work e-mail;Job title;Department;Hire date;Last day;Shoe size\n\
        17;Ada;Quill;Ada.Quill@Clinic.Example;Nurse, night nurse;ICU;3/1/2026;;38\n";
    let read = list::read(text.as_bytes()).unwrap();
    assert_eq!(read.columns.last().unwrap(), &("Shoe size".to_owned(), None), "what is not taken is named");
    let entry = read.lines[0].1.clone().unwrap();
    assert_eq!((entry.name.as_str(), entry.mail.as_deref()), ("Ada Quill", Some("ada.quill@clinic.example")));
    assert_eq!(entry.roles.unwrap(), ["night nurse", "nurse"]);
    assert_eq!((entry.starts, entry.ends), (Some(date(2026, 3, 1)), Some(None)));
    assert_eq!(
        (entry.external.as_deref(), entry.ward.as_deref(), entry.site),
        (Some("17"), Some("ICU"), None)
    );
}

#[test]
fn every_bad_line_is_refused_with_its_column() {
    for (line, why) in [
        ("=HYPERLINK(1),a@b.example,staff,2026-03-01,", "formula"),
        ("@SUM(1),a@b.example,staff,2026-03-01,", "formula"),
        ("Ada,no address,staff,2026-03-01,", "no address"),
        ("Ada,a@b.example,wizard,2026-03-01,", "none of staff"),
        ("Ada,a@b.example,staff,2026-02-30,", "no day"),
        ("Ada,a@b.example,staff,2026-03-02,2026-03-01", "before the first day"),
        ("Ada,a@b.example,staff,2026-03-01,,more", "6 cells"),
        ("\"a\tb\",a@b.example,staff,2026-03-01,", "control character"),
        (",,staff,2026-03-01,", "who it is about"),
    ] {
        let said = one(&format!("Name,Mail,Kind,Start,End\n{line}\n")).unwrap_err();
        assert!(said.contains(why), "{line}: {said}");
    }
    let long = format!("Name,Mail\n{},a@b.example\n", "x".repeat(1 << 20));
    assert!(one(&long).unwrap_err().contains("more than 400 characters"));
    let twice = list::read(b"Name,Mail\nAda,a@b.example\nEve,A@B.example\n").unwrap();
    assert_eq!(twice.lines[1].1.as_ref().unwrap_err(), "the same person stands in line 2");
}

#[test]
fn what_is_no_list_is_refused_in_words() {
    for (bytes, error) in [
        (b"".to_vec(), ListError::Empty),
        (b"Name,Mail\nG\xfcnther,g@b.example\n".to_vec(), ListError::Encoding(11)),
        (vec![0xff, 0xfe, b'N', 0], ListError::Other("a text in UTF-16")),
        (b"PK\x03\x04".to_vec(), ListError::Other("a spreadsheet or an archive")),
        (b"%PDF-1.7".to_vec(), ListError::Other("a PDF")),
        (b"Shoe size,Colour\n38,red\n".to_vec(), ListError::NoPerson),
        (vec![b'a'; list::MOST_BYTES + 1], ListError::TooLarge(list::MOST_BYTES + 1)),
    ] {
        assert_eq!(list::read(&bytes).unwrap_err(), error);
    }
    assert!(
        list::read(b"Learner,Course,Completed on,Score\nAda,c,2026-03-01,87 %\n").unwrap().has(Field::Course)
    );
}

#[test]
fn days_are_counted_over_leap_years_and_short_months() {
    let may = |text: &str| text.parse::<Date>().unwrap();
    for (done, days, expires) in [
        ("2024-02-29", 365, "2025-02-28"),
        ("2027-03-01", 366, "2028-03-01"),
        ("2026-12-31", 30, "2027-01-30"),
        ("2028-01-30", 30, "2028-02-29"),
    ] {
        assert_eq!(dates::expiry(may(done), Some(days)), Some(may(expires)), "{done}");
    }
    assert_eq!(dates::expiry(may("2026-01-01"), None), None);
    for (looked, months, next) in [
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
    ] {
        assert_eq!(dates::next_review(may(looked), months), may(next), "{looked}");
    }
    let (today, fixed) = (may("2026-03-03"), may("2026-03-20"));
    assert_eq!(dates::due(today, 30, Some(fixed)), fixed);
    assert_eq!(
        dates::due(may("2026-04-01"), 30, Some(fixed)),
        may("2026-05-01"),
        "who joins later has as long"
    );
    assert_eq!(dates::due(today, 30, None), may("2026-04-02"));
}

#[test]
fn a_mistyped_certificate_number_is_seen() {
    let number = certificate::number(b"an attempt");
    assert_eq!(certificate::read(&number.to_lowercase().replace('-', " ")).as_deref(), Some(number.as_str()));
    let signs: Vec<char> = number.chars().collect();
    for at in (0..signs.len()).filter(|at| signs[*at] != '-') {
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|other| *other != signs[at]) {
            let mut wrong = signs.clone();
            wrong[at] = other;
            let wrong: String = wrong.into_iter().collect();
            // The check has 31 values and 32 signs: a sign is taken for the one that stands for the same value.
            let same = |sign: char| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".find(sign).unwrap() % 31;
            assert_eq!(
                certificate::read(&wrong).is_some(),
                same(other) == same(signs[at]) && at != 12,
                "{wrong}"
            );
        }
    }
    for nothing in ["", "ABC", "7K2M9-QX4TB", &"A".repeat(200)] {
        assert_eq!(certificate::read(nothing), None, "{nothing}");
    }
}

#[test]
fn hostile_markdown_becomes_words() {
    let html = markdown::html(
        "# One\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](https://b.example/?x=\"y) ![c](https://c.example/c.png)\n\n\
         <img src=x onerror=alert(1)> and **bold**\n\n| a | b |\n|---|---|\n| <b> | 2 |\n",
    );
    assert!(html.starts_with("<h2>One</h2>"), "{html}");
    for bad in ["<script", "javascript:", "<img", "<b>", "onerror=alert(1)>"] {
        assert!(!html.contains(bad), "{bad}: {html}");
    }
    assert!(html.contains("<strong>bold</strong>") && html.contains("href=\"https://b.example/"), "{html}");
    assert!(markdown::html(&"é".repeat(markdown::MOST)).len() < 2 * markdown::MOST);
}

#[test]
fn two_texts_are_compared_line_by_line() {
    use compare::Became::{Gone, New, Same};
    let lines = compare::lines("a\nb\nc\n", "a\nB\nc\nd\n");
    let became: Vec<_> = lines.iter().map(|line| (line.became, line.text.as_str())).collect();
    assert_eq!(became, [(Same, "a"), (Gone, "b"), (New, "B"), (Same, "c"), (New, "d")]);
}
