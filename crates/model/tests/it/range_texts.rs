//! Versions as people write them in advisories. The texts are those of CISA's medical advisories; what they mean is
//! decided in `crates/assess/tests/icsma/README.md`, whose rules the comments name.

use bedrail_model::product_advisory::range_text::{Doubt, Held, RangeText};
use proptest::prelude::*;

const IN: Held = Held::Inside;
const OUT: Held = Held::Outside;

fn unknown(doubt: Doubt) -> Held {
    Held::CannotTell(doubt)
}

#[test]
fn a_text_contains_what_its_writer_means() {
    let table: &[(&str, &str, Held)] = &[
        // Rule 1: all versions, also an unknown one.
        ("vers:all/*", "", IN),
        ("*", "7.1", IN),
        ("all versions", "", IN),
        // Rule 2: a range speaks of both sides.
        ("<= 3.64", "3.64", IN),
        ("<=3.64", "3.7", IN),
        ("<= 3.64", "3.65", OUT),
        ("< 8.2.2", "v8.2.1", IN),
        ("< 8.2.2", "8.2.2", OUT),
        (">= 2.0", "1.9", OUT),
        (">= 2.0", "4.70", IN),
        (">= 1.1 | <= 1.3.2", "1.2", IN),
        (">= 1.1 | <= 1.3.2", "1.4", OUT),
        (">= 2.5 | <= 3.11", "3.9", IN),
        ("prior to 6.2", "6.1", IN),
        ("prior to 6.2", "6.2", OUT),
        ("Versions prior to v1.7.0.0", "1.7.0.0", OUT),
        ("6.2 and earlier", "6.2", IN),
        ("Version 3.02.1744 and prior", "3.02.1100", IN),
        ("versions 2.5 through 3.11", "3.11", IN),
        ("Versions 2.0 and later", "3.5", IN),
        ("Rev B-M", "M.04", IN),
        ("Rev B-M", "N.00", OUT),
        ("vers:generic/>=1.0|<2.0", "1.5", IN),
        // Rule 3: a list speaks of its members alone; beside a range, what is after both is outside.
        ("1.1 | 1.5 | 1.6", "1.5", IN),
        ("1.1 | 1.5 | 1.6", "1.2", unknown(Doubt::Unlisted)),
        ("9.13 | 9.19 | 9.33 | 12.1", "12.3", unknown(Doubt::Unlisted)),
        ("(Release 1.3.2 1.4.0 1.4.1 1.4.3 1.4.5)", "Release 1.4.5", IN),
        ("14.1.x", "14.1.2", IN),
        ("14.1.x", "14.2", unknown(Doubt::Unlisted)),
        ("9.7 | <= 9.33", "12.1.2", OUT),
        ("MMT-1715 | MMT-1754", "MMT-1754", IN),
        ("MMT-1715 | MMT-1754", "MMT-1790", unknown(Doubt::Unlisted)),
        // Rule 5: finer than the boundary; letters are families.
        ("<= 9.33", "9.33.1", unknown(Doubt::Finer)),
        ("<= 9.33", "9", unknown(Doubt::Coarser)),
        ("<=N", "M.04", IN),
        ("<=N", "N.01", IN),
        ("<= 12.2.x.x", "12.2.8.0", IN),
        ("<= 12.2.x.x", "12.3.0.0", OUT),
        ("A.01 <= C.0x | 4.0", "C.05", IN),
        // "Up to" can be read both ways.
        ("up to 7.6.2", "7.6.2", unknown(Doubt::End)),
        ("up to 7.6.2", "7.6.1", IN),
        // Rule 8: parts between dots are numbers; zeros in front and at the end say nothing.
        ("< 1.10", "1.9", IN),
        ("<= 2.4", "2.4.0", IN),
        ("<= 2.4A", "2.4B", OUT),
        ("<= R4.1L1", "R4.1L2", OUT),
        ("<= R8.0.3", "8.0.2", IN),
        ("< 1.8.4 Service Pack 01", "1.8.4", IN),
        // Rule 9: dates.
        ("<  july 1 2017", "2.0", unknown(Doubt::Unread)),
        ("<May 2018", "A.06.00", unknown(Doubt::Unread)),
        // Rule 10: another numbering.
        ("< 012U000040", "012U000039", IN),
        ("< 012U000040", "011L000040", unknown(Doubt::Unlike)),
        ("<= U61 |<= L81", "L77", IN),
        (">= 2018-1 | <= 2021-1", "3.9", unknown(Doubt::Unlike)),
        (
            "053L000091 (global) / 054U000091 (U.S.) and 053L000092 (global) / 054U000092 (U.S.)",
            "054U000092",
            IN,
        ),
        ("<= 053L000091", "L90", IN),
        // Brackets that only remark: ICSMA-18-128-01, ICSMA-20-023-01.
        ("* (end-of-life 2011)", "", IN),
        ("<= 1.54 (integrated into GE MobileLink)", "1.54", IN),
        ("<= 1.54 (integrated into GE MobileLink)", "1.55", OUT),
        ("<= 2.01 (end-of-life Nov 2017)", "2.01", IN),
        // Other words for all versions, and for the ends of ranges.
        ("all known firmware versions", "2", IN),
        ("All software versions of the product", "", IN),
        ("all versions prior to 6.2", "6.2", OUT),
        ("less than 6.2", "6.1", IN),
        ("less than or equal to 6.2", "6.2", IN),
        ("versions under 6.2", "6.2", OUT),
        ("up to and including 6.2", "6.2", IN),
        ("up to, but not including, 6.2", "6.2", OUT),
        ("6.2 or any earlier version", "6.1", IN),
        ("6.2 and all prior versions", "6.2", IN),
        ("6.2 and under", "6.2", IN),
        ("6.2 SP1 and earlier", "6.2", IN),
        ("6.2 SP1 and earlier", "6.2 SP2", OUT),
        ("prior to 1.8.4 Service Pack 01", "1.8.4", IN),
        ("v3.0 D15 and prior", "3.0 D15", IN),
        ("v3.0 D15 and prior", "3.0 D16", OUT),
        ("Versions K and prior", "J.03", IN),
        ("from 2.5 to 3.11", "2.4", OUT),
        ("between 2.5 and 3.11", "3.11", IN),
        ("2.5 – 3.11", "3.12", OUT),
        ("newer than 2.0", "2.0", OUT),
        ("2.0 onwards", "2.1", IN),
        ("2.0+", "1.9", OUT),
        ("back to 6.5", "6.6", IN),
        ("=> 2.0", "2.1", IN),
        ("=< 2.0", "2.1", OUT),
        ("< 2.0, >= 1.0", "0.9", OUT),
        ("up to 8.5 GMA 3", "8.5", IN),
        // Nothing to compare.
        ("<= 3.64", "", unknown(Doubt::NoVersion)),
        ("<= 3.64", "???", unknown(Doubt::Unlike)),
        ("see the bulletin", "1.0", unknown(Doubt::Unlisted)),
        ("", "1.0", unknown(Doubt::Unread)),
    ];
    for (text, version, expected) in table {
        assert_eq!(RangeText::parse(text).contains(version), *expected, "{text:?} and {version:?}");
    }
}

#[test]
fn a_condition_stays_beside_the_answer() {
    let text = RangeText::parse("<=11.2 on Windows 8.1 with IIS 7.5");
    assert!(matches!(text.contains("11.0"), Held::InsideIf(words) if words.contains("Windows 8.1")));
    assert_eq!(text.contains("11.3"), OUT);
    let nested = RangeText::parse("Version B, Firmware A.01.09, Part #: 7 (Replaced by Version C)");
    assert!(matches!(nested.contains("A.01.09"), Held::InsideIf(_)), "{nested:?}");
}

#[test]
fn a_text_as_long_as_a_page_is_no_range() {
    let text = "1.".repeat(100_000);
    assert_eq!(RangeText::parse(&text).contains("1.1"), unknown(Doubt::Unread));
    assert!(RangeText::in_prose(&text).is_empty());
}

proptest! {
    #[test]
    fn no_text_panics_and_one_end_of_a_range_is_inside(
        text in "\\PC{0,40}", version in "\\PC{0,20}", major in 0_u32..3000, minor in 0_u32..3000,
    ) {
        let _ = RangeText::parse(&text).contains(&version);
        let _ = RangeText::in_prose(&text);
        prop_assert_eq!(RangeText::parse(&format!("<= {major}.{minor}")).contains(&format!("{major}.{minor}")), IN);
    }

    /// A version inside stays inside when another alternative is added.
    #[test]
    fn another_alternative_takes_nothing_out(end in 0_u32..40, asked in 0_u32..40, other in "[<>=]{0,2} ?[0-9A-Zx.]{1,6}") {
        let one = RangeText::parse(&format!("<= 1.{end}"));
        let both = RangeText::parse(&format!("{other} | <= 1.{end}"));
        let version = format!("1.{asked}");
        if one.contains(&version) == IN && !other.contains('>') {
            prop_assert_eq!(both.contains(&version), IN);
        }
    }
}
