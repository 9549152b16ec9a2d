//! People of the sample hospital, all made up: a roster, policies in force, two courses, a statement, and who has signed and learned.

use bedrail_model::ids::{PolicyId, WorkerId};
use jiff::ToSpan as _;
use std::fmt::Write as _;

use crate::page::PageRequest;
use crate::workforce::duties::{self, NewStatement};
use crate::workforce::import::{self, ImportRoster};
use crate::workforce::night;
use crate::workforce::policies::{self, NewPolicy, NewVersion};
use crate::workforce::roster::{self, Looked};
use crate::workforce::sheets::{self, Sheet};
use crate::workforce::training::{self, AssignCourse};
use crate::{Actor, Context, Document, Error};

/// First and last names that are combined; nobody is meant.
const FIRST: &[&str] =
    &["Ada", "Bram", "Cleo", "Dario", "Edda", "Finn", "Gwen", "Hugo", "Ines", "Jory", "Kaia", "Levi"];
const LAST: &[&str] =
    &["Ashgrove", "Birchmere", "Copperfen", "Dunhollow", "Eastwick", "Fernley", "Greystone"];
/// Wards of the sample, with their sites and the roles of who works there.
const WARDS: &[(&str, &str, &str)] = &[
    ("Quillhaven Main", "ICU", "nurse; clinical"),
    ("Quillhaven Main", "Surgery", "physician; clinical"),
    ("Quillhaven Main", "Clinical engineering", "engineer"),
    ("Lakeside", "Emergency", "nurse; clinical"),
    ("Lakeside", "Front desk", "office"),
    ("Harbour Clinic", "Imaging", "technician; clinical"),
];
/// Templates that the sample hospital made policies of, and who signs each.
const ADOPTED: &[(&str, &str)] = &[
    ("incident-response", "*"),
    ("passwords-and-sign-in", "*"),
    ("devices-and-media", "engineer, clinical"),
    ("breach-notification", "*"),
    ("privacy-safeguards", "clinical, office"),
    ("workforce-access", ""),
];
/// One that waits to be approved.
const WAITS: &str = "sanctions";

/// The roster as a file, so that it goes the way that a real one goes.
fn list(today: jiff::civil::Date) -> String {
    let mut text = "Staff number,Name,Mail,Kind,Roles,Site,Ward,Start,End\n".to_owned();
    for (at, (first, last)) in
        FIRST.iter().flat_map(|first| LAST.iter().map(move |last| (first, last))).enumerate()
    {
        let (site, ward, roles) = WARDS[at % WARDS.len()];
        let mail = match at % 4 {
            3 => String::new(),
            _ => format!("{}.{}@quillhaven.example", first.to_lowercase(), last.to_lowercase()),
        };
        let kind = ["staff", "staff", "staff", "contractor", "volunteer", "student"][at % 6];
        let ago = i64::try_from(at).unwrap_or_default() * 37 % 1_500 + 60;
        let starts = today.saturating_sub(ago.days());
        let ends = if at % 17 == 16 { today.saturating_sub(20.days()).to_string() } else { String::new() };
        let _ = writeln!(
            text,
            "Q{:04},{first} {last},{mail},{kind},{roles},{site},{ward},{starts},{ends}",
            at + 1
        );
    }
    text
}

/// A version that is not approved yet, so that there is something to compare.
async fn second_draft(ctx: &Context, actor: &Actor, id: PolicyId) -> Result<(), Error> {
    let (_, first) = policies::version(ctx, actor, id, 1).await?;
    let body = format!("{}\n\nAt night the head of the ward on duty decides (sample).", first.body);
    let note = "who decides at night".into();
    policies::write(ctx, actor, id, &NewVersion { seen: 1, body, note }).await?;
    Ok(())
}

/// Takes people, policies and courses in, once; what was changed is not overruled by loading again.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if roster::figures(ctx, actor).await?.here > 0 {
        return Ok(());
    }
    let today = ctx.clock.today();
    let command = ImportRoster {
        file_name: "quillhaven-roster.csv".into(),
        document: list(today).as_str().into(),
        dry_run: false,
    };
    import::roster(ctx, actor, command).await?;
    for (code, roles) in ADOPTED {
        let id = policies::make(ctx, actor, &made(code, roles)).await?;
        let approver = actor.clone().called("Quillhaven compliance office");
        policies::approve(ctx, &approver, id, 1).await?;
        policies::publish(ctx, actor, id, 1).await?;
        second_draft(ctx, actor, id).await?;
    }
    let id = policies::make(ctx, actor, &made(WAITS, "*")).await?;
    second_draft(ctx, actor, id).await?;
    for (course, roles) in
        [("security-and-phishing", "*"), ("privacy-and-devices", "clinical, engineer, office")]
    {
        training::assign(ctx, actor, &AssignCourse { course: course.into(), roles: roles.into(), days: 30 })
            .await?;
    }
    completions(ctx, actor, today).await?;
    let statement = NewStatement {
        title: "Yearly acknowledgement of risks (sample)".into(),
        body: "I know that devices on my ward may fail or be attacked, where the folder for work on paper stands, and whom to call.".into(),
        roles: "clinical".into(),
        due: Some(today.saturating_add(21.days())),
        days: 14,
        valid_days: Some(365),
    };
    let id = duties::open(ctx, actor, &statement).await?;
    signed(ctx, actor, id, today).await?;
    night::run(ctx, actor).await?;
    Ok(())
}

fn made(code: &str, roles: &str) -> NewPolicy {
    let values = [
        ("organisation", "Quillhaven Hospitals (sample)"),
        ("officer", "the security official"),
        ("privacy_officer", "the privacy official"),
        ("contact", "extension 4711"),
        ("site", "all four sites"),
        ("deadline", "within one hour"),
    ];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    NewPolicy { template: Some(code.into()), roles: roles.into(), values, ..NewPolicy::default() }
}

/// What the sample's learning system says.
async fn completions(ctx: &Context, actor: &Actor, today: jiff::civil::Date) -> Result<(), Error> {
    let mut text = "Staff number,Course,Completed,Score\n".to_owned();
    let day = today.saturating_sub(45.days());
    for number in (1..=84).filter(|number| number % 3 != 0) {
        let _ = writeln!(text, "Q{number:04},security-and-phishing,{day},{}", 80 + number % 20);
    }
    let document = Document::from(text.as_str());
    let command = ImportRoster { file_name: "quillhaven-learning.csv".into(), document, dry_run: false };
    training::import(ctx, actor, command).await?;
    Ok(())
}

/// A sheet that came back of a ward.
async fn signed(
    ctx: &Context,
    actor: &Actor,
    id: bedrail_model::ids::DutyId,
    today: jiff::civil::Date,
) -> Result<(), Error> {
    let looked = Looked { ward: "ICU".into(), stage: "here".into(), ..Looked::default() };
    let ward = roster::list(ctx, actor, &looked, &PageRequest::at(0, 100)).await?.rows;
    let people: Vec<WorkerId> = ward.iter().map(|worker| worker.id).take(8).collect();
    let sha256 = duties::get(ctx, actor, id).await?.duty.sha256;
    let scan = ("icu-sheet.txt".to_owned(), Document::from("Sheet of the ICU, signed by hand (sample)\n"));
    sheets::take_sheet(ctx, actor, id, &Sheet { sha256, signed: people, on: today, scan }).await?;
    Ok(())
}
