//! Documents: the same tree is the same bytes, what is in it comes out, nothing hostile gets through, and no letter becomes a box.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod office;
mod paper;

use bedrail_press::{Bar, Bars, Block, Column, Document, Piece, SpanRow, Spans, Table, text};

const HOSTILE: &str = "<script>alert(1)</script> =1+1 & \"'\u{1}\u{202e}";

fn cell(words: &str) -> String {
    words.to_owned()
}

/// A document with one of everything.
fn full() -> Document {
    let rows = (1..=70)
        .map(|number| vec![format!("Device {number}"), format!("{number}"), format!("Ward of {HOSTILE}")])
        .collect();
    Document {
        title: format!("Report {HOSTILE}"),
        organisation: "Clínica Señor Müller · Ωμέγα · Больница".to_owned(),
        at: "2026-03-01T08:00:00Z".parse().unwrap(),
        mark: "SHA-256 0123456789abcdef".to_owned(),
        letter: false,
        blocks: vec![
            Block::Heading(1, "First part".to_owned()),
            text("Two lines:\nZażółć gęślą jaźń, Ελληνικά, Українська, Հայերեն, ქართული. 漢 and אב."),
            Block::Text(vec![
                Piece::Words("Dear ".to_owned()),
                Piece::Field("recipient_name".to_owned()),
                Piece::Strong(", read this.".to_owned()),
            ]),
            Block::List(vec![cell("one"), "long ".repeat(60)]),
            Block::Ticks(vec![cell("call the ward"), cell("unplug it")]),
            Block::Spans(Spans {
                caption: "Asset management has a gap".to_owned(),
                from: "2025-03-04".to_owned(),
                to: "2026-03-03".to_owned(),
                rows: vec![
                    SpanRow {
                        name: "Asset management".to_owned(),
                        runs: vec![(0.0, 0.25), (0.5, 2.0), (f64::NAN, 1.0), (0.9, 0.1)],
                        words: "274 of 365 days".to_owned(),
                    },
                    SpanRow { name: HOSTILE.to_owned(), runs: Vec::new(), words: "0 of 365 days".to_owned() },
                ],
            }),
            Block::Bars(Bars {
                caption: "ICU has most".to_owned(),
                unit: "devices".to_owned(),
                bars: vec![
                    Bar { name: "ICU".to_owned(), value: 12.0, words: "12 devices".to_owned() },
                    Bar {
                        name: "Emergency department of the hospital for children, second floor".to_owned(),
                        value: 4.0,
                        words: "4 devices".to_owned(),
                    },
                    Bar { name: "None".to_owned(), value: f64::NAN, words: "not known".to_owned() },
                ],
            }),
            Block::Table(Table {
                caption: "Devices".to_owned(),
                columns: vec![
                    Column::words("Device", 2.0),
                    Column::number("Findings", 1.0),
                    Column::words("Ward", 3.0),
                ],
                rows,
                empty: "none".to_owned(),
            }),
            Block::NewPage,
            Block::Heading(2, "Last part".to_owned()),
            Block::Table(Table {
                caption: "Nothing".to_owned(),
                columns: vec![Column::words("x", 1.0)],
                rows: Vec::new(),
                empty: "there is none".to_owned(),
            }),
            text("x".repeat(500)),
        ],
    }
}
