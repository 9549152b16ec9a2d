//! Advisories about medical devices: tables, `bedrail.medical-advisories/1` and `bedrail.medical-advisory/1`.

use std::io::{self, Write};

use bedrail_app::medical::provider::{ProviderReport, ProviderRow};
use bedrail_app::medical::{Candidate, ImportReport, MedicalDetail, MedicalRow, Said, Standing};
use bedrail_app::page::Page;
use bedrail_model::text::{harmless, harmless_lines};
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;

/// Refused files that are named; the rest is counted.
const REFUSED_SHOWN: usize = 20;

pub(crate) fn write_report(report: &ImportReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} taken in, {} held already, {} not read.",
        words::count(report.taken as u64, "advisory", "advisories"),
        words::thousands(report.unchanged as u64),
        words::count(report.refused.len() as u64, "file", "files")
    )?;
    for (file, why) in report.refused.iter().take(REFUSED_SHOWN) {
        writeln!(out, "not read: {}: {}", harmless(file), harmless(why))?;
    }
    if report.refused.len() > REFUSED_SHOWN {
        writeln!(out, "and {} more", report.refused.len() - REFUSED_SHOWN)?;
    }
    if report.other_texts > 0 {
        let texts = words::count(report.other_texts as u64, "text", "texts");
        writeln!(out, "{texts} of the folder are no lists and were passed over.")?;
    }
    for list in &report.lists {
        writeln!(
            out,
            "{}: {} read as {} of makers, {} not understood",
            harmless(&list.name),
            words::count(list.rows as u64, "row", "rows"),
            words::count(list.advisories as u64, "statement", "statements"),
            words::thousands(list.not_understood.len() as u64)
        )?;
        for (place, why) in list.not_understood.iter().take(REFUSED_SHOWN) {
            writeln!(out, "  not understood: {}: {}", harmless(place), harmless(why))?;
        }
    }
    for (advisory, lost) in &report.losses {
        let things = words::count(*lost as u64, "thing", "things");
        writeln!(
            out,
            "{}: {things} of it could not be read; `advisories show` lists them",
            harmless(advisory)
        )?;
    }
    Ok(())
}

pub(crate) fn write_update(reports: &[ProviderReport], out: &mut dyn Write) -> io::Result<()> {
    if reports.is_empty() {
        return writeln!(out, "No provider was added; `bedrail advisories add-provider` adds one.");
    }
    for report in reports {
        let name = if report.name.is_empty() { &report.url } else { &report.name };
        writeln!(out, "{}: {}", harmless(name), report.sentence())?;
        for (place, why) in &report.problems {
            writeln!(out, "  not read: {}: {}", harmless(place), harmless(why))?;
        }
    }
    Ok(())
}

pub(crate) fn write_providers(rows: &[ProviderRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(rows.len() as u64, "provider", "providers"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let row = |row: &ProviderRow| {
        let asked = row.fetched.map_or_else(|| "never".to_owned(), |at| at.to_string());
        vec![
            Text::from(row.url.as_str()),
            Text::from(row.namespace.as_str()),
            Text::from(row.name.as_str()),
            Text::from(asked),
            Text::toned(row.outcome.as_str(), if row.whole { Tone::Plain } else { Tone::Attention }),
        ]
    };
    write!(
        out,
        "{}",
        grid(
            &["Address", "Namespace confirmed", "Name", "Asked", "What came of it"],
            rows.iter().map(row),
            look
        )
    )
}

#[derive(Serialize)]
struct ProvidersView<'a> {
    schema: &'static str,
    providers: Vec<ProviderView<'a>>,
}

#[derive(Serialize)]
struct ProviderView<'a> {
    url: &'a str,
    namespace: &'a str,
    name: &'a str,
    fetched: Option<String>,
    outcome: &'a str,
    whole: bool,
    signatures: &'static str,
}

impl<'a> From<&'a ProviderRow> for ProviderView<'a> {
    fn from(row: &'a ProviderRow) -> Self {
        ProviderView {
            url: &row.url,
            namespace: &row.namespace,
            name: &row.name,
            fetched: row.fetched.map(|at| at.to_string()),
            outcome: &row.outcome,
            whole: row.whole,
            signatures: "not checked",
        }
    }
}

pub(crate) fn write_providers_json(rows: &[ProviderRow], out: &mut dyn Write) -> io::Result<()> {
    let providers = rows.iter().map(ProviderView::from).collect();
    json_text::write(&ProvidersView { schema: "bedrail.advisory-providers/1", providers }, out)
}

const fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Matched => "affects us",
        Standing::Undecided => "cannot tell",
        Standing::RuledOut => "ruled out",
        Standing::Foreign => "not about us",
    }
}

pub(crate) fn write_table(list: &Page<MedicalRow>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let count = words::count(list.total, "medical advisory", "medical advisories");
    writeln!(
        out,
        "{count}{}",
        if list.rows.len() as u64 == list.total { "" } else { ", the first of them:" }
    )?;
    if list.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &MedicalRow| {
        let tone = match row.standing {
            Standing::Matched => Tone::Urgent,
            Standing::Undecided => Tone::Attention,
            Standing::RuledOut | Standing::Foreign => Tone::Faint,
        };
        vec![
            Text::from(row.name.as_str()),
            Text::toned(standing_word(row.standing), tone),
            Text::toned(words::thousands(row.affected), Tone::Number),
            Text::toned(words::thousands(row.cannot_tell), Tone::Number),
            Text::toned(words::thousands(row.questions as u64), Tone::Number),
            Text::from(row.title.as_str()),
        ]
    };
    let header = ["Advisory", "State", "Affected", "Cannot tell", "To confirm", "Title"];
    write!(out, "{}", grid(&header, list.rows.iter().map(row), look))
}

pub(crate) fn write_one(detail: &MedicalDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let it = &detail.advisory;
    writeln!(out, "{} {}", harmless(&it.id), harmless(&it.title))?;
    writeln!(
        out,
        "by {}, {}, {}",
        harmless(&it.publisher.name),
        it.format,
        standing_word(detail.row.standing)
    )?;
    if !detail.said.is_empty() {
        let row = |said: &Said| {
            let names: Vec<String> = said.by.iter().chain(&said.candidates).map(name).collect();
            vec![
                Text::from(said.release_name.as_str()),
                Text::toned(words::thousands(said.devices), Tone::Number),
                Text::from(said.answer.to_string()),
                Text::from(said.why.sentence()),
                Text::lines(names, Tone::Plain),
            ]
        };
        let header = ["Release", "Devices", "Answer", "Why", "Named in the advisory"];
        write!(out, "\n{}", grid(&header, detail.said.iter().map(row), look))?;
    }
    if !detail.advice.is_empty() {
        writeln!(out, "\nWhat the publisher advises")?;
        for advice in &detail.advice {
            let category = advice.category.replace('_', " ");
            writeln!(out, "- {}: {}", harmless(&category), harmless_lines(&advice.details))?;
        }
    }
    if let Some(contact) = &it.publisher.contact {
        writeln!(out, "\nContact: {}", harmless(contact))?;
    }
    for warning in it.warnings.iter().filter(|warning| warning.lost) {
        writeln!(out, "not read: {}: {}", harmless(&warning.place), harmless(&warning.message))?;
    }
    Ok(())
}

fn name(it: &Candidate) -> String {
    format!("{} {} {}", it.maker, it.product, it.versions.join("; ")).trim().to_owned()
}

#[derive(Serialize)]
struct ListView<'a> {
    schema: &'static str,
    total: u64,
    advisories: Vec<RowView<'a>>,
}

#[derive(Serialize)]
struct RowView<'a> {
    id: String,
    name: &'a str,
    title: &'a str,
    publisher: &'a str,
    released: Option<&'a str>,
    score: Option<f64>,
    standing: &'static str,
    affected: u64,
    cannot_tell: u64,
    questions: usize,
}

impl<'a> From<&'a MedicalRow> for RowView<'a> {
    fn from(row: &'a MedicalRow) -> Self {
        RowView {
            id: row.id.to_string(),
            name: &row.name,
            title: &row.title,
            publisher: &row.publisher,
            released: row.released.as_deref(),
            score: row.score,
            standing: row.standing.code(),
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            questions: row.questions,
        }
    }
}

pub(crate) fn write_json(list: &Page<MedicalRow>, out: &mut dyn Write) -> io::Result<()> {
    let view = ListView {
        schema: "bedrail.medical-advisories/1",
        total: list.total,
        advisories: list.rows.iter().map(RowView::from).collect(),
    };
    json_text::write(&view, out)
}

#[derive(Serialize)]
struct OneView<'a> {
    schema: &'static str,
    #[serde(flatten)]
    row: RowView<'a>,
    contact: Option<&'a str>,
    said: Vec<SaidView<'a>>,
    advice: Vec<AdviceView<'a>>,
}

#[derive(Serialize)]
struct SaidView<'a> {
    release: String,
    release_name: &'a str,
    devices: u64,
    answer: &'static str,
    reason: &'static str,
    why: String,
    by: Option<String>,
    candidates: Vec<String>,
}

#[derive(Serialize)]
struct AdviceView<'a> {
    category: &'a str,
    details: &'a str,
    url: Option<&'a str>,
}

pub(crate) fn write_one_json(detail: &MedicalDetail, out: &mut dyn Write) -> io::Result<()> {
    let view = OneView {
        schema: "bedrail.medical-advisory/1",
        row: RowView::from(&detail.row),
        contact: detail.advisory.publisher.contact.as_deref(),
        said: detail
            .said
            .iter()
            .map(|it| SaidView {
                release: it.release.to_string(),
                release_name: &it.release_name,
                devices: it.devices,
                answer: it.answer.code(),
                reason: it.why.code(),
                why: it.why.sentence(),
                by: it.by.as_ref().map(name),
                candidates: it.candidates.iter().map(name).collect(),
            })
            .collect(),
        advice: detail
            .advice
            .iter()
            .map(|it| AdviceView { category: &it.category, details: &it.details, url: it.url.as_deref() })
            .collect(),
    };
    json_text::write(&view, out)
}
