//! The devices that a weakness or a component touches: a table, `bedrail.affected/1`, or CSV.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::iter;

use bedrail_app::affected::{Affected, AffectedDevice, OneOfSeveral, Question, Understood};
use bedrail_app::exports::{self, LineEnd};
use bedrail_app::firewall::Between;
use bedrail_model::answer::Answer;
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::Exposure;
use bedrail_model::text::harmless;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{exposure, json_text, words};
use crate::answer;
use crate::cli::terminal::Look;
use crate::web::views::exposure::JudgedView;
use crate::web::views::firewall::BetweenView;

const SCHEMA: &str = "bedrail.affected/1";

/// Columns from which on every fact has a column of its own; below, some share one.
const WIDE: u16 = 150;

#[derive(Serialize)]
struct AnswerView<'a> {
    schema: &'static str,
    question: &'a str,
    answer: String,
    remarks: Vec<String>,
    understood: UnderstoodView<'a>,
    totals: TotalsView,
    matching: u64,
    data: DataView<'a>,
    devices: Vec<DeviceView<'a>>,
    unknowns: Vec<UnknownView<'a>>,
}

#[derive(Serialize)]
struct UnderstoodView<'a> {
    kind: &'static str,
    text: &'a str,
    names: &'a [String],
    /// Each of several weaknesses.
    each: Vec<OneView<'a>>,
    /// Ids beyond those, which were not looked at.
    left_out: u64,
}

#[derive(Serialize)]
struct OneView<'a> {
    id: &'a str,
    /// Whether the data held has a record of it.
    known: bool,
    affected: u64,
    cannot_tell: u64,
    outside: u64,
}

#[derive(Serialize)]
struct TotalsView {
    affected: u64,
    cannot_tell: u64,
    affected_outside: u64,
    affected_without_owner: u64,
    affected_wards: u64,
    outside: u64,
    without_owner: u64,
    wards: u64,
    sites: u64,
    fleet: u64,
}

#[derive(Serialize)]
struct DataView<'a> {
    snapshot: &'a str,
    as_of: Option<String>,
    complete: bool,
    starter_only: bool,
    advisories: u64,
}

#[derive(Serialize)]
struct DeviceView<'a> {
    id: String,
    name: &'a str,
    answer: &'static str,
    reason: &'static str,
    explanation: &'static str,
    site: Option<&'a str>,
    ward: Option<&'a str>,
    owner: Option<&'a str>,
    exposure: &'static str,
    /// What the device lists declare.
    declared_exposure: &'static str,
    /// How that is known, how far it is believed, and how old it is.
    exposure_judged: JudgedView,
    maker: Option<&'a str>,
    model: Option<&'a str>,
    release_version: Option<&'a str>,
    component: Option<&'a str>,
    version: Option<&'a str>,
    purl: Option<&'a str>,
    path: &'a [String],
    fixed_in: &'a [String],
    affected_by: &'a [String],
    advisories: Vec<&'a str>,
    /// Firewalls that stand in front of it. They change no answer.
    between: Vec<BetweenView>,
}

#[derive(Serialize)]
struct UnknownView<'a> {
    reason: &'static str,
    settled_by: &'a str,
    devices: u64,
}

impl<'a> From<&'a AffectedDevice> for DeviceView<'a> {
    fn from(row: &'a AffectedDevice) -> Self {
        let facts = &row.facts;
        DeviceView {
            id: row.device.to_string(),
            name: &row.name,
            answer: row.answer.code(),
            reason: row.reason.code(),
            explanation: row.reason.sentence(),
            site: facts.site.as_deref(),
            ward: facts.ward.as_deref(),
            owner: facts.owner.as_deref(),
            exposure: facts.exposure.code(),
            declared_exposure: row.reach.declared.code(),
            exposure_judged: JudgedView::from(&row.reach),
            maker: facts.maker.as_deref(),
            model: facts.model.as_deref(),
            release_version: facts.version.as_deref(),
            component: row.component.as_deref(),
            version: row.version.as_deref(),
            purl: row.purl.as_deref(),
            path: &row.path,
            fixed_in: &row.fixed_in,
            affected_by: &row.affected_by,
            advisories: row.evidence.iter().map(|evidence| evidence.advisory.as_str()).collect(),
            between: row.between.iter().map(BetweenView::from).collect(),
        }
    }
}

impl<'a> From<&'a OneOfSeveral> for OneView<'a> {
    fn from(one: &'a OneOfSeveral) -> Self {
        OneView {
            id: &one.id,
            known: one.weakness.is_some(),
            affected: one.totals.affected,
            cannot_tell: one.totals.cannot_tell,
            outside: one.totals.affected_outside,
        }
    }
}

/// Writes the JSON shape.
pub(crate) fn write_json(question: &Question, answer: &Affected, out: &mut dyn Write) -> io::Result<()> {
    let totals = answer.totals;
    let view = AnswerView {
        schema: SCHEMA,
        question: &question.text,
        answer: headline(question, answer),
        remarks: answer::remarks(answer),
        understood: understood(&answer.understood),
        totals: TotalsView {
            affected: totals.affected,
            cannot_tell: totals.cannot_tell,
            affected_outside: totals.affected_outside,
            affected_without_owner: totals.affected_without_owner,
            affected_wards: totals.affected_wards,
            outside: totals.outside,
            without_owner: totals.without_owner,
            wards: totals.wards,
            sites: totals.sites,
            fleet: totals.fleet,
        },
        matching: answer.matching,
        data: DataView {
            snapshot: &answer.data.snapshot,
            as_of: answer.data.as_of().map(|moment| moment.to_string()),
            complete: answer.data.complete,
            starter_only: answer.data.starter_only,
            advisories: answer.data.advisories,
        },
        devices: answer.rows.iter().map(DeviceView::from).collect(),
        unknowns: answer
            .unknowns
            .iter()
            .map(|(reason, settled_by, devices)| UnknownView {
                reason: reason.code(),
                settled_by,
                devices: *devices,
            })
            .collect(),
    };
    json_text::write(&view, out)
}

fn understood(understood: &Understood) -> UnderstoodView<'_> {
    let (kind, text, names): (_, &str, &[String]) = match understood {
        Understood::Weakness(weakness) => ("weakness", &weakness.id, &[]),
        Understood::UnknownWeakness(id) => ("unknown_weakness", id, &[]),
        Understood::Several { .. } => ("several", "", &[]),
        Understood::Package(purl) => ("package", purl, &[]),
        Understood::ComponentName { text, names, .. } => ("component_name", text, names),
        Understood::Maker(maker) => ("maker", maker, &[]),
    };
    let (each, left_out) = match understood {
        Understood::Several { each, left_out } => (each.iter().map(OneView::from).collect(), *left_out),
        _ => (Vec::new(), 0),
    };
    UnderstoodView { kind, text, names, each, left_out }
}

/// Writes one line per device.
pub(crate) fn write_csv(answer: &Affected, out: &mut dyn Write) -> io::Result<()> {
    let rows = answer.rows.iter().map(exports::affected_row);
    exports::write(iter::once(exports::head(exports::AFFECTED_HEADER)).chain(rows), LineEnd::Lf, out)
}

/// Writes the text for people; the first line is the answer.
pub(crate) fn write_text(
    question: &Question,
    answer: &Affected,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", harmless(&headline(question, answer)))?;
    if let Understood::Weakness(weakness) = &answer.understood {
        let pressing = words::pressing(weakness);
        let pressing = if pressing.is_empty() { String::new() } else { format!(", {pressing}") };
        let summary = harmless(words::summary(weakness)).into_owned();
        writeln!(out, "{}: {summary} ({}{pressing})", harmless(&weakness.id), words::severity(weakness))?;
    }
    for remark in answer::remarks(answer) {
        writeln!(out, "{}", harmless(&remark))?;
    }
    if let Understood::Several { each, .. } = &answer.understood {
        for one in each {
            writeln!(out, "  {}", harmless(&in_one_line(one)))?;
        }
    }
    writeln!(out, "{}", data(&answer.data))?;
    if answer::nothing_known(answer) {
        return unknowns(answer, out);
    }
    if !answer.rows.is_empty() {
        writeln!(out)?;
        let header: &[&str] = if look.width >= WIDE {
            &["Device", "Release", "Place", "Owner", "Exposure", "Component", "Answer", "Why"]
        } else {
            &["Device, release", "Place, owner", "Component", "Answer, why"]
        };
        let rows = answer.rows.iter().map(|row| cells(row, look));
        out.write_all(grid(header, rows, look).as_bytes())?;
    }
    let shown = answer.rows.len() as u64;
    if shown < answer.matching {
        writeln!(
            out,
            "… and {} more (--limit {} shows all)",
            words::thousands(answer.matching - shown),
            answer.matching
        )?;
    }
    if question.exposure == Some(Exposure::Outside) && !answer.rows.is_empty() {
        writeln!(out, "\nHow it is known that they face the outside")?;
        for row in &answer.rows {
            let (name, judged) = (harmless(&row.name), exposure::in_short(&row.reach));
            writeln!(out, "  {name}: {judged}. {}", harmless(&row.reach.judged.sentence))?;
        }
    }
    let before: BTreeSet<String> = answer
        .rows
        .iter()
        .flat_map(|row| &row.between)
        .flat_map(|one| std::iter::once(one.sentence()).chain(one.shields.iter().map(|it| it.sentence())))
        .collect();
    if !before.is_empty() {
        writeln!(out, "\nWhat stands in front; it changes no answer")?;
        for sentence in before {
            writeln!(out, "  {}", harmless(&sentence))?;
        }
    }
    unknowns(answer, out)
}

/// One of several weaknesses: its counts and what it is.
fn in_one_line(one: &OneOfSeveral) -> String {
    match &one.weakness {
        None => format!("{}: no record in the data held", one.id),
        Some(weakness) => format!(
            "{}: {} affected, {} cannot be told; {} ({})",
            one.id,
            words::count(one.totals.affected, "device", "devices"),
            words::thousands(one.totals.cannot_tell),
            words::summary(weakness),
            words::severity(weakness)
        ),
    }
}

/// What would settle what cannot be told.
fn unknowns(answer: &Affected, out: &mut dyn Write) -> io::Result<()> {
    if answer.unknowns.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat would settle what cannot be told")?;
    for (reason, settled_by, devices) in &answer.unknowns {
        let devices = words::count(*devices, "device", "devices");
        writeln!(out, "  {devices}: {} ({})", harmless(settled_by), reason.sentence())?;
    }
    Ok(())
}

/// One row; on a narrow terminal two facts share a cell, one below the other, and the component keeps the most room.
fn cells(row: &AffectedDevice, look: Look) -> Vec<Text> {
    let facts = &row.facts;
    let device = row.name.clone();
    let release = words::joined(&[&facts.maker, &facts.model, &facts.version], " ");
    let place = words::joined(&[&facts.site, &facts.ward], ", ");
    let owner = facts.owner.as_deref().unwrap_or("nobody");
    let exposure = facts.exposure.sentence();
    let component = component(row);
    let answer = row.answer.to_string();
    let why = why(row);
    let tone = match row.answer {
        Answer::Affected => Tone::Urgent,
        Answer::CannotTell => Tone::Attention,
        Answer::NotAffected => Tone::Faint,
    };
    if look.width >= WIDE {
        return vec![
            device.into(),
            release.into(),
            place.into(),
            owner.into(),
            exposure.into(),
            component.into(),
            Text::toned(answer, tone),
            why.into(),
        ];
    }
    vec![
        Text::lines([device, release], Tone::Plain),
        Text::lines([place, format!("{owner}; {exposure}")], Tone::Plain),
        component.into(),
        Text::lines([answer, why], tone),
    ]
}

/// The reason, and the record that decided.
fn why(row: &AffectedDevice) -> String {
    let shield = if row.answer == Answer::Affected && row.between.iter().any(Between::holds) {
        "; shielded, not fixed"
    } else {
        ""
    };
    let why = row.reason.sentence();
    let why =
        row.evidence.first().map_or_else(|| why.to_owned(), |record| format!("{why} ({})", record.advisory));
    format!("{why}{shield}")
}

/// Which part it is, with the way to it where it lies inside others.
fn component(row: &AffectedDevice) -> String {
    let component = match (row.path.as_slice(), &row.component) {
        (path, _) if path.len() > 1 => path.join(" > "),
        (_, Some(component)) => component.clone(),
        (_, None) => String::new(),
    };
    match &row.version {
        Some(version) if !component.is_empty() => format!("{component} {version}"),
        _ => component,
    }
}

/// The answer; where the list holds only a part of the devices, a second sentence says which and how many.
fn headline(question: &Question, answer: &Affected) -> String {
    let whole = answer::headline(answer);
    let exposure = question.exposure.map(|exposure| match exposure {
        Exposure::Outside => "facing the outside",
        Exposure::Unknown | Exposure::Flat | Exposure::Isolated | Exposure::Offline => exposure.sentence(),
    });
    let asked = question.answer.map(|answer| answer.to_string());
    let filters: Vec<&str> = exposure.into_iter().chain(asked.as_deref()).collect();
    if filters.is_empty() {
        return whole;
    }
    let verb = if answer.matching == 1 { "matches" } else { "match" };
    format!("{whole} {} {verb} the filter: {}.", words::thousands(answer.matching), filters.join(", "))
}

fn data(data: &DataStatus) -> String {
    let whole =
        if data.complete { "" } else { " It is not complete: bedrail db status says what is missing." };
    format!("{}{whole}", words::data(data, data.as_of()))
}
