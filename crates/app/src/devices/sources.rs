//! Which list said which fact of a device: one short line per list in the device's row.

use bedrail_model::device::{DeviceFacts, Exposure};
use jiff::civil::Date;

/// The facts in the order of their bits; never reordered, only added to.
const FIELDS: [&str; 15] = [
    "asset_tag",
    "serial",
    "udi",
    "maker",
    "model",
    "version",
    "operating_system",
    "kind",
    "site",
    "ward",
    "owner",
    "address",
    "host_name",
    "exposure",
    "support_ends",
];

/// What a row of a list says, as bits.
fn said(facts: &DeviceFacts) -> u32 {
    let texts = [
        facts.asset_tag.is_some(),
        facts.serial.is_some(),
        facts.udi.is_some(),
        facts.maker.is_some(),
        facts.model.is_some(),
        facts.version.is_some(),
        facts.operating_system.is_some(),
        facts.kind.is_some(),
        facts.site.is_some(),
        facts.ward.is_some(),
        facts.owner.is_some(),
        facts.address.is_some(),
        facts.host_name.is_some(),
        facts.exposure != Exposure::Unknown,
        facts.support_ends.is_some(),
    ];
    texts.iter().enumerate().map(|(bit, said)| u32::from(*said) << bit).sum()
}

/// The sources with a row of a list added: what it says anew is no longer the older list's word.
pub(super) fn with(sources: &str, row: &DeviceFacts, list: &str, line: u64, day: Date) -> String {
    let new = said(row);
    let older = sources.lines().filter_map(|source| {
        let (bits, rest) = source.split_once('\t')?;
        let left = bits.parse::<u32>().ok()? & !new;
        (left != 0).then(|| format!("{left}\t{rest}"))
    });
    let list = bedrail_model::text::harmless(list);
    let mut lines: Vec<String> = older.collect();
    lines.push(format!("{new}\t{line}\t{day}\t{list}"));
    lines.join("\n")
}

/// When a list said a fact, and which: "list devices.csv, line 12, 3 March 2026".
pub(crate) fn of(sources: &str, field: &str) -> Option<(Date, String)> {
    let bit = FIELDS.iter().position(|known| *known == field)?;
    sources.lines().find_map(|source| {
        let mut parts = source.splitn(4, '\t');
        let (bits, line, day, list) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let told = bits.parse::<u32>().is_ok_and(|bits| bits & (1 << bit) != 0);
        let day: Date = day.parse().ok().filter(|_| told)?;
        Some((day, format!("list {list}, line {line}, {}", day.strftime("%-d %B %Y"))))
    })
}

/// Field and source in words, in the order of the fields.
pub(super) fn words(sources: &str) -> Vec<(String, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    for source in sources.lines() {
        let mut parts = source.splitn(4, '\t');
        let (Some(bits), Some(line), Some(day), Some(list)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let bits: u32 = bits.parse().unwrap_or(0);
        let day = day.parse::<Date>().map_or(day.to_owned(), |day| day.strftime("%-d %B %Y").to_string());
        let told = (0..FIELDS.len()).filter(|bit| bits & (1 << bit) != 0);
        words.extend(told.map(|bit| (bit, format!("list {list}, line {line}, {day}"))));
    }
    words.sort();
    words.into_iter().map(|(bit, source)| (FIELDS[bit].to_owned(), source)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_list_is_the_source_of_what_it_says() {
        let text = |text: &str| Some(text.to_owned());
        let first = DeviceFacts { serial: text("1"), ward: text("ICU"), ..DeviceFacts::default() };
        let second = DeviceFacts { serial: text("1"), owner: text("Kim"), ..DeviceFacts::default() };
        let day = jiff::civil::date(2026, 3, 3);
        let sources = with("", &first, "a.csv", 12, day);
        let sources = with(&sources, &second, "b\t.csv", 3, jiff::civil::date(2026, 4, 1));
        let expected = [
            ("serial", "list b\\u{9}.csv, line 3, 1 April 2026"),
            ("ward", "list a.csv, line 12, 3 March 2026"),
            ("owner", "list b\\u{9}.csv, line 3, 1 April 2026"),
        ];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(field, source)| ((*field).to_owned(), (*source).to_owned())).collect();
        assert_eq!(words(&sources), expected);
        let ward = of(&sources, "ward").unwrap();
        assert_eq!((ward.0, ward.1.as_str()), (day, "list a.csv, line 12, 3 March 2026"));
        assert_eq!(of(&sources, "exposure"), None);
    }
}
