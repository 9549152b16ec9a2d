//! A day of EVE JSON on the standard output: `eve_traffic SEED LINES PLANTED [UNTIL]`, the attacks as CSV on the error output.

#![expect(clippy::print_stderr, reason = "a program of the command line")]

use std::io::{self, Write as _};

use bedrail_testkit::traffic::Traffic;
use jiff::Timestamp;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| arguments.get(at).and_then(|it| it.parse().ok()).unwrap_or(default);
    let until = arguments.get(3).and_then(|it| it.parse().ok()).unwrap_or_else(|| {
        // 2026-11-27T08:00:00Z: the same seed makes the same bytes.
        Timestamp::from_second(1_795_766_400).unwrap_or(Timestamp::UNIX_EPOCH)
    });
    let planted = usize::try_from(number(2, 50)).unwrap_or(0);
    let mut traffic = Traffic::new(number(0, 1), number(1, 1_000_000), planted, until);
    eprintln!("line,rule,device,attacker");
    for attack in traffic.planted() {
        eprintln!("{},{},{},{}", attack.line, attack.rule, attack.device, attack.attacker);
    }
    let mut out = io::BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut line = Vec::new();
    while traffic.write_next(&mut line) {
        out.write_all(&line)?;
        line.clear();
    }
    out.flush()
}
