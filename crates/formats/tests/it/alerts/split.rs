//! Bytes to lines.

use bedrail_formats::alerts::{Account, Counts, Framing, Line, LineReader, LineState, Settings, Splitter};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{EVE, received};

/// A line with bytes of its own, and what a reader makes of it.
type Seen = (u64, u64, Vec<u8>, LineState, [u8; 32]);

const LIMIT: usize = 24;

/// All lines of a stream that comes in these pieces, and where it would be gone on with.
fn split<'p>(
    framing: Framing,
    pieces: impl IntoIterator<Item = &'p [u8]>,
    ends: bool,
) -> (Vec<Seen>, Counts, u64) {
    let mut splitter = Splitter::with_limit(framing, 0, LIMIT);
    let mut seen = Vec::new();
    let mut reader = LineReader::new(Settings::default());
    let mut take = |line: Line<'_>| {
        let original = reader.read(&line, received()).original;
        seen.push((line.offset, line.length, line.bytes.to_vec(), line.state, original));
    };
    for piece in pieces {
        splitter.feed(piece, &mut take);
    }
    let resume = splitter.resume_at();
    if ends {
        splitter.end(&mut take);
    }
    (seen, splitter.counts(), resume)
}

fn texts(framing: Framing, stream: &[u8]) -> Vec<String> {
    let (lines, ..) = split(framing, [stream], true);
    let text = |(_, _, bytes, state, _): &Seen| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        match state {
            LineState::Whole => text,
            LineState::Half => format!("{text}…"),
            LineState::Cut { bytes } => format!("{text}…{bytes}"),
        }
    };
    lines.iter().map(text).collect()
}

/// RFC 6587 §3.4.1 (octet counting), §3.4.2 (line feeds), and what senders do wrong.
#[test]
fn frames_of_syslog_over_tcp() {
    for (stream, lines) in [
        (&b"5 <1>ab5 <1>cd"[..], vec!["<1>ab", "<1>cd"]),
        (b"<1>ab\n<1>cd\r\n", vec!["<1>ab", "<1>cd\r"]),
        (b"6 <1>a\nb<1>cd\n5 <1>ef", vec!["<1>a\nb", "<1>cd", "<1>ef"]),
        // A line feed behind a counted frame, and blank lines.
        (b"5 <1>ab\n5 <1>cd\n\n \r\n", vec!["<1>ab", "<1>cd"]),
        // A number that is no count: it is part of the line.
        (b"12ab\n<1>x\n", vec!["12ab", "<1>x"]),
        (b"123456789 x\n", vec!["123456789 x"]),
        (b"0 x\n", vec!["0 x"]),
        (b"77\n", vec!["77"]),
        // The stream ends early.
        (b"9 <1>ab", vec!["<1>ab…"]),
        (b"<1>ab", vec!["<1>ab…"]),
        (b"42", vec!["42…"]),
        // Longer than the limit: cut, counted, and the next is read.
        (b"30 123456789012345678901234567890<1>x\n", vec!["123456789012345678901234…30", "<1>x"]),
        (b"<1>3456789012345678901234567890\n<1>x\n", vec!["<1>345678901234567890123…31", "<1>x"]),
        (b"", vec![]),
        (b"\n\n\0\n", vec![]),
    ] {
        assert_eq!(texts(Framing::Syslog, stream), lines, "{}", String::from_utf8_lossy(stream));
    }
    let (_, counts, _) =
        split(Framing::Syslog, [&b"12ab\n5 <1>ab\n\n<1>3456789012345678901234567890\nx"[..]], true);
    assert_eq!(counts, Counts { lines: 4, blank: 2, cut: 1, half: 1, framing_errors: 1 });
}

#[test]
fn lines_of_a_file_wait_until_they_are_whole() {
    let (lines, _, resume) = split(Framing::Lines, [&b"5 a\n{\"b"[..], b"\":1}\nhal", b"f"], false);
    let bytes: Vec<&[u8]> = lines.iter().map(|line| &line.2[..]).collect();
    assert_eq!(bytes, [&b"5 a"[..], b"{\"b\":1}"]);
    assert_eq!((lines[1].0, lines[1].1, resume), (4, 8, 12), "a restart goes on at the half line");
    assert_eq!(texts(Framing::Datagrams, b"<1>a\nb"), ["<1>a\nb"]);
    let (lines, ..) = split(Framing::Datagrams, [&b"<1>a"[..], b"", b"<1>b\n"], true);
    assert_eq!(lines.iter().map(|line| line.0).collect::<Vec<_>>(), [0, 4]);
}

#[test]
fn a_long_line_is_hashed_whole() {
    let stream = [&[b'x'; 100_000][..], b"\nshort\n"].concat();
    let (lines, counts, _) = split(Framing::Lines, stream.chunks(7), true);
    assert_eq!((lines.len(), counts.cut), (2, 1));
    assert_eq!(lines[0].2.len(), LIMIT);
    assert_eq!(lines[0].3, LineState::Cut { bytes: 100_000 });
    let whole: [u8; 32] = Sha256::digest([b'x'; 100_000]).into();
    assert_eq!(lines[0].4, whole);
    let mut reader = LineReader::new(Settings::default());
    let mut splitter = Splitter::new(Framing::Lines, 0);
    let padded = EVE.replace("GET secret", &"A".repeat(1_000_000));
    let mut codes = Vec::new();
    splitter.feed(format!("{padded}\n{EVE}\n").as_bytes(), |line| {
        let mut account = Account::default();
        account.add(&reader.read(&line, received()));
        codes.push((account.events, account.not_understood.keys().next().copied()));
    });
    assert_eq!(codes, [(0, Some("cut")), (1, None)]);
}

/// A file that was rotated away: its last line is read if it is whole JSON, and no half of anything is.
#[test]
fn half_a_line_is_no_event() {
    let read = |text: &str| {
        let mut splitter = Splitter::new(Framing::Lines, 0);
        let mut reader = LineReader::new(Settings::default());
        let mut account = Account::default();
        splitter.feed(text.as_bytes(), |_| panic!("it waits"));
        splitter.end(|line| account.add(&reader.read(&line, received())));
        (account.events, account.not_understood)
    };
    assert_eq!(read(EVE).0, 1);
    for cut in (1..EVE.len()).step_by(13) {
        let (events, why) = read(&EVE[..cut]);
        assert_eq!((events, why.get("half")), (0, Some(&1)), "{cut}");
    }
    // The address would be another device's.
    assert_eq!(read("CEF:0|a|b|c|d|e|3|src=203.0.113.1 dst=10.0.0.1").1.get("half"), Some(&1));
}

fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(EVE.as_bytes()[..40].to_vec()),
        "[0-9]{1,9} ?".prop_map(String::into_bytes),
        "<[0-9]{1,3}>[a-z {}\":|=]{0,30}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Wherever a stream is cut, its lines are the same: bytes, offsets, states and hashes.
    #[test]
    fn cuts_change_no_line(stream in streams(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12), counted in any::<bool>()) {
        let framing = if counted { Framing::Syslog } else { Framing::Lines };
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        at.extend([0, stream.len()]);
        at.sort_unstable();
        let pieces = at.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
        let whole = split(framing, [&stream[..]], true);
        prop_assert_eq!(&split(framing, pieces, true), &whole);
        prop_assert_eq!(&split(framing, stream.chunks(1), true), &whole);
        // Every line begins where it says, and they follow one another.
        let mut end = 0;
        for (offset, length, ..) in &whole.0 {
            prop_assert!(*offset >= end);
            end = offset + length;
        }
        prop_assert!(end <= stream.len() as u64);
    }

    /// A stream that is gone on with at `resume_at` gives every line once.
    #[test]
    fn a_restart_loses_and_repeats_nothing(stream in streams(), cut in any::<prop::sample::Index>()) {
        let at = cut.index(stream.len() + 1);
        let (mut first, _, resume) = split(Framing::Lines, [&stream[..at]], false);
        let rest = &stream[usize::try_from(resume).unwrap()..];
        let (second, ..) = split(Framing::Lines, [rest], true);
        first.extend(second.into_iter().map(|mut line| { line.0 += resume; line }));
        prop_assert_eq!(first, split(Framing::Lines, [&stream[..]], true).0);
    }

    /// Lines in are readings out, whatever they hold and whatever kind is set.
    #[test]
    fn every_line_is_exactly_one_thing(stream in streams(), kind in 0..8_usize) {
        let kind = bedrail_formats::alerts::FORMATS.get(kind).map(|format| format.kind);
        let mut reader = LineReader::new(Settings { kind, ..Settings::default() });
        let mut splitter = Splitter::new(Framing::Lines, 0);
        let mut account = Account::default();
        let mut take = |line: Line<'_>| account.add(&reader.read(&line, received()));
        splitter.feed(&stream, &mut take);
        splitter.end(&mut take);
        prop_assert_eq!(account.lines(), splitter.counts().lines);
    }

    /// Good lines with some bytes changed: an answer, never a panic.
    #[test]
    fn changed_lines_are_answered(which in 0..GOOD.len(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut line = GOOD[which].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(line.len());
            line[at] = byte;
        }
        let mut reader = LineReader::new(Settings::default());
        let read = reader.read(&Line::whole(&line), received());
        let digest: [u8; 32] = Sha256::digest(&line).into();
        prop_assert_eq!(read.original, digest);
    }
}

const GOOD: &[&str] = &[
    EVE,
    "CEF:0|Acme|IPS|1|100|n|5|src=203.0.113.1 dst=10.0.0.2 rt=Nov 27 2026 07:00:00 act=blocked request=http://a/b?c",
    "<34>Oct 11 22:14:15 mymachine su[1]: 'su root' failed for lonvick on /dev/pts/8",
    r#"<165>1 2003-10-11T22:14:15.003Z host app - ID47 [a b="c\]"][meta sequenceId="29"] CEF:0|a|b|c|d|e|3|src=1.1.1.1"#,
    r#"{"transaction":{"client_ip":"198.51.100.4","time_stamp":"Fri Nov 27 07:41:26 2026","messages":[{"message":"m","details":{"ruleId":"1","severity":"2"}}]}}"#,
    r#"{"timestamp":"2026-11-27T07:10:05.000+0000","rule":{"level":10,"description":"d bob","id":"5712"},"agent":{"name":"a"},"data":{"srcip":"203.0.113.8","srcuser":"bob"}}"#,
];
