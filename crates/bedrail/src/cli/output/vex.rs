//! Statements on weaknesses: tables, and `bedrail.vex-statements/1`.

use std::io::{self, Write};

use bedrail_app::page::Page;
use bedrail_app::vex::Speaks;
use bedrail_app::vex::{Issuer, Spoken, Standing, StatementRow, VexReceipt};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{inspection, json_text, words};
use crate::cli::terminal::Look;

pub(crate) fn write_receipt(receipt: &VexReceipt, out: &mut dyn Write) -> io::Result<()> {
    let count = words::count(receipt.statements, "statement", "statements");
    let state = match (receipt.unchanged, receipt.outdated) {
        (true, _) => "is held already, nothing changed",
        (false, true) => "taken in; a later version of it is held, so its statements do not count",
        (false, false) => "taken in",
    };
    let (name, issuer) = (harmless(&receipt.name), harmless(&receipt.issuer));
    writeln!(out, "{name} of {issuer} ({}): {count}, {state}.", harmless(&receipt.format))?;
    for (standing, count) in &receipt.standings {
        writeln!(out, "  {}: {}", standing.words(), words::thousands(*count))?;
    }
    if !receipt.pinned {
        let key = harmless(&receipt.issuer_key);
        writeln!(
            out,
            "Nobody has said that this issuer's word counts: `bedrail vex pin {key:?} --maker MAKER`"
        )?;
    }
    if let Some(key) = &receipt.signed_by {
        writeln!(out, "Signed by the issuer's key, {key}.")?;
    }
    if let Some(why) = &receipt.unsigned {
        writeln!(out, "It does not count: its issuer is pinned by a key, and {}.", harmless(why))?;
    }
    inspection::write_remarks(&receipt.warnings, out)
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Proposed | Standing::Unclear => Tone::Attention,
        Standing::InForce | Standing::Unpinned => Tone::Plain,
        Standing::Unmatched | Standing::Lapsed | Standing::Declined | Standing::Replaced => Tone::Faint,
    }
}

pub(crate) fn write_table(list: &Page<StatementRow>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let count = words::count(list.total, "statement", "statements");
    let whole = list.rows.len() as u64 == list.total;
    writeln!(out, "{count}{}", if whole { "" } else { ", the first of them:" })?;
    if list.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &StatementRow| {
        let mut spoken: Vec<String> = row.spoken.iter().map(said).collect();
        if spoken.is_empty() {
            spoken.extend(row.statement.products.iter().take(3).map(bedrail_model::vex::Product::words));
        }
        let mut state = vec![row.standing.words().to_owned()];
        state.extend(row.lapse.map(|it| it.sentence().to_owned()));
        state.extend(row.unsigned.then(|| "not signed by the issuer's key".to_owned()));
        let others = row.otherwise.iter().map(|it| format!("{} says {}", it.issuer, it.status.name()));
        state.extend(others);
        state.extend(
            row.idle.iter().map(|it| format!("accepted for {}: {}", it.release_name, it.why.sentence())),
        );
        vec![
            Text::from(row.weakness.as_str()),
            Text::from(row.statement.status.name()),
            Text::lines(state, tone(row.standing)),
            Text::from(row.issuer.as_str()),
            Text::lines(spoken, Tone::Plain),
            Text::from(row.id.to_string()),
        ]
    };
    let header = ["Weakness", "Says", "State", "Issuer", "Of", "Id"];
    write!(out, "{}", grid(&header, list.rows.iter().map(row), look))
}

fn said(spoken: &Spoken) -> String {
    let may = if spoken.speaks == Speaks::Yes { "" } else { "perhaps " };
    let parts = match spoken.components.as_slice() {
        [] => String::new(),
        [one] => format!(", {one}"),
        [one, rest @ ..] => format!(", {one} and {} more", rest.len()),
    };
    format!("{may}{}{parts} ({})", spoken.release_name, words::count(spoken.devices, "device", "devices"))
}

pub(crate) fn write_issuers(issuers: &[Issuer], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(issuers.len() as u64, "issuer", "issuers"))?;
    if issuers.is_empty() {
        return Ok(());
    }
    let row = |it: &Issuer| {
        let makers = match (&it.pinned, it.makers.as_slice()) {
            (None, _) => String::new(),
            (Some(_), []) => "all makers".to_owned(),
            (Some(_), makers) => makers.join(", "),
        };
        let state = match &it.pinned {
            None => Text::toned("not pinned", Tone::Attention),
            Some((at, by)) => Text::from(format!("pinned {} by {by}", at.strftime("%Y-%m-%d"))),
        };
        let rule = it.automatic.as_ref().map(|(at, by)| format!("since {} by {by}", at.strftime("%Y-%m-%d")));
        vec![
            Text::from(it.key.as_str()),
            Text::from(it.name.as_str()),
            state,
            Text::from(makers),
            Text::from(rule.unwrap_or_default()),
            Text::from(it.signed_with.as_deref().unwrap_or_default()),
            Text::toned(words::thousands(it.documents), Tone::Number),
        ]
    };
    let header = ["Known by", "Name", "State", "Speaks for", "Accepted by rule", "Signed by", "Documents"];
    write!(out, "{}", grid(&header, issuers.iter().map(row), look))
}

#[derive(Serialize)]
struct ListView<'a> {
    schema: &'static str,
    total: u64,
    statements: Vec<StatementView<'a>>,
}

#[derive(Serialize)]
struct StatementView<'a> {
    id: String,
    weakness: &'a str,
    ids: &'a [String],
    status: &'static str,
    justification: Option<&'static str>,
    reason: Option<&'a str>,
    impact: Option<&'a str>,
    action: Option<&'a str>,
    standing: &'static str,
    lapse: Option<&'static str>,
    issuer: &'a str,
    issuer_key: &'a str,
    unsigned: bool,
    document: &'a str,
    format: &'a str,
    tlp: &'a str,
    products: Vec<String>,
    spoken: Vec<SpokenView<'a>>,
    otherwise: Vec<OtherwiseView<'a>>,
    idle: Vec<IdleView<'a>>,
}

#[derive(Serialize)]
struct IdleView<'a> {
    release: String,
    release_name: &'a str,
    decision: String,
    #[serde(rename = "use")]
    in_use: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct SpokenView<'a> {
    release: String,
    release_name: &'a str,
    devices: u64,
    speaks: &'static str,
    reason: &'static str,
    why: String,
    components: &'a [String],
    finding: Option<&'static str>,
    pinned: bool,
    needs_person: Vec<&'static str>,
    decision: Option<String>,
}

#[derive(Serialize)]
struct OtherwiseView<'a> {
    statement: String,
    issuer: &'a str,
    status: &'static str,
    release_name: &'a str,
}

impl<'a> From<&'a StatementRow> for StatementView<'a> {
    fn from(row: &'a StatementRow) -> Self {
        let said = &row.statement;
        StatementView {
            id: row.id.to_string(),
            weakness: &row.weakness,
            ids: &said.weaknesses,
            status: said.status.name(),
            justification: said.justification.map(|it| it.name()),
            reason: said.reason.as_deref(),
            impact: said.impact.as_deref(),
            action: said.action.as_deref(),
            standing: row.standing.code(),
            lapse: row.lapse.map(|it| it.code()),
            issuer: &row.issuer,
            issuer_key: &row.issuer_key,
            unsigned: row.unsigned,
            document: &row.document_name,
            format: &row.format,
            tlp: &row.tlp,
            products: said.products.iter().map(bedrail_model::vex::Product::words).collect(),
            spoken: row
                .spoken
                .iter()
                .map(|it| SpokenView {
                    release: it.release.to_string(),
                    release_name: &it.release_name,
                    devices: it.devices,
                    speaks: it.speaks.code(),
                    reason: it.why.code(),
                    why: it.why.sentence(),
                    components: &it.components,
                    finding: it.finding.map(|it| it.code()),
                    pinned: it.pinned,
                    needs_person: it.needs.iter().map(|it| it.code()).collect(),
                    decision: it.decision.map(|it| it.to_string()),
                })
                .collect(),
            otherwise: row
                .otherwise
                .iter()
                .map(|it| OtherwiseView {
                    statement: it.statement.to_string(),
                    issuer: &it.issuer,
                    status: it.status.name(),
                    release_name: &it.release_name,
                })
                .collect(),
            idle: row
                .idle
                .iter()
                .map(|it| IdleView {
                    release: it.release.to_string(),
                    release_name: &it.release_name,
                    decision: it.decision.to_string(),
                    in_use: if it.why.is_unused() { "unused" } else { "expired" },
                    reason: it.why.code(),
                })
                .collect(),
        }
    }
}

pub(crate) fn write_json(list: &Page<StatementRow>, out: &mut dyn Write) -> io::Result<()> {
    let view = ListView {
        schema: "bedrail.vex-statements/1",
        total: list.total,
        statements: list.rows.iter().map(StatementView::from).collect(),
    };
    json_text::write(&view, out)
}
