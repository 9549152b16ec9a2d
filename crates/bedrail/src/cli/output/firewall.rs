//! Firewalls: tables, `bedrail.firewalls/1` and `bedrail.firewall/1`.

use std::io::{self, Write};

use bedrail_app::firewall::{FirewallDetail, FirewallRow, Mode, Proposal, SiteDetail, State};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;
use crate::web::views::firewall::{FirewallRowView, FirewallView};

fn rules(days: Option<i64>) -> String {
    days.map_or_else(
        || "not known".to_owned(),
        |days| format!("{} old", words::count(days.unsigned_abs(), "day", "days")),
    )
}

fn state(row: &FirewallRow) -> Text {
    match row.state {
        State::Fresh => Text::from("counts"),
        State::Expired => Text::toned("past its day", Tone::Attention),
        State::Silent => Text::toned("silent", Tone::Urgent),
        State::Unread => Text::toned("cannot be read", Tone::Urgent),
    }
}

pub(crate) fn write_list(rows: &[FirewallRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(rows.len() as u64, "firewall", "firewalls"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let row = |row: &FirewallRow| {
        let it = &row.firewall;
        let of = |mode: Mode| row.sites.iter().filter(|(_, one)| *one == mode).count();
        let each = Mode::ALL.into_iter().filter(|mode| of(*mode) > 0);
        let each: Vec<String> = each.map(|mode| format!("{} {}", of(mode), mode.words())).collect();
        let mode = if each.is_empty() { it.mode.words().to_owned() } else { each.join(", ") };
        let until = it.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        vec![
            Text::from(it.name.as_str()),
            Text::from(it.product.words()),
            Text::from(mode),
            state(row),
            Text::from(rules(row.rule_days)),
            Text::from(words::thousands(row.devices)),
            Text::from(format!("{}, {}{until}", it.said_by, it.added.strftime("%Y-%m-%d"))),
        ]
    };
    let header = ["Firewall", "Product", "Does", "State", "Rules", "Devices", "Who says so"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_detail(detail: &FirewallDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_list(std::slice::from_ref(&detail.row), look, out)?;
    let troubles = detail.row.trouble.iter().chain(&detail.kept.trouble);
    for trouble in troubles {
        writeln!(out, "trouble: {}", harmless(trouble))?;
    }
    for site in &detail.sites {
        write_site(site, look, out)?;
    }
    if !detail.words.is_empty() {
        writeln!(out, "\nWhat it said of its rule sets")?;
    }
    for word in &detail.words {
        let alert = if word.alert { "look: " } else { "" };
        writeln!(out, "  {:.0} {alert}{}", word.at, harmless(&word.text))?;
    }
    Ok(())
}

fn write_site(it: &SiteDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let site = &it.site;
    let (mode, on_error) = (site.mode().words(), harmless(&site.on_error));
    writeln!(out, "\nSite {}: {mode}, {on_error} without a verdict", harmless(&site.key))?;
    writeln!(
        out,
        "  {} requests, {} blocked, {} would have been",
        words::thousands(site.requests),
        words::thousands(site.blocked),
        words::thousands(site.would_block)
    )?;
    if !it.rules.is_empty() {
        let rows = it.rules.iter().map(|row| {
            vec![
                Text::from(row.rule.to_string()),
                Text::from(row.message.as_str()),
                Text::from(words::thousands(row.count.blocked)),
                Text::from(words::thousands(row.count.would_block)),
                Text::from(words::thousands(row.clients)),
            ]
        });
        write!(out, "{}", grid(&["Rule", "Says", "Blocked", "Would", "Clients"], rows, look))?;
    }
    for (row, preview) in &it.suspects {
        writeln!(
            out,
            "  perhaps harmless: rule {} at {}: {} requests of {} ordinary clients; without it {} would have passed",
            row.rule,
            harmless(&row.place),
            row.requests,
            row.clients,
            preview.through
        )?;
    }
    for row in &it.shields {
        let family = harmless(&row.family);
        writeln!(out, "  probes {family}: {} of {} stopped, {:.0}", row.stopped, row.probes, row.at)?;
    }
    Ok(())
}

pub(crate) fn write_preview(it: &Proposal, out: &mut dyn Write) -> io::Result<()> {
    let preview = &it.preview;
    writeln!(
        out,
        "of the kept requests {} would have passed, {} of them of clients that are not ordinary; at {} more other rules fired, too",
        preview.through, preview.through_of_others, preview.perhaps
    )?;
    writeln!(out, "put the text into the list in exclusions.json of the firewall's state folder")
}

#[derive(Serialize)]
struct ListView {
    schema: &'static str,
    firewalls: Vec<FirewallRowView>,
}

pub(crate) fn write_list_json(rows: &[FirewallRow], out: &mut dyn Write) -> io::Result<()> {
    let firewalls = rows.iter().map(FirewallRowView::from).collect();
    json_text::write(&ListView { schema: "bedrail.firewalls/1", firewalls }, out)
}

#[derive(Serialize)]
struct DetailView {
    schema: &'static str,
    #[serde(flatten)]
    firewall: FirewallView,
}

pub(crate) fn write_detail_json(detail: &FirewallDetail, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&DetailView { schema: "bedrail.firewall/1", firewall: FirewallView::from(detail) }, out)
}
