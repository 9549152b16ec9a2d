//! Campaigns: tables, `bedrail.campaigns/1` and `bedrail.campaign/1`.

use std::io::{self, Write};

use bedrail_app::campaigns::{CampaignDetail, CampaignRow, CampaignWard, OpenQuestion, StepRow, place_words};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;
use crate::web::views::campaign::{CampaignRowView, CampaignView};

fn number(count: u64) -> Text {
    Text::toned(words::thousands(count), Tone::Number)
}

pub(crate) fn write_list(rows: &[CampaignRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(rows.len() as u64, "campaign", "campaigns"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let row = |row: &CampaignRow| {
        let runs = row.campaign.closed.is_none();
        vec![
            Text::from(row.campaign.name.as_str()),
            Text::from(row.campaign.weakness.as_str()),
            Text::toned(
                if runs { "running" } else { "closed" },
                if runs { Tone::Attention } else { Tone::Plain },
            ),
            number(row.start.affected),
            number(row.now.affected),
            number(row.now.cannot_tell),
            number(row.open_actions),
            Text::toned(row.campaign.id.to_string(), Tone::Faint),
        ]
    };
    let header =
        ["Campaign", "Weakness", "State", "Affected then", "now", "Cannot tell", "Open actions", "Id"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_detail(detail: &CampaignDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let totals = &detail.totals;
    let fleet = totals.fleet.saturating_sub(totals.affected + totals.cannot_tell);
    writeln!(out, "{} ({})", harmless(&detail.campaign.name), harmless(&detail.campaign.weakness))?;
    writeln!(
        out,
        "affected {}, cannot tell {}, facing the outside {}, not affected {}",
        words::thousands(totals.affected),
        words::thousands(totals.cannot_tell),
        words::thousands(totals.outside),
        words::thousands(fleet)
    )?;
    if !detail.data.complete || detail.data.starter_only {
        writeln!(out, "mind: the vulnerability data is not whole; what is not found is not proved")?;
    }
    let ward = |row: &CampaignWard| {
        let on_it = row.on_it.as_ref().map(|row| row.action.owner.clone());
        let tone = if on_it.is_none() && row.now.affected > 0 { Tone::Attention } else { Tone::Plain };
        vec![
            Text::from(place_words(&row.ward)),
            number(row.start.affected),
            number(row.now.affected),
            number(row.now.cannot_tell),
            number(row.now.outside),
            Text::toned(on_it.unwrap_or_else(|| "nobody".to_owned()), tone),
        ]
    };
    let header = ["Ward", "Affected then", "now", "Cannot tell", "Outside", "Who is on it"];
    write!(out, "\n{}", grid(&header, detail.wards.iter().map(ward), look))?;
    let step = |row: &StepRow| {
        vec![
            Text::from(row.step.code()),
            Text::from(format!("{} of {}", row.done, row.all)),
            Text::from(row.begun.map(|at| format!("{at:.0}")).unwrap_or_default()),
            Text::from(row.ended.map(|at| format!("{at:.0}")).unwrap_or_default()),
        ]
    };
    write!(out, "\n{}", grid(&["Step", "Done", "Begun", "Ended"], detail.steps.iter().map(step), look))?;
    if !detail.questions.is_empty() {
        let question = |row: &OpenQuestion| {
            let asked = row.asked.as_ref().and_then(|row| row.action.asked.as_ref());
            vec![
                Text::from(row.fact.as_str()),
                number(row.devices),
                Text::from(asked.map_or_else(|| "nobody asked".to_owned(), |asked| asked.whom.clone())),
            ]
        };
        let header = ["What to ask", "Devices", "Asked"];
        write!(out, "\n{}", grid(&header, detail.questions.iter().map(question), look))?;
    }
    let waiting = detail.waiting().count() as u64;
    writeln!(out, "{} open, or done and not shown", words::count(waiting, "action", "actions"))
}

#[derive(Serialize)]
struct Campaigns {
    schema: &'static str,
    campaigns: Vec<CampaignRowView>,
}

pub(crate) fn write_list_json(rows: &[CampaignRow], out: &mut dyn Write) -> io::Result<()> {
    let campaigns = rows.iter().map(CampaignRowView::from).collect();
    json_text::write(&Campaigns { schema: "bedrail.campaigns/1", campaigns }, out)
}

#[derive(Serialize)]
struct Campaign {
    schema: &'static str,
    #[serde(flatten)]
    campaign: CampaignView,
}

pub(crate) fn write_detail_json(detail: &CampaignDetail, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Campaign { schema: "bedrail.campaign/1", campaign: CampaignView::from(detail) }, out)
}
