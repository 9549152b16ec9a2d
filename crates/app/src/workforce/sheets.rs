//! Signed sheets that come back, with the scan as proof: one sheet on which people are ticked, or a list of who signed on which day. Every
//! line of a list is answered for; a signature of another text than the one that is asked for is refused by its line.

use bedrail_model::ids::{DocumentId, DutyId, WorkerId};
use bedrail_model::workforce::{Assignment, Duty, DutyKind, How, Stage, Worker};
use bedrail_store::workforce::night::{self as night_rows, Counted};
use bedrail_store::workforce::{duties as rows, roster};
use bedrail_store::{Change, View, documents};
use bedrail_workforce::dates;
use bedrail_workforce::list::{Entry, List};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::duties::not_found;
use super::import::{Known, Outcome, Report, has_day, read};
use super::today_of;
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, vault};

/// How many digits of a hash tell a text from another one: eight are printed on no two texts of a house by chance.
const DIGITS: usize = 8;

/// What came back of a printed sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The hash of the text on the sheet.
    pub sha256: String,
    /// Who signed it.
    pub signed: Vec<WorkerId>,
    /// The day on which they signed.
    pub on: Date,
    /// The scan: name and file.
    pub scan: (String, Document),
}

/// Takes a sheet in: who signed it has done it, with the scan as proof.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for a day or a scan that cannot be or nobody; [`Error::Conflict`] for a sheet of another text,
/// or somebody of whom it is not open: then nobody is noted.
pub async fn take_sheet(ctx: &Context, actor: &Actor, id: DutyId, sheet: &Sheet) -> Result<u64, Error> {
    actor.need(Right::KeepWorkforce)?;
    if sheet.signed.is_empty() {
        return Err(Error::invalid("it does not say who signed"));
    }
    let name = crate::programme::told(&sheet.scan.0, &sheet.scan.1).await?.0;
    let kept = vault::keep(ctx, &sheet.scan.1).await?;
    let change = ctx.change(actor, Right::KeepWorkforce, "statement.sheet").await?;
    let duty = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?;
    let today = today_of(&change);
    if sheet.on > today {
        return Err(Error::invalid(format!("{} lies ahead", sheet.on)));
    }
    // A day of slack for the zone of the ward.
    if sheet.on < asked_on(&duty).saturating_sub(1.day()) {
        return Err(Error::invalid(format!("on {} nobody was asked to sign this yet", sheet.on)));
    }
    if duty.kind == DutyKind::Course {
        return Err(Error::invalid("a course is taken, not signed"));
    }
    if sheet.sha256 != duty.sha256 || duty.closed.is_some() {
        return Err(Error::Conflict {
            message: "the sheet is of a text that is not asked for any more".into(),
        });
    }
    let size = usize::try_from(sheet.scan.1.length()).unwrap_or(usize::MAX);
    let document = documents::add(&change, &kept.sha256, "sheet", &name, size).await?;
    let mut taken = Vec::with_capacity(sheet.signed.len());
    for worker in &sheet.signed {
        let row = roster::one(&change, *worker).await?.ok_or_else(|| super::roster::not_found(*worker))?;
        let Worker { name, site, ward, .. } = row.worker;
        let open = rows::last(&change, id, *worker).await?.filter(|it| it.stage == Stage::Open);
        let open = open.ok_or_else(|| not_open(&name))?;
        taken.push(Taken { open, name, place: (site, ward), on: sheet.on });
    }
    note(&change, &duty, &taken, document, today).await?;
    let count = taken.len() as u64;
    let detail = format!("{count} people signed on {}, version {}", sheet.on, duty.version);
    change.commit_with(&duty.title, &detail, None, Some(format!("sha256 {}", kept.hex()))).await?;
    Ok(count)
}

/// A list of who signed, and what shows it.
#[derive(Debug, Clone)]
pub struct SignedList {
    /// The list: name and file.
    pub list: (String, Document),
    /// The scan or picture of the signed sheet: name and file. Needed, but for a look.
    pub scan: Option<(String, Document)>,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// Looks a list of who signed through, or takes it over: person, day, and where the list has it, the version. A line that is refused
/// changes nothing; the others are taken.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] where nothing of the list can be read, it has no day, or the scan is missing or none;
/// [`Error::Conflict`] for a course or for what is asked no more.
pub async fn take_list(
    ctx: &Context,
    actor: &Actor,
    id: DutyId,
    command: &SignedList,
) -> Result<Report, Error> {
    actor.need(Right::KeepWorkforce)?;
    let (list, digest) = read(&command.list.1).await?;
    if !has_day(&list) {
        return Err(Error::Invalid {
            message: "no column says on which day somebody signed".into(),
            hint: Some("columns are person (mail, staff number or name), signed, version".into()),
        });
    }
    if command.dry_run {
        let view = ctx.view(actor, Right::KeepWorkforce).await?;
        return Ok(judged(&view, id, &list, ctx.clock.today()).await?.report);
    }
    let scan = command.scan.as_ref().ok_or_else(|| Error::Invalid {
        message: "the scan of the signed sheet is missing".into(),
        hint: Some("a list without it shows nothing: bring a PDF, PNG or JPEG".into()),
    })?;
    let name = crate::programme::told(&scan.0, &scan.1).await?.0;
    let kept = vault::keep(ctx, &scan.1).await?;
    let change = ctx.change(actor, Right::KeepWorkforce, "statement.list").await?;
    let today = today_of(&change);
    let Judged { duty, mut report, taken } = judged(&change, id, &list, today).await?;
    report.followed = Some(super::Followed::default());
    if taken.is_empty() {
        return Ok(report);
    }
    let size = usize::try_from(scan.1.length()).unwrap_or(usize::MAX);
    let document = documents::add(&change, &kept.sha256, "sheet", &name, size).await?;
    note(&change, &duty, &taken, document, today).await?;
    let file = super::line("the file's name", &command.list.0).unwrap_or_default();
    let detail = format!(
        "{} people signed version {}, {} lines refused; list {file}, sha256 {digest}",
        taken.len(),
        duty.version,
        report.refused
    );
    change.commit_with(&duty.title, &detail, None, Some(format!("scan sha256 {}", kept.hex()))).await?;
    Ok(report)
}

/// Somebody who signed.
struct Taken {
    open: Assignment,
    name: String,
    place: (String, String),
    on: Date,
}

/// What becomes of a list.
struct Judged {
    duty: Duty,
    report: Report,
    taken: Vec<Taken>,
}

async fn judged(view: &View, id: DutyId, list: &List, today: Date) -> Result<Judged, Error> {
    let duty = rows::one(view, id).await?.ok_or_else(|| not_found(id))?;
    if duty.kind == DutyKind::Course {
        return Err(Error::Conflict { message: "a course is taken, not signed".into() });
    }
    if duty.closed.is_some() {
        return Err(Error::Conflict { message: "this text is not asked for any more".into() });
    }
    let known = Known::of(roster::all(view).await?.into_iter().map(|row| row.worker).collect());
    let (mut report, mut taken) = (Report::default(), Vec::new());
    report.columns(list);
    let mut lines: std::collections::HashMap<WorkerId, u64> = std::collections::HashMap::new();
    for (number, line) in &list.lines {
        let name = line.as_ref().map_or_else(|_| String::new(), called);
        let found = match line {
            Ok(entry) => of_line(view, &known, &duty, entry, today).await?,
            Err(why) => Err(why.clone()),
        };
        let outcome = match found {
            Err(why) => Outcome::Refused(why),
            Ok(None) => Outcome::Unchanged,
            Ok(Some(line)) => match lines.insert(line.open.worker, *number) {
                Some(first) => Outcome::Refused(format!("the same person stands in line {first}")),
                None => {
                    taken.push(line);
                    Outcome::Changed(vec!["signed"])
                }
            },
        };
        report.note(*number, name, outcome);
    }
    Ok(Judged { duty, report, taken })
}

/// Whom a line is about, as it says it.
fn called(entry: &Entry) -> String {
    let said = [Some(entry.name.clone()), entry.mail.clone(), entry.external.clone()];
    said.into_iter().flatten().find(|it| !it.is_empty()).unwrap_or_default()
}

/// What a line comes to: somebody who signed, nothing new, or why it is not taken.
async fn of_line(
    view: &View,
    known: &Known,
    duty: &Duty,
    entry: &Entry,
    today: Date,
) -> Result<Result<Option<Taken>, String>, Error> {
    let worker = match known.find(entry) {
        Ok(Some(worker)) => worker,
        Ok(None) => return Ok(Err("nobody of the roster is meant".to_owned())),
        Err(why) => return Ok(Err(why)),
    };
    let Some(on) = entry.done else { return Ok(Err("the day is missing".to_owned())) };
    if let Some(why) = outdated(duty, entry.version.as_deref(), on) {
        return Ok(Err(why));
    }
    if on > today || on < worker.starts {
        return Ok(Err("the day lies ahead, or before the person's first day".to_owned()));
    }
    Ok(match rows::last(view, duty.id, worker.id).await? {
        Some(open) if open.stage == Stage::Open => {
            let place = (worker.site.clone(), worker.ward.clone());
            Ok(Some(Taken { open, name: worker.name.clone(), place, on }))
        }
        Some(it) if it.stage == Stage::Done => Ok(None),
        _ => Err(format!("this is not asked of {}", worker.name)),
    })
}

/// Why a signature is not one of the text that is asked for: by the version that the line names, or because on its day that text was not
/// yet asked of anybody.
fn outdated(duty: &Duty, version: Option<&str>, on: Date) -> Option<String> {
    if let Some(said) = version {
        let plain = said.trim().trim_start_matches(['v', 'V']).to_lowercase();
        let is_hash = plain.len() >= DIGITS && plain.bytes().all(|it| it.is_ascii_hexdigit());
        let same = if is_hash {
            duty.sha256.starts_with(&plain)
        } else {
            plain.parse().is_ok_and(|number: u64| number == duty.version)
        };
        if !same {
            return Some(format!(
                "“{said}” is another text: version {} is asked, whose hash begins with {}",
                duty.version,
                duty.sha256.get(..DIGITS).unwrap_or_default()
            ));
        }
    }
    let opened = asked_on(duty);
    (on < opened).then(|| {
        format!(
            "signed on {on}, before version {} was asked for ({opened}): it was an earlier text",
            duty.version
        )
    })
}

/// The day on which somebody was first asked for the text.
fn asked_on(duty: &Duty) -> Date {
    duty.opened.to_zoned(TimeZone::UTC).date()
}

/// Notes who signed, and counts again where they work.
///
/// # Errors
/// [`Error::Conflict`] for somebody of whom it is not open any more.
async fn note(
    change: &Change,
    duty: &Duty,
    taken: &[Taken],
    document: DocumentId,
    today: Date,
) -> Result<(), Error> {
    let mut places = std::collections::BTreeSet::new();
    for line in taken {
        if !rows::done(change, &signed(change, duty, line, document)).await? {
            return Err(not_open(&line.name));
        }
        places.insert(&line.place);
    }
    for (site, ward) in places {
        night_rows::tally(change, Counted::Both(duty.id, site, ward), today).await?;
    }
    Ok(())
}

fn not_open(name: &str) -> Error {
    Error::Conflict { message: format!("{name} has this not open; nobody of the sheet was noted") }
}

/// What was open, as it is once it was signed on a sheet.
fn signed(change: &Change, duty: &Duty, line: &Taken, document: DocumentId) -> Assignment {
    Assignment {
        ended: Some(change.at()),
        ended_by: Some(change.actor().to_owned()),
        how: Some(How::Sheet),
        expires: dates::expiry(line.on, duty.valid_days),
        sha256: Some(duty.sha256.clone()),
        document: Some(document),
        ..line.open.clone()
    }
}

#[cfg(test)]
mod tests {
    use bedrail_model::workforce::DutyKind;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_signature_of_another_text_says_why() {
        let duty = Duty {
            id: DutyId::generate(),
            kind: DutyKind::Policy,
            subject: String::new(),
            version: 3,
            sha256: "ab12cd34".to_owned() + &"0".repeat(56),
            title: String::new(),
            body: String::new(),
            roles: Vec::new(),
            days: 30,
            due: None,
            valid_days: None,
            opened: "2026-03-01T23:30:00Z".parse().unwrap(),
            opened_by: String::new(),
            closed: None,
        };
        let day = date(2026, 3, 2);
        for (version, on, good) in [
            (None, day, true),
            (Some("3"), day, true),
            (Some("v3"), day, true),
            (Some("AB12CD34"), day, true),
            (Some("2"), day, false),
            (Some("ab12"), day, false),
            (Some("ab12cd35"), day, false),
            (Some("latest"), day, false),
            (None, date(2026, 3, 1), true),
            (None, date(2026, 2, 28), false),
            (Some("3"), date(2026, 2, 28), false),
        ] {
            assert_eq!(outdated(&duty, version, on).is_none(), good, "{version:?} {on}");
        }
    }
}
