//! What is in each report.

use std::collections::BTreeMap;

use bedrail_model::clock::Standing;
use bedrail_press::Block;
use bedrail_store::programme as programme_rows;

use super::{bars, paragraph, table};
use crate::actions::{self, ActionFilter};
use crate::fleet::Fleet;
use crate::page::PageRequest;
use crate::response::ward_name;
use crate::rights::Right;
use crate::{Actor, Context, Error, incidents, programme, risk_analysis};

/// Bars of a picture; more than these are not read.
const MOST_BARS: usize = 12;
/// Rows of actions that a report lists.
const MOST_ACTIONS: usize = 2_000;

/// Counts of a ward.
#[derive(Debug, Clone, Copy, Default)]
struct Ward {
    devices: u64,
    affected: u64,
    exploited: u64,
    unclear: u64,
    outside: u64,
}

fn wards_of(fleet: &Fleet) -> Vec<(String, Ward)> {
    let mut all: BTreeMap<u32, Ward> = BTreeMap::new();
    for brief in &fleet.devices.briefs {
        let ward = all.entry(brief.place).or_default();
        let class = fleet.class(brief);
        ward.devices += 1;
        ward.affected += u64::from(class.affected > 0);
        ward.exploited += u64::from(class.known_exploited > 0);
        ward.unclear += u64::from(fleet.is_blind(brief.class) || class.cannot_tell > 0);
        ward.outside += u64::from(brief.exposure == bedrail_model::device::Exposure::Outside);
    }
    let name = |place: u32| {
        let place = &fleet.devices.places[place as usize];
        match ward_name(&place.site, &place.ward) {
            name if name.is_empty() => "no place on record".to_owned(),
            name => name,
        }
    };
    let mut all: Vec<(String, Ward)> = all.into_iter().map(|(place, ward)| (name(place), ward)).collect();
    all.sort_by_key(|(_, ward)| std::cmp::Reverse((ward.exploited, ward.affected, ward.unclear)));
    all
}

fn exploited_bars(wards: &[(String, Ward)]) -> Vec<Block> {
    let hit: Vec<(String, u64)> = wards
        .iter()
        .filter(|(_, ward)| ward.exploited > 0)
        .take(MOST_BARS)
        .map(|(name, ward)| (name.clone(), ward.exploited))
        .collect();
    match hit.first() {
        None => vec![paragraph(
            "No device is known to have a weakness that is known to be exploited. Devices whose software is not known are not in that.",
        )],
        Some((worst, count)) => {
            let caption = format!("{worst} has most devices with an exploited weakness: {count}");
            vec![bars(caption, "devices", hit)]
        }
    }
}

/// The board page.
pub(super) async fn board(ctx: &Context, actor: &Actor) -> Result<Vec<Block>, Error> {
    let programme = programme::list(ctx, actor, &programme::Filter::default()).await?;
    let incidents = incidents::list(ctx, actor).await?;
    let risk = risk_analysis::get(ctx, actor).await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    drop(view);
    let wards = wards_of(&fleet);
    let sum = |of: fn(&Ward) -> u64| wards.iter().map(|(_, ward)| of(ward)).sum::<u64>();
    let open: Vec<_> = incidents.iter().filter(|row| row.incident.closed.is_none()).collect();
    let late = actions::list(
        ctx,
        actor,
        &ActionFilter { late: true, ..ActionFilter::default() },
        &PageRequest::at(0, 1),
    )
    .await?
    .total;
    let figures = programme.figures;
    let percent = |share: Option<u32>| share.map_or_else(|| "not known".to_owned(), |it| format!("{it} %"));
    let row = |what: &str, is: String| vec![what.to_owned(), is];
    let covered = risk.covered.as_ref().map_or_else(
        || "no analysis was signed".to_owned(),
        |it| {
            format!("{} of {} devices, signed {}", it.share.0, it.share.1, it.signed.at.strftime("%Y-%m-%d"))
        },
    );
    let rows = vec![
        row("Duties by law that are evidenced", percent(figures.evidenced_percent())),
        row("Duties with something overdue", percent(figures.overdue_percent())),
        row("Devices", sum(|ward| ward.devices).to_string()),
        row("Of them, with a weakness that is known to be exploited", sum(|ward| ward.exploited).to_string()),
        row("Of them, with a weakness that affects them", sum(|ward| ward.affected).to_string()),
        row(
            "Of them, of which something cannot be told, affected ones among them",
            sum(|ward| ward.unclear).to_string(),
        ),
        row("Of them, that face the outside", sum(|ward| ward.outside).to_string()),
        row("Risk analysis covers", covered),
        row("Risks that nobody judged", risk.counts[4].to_string()),
        row("Open incidents", open.len().to_string()),
        row("Actions past their day", late.to_string()),
    ];
    let mut all = vec![
        paragraph(
            "This page counts; it is no certificate, and nobody but your counsel says whether a duty is fulfilled.",
        ),
        table("In numbers", &[("What", 4.0), ("Is", 3.0)], rows, ""),
    ];
    all.extend(exploited_bars(&wards));
    let incident = |row: &&incidents::IncidentRow| {
        let next =
            row.next.as_ref().map(|line| format!("{} by {}", line.recipient.replace('_', " "), line.limit));
        vec![
            row.incident.number.to_string(),
            row.incident.kind.words().to_owned(),
            row.affected.map_or_else(|| "not counted".to_owned(), |count| count.to_string()),
            next.unwrap_or_default(),
        ]
    };
    let columns = [("Incident#", 1.0), ("Kind", 3.0), ("People", 2.0), ("Due next", 4.0)];
    all.push(table("Open incidents", &columns, open.iter().map(incident).collect(), "None is open."));
    Ok(all)
}

/// The risk analysis.
pub(super) async fn risk(ctx: &Context, actor: &Actor) -> Result<Vec<Block>, Error> {
    let it = risk_analysis::get(ctx, actor).await?;
    let mut all = Vec::new();
    match &it.covered {
        None => all.push(paragraph("No analysis was signed yet: what follows is a draft.")),
        Some(covered) => {
            let signed = &covered.signed;
            all.push(paragraph(format!(
                "Signed as number {} on {} by {}, SHA-256 {}. It covers {} of the {} devices of today; {} joined since, {} are gone.",
                signed.number,
                signed.at.strftime("%Y-%m-%d"),
                signed.author,
                signed.sha256,
                covered.share.0,
                covered.share.1,
                covered.joined_total,
                covered.gone
            )));
        }
    }
    let names = ["low", "moderate", "high", "critical", "unknown"];
    let counted = names.iter().zip(it.counts).map(|(name, count)| ((*name).to_owned(), count)).collect();
    all.push(bars(
        format!("{} of {} risks were judged by nobody", it.counts[4], it.lines.len()),
        "risks",
        counted,
    ));
    all.push(assets(&it.assets));
    let line = |it: &risk_analysis::RiskLine| {
        let said = it.judged.as_ref().map(|judged| &judged.line);
        let plan = said.and_then(|line| line.plan.as_ref());
        let plan = plan.map(|plan| format!("{}, {}", plan.owner, plan.due.as_deref().unwrap_or("no day")));
        vec![
            it.asset.clone(),
            format!("{}: {}", it.threat.words, it.shows),
            it.inherent.code().to_owned(),
            said.map_or("undecided", |line| line.treatment.code()).to_owned(),
            said.map(|line| line.measures.join("; ")).unwrap_or_default(),
            plan.unwrap_or_default(),
            it.residual.code().to_owned(),
        ]
    };
    let columns = [
        ("Product", 2.0),
        ("Threat and what shows it", 3.4),
        ("Before", 1.1),
        ("Treatment", 1.2),
        ("Measures", 2.2),
        ("Who, until when", 1.6),
        ("Stays", 1.1),
    ];
    all.push(table("Risks", &columns, it.lines.iter().map(line).collect(), "No risk was found or judged."));
    if !it.brought.is_empty() {
        all.push(brought(&it.brought));
    }
    let threats = risk_analysis::THREATS.iter().map(|row| row.words.to_owned()).collect();
    all.push(Block::Heading(2, "Threats that were looked at".to_owned()));
    all.push(Block::List(threats));
    Ok(all)
}

/// What a workbook from elsewhere says, in its words; it names no product and nobody treated it here.
fn brought(all: &[(risk_analysis::BroughtRow, risk_analysis::Level)]) -> Block {
    let line = |(row, level): &(risk_analysis::BroughtRow, risk_analysis::Level)| {
        let grade = |code: &Option<String>| code.clone().unwrap_or_else(|| "unknown".to_owned());
        vec![
            row.threat.clone(),
            row.vulnerability.clone(),
            grade(&row.likelihood),
            grade(&row.impact),
            level.code().to_owned(),
            format!("{}, {}", row.file_name, row.place),
        ]
    };
    let columns = [
        ("Threat", 2.4),
        ("Weakness that it uses", 3.0),
        ("Likelihood", 1.2),
        ("Impact", 1.2),
        ("Before", 1.1),
        ("From", 2.2),
    ];
    table("Threats of the workbook that was brought", &columns, all.iter().map(line).collect(), "None.")
}

fn assets(all: &[risk_analysis::Asset]) -> Block {
    let asset = |it: &risk_analysis::Asset| {
        let holds = match it.holds {
            Some(true) => format!("yes: {}", it.holds_what),
            Some(false) => format!("no: {}", it.holds_what),
            None => "nobody said".to_owned(),
        };
        let counts = [it.devices, it.outside, it.known_exploited, it.affected, it.unclear];
        let mut row = vec![it.name.clone(), holds];
        row.extend(counts.map(|count| count.to_string()));
        row
    };
    let columns = [
        ("Product", 3.0),
        ("Holds patient data", 2.5),
        ("Devices#", 1.2),
        ("Outside#", 1.2),
        ("Exploited#", 1.3),
        ("Affected#", 1.3),
        ("Cannot tell#", 1.3),
    ];
    table("Where patient data is", &columns, all.iter().map(asset).collect(), "There are no devices.")
}

/// The action plan.
pub(super) async fn actions(ctx: &Context, actor: &Actor) -> Result<Vec<Block>, Error> {
    let mut rows = Vec::new();
    let mut late: BTreeMap<String, u64> = BTreeMap::new();
    let mut total = 0;
    while rows.len() < MOST_ACTIONS {
        let page = PageRequest::at(rows.len() as u64, 200);
        let listed = actions::list(ctx, actor, &ActionFilter::default(), &page).await?;
        total = listed.total;
        if listed.rows.is_empty() {
            break;
        }
        for it in listed.rows {
            let past = matches!(it.standing, Standing::Late | Standing::Over);
            if past {
                *late.entry(it.action.owner.clone()).or_default() += 1;
            }
            rows.push(vec![
                it.action.due.to_string(),
                if past { "past its day" } else { "" }.to_owned(),
                it.action.what.clone(),
                it.action.weakness.clone().unwrap_or_default(),
                it.action.owner.clone(),
                it.action.proof_needed.clone().unwrap_or_default(),
            ]);
        }
    }
    let mut late: Vec<(String, u64)> = late.into_iter().collect();
    late.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    late.truncate(MOST_BARS);
    let mut all = Vec::new();
    if let Some((owner, count)) = late.first() {
        all.push(bars(format!("{owner} has most that is past its day: {count}"), "actions", late.clone()));
    }
    if rows.len() as u64 > MOST_ACTIONS as u64 || total > rows.len() as u64 {
        all.push(paragraph(format!(
            "{} of {total} open actions are listed, the first due ones.",
            rows.len()
        )));
    }
    let columns =
        [("Until", 1.3), ("", 1.2), ("What", 3.6), ("Weakness", 1.8), ("Who", 1.6), ("What shows it", 2.2)];
    all.push(table("Open actions", &columns, rows, "No action is open."));
    Ok(all)
}

/// Devices by ward.
pub(super) async fn wards(ctx: &Context, actor: &Actor) -> Result<Vec<Block>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    drop(view);
    let wards = wards_of(&fleet);
    let mut all = exploited_bars(&wards);
    let row = |(name, ward): &(String, Ward)| {
        let counts = [ward.devices, ward.exploited, ward.affected, ward.unclear, ward.outside];
        let mut row = vec![name.clone()];
        row.extend(counts.map(|count| count.to_string()));
        row
    };
    let columns = [
        ("Ward", 4.0),
        ("Devices#", 1.2),
        ("Exploited#", 1.2),
        ("Affected#", 1.2),
        ("Cannot tell#", 1.2),
        ("Outside#", 1.2),
    ];
    all.push(table("Wards", &columns, wards.iter().map(row).collect(), "There are no devices."));
    all.push(paragraph(
        "A device counts once in each column that it fits. “Cannot tell” is no “not affected”.",
    ));
    Ok(all)
}

/// What OCR asks for first.
pub(super) async fn request(ctx: &Context, actor: &Actor) -> Result<Vec<Block>, Error> {
    let listed = programme::list(ctx, actor, &programme::Filter::default()).await?;
    let risk = risk_analysis::get(ctx, actor).await?;
    let incidents = incidents::list(ctx, actor).await?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let proofs = programme_rows::proofs(&view).await?;
    drop(view);
    let shown = |id: &str| {
        let of = proofs.iter().filter(|it| it.requirement == id && it.withdrawn.is_none());
        of.map(|it| format!("{} ({})", it.file_name, &hex::encode(&it.sha256)[..12]))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let duty = |row: &programme::Row| {
        vec![
            row.citation.clone(),
            row.title.clone(),
            row.designation.to_owned(),
            row.state.code().to_owned(),
            row.reason.clone(),
            shown(&row.id),
        ]
    };
    let by_law = ["hipaa-security-rule", "privacy-and-admin", "breach-notification"];
    let rows = listed.rows.iter().filter(|row| by_law.contains(&row.catalogue.as_str())).map(duty).collect();
    let columns = [
        ("Citation", 1.6),
        ("Duty", 2.0),
        ("Kind", 1.1),
        ("State", 1.1),
        ("Why", 3.0),
        ("Documents (SHA-256)", 2.4),
    ];
    let mut all = vec![
        paragraph(
            "A list of what there is and where it is. The documents themselves, the facts and the audit log are in the sealed evidence binder of the same period (`bedrail evidence export`).",
        ),
        table("Duties", &columns, rows, "There is no catalogue."),
    ];
    all.extend([signed(&risk.signed), documents(&proofs), of_incidents(&incidents)]);
    Ok(all)
}

fn signed(all: &[risk_analysis::SignedRow]) -> Block {
    let signed = |it: &risk_analysis::SignedRow| {
        vec![
            it.number.to_string(),
            it.at.strftime("%Y-%m-%d").to_string(),
            it.author.clone(),
            it.scope.clone(),
            it.devices.to_string(),
            it.sha256.clone(),
        ]
    };
    let columns =
        [("No.#", 0.7), ("Signed", 1.3), ("By", 1.8), ("Covers", 3.0), ("Devices#", 1.1), ("SHA-256", 3.0)];
    table("Signed risk analyses", &columns, all.iter().map(signed).collect(), "None was signed.")
}

fn documents(all: &[programme_rows::ProofRow]) -> Block {
    let document = |it: &programme_rows::ProofRow| {
        vec![
            it.file_name.clone(),
            it.signal.clone(),
            it.system.clone(),
            it.about_from.to_string(),
            it.about_to.map(|day| day.to_string()).unwrap_or_default(),
            it.collector.clone(),
            hex::encode(&it.sha256),
        ]
    };
    let columns = [
        ("Document", 2.2),
        ("Shows", 2.0),
        ("Of", 1.6),
        ("From", 1.2),
        ("To", 1.2),
        ("Collected by", 1.6),
        ("SHA-256", 3.0),
    ];
    let rows = all.iter().filter(|it| it.withdrawn.is_none()).map(document).collect();
    table("Documents", &columns, rows, "Nobody brought a document.")
}

fn of_incidents(all: &[incidents::IncidentRow]) -> Block {
    let incident = |row: &incidents::IncidentRow| {
        let decided = match row.decided {
            None => "not decided: a breach is presumed",
            Some(true) => "people are told",
            Some(false) => "nobody has to be told",
        };
        let state = if row.incident.closed.is_some() { "closed" } else { "open" };
        vec![
            row.incident.number.to_string(),
            row.incident.opened.strftime("%Y-%m-%d").to_string(),
            row.incident.kind.words().to_owned(),
            row.affected.map_or_else(|| "not counted".to_owned(), |count| count.to_string()),
            decided.to_owned(),
            state.to_owned(),
        ]
    };
    let columns =
        [("No.#", 0.7), ("Opened", 1.3), ("Kind", 2.0), ("People", 1.3), ("Decision", 3.0), ("State", 1.0)];
    table("Incidents", &columns, all.iter().map(incident).collect(), "None was recorded.")
}
