//! Vendors and business associates: who holds what, under which agreement, what each said of its safeguards, what makers of devices
//! were asked for, and the incidents that are a vendor's own.
//!
//! An agreement counts when a person found each of the twelve clauses in its text and it was signed; whoever signs one with a
//! clause missing is refused with the list of those that are.

use std::collections::BTreeMap;

use bedrail_comply::agreement::{self, Days, best, standing};
pub use bedrail_comply::agreement::{CLAUSES, Clause, Notice, QUESTIONS, Question, Standing, notice};
use bedrail_model::ids::VendorId;
use bedrail_model::text::squeezed;
pub use bedrail_store::vendors::{
    AgreementRow, ClauseRow, EndRow, LinkRow, OwnIncidentRow, RequestRow, VendorRow,
};
use bedrail_store::{View, incidents as incident_rows, vendors as rows};
use jiff::civil::Date;

use crate::rights::Right;
use crate::typed::{choice, line, needed_line, text};
use crate::{Actor, Context, Error};

mod agreements;
pub mod answer;
mod incidents;
mod makers;
mod remind;

pub use agreements::{HOW_ENDED, NewEnd, NewSignature, check, check_all, document, draft, end, sign};
pub(crate) use incidents::concerned;
pub use incidents::{Concerned, VendorNotice, own_incident};
pub use makers::{KINDS_ASKED, MakerLine, NewRequest, answered, ask, makers};
pub(crate) use remind::{KIND as NOTICE, remind};

/// Vendors of one organisation at most.
const MOST: usize = 5_000;
/// Subcontractors of one vendor at most.
const MOST_SUBCONTRACTORS: usize = 200;
/// Yes, no, or nobody knows.
pub const KNOWN: [&str; 3] = ["yes", "no", "unknown"];

/// What is said of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetVendor {
    /// Name.
    pub name: String,
    /// What it does.
    pub services: String,
    /// What data of patients it holds.
    pub holds: String,
    /// Whether it holds electronic PHI: `yes`, `no`, `unknown`; unknown where it is empty.
    pub ephi: String,
    /// Whether it is a business associate: the same.
    pub associate: String,
    /// Who is asked.
    pub contact: String,
    /// Who is asked about security.
    pub security_contact: String,
    /// Days within which it said that it tells of a breach.
    pub notice_days: Option<u32>,
    /// Subcontractors with our data.
    pub subcontractors: Vec<String>,
    /// The day on which it confirmed that each signed the same.
    pub attested: Option<Date>,
    /// The day on which the relation is looked at anew.
    pub renewal: Option<Date>,
    /// What it is called as a maker of devices.
    pub maker: String,
}

/// A vendor in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorLine {
    /// What is said of it.
    pub row: VendorRow,
    /// How it stands with its agreements.
    pub standing: Standing,
    /// Whether PHI flows, as far as is known, without an agreement in force.
    pub bare: bool,
    /// The last day of the agreement in force, and days left; the latest where there are several.
    pub ends: Option<(Date, i64)>,
    /// Clauses that the newest draft lacks.
    pub gaps: Vec<&'static str>,
    /// Requests that wait, and of these those that are late.
    pub waiting: (u64, u64),
    /// Answers to the last questionnaire that ask for nothing more, of how many.
    pub answers: Option<(u64, u64)>,
}

/// An agreement as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementDetail {
    /// The agreement.
    pub row: AgreementRow,
    /// How it stands.
    pub standing: Standing,
    /// Clauses that nobody found.
    pub missing: Vec<&'static str>,
}

/// An incident of a vendor with the clock of its notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentLine {
    /// The row.
    pub row: OwnIncidentRow,
    /// Number and title.
    pub incident: (u64, String),
    /// The days by which it must tell; nothing where nobody knows when it found out.
    pub notice: Option<Notice>,
    /// Whether it told late, or is late.
    pub late: bool,
}

/// A vendor with all that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorDetail {
    /// As in the list.
    pub line: VendorLine,
    /// Agreements, the newest first.
    pub agreements: Vec<AgreementDetail>,
    /// Questionnaires, the newest first.
    pub links: Vec<LinkRow>,
    /// Requests, the newest first.
    pub requests: Vec<RequestRow>,
    /// Incidents.
    pub incidents: Vec<IncidentLine>,
}

/// All that the database holds of vendors.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) vendors: Vec<VendorRow>,
    pub(crate) agreements: BTreeMap<VendorId, Vec<AgreementRow>>,
    pub(crate) links: BTreeMap<VendorId, Vec<LinkRow>>,
    pub(crate) requests: BTreeMap<VendorId, Vec<RequestRow>>,
}

fn by_vendor<T>(all: Vec<T>, vendor: impl Fn(&T) -> VendorId) -> BTreeMap<VendorId, Vec<T>> {
    let mut map: BTreeMap<VendorId, Vec<T>> = BTreeMap::new();
    for row in all {
        map.entry(vendor(&row)).or_default().push(row);
    }
    map
}

impl Book {
    /// Reads it, without the questionnaires.
    pub(crate) async fn read(view: &View) -> Result<Book, Error> {
        Ok(Book {
            vendors: rows::all(view).await?,
            agreements: by_vendor(rows::agreements(view).await?, |row| row.vendor),
            links: BTreeMap::new(),
            requests: by_vendor(rows::requests(view).await?, |row| row.vendor),
        })
    }

    /// Reads it with the questionnaires.
    async fn whole(view: &View) -> Result<Book, Error> {
        let links = by_vendor(rows::links(view).await?, |row| row.vendor);
        Ok(Book { links, ..Book::read(view).await? })
    }

    /// The agreements of a vendor, the newest first.
    pub(crate) fn of(&self, vendor: VendorId) -> &[AgreementRow] {
        self.agreements.get(&vendor).map_or(&[], Vec::as_slice)
    }

    /// The agreements in force on a day.
    pub(crate) fn in_force(&self, today: Date) -> impl Iterator<Item = (&VendorRow, &AgreementRow)> {
        self.vendors.iter().flat_map(move |vendor| {
            let agreements = self.of(vendor.id).iter();
            agreements
                .filter(move |row| standing(&days(row), today) == Standing::Signed)
                .map(move |row| (vendor, row))
        })
    }

    /// The days within which a vendor agreed to tell of what it discovered on a day. A draft agrees to nothing, nor does what ended
    /// before or began after: then the law's limit alone holds (45 CFR 164.410(b)).
    fn agreed_days(&self, vendor: &VendorRow, discovered: Date) -> Option<u32> {
        let stood = |row: &AgreementRow| standing(&days(row), discovered) == Standing::Signed;
        vendor.notice_days.filter(|_| self.of(vendor.id).iter().any(stood))
    }

    /// A vendor as in the list.
    pub(crate) fn line(&self, row: &VendorRow, today: Date) -> VendorLine {
        let agreements = self.of(row.id);
        let stands = best(agreements.iter().map(|row| standing(&days(row), today)));
        let in_force = || agreements.iter().filter(|row| standing(&days(row), today) == Standing::Signed);
        let endless = in_force().any(|row| row.expires.is_none());
        let ends = in_force().filter_map(|row| row.expires).max().filter(|_| !endless);
        let draft = agreements.iter().find(|row| row.signed.is_none() && row.ended.is_none());
        let open: Vec<&RequestRow> =
            self.requests.get(&row.id).into_iter().flatten().filter(|row| row.answered.is_none()).collect();
        let late = open.iter().filter(|row| row.due < today).count() as u64;
        VendorLine {
            standing: stands,
            bare: row.ephi == "yes" && row.associate != "no" && stands != Standing::Signed,
            ends: ends.map(|day| (day, i64::from((day - today).get_days()))),
            gaps: draft.map(gaps).unwrap_or_default(),
            waiting: (open.len() as u64, late),
            answers: self.links.get(&row.id).and_then(|links| links.iter().find_map(good_answers)),
            row: row.clone(),
        }
    }
}

/// The days of an agreement, as the rules take them.
pub(crate) fn days(row: &AgreementRow) -> Days {
    Days {
        signed: row.signed.as_ref().map(|(on, _)| *on),
        effective: row.effective,
        expires: row.expires,
        ended: row.ended.as_ref().map(|end| end.on),
    }
}

/// The clauses that nobody found in an agreement.
pub(crate) fn gaps(row: &AgreementRow) -> Vec<&'static str> {
    agreement::missing(row.clauses.iter().map(|it| it.clause.as_str())).iter().map(|it| it.id).collect()
}

fn good_answers(link: &LinkRow) -> Option<(u64, u64)> {
    link.used.as_ref()?;
    let good = |(question, answer, _): &&(String, String, String)| {
        agreement::Question::of(question).is_some_and(|it| it.good == answer)
    };
    Some((link.answers.iter().filter(good).count() as u64, link.answers.len() as u64))
}

fn missing(id: VendorId) -> Error {
    Error::not_found(format!("vendor {id}"))
}

async fn one(view: &View, id: VendorId) -> Result<VendorRow, Error> {
    rows::all(view).await?.into_iter().find(|row| row.id == id).ok_or_else(|| missing(id))
}

/// All vendors by name, those first through whom PHI flows without an agreement.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<VendorLine>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let (book, today) = (Book::whole(&view).await?, ctx.clock.today());
    let mut lines: Vec<VendorLine> = book.vendors.iter().map(|row| book.line(row, today)).collect();
    lines.sort_by_key(|line| !line.bare);
    Ok(lines)
}

/// One vendor.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(ctx: &Context, actor: &Actor, id: VendorId) -> Result<VendorDetail, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let (book, today) = (Book::whole(&view).await?, ctx.clock.today());
    let row = book.vendors.iter().find(|row| row.id == id).ok_or_else(|| missing(id))?;
    let agreement = |row: &AgreementRow| AgreementDetail {
        standing: standing(&days(row), today),
        missing: gaps(row),
        row: row.clone(),
    };
    let mut lines = Vec::new();
    for own in rows::incidents(&view).await?.into_iter().filter(|own| own.vendor == id) {
        let Some(incident) = incident_rows::one(&view, own.incident).await? else { continue };
        let (notice, late) =
            incidents::clock(&own, book.agreed_days(row, own.discovered.unwrap_or(today)), today);
        lines.push(IncidentLine { incident: (incident.number, incident.title), late, notice, row: own });
    }
    Ok(VendorDetail {
        line: book.line(row, today),
        agreements: book.of(id).iter().map(agreement).collect(),
        links: book.links.get(&id).cloned().unwrap_or_default(),
        requests: book.requests.get(&id).cloned().unwrap_or_default(),
        incidents: lines,
    })
}

fn checked(new: &SetVendor, today: Date) -> Result<SetVendor, Error> {
    let mut subcontractors = Vec::new();
    for name in new.subcontractors.iter().filter(|name| !name.trim().is_empty()) {
        subcontractors.push(line("a subcontractor", name)?);
    }
    if subcontractors.len() > MOST_SUBCONTRACTORS {
        return Err(Error::invalid(format!("a vendor has at most {MOST_SUBCONTRACTORS} subcontractors")));
    }
    if new.notice_days.is_some_and(|days| days > 3_650) {
        return Err(Error::invalid("the days of notice are more than ten years"));
    }
    if new.attested.is_some_and(|day| day > today) {
        return Err(Error::invalid("the vendor cannot have confirmed it on a day ahead"));
    }
    Ok(SetVendor {
        name: needed_line("the name", &new.name)?,
        services: line("what it does", &new.services)?,
        holds: text("what it holds", &new.holds)?,
        ephi: choice("whether it holds electronic PHI", &new.ephi, &KNOWN, "unknown")?,
        associate: choice("whether it is a business associate", &new.associate, &KNOWN, "unknown")?,
        contact: line("the contact", &new.contact)?,
        security_contact: line("the contact for security", &new.security_contact)?,
        maker: line("the maker", &new.maker)?,
        subcontractors,
        ..new.clone()
    })
}

/// Puts a vendor in the register, or changes what is said of one.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be, [`Error::Conflict`] for a name that is taken, [`Error::NotFound`], [`Error::Denied`].
pub async fn set(
    ctx: &Context,
    actor: &Actor,
    id: Option<VendorId>,
    new: &SetVendor,
) -> Result<VendorId, Error> {
    let new = checked(new, ctx.clock.today())?;
    let action = if id.is_some() { "vendor.set" } else { "vendor.add" };
    let change = ctx.change(actor, Right::KeepProgramme, action).await?;
    let all = rows::all(&change).await?;
    let before = match id {
        Some(id) => Some(all.iter().find(|row| row.id == id).ok_or_else(|| missing(id))?),
        None => None,
    };
    let same = |row: &&VendorRow| Some(row.id) != id && row.name.to_lowercase() == new.name.to_lowercase();
    if all.iter().find(same).is_some() {
        return Err(Error::Conflict { message: "there is a vendor of that name already".into() });
    }
    if before.is_none() && all.len() >= MOST {
        return Err(Error::invalid(format!("an organisation has at most {MOST} vendors")));
    }
    let row = VendorRow {
        id: id.unwrap_or_else(VendorId::generate),
        name: new.name,
        services: new.services,
        holds: new.holds,
        ephi: new.ephi,
        associate: new.associate,
        contact: new.contact,
        security_contact: new.security_contact,
        notice_days: new.notice_days,
        subcontractors: new.subcontractors,
        attested: new.attested,
        renewal: new.renewal,
        maker: new.maker,
        added: before.map_or(change.at(), |row| row.added),
        added_by: before.map_or_else(|| change.actor().to_owned(), |row| row.added_by.clone()),
    };
    match before {
        Some(_) => drop(rows::set(&change, &row).await?),
        None => rows::add(&change, &row).await?,
    }
    let detail = format!("electronic PHI: {}, business associate: {}", row.ephi, row.associate);
    change.commit(&row.name, &detail).await?;
    Ok(row.id)
}

/// How names of makers are compared.
fn maker_key(name: &str) -> String {
    squeezed(name).to_lowercase()
}
