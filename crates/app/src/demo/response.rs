//! A plan for incidents of the sample hospital, and a risk analysis that was signed before some devices joined. All made up, telephone
//! numbers from the range that is kept for fiction.

use jiff::ToSpan as _;

use crate::response::{self, EntryKind, NewEntry};
use crate::risk_analysis::{self, Declare, Grade, Judge, Treatment};
use crate::{Actor, Context, Error};

/// Role, who, telephone, when.
const CONTACTS: [(&str, &str, &str, &str); 4] = [
    ("Incident lead", "Head of security on duty", "555-0100", "Always first."),
    ("Biomedical engineering", "On call", "555-0101", "A device does what nobody set it to."),
    ("Privacy office", "Officer on duty", "555-0102", "Patient data may be in other hands."),
    ("Counsel", "On call", "555-0103", "Before anybody answers a demand or a reporter."),
];
/// What, who decides, telephone, only when.
const DISCONNECT: [(&str, &str, &str, &str); 3] = [
    ("Vendors' remote access", "Incident lead", "555-0100", "At any time; no patient depends on it."),
    (
        "Infusion pumps, from the network",
        "Charge nurse of the ward",
        "555-0110",
        "Rates are written down; pumps run on.",
    ),
    (
        "Patient monitors, from the network",
        "Charge nurse of the ward",
        "555-0110",
        "Somebody watches at the bedside.",
    ),
];

fn entry(kind: EntryKind, rank: u64, (name, person, reach, body): (&str, &str, &str, &str)) -> NewEntry {
    NewEntry {
        kind,
        name: name.to_owned(),
        place: String::new(),
        rank,
        person: person.to_owned(),
        reach: reach.to_owned(),
        body: body.to_owned(),
        follow_ups: String::new(),
        day: None,
        withdrawn: false,
    }
}

/// Writes the plan and judges some risks, once.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let plan = response::get(ctx, actor).await?;
    if plan.entries.is_empty() {
        for (rank, row) in (1..).zip(CONTACTS) {
            response::put(ctx, actor, &entry(EntryKind::Contact, rank, row)).await?;
        }
        for (rank, row) in (1..).zip(DISCONNECT) {
            response::put(ctx, actor, &entry(EntryKind::Disconnect, rank, row)).await?;
        }
        // Most wards have steps, and some have none: that is said on the page.
        for ward in plan.wards_without.iter().take(plan.wards_without.len() * 3 / 4) {
            let steps = "Take the paper charts out of the red box.\nSet pumps by hand, two people read the rate.\nOne person watches the monitors at the bedside.\nSend a runner to the pharmacy each hour.";
            response::put(ctx, actor, &entry(EntryKind::Downtime, 0, (ward, "", "", steps))).await?;
        }
        let held = NewEntry {
            day: Some(ctx.clock.today().saturating_sub(47.days())),
            follow_ups: "Two wards had no paper charts; they are printed each month now.".to_owned(),
            ..entry(
                EntryKind::Exercise,
                0,
                (
                    "Drill: the network is gone for two hours",
                    "",
                    "",
                    "Pumps ran on. The list of telephones was of last year.",
                ),
            )
        };
        response::put(ctx, actor, &held).await?;
    }
    risks(ctx, actor).await
}

async fn risks(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let analysis = risk_analysis::get(ctx, actor).await?;
    if !analysis.signed.is_empty() || analysis.assets.is_empty() {
        return Ok(());
    }
    for (index, asset) in analysis.assets.iter().take(8).enumerate() {
        let declare = Declare {
            asset: asset.name.clone(),
            holds: index % 4 != 3,
            what: "names and vital signs of the last patients".to_owned(),
            source: "sample: the maker's manual".to_owned(),
        };
        risk_analysis::declare(ctx, actor, &declare).await?;
    }
    let due = ctx.clock.today().saturating_add(60.days());
    for (index, line) in analysis.lines.iter().take(12).enumerate() {
        let likelihood = [Grade::High, Grade::Moderate, Grade::Low][index % 3];
        let impact = if line.threat.code == "exploited_weakness" { Grade::High } else { Grade::Moderate };
        let reduced = index % 2 == 0;
        let judge = Judge {
            asset: line.asset.clone(),
            threat: line.threat.code.to_owned(),
            likelihood,
            impact,
            treatment: if reduced { Treatment::Reduce } else { Treatment::Accept },
            measures: if reduced {
                "stands behind the firewall of its ward".to_owned()
            } else {
                String::new()
            },
            likelihood_after: reduced.then_some(Grade::Low),
            impact_after: None,
            owner: "Biomedical engineering".to_owned(),
            due: Some(due),
            action: None,
            reason: "sample: judged in the yearly round".to_owned(),
        };
        risk_analysis::judge(ctx, actor, &judge).await?;
    }
    risk_analysis::sign(ctx, actor, "All medical devices of the sample hospital", None).await?;
    Ok(())
}
