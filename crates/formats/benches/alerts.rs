//! How many lines of EVE one core makes events of: `cargo bench -p bedrail-formats --bench alerts [-- LINES]`.

#![expect(clippy::print_stdout, reason = "a measurement prints")]

use std::time::Instant;

use bedrail_formats::alerts::{Account, Framing, LineReader, Reading, Settings, Splitter};
use bedrail_model::alert::{ItemKey, SourceKind};
use bedrail_testkit::traffic::Traffic;
use jiff::Timestamp;

/// Bytes that a file is read by.
const CHUNK: usize = 256 << 10;

fn main() {
    let lines = std::env::args().skip(1).find_map(|it| it.parse().ok()).unwrap_or(200_000_u64);
    let until = Timestamp::from_second(1_795_766_400).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut traffic = Traffic::new(7, lines, 50, until);
    let mut mixed = Vec::new();
    while traffic.write_next(&mut mixed) {}
    let is_alert = |line: &&[u8]| memchr::memmem::find(line, b"\"alert\":{").is_some();
    let alerts: Vec<u8> =
        mixed.split_inclusive(|byte| *byte == b'\n').filter(is_alert).flatten().copied().collect();
    let eve = Settings { kind: Some(SourceKind::Eve), ..Settings::default() };
    for round in 1..=3 {
        println!("round {round}");
        measure("mixed, kind set", &mixed, &eve, until);
        measure("mixed, kind told line by line", &mixed, &Settings::default(), until);
        measure("alerts alone, kind set", &alerts, &eve, until);
    }
}

fn measure(name: &str, bytes: &[u8], settings: &Settings, received: Timestamp) {
    let mut splitter = Splitter::new(Framing::Lines, 0);
    let mut reader = LineReader::new(settings.clone());
    let mut account = Account::default();
    let mut key = Vec::new();
    let mut bytes_of_keys = 0;
    let begin = Instant::now();
    for chunk in bytes.chunks(CHUNK) {
        splitter.feed(chunk, |line| {
            let read = reader.read(&line, received);
            account.add(&read);
            if let Reading::Event(event) = &read.reading {
                key.clear();
                ItemKey::of("eve", event, None).write(&mut key);
                bytes_of_keys += key.len();
            }
        });
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{name}: {} lines, {} events in {seconds:.2} s: {:.0} lines/s, {:.0} MB/s, {} bytes of keys",
        account.lines(),
        account.events,
        account.lines() as f64 / seconds,
        bytes.len() as f64 / 1e6 / seconds,
        bytes_of_keys
    );
}
