//! Vendors: the register, agreements with their clauses, links of questionnaires and what came by them, requests to makers, and
//! incidents of their own.

use std::collections::BTreeMap;

use bedrail_model::ids::{AgreementId, DocumentId, IncidentId, VendorId, VendorRequestId};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

/// A vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorRow {
    /// Id.
    pub id: VendorId,
    /// Name.
    pub name: String,
    /// What it does.
    pub services: String,
    /// What data of patients it holds; empty where nobody said.
    pub holds: String,
    /// Whether it holds electronic PHI: `yes`, `no`, `unknown`.
    pub ephi: String,
    /// Whether it is a business associate: `yes`, `no`, `unknown`.
    pub associate: String,
    /// Who is asked.
    pub contact: String,
    /// Who is asked about security.
    pub security_contact: String,
    /// Days within which it said that it tells of a breach.
    pub notice_days: Option<u32>,
    /// Subcontractors with our data.
    pub subcontractors: Vec<String>,
    /// The day on which it confirmed that each of them signed the same.
    pub attested: Option<Date>,
    /// The day on which the relation is looked at anew.
    pub renewal: Option<Date>,
    /// What it is called as a maker of devices; empty where it is none.
    pub maker: String,
    /// Since when it is in the register.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
}

/// A clause that somebody found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseRow {
    /// Which, by its id.
    pub clause: String,
    /// Where in the document.
    pub place: String,
    /// When it was checked.
    pub checked: Timestamp,
    /// By whom.
    pub checked_by: String,
}

/// How an agreement ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndRow {
    /// On which day; from then on it does not hold.
    pub on: Date,
    /// What became of PHI: `returned`, `destroyed`, `kept`.
    pub how: String,
    /// What shows it.
    pub note: String,
    /// Who wrote it down.
    pub by: String,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRow {
    /// Id.
    pub id: AgreementId,
    /// With whom.
    pub vendor: VendorId,
    /// What people call it.
    pub title: String,
    /// The text: document, digest and file name.
    pub document: Option<(DocumentId, Vec<u8>, String)>,
    /// When it was signed, and by whom for the vendor.
    pub signed: Option<(Date, String)>,
    /// From when on it holds, inclusive.
    pub effective: Option<Date>,
    /// The last day on which it holds, inclusive.
    pub expires: Option<Date>,
    /// Its end before that.
    pub ended: Option<EndRow>,
    /// Since when it is here.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
    /// The clauses that were found.
    pub clauses: Vec<ClauseRow>,
}

/// A link of a questionnaire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Its hash.
    pub code: Vec<u8>,
    /// For whom.
    pub vendor: VendorId,
    /// When it was made.
    pub made: Timestamp,
    /// By whom.
    pub made_by: String,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
    /// When it was answered, and who answered, as they wrote it.
    pub used: Option<(Timestamp, String)>,
    /// What was answered: question, answer, note.
    pub answers: Vec<(String, String, String)>,
}

/// A request to a maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Id.
    pub id: VendorRequestId,
    /// To whom.
    pub vendor: VendorId,
    /// `sbom`, `mds2`.
    pub kind: String,
    /// Of which model.
    pub about: String,
    /// When it was asked.
    pub asked: Date,
    /// By whom.
    pub asked_by: String,
    /// The last day, inclusive.
    pub due: Date,
    /// When it was answered, and how.
    pub answered: Option<(Date, String)>,
}

/// An incident of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIncidentRow {
    /// Whose.
    pub vendor: VendorId,
    /// Which.
    pub incident: IncidentId,
    /// When the vendor discovered it, by its own word.
    pub discovered: Option<Date>,
    /// When it told.
    pub told: Option<Date>,
}

const ALL: &str = "SELECT id, name, services, holds, ephi, associate, contact, security_contact, notice_days,
        subcontractors, attested, renewal, maker, added, added_by
    FROM vendor WHERE org_id = $1 ORDER BY lower(name), id";
const INSERT: &str =
    "INSERT INTO vendor (org_id, changed, id, name, services, holds, ephi, associate, contact,
        security_contact, notice_days, subcontractors, attested, renewal, maker, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const UPDATE: &str = "UPDATE vendor SET changed = $3, name = $4, services = $5, holds = $6, ephi = $7, associate = $8,
        contact = $9, security_contact = $10, notice_days = $11, subcontractors = $12, attested = $13, renewal = $14,
        maker = $15
    WHERE org_id = $1 AND id = $2";
const AGREEMENTS: &str =
    "SELECT id, vendor_id, title, document_id, sha256, file_name, signed, signer, effective, expires,
        ended, ended_how, ended_note, ended_by, added, added_by
    FROM vendor_agreement WHERE org_id = $1 ORDER BY added DESC, id DESC";
const INSERT_AGREEMENT: &str =
    "INSERT INTO vendor_agreement (org_id, changed, id, vendor_id, title, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET_DOCUMENT: &str =
    "UPDATE vendor_agreement SET document_id = $3, sha256 = $4, file_name = $5, changed = $6
    WHERE org_id = $1 AND id = $2 AND signed IS NULL AND ended IS NULL";
const SIGN: &str =
    "UPDATE vendor_agreement SET signed = $3, signer = $4, effective = $5, expires = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND signed IS NULL AND ended IS NULL";
const END: &str =
    "UPDATE vendor_agreement SET ended = $3, ended_how = $4, ended_note = $5, ended_by = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND ended IS NULL";
const CLAUSES: &str = "SELECT agreement_id, clause, place, checked, checked_by FROM vendor_clause
    WHERE org_id = $1 ORDER BY clause";
const PUT_CLAUSE: &str =
    "INSERT INTO vendor_clause (org_id, agreement_id, clause, place, checked, checked_by)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id, agreement_id, clause)
    DO UPDATE SET place = excluded.place, checked = excluded.checked, checked_by = excluded.checked_by";
const TAKE_CLAUSE: &str = "DELETE FROM vendor_clause WHERE org_id = $1 AND agreement_id = $2 AND clause = $3";
const TAKE_CLAUSES: &str = "DELETE FROM vendor_clause WHERE org_id = $1 AND agreement_id = $2";
const LINKS: &str = "SELECT code, vendor_id, made, made_by, expires, used, answerer FROM vendor_link
    WHERE org_id = $1 ORDER BY made DESC, code";
const OPEN_LINK: &str =
    "SELECT vendor_id FROM vendor_link WHERE org_id = $1 AND code = $2 AND used IS NULL AND expires > $3";
const INSERT_LINK: &str = "INSERT INTO vendor_link (org_id, code, vendor_id, made, made_by, expires)
    VALUES ($1, $2, $3, $4, $5, $6)";
const END_LINKS: &str = "UPDATE vendor_link SET expires = $3
    WHERE org_id = $1 AND vendor_id = $2 AND used IS NULL AND expires > $3";
const USE_LINK: &str = "UPDATE vendor_link SET used = $3, answerer = $4
    WHERE org_id = $1 AND code = $2 AND used IS NULL AND expires > $3";
const ANSWERS: &str =
    "SELECT code, question, answer, note FROM vendor_answer WHERE org_id = $1 ORDER BY question";
const INSERT_ANSWER: &str = "INSERT INTO vendor_answer (org_id, code, question, answer, note)
    VALUES ($1, $2, $3, $4, $5)";
const REQUESTS: &str =
    "SELECT id, vendor_id, kind, about, asked, asked_by, due, answered, answer FROM vendor_request
    WHERE org_id = $1 ORDER BY asked DESC, id DESC";
const INSERT_REQUEST: &str =
    "INSERT INTO vendor_request (org_id, id, vendor_id, kind, about, asked, asked_by, due)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ANSWER_REQUEST: &str = "UPDATE vendor_request SET answered = $3, answer = $4
    WHERE org_id = $1 AND id = $2 AND answered IS NULL";
const INCIDENTS: &str = "SELECT vendor_id, incident_id, discovered, told FROM vendor_incident
    WHERE org_id = $1 ORDER BY added DESC";
const PUT_INCIDENT: &str =
    "INSERT INTO vendor_incident (org_id, vendor_id, incident_id, discovered, told, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (org_id, vendor_id, incident_id)
    DO UPDATE SET discovered = excluded.discovered, told = excluded.told";
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    INSERT,
    UPDATE,
    AGREEMENTS,
    INSERT_AGREEMENT,
    SET_DOCUMENT,
    SIGN,
    END,
    CLAUSES,
    PUT_CLAUSE,
    TAKE_CLAUSE,
    TAKE_CLAUSES,
    LINKS,
    OPEN_LINK,
    INSERT_LINK,
    END_LINKS,
    USE_LINK,
    ANSWERS,
    INSERT_ANSWER,
    REQUESTS,
    INSERT_REQUEST,
    ANSWER_REQUEST,
    INCIDENTS,
    PUT_INCIDENT,
];

fn day(row: &QueryResult, index: usize) -> Result<Option<Date>, Error> {
    let text: Option<String> = get(row, index)?;
    text.map(|text| code("a day of a vendor", &text, |text| text.parse().ok())).transpose()
}

fn some_day(row: &QueryResult, index: usize) -> Result<Date, Error> {
    code("a day of a vendor", &get::<String>(row, index)?, |text| text.parse().ok())
}

fn text(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn read(row: &QueryResult) -> Result<VendorRow, Error> {
    Ok(VendorRow {
        id: VendorId::from_uuid(get(row, 0)?),
        name: get(row, 1)?,
        services: get(row, 2)?,
        holds: get(row, 3)?,
        ephi: get(row, 4)?,
        associate: get(row, 5)?,
        contact: get(row, 6)?,
        security_contact: get(row, 7)?,
        notice_days: get::<Option<i64>>(row, 8)?.and_then(|days| u32::try_from(days).ok()),
        subcontractors: get::<String>(row, 9)?.lines().map(str::to_owned).collect(),
        attested: day(row, 10)?,
        renewal: day(row, 11)?,
        maker: get(row, 12)?,
        added: time(get(row, 13)?)?,
        added_by: get(row, 14)?,
    })
}

/// All vendors, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<VendorRow>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a new vendor.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &VendorRow) -> Result<(), Error> {
    let mut all = values![change.org().uuid(), change.number, row.id.uuid()];
    all.extend(columns(row));
    all.extend(values![micros(row.added), row.added_by.as_str()]);
    change.execute(INSERT, all).await?;
    Ok(())
}

/// Changes what is said of a vendor; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, row: &VendorRow) -> Result<bool, Error> {
    let mut all = values![change.org().uuid(), row.id.uuid(), change.number];
    all.extend(columns(row));
    Ok(change.execute(UPDATE, all).await? > 0)
}

fn columns(row: &VendorRow) -> Vec<sea_orm::Value> {
    values![
        row.name.as_str(),
        row.services.as_str(),
        row.holds.as_str(),
        row.ephi.as_str(),
        row.associate.as_str(),
        row.contact.as_str(),
        row.security_contact.as_str(),
        row.notice_days.map(i64::from),
        row.subcontractors.join("\n"),
        text(row.attested),
        text(row.renewal),
        row.maker.as_str()
    ]
}

/// All agreements with their clauses, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn agreements(view: &View) -> Result<Vec<AgreementRow>, Error> {
    let mut clauses: BTreeMap<AgreementId, Vec<ClauseRow>> = BTreeMap::new();
    for row in view.all(CLAUSES, values![view.org().uuid()]).await? {
        let clause = ClauseRow {
            clause: get(&row, 1)?,
            place: get(&row, 2)?,
            checked: time(get(&row, 3)?)?,
            checked_by: get(&row, 4)?,
        };
        clauses.entry(AgreementId::from_uuid(get(&row, 0)?)).or_default().push(clause);
    }
    let mut all = Vec::new();
    for row in view.all(AGREEMENTS, values![view.org().uuid()]).await? {
        let id = AgreementId::from_uuid(get(&row, 0)?);
        let document = match get::<Option<uuid::Uuid>>(&row, 3)? {
            None => None,
            Some(document) => {
                let digest = get::<Option<Vec<u8>>>(&row, 4)?.unwrap_or_default();
                let name = get::<Option<String>>(&row, 5)?.unwrap_or_default();
                Some((DocumentId::from_uuid(document), digest, name))
            }
        };
        let word = |index| Ok::<String, Error>(get::<Option<String>>(&row, index)?.unwrap_or_default());
        let signed = match day(&row, 6)? {
            None => None,
            Some(on) => Some((on, word(7)?)),
        };
        let ended = match day(&row, 10)? {
            None => None,
            Some(on) => Some(EndRow { on, how: word(11)?, note: word(12)?, by: word(13)? }),
        };
        all.push(AgreementRow {
            id,
            vendor: VendorId::from_uuid(get(&row, 1)?),
            title: get(&row, 2)?,
            document,
            signed,
            effective: day(&row, 8)?,
            expires: day(&row, 9)?,
            ended,
            added: time(get(&row, 14)?)?,
            added_by: get(&row, 15)?,
            clauses: clauses.remove(&id).unwrap_or_default(),
        });
    }
    Ok(all)
}

/// Keeps a draft of an agreement.
///
/// # Errors
/// When the database refuses, as where the vendor is not of the organisation.
pub async fn add_agreement(
    change: &Change,
    id: AgreementId,
    vendor: VendorId,
    title: &str,
) -> Result<(), Error> {
    let (org, at) = (change.org().uuid(), micros(change.at()));
    let values = values![org, change.number, id.uuid(), vendor.uuid(), title, at, change.actor()];
    change.execute(INSERT_AGREEMENT, values).await?;
    Ok(())
}

/// Puts the text of a draft; what was found in another text is forgotten. False where it is no draft.
///
/// # Errors
/// When the database refuses.
pub async fn set_document(
    change: &Change,
    id: AgreementId,
    document: DocumentId,
    sha256: &[u8],
    name: &str,
) -> Result<bool, Error> {
    let key = (change.org().uuid(), id.uuid());
    let values = values![key.0, key.1, document.uuid(), sha256.to_vec(), name, change.number];
    if change.execute(SET_DOCUMENT, values).await? == 0 {
        return Ok(false);
    }
    change.execute(TAKE_CLAUSES, values![key.0, key.1]).await?;
    Ok(true)
}

/// Notes where a clause stands; nothing takes the note back.
///
/// # Errors
/// When the database refuses.
pub async fn set_clause(
    change: &Change,
    id: AgreementId,
    clause: &str,
    place: Option<&str>,
) -> Result<(), Error> {
    let (org, id) = (change.org().uuid(), id.uuid());
    match place {
        Some(place) => {
            let values = values![org, id, clause, place, micros(change.at()), change.actor()];
            change.execute(PUT_CLAUSE, values).await?
        }
        None => change.execute(TAKE_CLAUSE, values![org, id, clause]).await?,
    };
    Ok(())
}

/// Notes that a draft was signed; false where it is no draft.
///
/// # Errors
/// When the database refuses.
pub async fn sign(
    change: &Change,
    id: AgreementId,
    signed: (Date, &str),
    effective: Option<Date>,
    expires: Option<Date>,
) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        signed.0.to_string(),
        signed.1,
        text(effective),
        text(expires),
        change.number
    ];
    Ok(change.execute(SIGN, values).await? > 0)
}

/// Ends an agreement; false where it was ended.
///
/// # Errors
/// When the database refuses.
pub async fn end(change: &Change, id: AgreementId, on: Date, how: &str, note: &str) -> Result<bool, Error> {
    let (org, id) = (change.org().uuid(), id.uuid());
    let values = values![org, id, on.to_string(), how, note, change.actor(), change.number];
    Ok(change.execute(END, values).await? > 0)
}

/// All links with what came by them, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn links(view: &View) -> Result<Vec<LinkRow>, Error> {
    let mut answers: BTreeMap<Vec<u8>, Vec<(String, String, String)>> = BTreeMap::new();
    for row in view.all(ANSWERS, values![view.org().uuid()]).await? {
        let answer = (get(&row, 1)?, get(&row, 2)?, get(&row, 3)?);
        answers.entry(get(&row, 0)?).or_default().push(answer);
    }
    let mut all = Vec::new();
    for row in view.all(LINKS, values![view.org().uuid()]).await? {
        let code: Vec<u8> = get(&row, 0)?;
        let used = get::<Option<i64>>(&row, 5)?.map(time).transpose()?;
        let answerer = get::<Option<String>>(&row, 6)?.unwrap_or_default();
        all.push(LinkRow {
            vendor: VendorId::from_uuid(get(&row, 1)?),
            made: time(get(&row, 2)?)?,
            made_by: get(&row, 3)?,
            expires: time(get(&row, 4)?)?,
            used: used.map(|used| (used, answerer)),
            answers: answers.remove(&code).unwrap_or_default(),
            code,
        });
    }
    Ok(all)
}

/// Whose link it is that a hash opens at a moment; `None` where it opens nothing, or nothing any more.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_link(view: &View, code: &[u8], now: Timestamp) -> Result<Option<VendorId>, Error> {
    let values = values![view.org().uuid(), code.to_vec(), micros(now)];
    let row = view.one(OPEN_LINK, values).await?;
    row.map(|row| Ok(VendorId::from_uuid(get(&row, 0)?))).transpose()
}

/// Keeps a link by its hash; links to the same vendor that were not used open nothing any more.
///
/// # Errors
/// When the database refuses.
pub async fn add_link(
    change: &Change,
    code: &[u8; 32],
    vendor: VendorId,
    expires: Timestamp,
) -> Result<(), Error> {
    let (org, at) = (change.org().uuid(), micros(change.at()));
    change.execute(END_LINKS, values![org, vendor.uuid(), at]).await?;
    let values = values![org, code.to_vec(), vendor.uuid(), at, change.actor(), micros(expires)];
    change.execute(INSERT_LINK, values).await?;
    Ok(())
}

/// Uses a link with its answers: true for one caller only, and only before it expires.
///
/// # Errors
/// When the database refuses.
pub async fn answer(
    change: &Change,
    code: &[u8; 32],
    answerer: &str,
    answers: &[(String, String, String)],
) -> Result<bool, Error> {
    let org = change.org().uuid();
    let used = values![org, code.to_vec(), micros(change.at()), answerer];
    if change.execute(USE_LINK, used).await? == 0 {
        return Ok(false);
    }
    for (question, answer, note) in answers {
        let values = values![org, code.to_vec(), question.as_str(), answer.as_str(), note.as_str()];
        change.execute(INSERT_ANSWER, values).await?;
    }
    Ok(true)
}

/// All requests to makers, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn requests(view: &View) -> Result<Vec<RequestRow>, Error> {
    let read = |row: &QueryResult| {
        let answer = get::<Option<String>>(row, 8)?.unwrap_or_default();
        Ok(RequestRow {
            id: VendorRequestId::from_uuid(get(row, 0)?),
            vendor: VendorId::from_uuid(get(row, 1)?),
            kind: get(row, 2)?,
            about: get(row, 3)?,
            asked: some_day(row, 4)?,
            asked_by: get(row, 5)?,
            due: some_day(row, 6)?,
            answered: day(row, 7)?.map(|on| (on, answer)),
        })
    };
    view.all(REQUESTS, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a request.
///
/// # Errors
/// When the database refuses.
pub async fn add_request(change: &Change, row: &RequestRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.id.uuid(),
        row.vendor.uuid(),
        row.kind.as_str(),
        row.about.as_str(),
        row.asked.to_string(),
        row.asked_by.as_str(),
        row.due.to_string()
    ];
    change.execute(INSERT_REQUEST, values).await?;
    Ok(())
}

/// Notes the answer to a request; false where it was answered, or there is none.
///
/// # Errors
/// When the database refuses.
pub async fn answer_request(
    change: &Change,
    id: VendorRequestId,
    on: Date,
    answer: &str,
) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), on.to_string(), answer];
    Ok(change.execute(ANSWER_REQUEST, values).await? > 0)
}

/// All incidents of vendors.
///
/// # Errors
/// When the database cannot be used.
pub async fn incidents(view: &View) -> Result<Vec<OwnIncidentRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(OwnIncidentRow {
            vendor: VendorId::from_uuid(get(row, 0)?),
            incident: IncidentId::from_uuid(get(row, 1)?),
            discovered: day(row, 2)?,
            told: day(row, 3)?,
        })
    };
    view.all(INCIDENTS, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Notes that an incident is a vendor's, with the days of its notice.
///
/// # Errors
/// When the database refuses, as where the incident is not of the organisation.
pub async fn put_incident(change: &Change, row: &OwnIncidentRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.vendor.uuid(),
        row.incident.uuid(),
        text(row.discovered),
        text(row.told),
        micros(change.at()),
        change.actor()
    ];
    change.execute(PUT_INCIDENT, values).await?;
    Ok(())
}
