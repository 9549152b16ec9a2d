//! Prints the hospital traffic, one request a line: `hospital_traffic SEED tuning|held-back COUNT`.
#![expect(clippy::print_stdout, reason = "this is what it is for")]

use bedrail_waf_rules::traffic::{Half, generate};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, otherwise: u64| {
        arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let half =
        if arguments.get(1).is_some_and(|half| half == "held-back") { Half::HeldBack } else { Half::Tuning };
    let count = usize::try_from(number(2, 1_200)).unwrap_or(1_200);
    for request in generate(number(0, 7), half, count) {
        println!("{}", request.to_line());
    }
}
