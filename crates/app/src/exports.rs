//! Lists that are carried away: as CSV (RFC 4180) with formulas made harmless for spreadsheets, and the audit log as lines.
//! What is large is written by a job, for who asked to fetch.

use std::io::{self, Write};

use bedrail_model::action::State;
use bedrail_model::answer::Answer;
use bedrail_model::campaign::{Counts, Look};
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::exposure::Confidence;
use bedrail_model::ids::JobId;
use bedrail_model::text::csv_safe;
use serde::{Deserialize, Serialize};

use crate::actions::ActionRow;
use crate::affected::{self, AffectedDevice, Question};
use crate::campaigns::CampaignDetail;
use crate::devices::{self, DeviceFilter, DeviceRow};
use crate::jobs::asked::Who;
use crate::jobs::run::{Ended, Run, Stop};
use crate::jobs::{self, Kind, kinds};
use crate::page::{MAX_LIMIT, PageRequest};
use crate::results::Draft;
use crate::rights::Right;
use crate::{Actor, Context, Error, audit};

/// Lists with more rows than this are written by a job, where a person asks.
pub const LONG: u64 = 20_000;

/// What is carried away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// The list of devices.
    Devices(DeviceFilter),
    /// The answer to the main question.
    Answer(Question),
    /// The audit log.
    Audit,
}

/// Columns of the answer to the main question.
pub const AFFECTED_HEADER: &[&str] = &[
    "device",
    "asset_tag",
    "serial",
    "kind",
    "site",
    "ward",
    "owner",
    "declared_exposure",
    "exposure",
    "exposure_confidence",
    "exposure_why",
    "maker",
    "model",
    "version",
    "component",
    "component_version",
    "purl",
    "path",
    "answer",
    "reason",
    "fixed_in",
    "records",
    "id",
];

/// Columns of the device list.
pub const DEVICES_HEADER: &[&str] = &[
    "device",
    "asset_tag",
    "serial",
    "udi",
    "kind",
    "site",
    "ward",
    "owner",
    "declared_exposure",
    "exposure",
    "maker",
    "model",
    "version",
    "operating_system",
    "address",
    "host_name",
    "support_ends",
    "has_sbom",
    "affected",
    "known_exploited",
    "cannot_tell",
    "id",
];

/// Columns of the list of actions.
pub const ACTIONS_HEADER: &[&str] = &[
    "id",
    "kind",
    "what",
    "weakness",
    "site",
    "ward",
    "owner",
    "due",
    "outer_limit",
    "window_from",
    "window_to",
    "stage",
    "amount",
    "currency",
    "cost",
    "proof_needed",
    "remaining_risk",
    "ended",
    "ended_by",
    "ended_note",
    "seen",
    "seen_what",
];

/// A row of the list of actions.
pub fn action_row(row: &ActionRow) -> Vec<String> {
    let it = &row.action;
    let (ended, by, note) = match &it.state {
        State::Open => (None, None, None),
        State::Done { at, by, proof: note } | State::Dropped { at, by, reason: note } => {
            (Some(at.to_string()), Some(by.as_str()), Some(note.as_str()))
        }
    };
    let cents = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
    vec![
        it.id.to_string(),
        it.kind.code().to_owned(),
        it.what.clone(),
        said(it.weakness.as_deref()),
        said(it.ward.as_ref().map(|ward| ward.site.as_str())),
        said(it.ward.as_ref().map(|ward| ward.ward.as_str())),
        it.owner.clone(),
        it.due.to_string(),
        it.limit.as_ref().map(|(day, _)| day.to_string()).unwrap_or_default(),
        it.window.map(|window| window.from.to_string()).unwrap_or_default(),
        it.window.map(|window| window.to.to_string()).unwrap_or_default(),
        it.stage().code().to_owned(),
        it.amount.map(|amount| cents(amount.cents)).unwrap_or_default(),
        it.amount.map(|amount| amount.currency.to_string()).unwrap_or_default(),
        said(it.cost.as_deref()),
        said(it.proof_needed.as_deref()),
        said(it.remaining_risk.as_deref()),
        ended.unwrap_or_default(),
        said(by),
        said(note),
        it.seen.as_ref().map(|seen| seen.at.to_string()).unwrap_or_default(),
        it.seen.as_ref().map(|seen| seen.evidence.clone()).unwrap_or_default(),
    ]
}

/// Columns of the report of a campaign.
pub const CAMPAIGN_HEADER: &[&str] = &[
    "campaign",
    "weakness",
    "taken",
    "occasion",
    "data_whole",
    "of",
    "site",
    "ward",
    "devices",
    "affected",
    "cannot_tell",
    "outside",
    "handled",
    "ruled_out",
];

/// The report of a campaign: a row for each look and ward, and one for all wards of a look.
pub fn campaign_rows(detail: &CampaignDetail) -> Vec<Vec<String>> {
    let row = |look: &Look, of: &str, (site, ward): (&str, &str), counts: Counts| {
        let mut row = vec![
            detail.campaign.name.clone(),
            detail.campaign.weakness.clone(),
            look.at.to_string(),
            look.occasion.code().to_owned(),
            look.sound.to_string(),
            of.to_owned(),
            site.to_owned(),
            ward.to_owned(),
        ];
        let numbers = [
            counts.devices,
            counts.affected,
            counts.cannot_tell,
            counts.outside,
            counts.handled,
            counts.ruled_out,
        ];
        row.extend(numbers.iter().map(u64::to_string));
        row
    };
    let of_look = |look: &Look| {
        let wards = look.wards.iter();
        let mut rows: Vec<Vec<String>> =
            wards.map(|one| row(look, "ward", (&one.ward.site, &one.ward.ward), one.counts)).collect();
        rows.push(row(look, "all", ("", ""), look.total()));
        rows
    };
    detail.looks.iter().flat_map(of_look).collect()
}

/// A row of the answer to the main question.
pub fn affected_row(row: &AffectedDevice) -> Vec<String> {
    let facts = &row.facts;
    let records: Vec<&str> = row.evidence.iter().map(|evidence| evidence.advisory.as_str()).collect();
    vec![
        row.name.clone(),
        said(facts.asset_tag.as_deref()),
        said(facts.serial.as_deref()),
        said(facts.kind.as_deref()),
        said(facts.site.as_deref()),
        said(facts.ward.as_deref()),
        said(facts.owner.as_deref()),
        row.reach.declared.code().to_owned(),
        facts.exposure.code().to_owned(),
        said(row.reach.judged.confidence.map(Confidence::code)),
        row.reach.judged.sentence.clone(),
        said(facts.maker.as_deref()),
        said(facts.model.as_deref()),
        said(facts.version.as_deref()),
        said(row.component.as_deref()),
        said(row.version.as_deref()),
        said(row.purl.as_deref()),
        row.path.join(" > "),
        row.answer.code().to_owned(),
        row.reason.code().to_owned(),
        row.fixed_in.join(" "),
        records.join(" "),
        row.device.to_string(),
    ]
}

/// A row of the device list.
pub fn device_row(row: &DeviceRow) -> Vec<String> {
    let facts: &DeviceFacts = &row.facts;
    vec![
        row.name.clone(),
        said(facts.asset_tag.as_deref()),
        said(facts.serial.as_deref()),
        said(facts.udi.as_deref()),
        said(facts.kind.as_deref()),
        said(facts.site.as_deref()),
        said(facts.ward.as_deref()),
        said(facts.owner.as_deref()),
        row.declared.code().to_owned(),
        facts.exposure.code().to_owned(),
        said(facts.maker.as_deref()),
        said(facts.model.as_deref()),
        said(facts.version.as_deref()),
        said(facts.operating_system.as_deref()),
        said(facts.address.as_deref()),
        said(facts.host_name.as_deref()),
        said(facts.support_ends.as_deref()),
        row.has_sbom.to_string(),
        row.affected.to_string(),
        row.known_exploited.to_string(),
        row.cannot_tell.to_string(),
        row.id.to_string(),
    ]
}

fn said(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// What ends a line of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// CR and LF (RFC 4180, section 2): files that people open.
    CrLf,
    /// LF alone: what the next program of a pipe reads.
    Lf,
}

/// Writes rows as CSV; cells that a spreadsheet would compute are shown instead.
///
/// # Errors
/// When `out` cannot be written, or a row is not as long as the first.
pub fn write(rows: impl Iterator<Item = Vec<String>>, end: LineEnd, out: impl Write) -> io::Result<()> {
    let terminator = match end {
        LineEnd::CrLf => csv::Terminator::CRLF,
        LineEnd::Lf => csv::Terminator::Any(b'\n'),
    };
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(out);
    for row in rows {
        writer.write_record(row.iter().map(|field| csv_safe(field).as_bytes().to_vec()))?;
    }
    writer.flush()
}

/// The first row of a list.
pub fn head(columns: &[&str]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// Rows as lines of a file.
pub fn lines(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut lines = Vec::new();
    // Writing to memory fails only for rows of unequal length, which the fixed columns rule out.
    let _ = write(rows, LineEnd::CrLf, &mut lines);
    lines
}

impl Export {
    fn kind(&self) -> &'static Kind {
        match self {
            Export::Devices(_) => &kinds::EXPORT_DEVICES,
            Export::Answer(_) => &kinds::EXPORT_ANSWER,
            Export::Audit => &kinds::EXPORT_AUDIT,
        }
    }

    /// What it is of, for the audit log.
    fn words(&self) -> String {
        match self {
            Export::Devices(filter) if *filter == DeviceFilter::default() => "all devices".to_owned(),
            Export::Devices(_) => "devices by a filter".to_owned(),
            Export::Answer(question) => question.text.clone(),
            Export::Audit => "the whole log".to_owned(),
        }
    }
}

/// What was asked for, as it is kept with the job.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    who: Who,
    words: String,
    #[serde(default)]
    filter: Filter,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Filter {
    text: Option<String>,
    site: Option<String>,
    ward: Option<String>,
    kind: Option<String>,
    maker: Option<String>,
    release: Option<String>,
    exposure: Option<String>,
    answer: Option<String>,
    owned: Option<bool>,
    sbom: Option<bool>,
}

impl From<&Export> for Filter {
    fn from(export: &Export) -> Filter {
        let exposure = |exposure: Option<Exposure>| exposure.map(|it| it.code().to_owned());
        let answer = |answer: Option<Answer>| answer.map(|it| it.code().to_owned());
        match export {
            Export::Devices(filter) => Filter {
                text: filter.text.clone(),
                site: filter.site.clone(),
                ward: filter.ward.clone(),
                kind: filter.kind.clone(),
                maker: filter.maker.clone(),
                release: filter.release.map(|id| id.to_string()),
                exposure: exposure(filter.exposure),
                answer: answer(filter.answer),
                owned: filter.owned,
                sbom: filter.sbom,
            },
            Export::Answer(question) => Filter {
                text: Some(question.text.clone()),
                site: question.site.clone(),
                ward: question.ward.clone(),
                exposure: exposure(question.exposure),
                answer: answer(question.answer),
                owned: question.owned,
                ..Filter::default()
            },
            Export::Audit => Filter::default(),
        }
    }
}

impl Filter {
    fn devices(self) -> DeviceFilter {
        DeviceFilter {
            text: self.text,
            site: self.site,
            ward: self.ward,
            kind: self.kind,
            maker: self.maker,
            release: self.release.and_then(|id| id.parse().ok()),
            exposure: self.exposure.as_deref().and_then(Exposure::from_code),
            answer: self.answer.as_deref().and_then(Answer::from_code),
            owned: self.owned,
            sbom: self.sbom,
            ..DeviceFilter::default()
        }
    }

    fn question(self) -> Question {
        Question {
            text: self.text.unwrap_or_default(),
            exposure: self.exposure.as_deref().and_then(Exposure::from_code),
            answer: self.answer.as_deref().and_then(Answer::from_code),
            site: self.site,
            ward: self.ward,
            owned: self.owned,
        }
    }
}

/// Asks for a list to be written in the background. The job is there if and only if the audit entry is.
///
/// # Errors
/// [`Error::Denied`] without the right to see the list.
pub async fn ask(ctx: &Context, actor: &Actor, export: &Export) -> Result<JobId, Error> {
    let kind = export.kind();
    let asked = Asked { who: Who::of(actor), words: export.words(), filter: Filter::from(export) };
    let change = ctx.change(actor, kind.right, "ask.export").await?;
    let id = jobs::enqueue_for(&change, actor, kind, &asked).await?;
    change.commit(&asked.words, &format!("job {id}")).await?;
    Ok(id)
}

/// Writes the list of devices.
pub(crate) async fn write_devices(run: Run) -> Result<Ended, Stop> {
    let asked: Asked = run.payload()?;
    let actor = asked.who.actor(&run.ctx, run.org()?).await?;
    let list = Export::Devices(asked.filter.devices());
    let (draft, rows) = write_pages(&run, &actor, &list).await?;
    finish(&run, &actor, draft, ("devices.export", &asked.words, rows), "devices.csv").await
}

/// Writes the answer to the main question.
pub(crate) async fn write_answer(run: Run) -> Result<Ended, Stop> {
    let asked: Asked = run.payload()?;
    let actor = asked.who.actor(&run.ctx, run.org()?).await?;
    let list = Export::Answer(asked.filter.question());
    let (draft, rows) = write_pages(&run, &actor, &list).await?;
    finish(&run, &actor, draft, ("answer.export", &asked.words, rows), "affected.csv").await
}

/// Rows of one page of a list, and the length of the whole list.
async fn page(run: &Run, actor: &Actor, list: &Export, from: u64) -> Result<(Vec<Vec<String>>, u64), Error> {
    let request = PageRequest::at(from, MAX_LIMIT);
    Ok(match list {
        Export::Devices(filter) => {
            let list = devices::list(&run.ctx, actor, filter, &request).await?;
            (list.rows.iter().map(device_row).collect(), list.total)
        }
        Export::Answer(question) => {
            let answer = affected::ask(&run.ctx, actor, question, &request).await?;
            (answer.rows.iter().map(affected_row).collect(), answer.matching)
        }
        // The log has no pages: it is written by the walk that checks it.
        Export::Audit => (Vec::new(), 0),
    })
}

async fn write_pages(run: &Run, actor: &Actor, list: &Export) -> Result<(Draft, u64), Stop> {
    let header = if matches!(list, Export::Devices(_)) { DEVICES_HEADER } else { AFFECTED_HEADER };
    let mut draft = Draft::begin(&run.ctx)?;
    let first = lines(std::iter::once(head(header)));
    draft.write_all(&first).map_err(Error::from)?;
    let mut done = 0;
    loop {
        let (rows, total) = page(run, actor, list, done).await?;
        if rows.is_empty() {
            return Ok((draft, done));
        }
        done += rows.len() as u64;
        draft.write_all(&lines(rows.into_iter())).map_err(Error::from)?;
        run.tell(done, total, "writing, rows");
        // Who waits for a page goes first.
        tokio::task::yield_now().await;
    }
}

/// Writes the audit log, checking every link.
pub(crate) async fn write_audit(run: Run) -> Result<Ended, Stop> {
    let asked: Asked = run.payload()?;
    let actor = asked.who.actor(&run.ctx, run.org()?).await?;
    let mut draft = Draft::begin(&run.ctx)?;
    run.tell(0, 0, "writing the log");
    let tell = |entries| run.tell(entries, 0, "writing, entries");
    let verified = audit::write(&run.ctx, &actor, &mut draft, &tell).await?;
    finish(&run, &actor, draft, ("audit.export", &asked.words, verified.entries), "audit.jsonl").await
}

/// Keeps what was written, by the transaction that ends the job and says in the audit log what was carried away.
async fn finish(
    run: &Run,
    actor: &Actor,
    draft: Draft,
    (action, subject, rows): (&'static str, &str, u64),
    name: &str,
) -> Result<Ended, Stop> {
    let right = if action == "audit.export" { Right::SeeAudit } else { Right::SeeFleet };
    let kind = if name.ends_with(".csv") { "text/csv; charset=utf-8" } else { "application/jsonl" };
    let change = run.ctx.change(actor, right, action).await?;
    draft.keep(&run.ctx, &change, run.job.id, (kind, name)).await?;
    run.end_with(change, subject, &format!("{rows} rows"), &format!("{name}, {rows} rows")).await
}
