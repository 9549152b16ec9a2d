//! The office of the sample hospital: vendors with agreements in every state, a questionnaire that was answered, registers, and what
//! an adviser wrote down. All names are made up.

use std::collections::BTreeMap;

use bedrail_comply::agreement::{CLAUSES, QUESTIONS};
use bedrail_model::ids::{AgreementId, VendorId};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::registers::{self, NewEntry};
use crate::vendors::answer::{self, Answers};
use crate::vendors::{self, NewEnd, NewRequest, NewSignature, OwnIncidentRow, SetVendor};
use crate::{Actor, Context, Error, incidents};

/// A vendor of the sample: name, services, what it holds, ePHI, associate, days of notice, subcontractors.
type Sample =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<u32>, &'static str);

const VENDORS: &[Sample] = &[
    (
        "Fenwillow Billing (sample)",
        "sends bills to health plans",
        "names, plans, diagnoses of all patients",
        "yes",
        "yes",
        Some(10),
        "Copperlea Print (sample)",
    ),
    ("Marrowgate Cloud (sample)", "hosts the records", "all records, encrypted", "yes", "yes", Some(5), ""),
    (
        "Thistledown Transcripts (sample)",
        "types what doctors dictate",
        "recordings and letters",
        "yes",
        "yes",
        Some(30),
        "",
    ),
    ("Oldbarn Shredding (sample)", "collects and shreds paper", "paper only", "no", "yes", Some(15), ""),
    ("Pebblewick Cleaning (sample)", "cleans rooms at night", "", "unknown", "no", None, ""),
];

const AGREEMENT: &str = "Agreement with a business associate (sample, not a real contract)\n\
    1 Uses. 2 Limits. 3 Safeguards. 4 Reports. 5 Subcontractors. 6 Access. 7 Amendment.\n\
    8 Accounting. 9 Duties of the hospital. 10 Books. 11 Return. 12 End.\n";

/// Fills the office, once.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if !vendors::list(ctx, actor).await?.is_empty() {
        return Ok(());
    }
    let today = ctx.clock.today();
    let mut ids = Vec::new();
    for (name, services, holds, ephi, associate, notice_days, subcontractors) in VENDORS {
        let new = SetVendor {
            name: (*name).to_owned(),
            services: (*services).to_owned(),
            holds: (*holds).to_owned(),
            ephi: (*ephi).to_owned(),
            associate: (*associate).to_owned(),
            contact: "office@vendor.example".to_owned(),
            security_contact: "security@vendor.example".to_owned(),
            notice_days: *notice_days,
            subcontractors: subcontractors.lines().map(str::to_owned).collect(),
            renewal: Some(today.saturating_add(120.days())),
            ..SetVendor::default()
        };
        ids.push(vendors::set(ctx, actor, None, &new).await?);
    }
    agreements(ctx, actor, &ids, today).await?;
    if let Some(id) = ids.get(1) {
        let path = answer::link(ctx, actor, *id).await?;
        let code = path.rsplit('/').next().unwrap_or_default();
        let asked = answer::look(ctx, code).await?;
        answer::take(ctx, code, &asked.form, &answers(), None).await?;
    }
    for row in incidents::list(ctx, actor).await?.iter().take(1) {
        if let Some(vendor) = ids.get(2) {
            let own = OwnIncidentRow {
                vendor: *vendor,
                incident: row.incident.id,
                discovered: Some(today.saturating_sub(14.days())),
                told: None,
            };
            vendors::own_incident(ctx, actor, &own).await?;
        }
    }
    makers(ctx, actor, today).await?;
    entries(ctx, actor, today).await
}

async fn agreements(ctx: &Context, actor: &Actor, ids: &[VendorId], today: Date) -> Result<(), Error> {
    // In force for a while, ends soon, a draft with gaps, ended.
    let plans: [(usize, usize, Option<i64>, bool); 4] =
        [(0, 12, Some(600), false), (1, 12, Some(40), false), (2, 9, None, false), (3, 12, None, true)];
    for (at, clauses, ends, ended) in plans {
        let Some(vendor) = ids.get(at) else { continue };
        let id = vendors::draft(ctx, actor, *vendor, "Agreement with a business associate").await?;
        let key: (VendorId, AgreementId) = (*vendor, id);
        vendors::document(ctx, actor, key, "agreement-sample.txt", &AGREEMENT.into()).await?;
        for (number, clause) in (1..).zip(CLAUSES.iter().take(clauses)) {
            vendors::check(ctx, actor, key, clause.id, &format!("section {number}")).await?;
        }
        if clauses < CLAUSES.len() {
            continue;
        }
        let on = today.saturating_sub(300.days());
        let expires = ends.map(|days| today.saturating_add(days.days()));
        let signature =
            NewSignature { on, signer: "A. Signer (sample)".to_owned(), effective: None, expires };
        vendors::sign(ctx, actor, key, &signature).await?;
        if ended {
            let note = "certificate of destruction, number 17 (sample)".to_owned();
            let end = NewEnd { on: today.saturating_sub(20.days()), how: "destroyed".to_owned(), note };
            vendors::end(ctx, actor, key, &end).await?;
        }
    }
    Ok(())
}

/// Two makers of the sample's devices become vendors, and are asked.
async fn makers(ctx: &Context, actor: &Actor, today: Date) -> Result<(), Error> {
    for line in vendors::makers(ctx, actor).await?.into_iter().take(2) {
        let new = SetVendor {
            name: format!("{} (maker)", line.maker),
            services: "makes devices of ours".to_owned(),
            ephi: "no".to_owned(),
            associate: "no".to_owned(),
            maker: line.maker.clone(),
            ..SetVendor::default()
        };
        let id = vendors::set(ctx, actor, None, &new).await?;
        for kind in ["sbom", "mds2"] {
            let due = Some(today.saturating_add(21.days()));
            let new = NewRequest { kind: kind.to_owned(), about: "all models in use".to_owned(), due };
            let request = vendors::ask(ctx, actor, id, &new).await?;
            if kind == "mds2" {
                vendors::answered(ctx, actor, (id, request), None, "form received (sample)").await?;
            }
        }
    }
    Ok(())
}

fn answers() -> Answers {
    let answer = |(at, question): (usize, &bedrail_comply::agreement::Question)| {
        let said = if at == 6 { "unknown" } else { question.good };
        (question.id.to_owned(), (said.to_owned(), String::new()))
    };
    Answers {
        answerer: "R. Answerer, security (sample)".to_owned(),
        answers: QUESTIONS.iter().enumerate().map(answer).collect(),
    }
}

/// An entry of a register: its kind, whom it is about, how many days ago, and what its fields say.
type Entry = (&'static str, &'static str, i64, &'static [(&'static str, &'static str)]);

async fn entries(ctx: &Context, actor: &Actor, today: Date) -> Result<(), Error> {
    let rows: &[Entry] = &[
        (
            "access",
            "Patient 4711 (sample)",
            12,
            &[("records", "all of this year"), ("form", "file, by the portal")],
        ),
        ("access", "Patient 4712 (sample)", 33, &[("records", "pictures of March")]),
        ("amendment", "Patient 4713 (sample)", 20, &[("change", "an allergy that is none")]),
        ("complaint", "Visitor (sample)", 9, &[("subject", "names were called out in the waiting room")]),
        (
            "sanction",
            "Employee 17 (sample)",
            60,
            &[
                ("event", "looked at a record without need"),
                ("sanction", "talk, training"),
                ("approver", "Quillhaven compliance office"),
            ],
        ),
        (
            "notice",
            "Version 4",
            200,
            &[
                ("posted", "front desk\nquillhaven.example/privacy"),
                ("given", "at the first visit, with a signature"),
            ],
        ),
        (
            "minimum",
            "Front desk",
            200,
            &[("needs", "names, appointments, plans"), ("limits", "no notes of doctors")],
        ),
    ];
    for (kind, about, ago, values) in rows {
        let values: BTreeMap<String, String> =
            values.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        let received = Some(today.saturating_sub(ago.days()));
        let new = NewEntry { kind: (*kind).to_owned(), about: (*about).to_owned(), received, values };
        let id = registers::add(ctx, actor, &new).await?;
        if *kind == "sanction" {
            registers::close(ctx, actor, id, "applied", "as decided").await?;
        }
    }
    for kind in ["sanction", "accounting"] {
        registers::review(ctx, actor, kind, "looked at for the sample").await?;
    }
    Ok(())
}
