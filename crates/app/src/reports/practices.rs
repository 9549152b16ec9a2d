//! Twelve months of recognised security practices: drawn, in numbers, and gap by gap.

use bedrail_press::{Block, SpanRow, Spans};
use jiff::civil::Date;

use super::{paragraph, table};
use crate::programme::{ANCHOR_KINDS, AnchorRow, Practice, Practices};

/// Gaps that are listed; the pictures have all of them.
const MOST_GAPS: usize = 1_000;

fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()) + 1
}

/// What is in the report.
pub(super) fn blocks(it: &Practices) -> Vec<Block> {
    let whole = it.rows.iter().filter(|row| row.over.evidenced == row.over.days).count();
    let noted = it.rows.iter().map(|row| row.noted).max().unwrap_or_default();
    let all = days(it.from, it.to);
    let mut blocks = vec![
        paragraph(format!(
            "From {} to {}: {whole} of {} practices were evidenced on every one of {all} days. Something was written down on {noted} of these days; of the others nothing is known, and they are gaps.",
            it.from,
            it.to,
            it.rows.len()
        )),
        paragraph(
            "A day counts as evidenced where facts or documents in force that day showed it, as it was written down that day and never changed since. HHS may consider practices that were in place for the previous twelve months (42 USC 17941); whether it does, and whether they were adequate, is not said here.",
        ),
    ];
    let mut names: Vec<&str> = it.rows.iter().map(|row| row.catalogue.as_str()).collect();
    names.dedup();
    for name in names {
        let rows: Vec<&Practice> = it.rows.iter().filter(|row| row.catalogue == name).collect();
        blocks.push(Block::Heading(1, name.to_owned()));
        blocks.push(drawn(it, &rows));
        blocks.push(numbers(&rows));
    }
    blocks.extend(gaps(it));
    blocks.push(anchors(&it.anchors));
    if it.anchors.is_empty() {
        blocks.push(paragraph(
            "No head of the audit log was noted outside in these months: that nothing was written later rests on the log's own chain alone. `bedrail audit anchor` writes one down.",
        ));
    }
    blocks
}

fn drawn(it: &Practices, rows: &[&Practice]) -> Block {
    #[expect(clippy::cast_precision_loss, reason = "a length on paper")]
    let share = |count: i64| count as f64 / days(it.from, it.to) as f64;
    let run = |(from, to): (Date, Date)| (share(days(it.from, from) - 1), share(days(it.from, to)));
    let row = |row: &&Practice| SpanRow {
        name: row.title.clone(),
        runs: row.evidenced().into_iter().map(run).collect(),
        words: format!("{} of {} days", row.over.evidenced, row.over.days),
    };
    let most = rows.iter().min_by_key(|row| row.over.evidenced);
    let caption = most.map_or_else(
        || "There is no practice".to_owned(),
        |row| format!("{} has most days without proof: {}", row.title, row.over.days - row.over.evidenced),
    );
    Block::Spans(Spans {
        caption,
        from: it.from.to_string(),
        to: it.to.to_string(),
        rows: rows.iter().map(row).collect(),
    })
}

fn numbers(rows: &[&Practice]) -> Block {
    let row = |row: &&Practice| {
        vec![
            row.citation.clone(),
            row.title.clone(),
            row.over.evidenced.to_string(),
            row.over.days.to_string(),
            row.noted.to_string(),
            row.over.gaps.len().to_string(),
        ]
    };
    let columns = [
        ("Source", 2.0),
        ("Practice", 3.4),
        ("Days evidenced#", 1.2),
        ("Of days#", 1.0),
        ("Days noted#", 1.1),
        ("Gaps#", 0.9),
    ];
    table("Practices in days", &columns, rows.iter().map(row).collect(), "There is no practice.")
}

fn gaps(it: &Practices) -> Vec<Block> {
    let all = it.rows.iter().flat_map(|row| row.over.gaps.iter().map(move |gap| (row, gap)));
    let total: usize = it.rows.iter().map(|row| row.over.gaps.len()).sum();
    let cells = |(row, gap): (&Practice, &bedrail_comply::continuity::Gap)| {
        vec![
            row.title.clone(),
            gap.from.to_string(),
            gap.to.to_string(),
            days(gap.from, gap.to).to_string(),
            gap.state.code().to_owned(),
        ]
    };
    let columns = [("Practice", 3.6), ("From", 1.4), ("To", 1.4), ("Days#", 0.9), ("Best state in it", 1.6)];
    let mut blocks = vec![Block::Heading(1, "Gaps".to_owned())];
    if total > MOST_GAPS {
        blocks.push(paragraph(format!(
            "{MOST_GAPS} of {total} gaps are listed; the pictures have all of them."
        )));
    }
    let rows = all.take(MOST_GAPS).map(cells).collect();
    blocks.push(table("Stretches without proof", &columns, rows, "There is none."));
    blocks
}

fn anchors(all: &[AnchorRow]) -> Block {
    let kind = |code: &str| {
        let known = ANCHOR_KINDS.iter().find(|(known, _)| *known == code);
        known.map_or(code, |(_, words)| words).to_owned()
    };
    let row = |it: &AnchorRow| {
        vec![
            it.noted.to_string(),
            kind(&it.kind),
            it.keeper.clone(),
            it.place.clone(),
            format!("{}:{}", it.entry, it.head),
            it.sha256.as_ref().map(hex::encode).unwrap_or_default(),
        ]
    };
    let columns = [
        ("Noted", 1.2),
        ("How", 2.0),
        ("With whom", 1.8),
        ("Where", 2.2),
        ("Head of the audit log", 3.4),
        ("SHA-256 of the reply", 2.6),
    ];
    table(
        "Heads of the audit log outside",
        &columns,
        all.iter().map(row).collect(),
        "None was noted outside.",
    )
}
