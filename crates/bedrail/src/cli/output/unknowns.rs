//! What is not known and what was answered, for people and for programs.

use std::io::{self, Write};

use bedrail_app::answered::{FactRow, Recorded};
use bedrail_app::page::Page;
use bedrail_app::unknowns::{Unknown, UnknownDetail, Unknowns};
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;
use crate::web::views::unknown::{FactView, UnknownDetailView, UnknownsView};

pub(crate) fn write_table(list: &Unknowns, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "of {} of {} something is not known that would change an answer; {}",
        words::thousands(list.devices),
        words::count(list.fleet, "device", "devices"),
        words::count(list.page.total, "open question", "open questions")
    )?;
    if list.page.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &Unknown| {
        let weaknesses = row.weaknesses.map_or_else(|| "all".to_owned(), words::thousands);
        let tone = if row.exploited > 0 { Tone::Attention } else { Tone::Plain };
        vec![
            Text::toned(words::thousands(row.devices), Tone::Number),
            Text::toned(weaknesses, Tone::Number),
            Text::toned(words::thousands(row.exploited), tone),
            Text::from(row.fact.as_str()),
            Text::from(row.maker.clone().unwrap_or_else(|| row.kind.whom().code().to_owned())),
            Text::toned(row.key.as_str(), Tone::Faint),
        ]
    };
    let header = ["Devices", "Weaknesses", "Exploited", "What is not known", "Who knows", "Key"];
    write!(out, "\n{}", grid(&header, list.page.rows.iter().map(row), look))
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    #[serde(flatten)]
    list: UnknownsView,
}

pub(crate) fn write_json(list: &Unknowns, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Listed { schema: "bedrail.unknowns/1", list: UnknownsView::from(list) }, out)
}

pub(crate) fn write_one_json(detail: &UnknownDetail, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&UnknownDetailView::from(detail), out)
}

pub(crate) fn write_recorded(done: &Recorded, out: &mut dyn Write) -> io::Result<()> {
    for id in &done.ids {
        writeln!(out, "recorded: {id}")?;
    }
    writeln!(
        out,
        "judged anew: {}, {}; findings opened or changed: {}, closed: {}",
        words::count(done.releases, "release", "releases"),
        words::count(done.devices, "device", "devices"),
        words::thousands(done.changed),
        words::thousands(done.closed)
    )
}

pub(crate) fn write_facts(list: &Page<FactRow>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(list.total, "answer", "answers"))?;
    if list.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &FactRow| {
        let it = &row.fact;
        let state =
            it.revoked.as_ref().map_or_else(String::new, |(_, _, reason)| format!("taken back: {reason}"));
        vec![
            Text::from(row.about.as_str()),
            Text::from(it.fact.sentence()),
            Text::from(format!("{}, {}: {}", it.said_by, it.said_on, it.source)),
            Text::from(state),
            Text::toned(it.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["What", "Said", "By whom", "State", "Id"];
    write!(out, "{}", grid(&header, list.rows.iter().map(row), look))
}

#[derive(Serialize)]
struct Facts {
    schema: &'static str,
    total: u64,
    answers: Vec<FactView>,
}

pub(crate) fn write_facts_json(list: &Page<FactRow>, out: &mut dyn Write) -> io::Result<()> {
    let answers = list.rows.iter().map(FactView::from).collect();
    json_text::write(&Facts { schema: "bedrail.answers/1", total: list.total, answers }, out)
}
