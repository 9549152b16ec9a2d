//! Lists as spreadsheets write them: rosters, and who has done what. Every line is answered for: read, or refused with its reason.

use std::collections::HashMap;

use bedrail_model::workforce::WorkerKind;
use jiff::civil::Date;

/// The largest list, in bytes.
pub const MOST_BYTES: usize = 16 << 20;
/// Lines of a list at most, without its head.
pub const MOST_LINES: usize = 100_000;
/// Characters of a cell at most.
pub const MOST_CELL: usize = 400;
/// Columns at most.
const MOST_COLUMNS: usize = 100;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The whole name.
    Name,
    /// The first name.
    Given,
    /// The family name.
    Family,
    /// The address for mail.
    Mail,
    /// The number by which another system knows the person.
    External,
    /// How they belong.
    Kind,
    /// Roles and groups, parted by `;` or `,`.
    Roles,
    /// Site.
    Site,
    /// Ward.
    Ward,
    /// The first day.
    Starts,
    /// The last day.
    Ends,
    /// The course, by code or name.
    Course,
    /// The day on which it was done.
    Done,
    /// Per cent of right answers.
    Score,
    /// Which text was signed: the number of its version, or how its hash begins.
    Version,
}

/// Heads of columns by field, in small letters without anything but letters and digits.
pub const HEADS: &[(Field, &str, &[&str])] = &[
    (
        Field::Name,
        "name",
        &["name", "fullname", "displayname", "person", "employee", "employeename", "learner", "username"],
    ),
    (Field::Given, "first name", &["firstname", "givenname", "forename"]),
    (Field::Family, "last name", &["lastname", "familyname", "surname"]),
    (Field::Mail, "mail", &["mail", "email", "workmail", "workemail", "emailaddress", "mailaddress"]),
    (
        Field::External,
        "staff number",
        &["staffnumber", "employeeid", "employeenumber", "personnelnumber", "staffid", "externalid", "id"],
    ),
    (Field::Kind, "kind", &["kind", "type", "workertype", "employmenttype", "category"]),
    (Field::Roles, "roles", &["roles", "role", "group", "groups", "job", "jobtitle", "title", "position"]),
    (Field::Site, "site", &["site", "location", "campus", "facility", "office"]),
    (Field::Ward, "ward", &["ward", "department", "unit", "team"]),
    (Field::Starts, "start", &["start", "startdate", "firstday", "from", "hiredate", "joined"]),
    (Field::Ends, "end", &["end", "enddate", "lastday", "until", "to", "terminationdate", "left"]),
    (Field::Course, "course", &["course", "coursename", "coursecode", "training"]),
    (
        Field::Done,
        "completed",
        &["completed", "completedon", "completiondate", "date", "done", "signed", "signedon"],
    ),
    (Field::Score, "score", &["score", "result", "percent", "grade"]),
    (Field::Version, "version", &["version", "policyversion", "hash", "sha256", "fingerprint"]),
];

/// Why a list cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Too many bytes.
    #[error("the list has {0} bytes, at most {MOST_BYTES} are taken")]
    TooLarge(usize),
    /// Not in UTF-8.
    #[error("byte {0} is no UTF-8; save the list as “CSV UTF-8”")]
    Encoding(usize),
    /// A spreadsheet, a PDF or another file that is no text.
    #[error("this is no CSV file but {0}; save the list as “CSV UTF-8”")]
    Other(&'static str),
    /// Nothing in it.
    #[error("the list is empty")]
    Empty,
    /// Too many lines.
    #[error("the list has more than {MOST_LINES} lines; split it")]
    TooLong,
    /// No column that says who it is about.
    #[error("no column says who a line is about: it needs a name, a mail address or a staff number")]
    NoPerson,
}

/// A line of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name; empty where the list has no names.
    pub name: String,
    /// The address for mail, in small letters.
    pub mail: Option<String>,
    /// The number by which another system knows the person.
    pub external: Option<String>,
    /// How they belong; `None` where the list does not say.
    pub kind: Option<WorkerKind>,
    /// Roles and groups; `None` where the list has no such column.
    pub roles: Option<Vec<String>>,
    /// Site; `None` where the list has no such column.
    pub site: Option<String>,
    /// Ward; `None` where the list has no such column.
    pub ward: Option<String>,
    /// The first day.
    pub starts: Option<Date>,
    /// The last day; `None` where the list has no such column, `Some(None)` where the cell is empty.
    pub ends: Option<Option<Date>>,
    /// The course.
    pub course: Option<String>,
    /// The day on which it was done.
    pub done: Option<Date>,
    /// Per cent of right answers.
    pub score: Option<u64>,
    /// Which text was signed: the number of its version, or how its hash begins.
    pub version: Option<String>,
}

/// What a list says, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its columns, and what each is taken for.
    pub columns: Vec<(String, Option<Field>)>,
    /// Its lines by number, counted as an editor does, or why one is refused.
    pub lines: Vec<(u64, Result<Entry, String>)>,
}

impl List {
    /// Whether a column holds this.
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|(_, found)| *found == Some(field))
    }
}

/// What a field is called.
pub fn called(field: Field) -> &'static str {
    HEADS.iter().find(|(known, ..)| *known == field).map_or("", |(_, words, _)| words)
}

fn field_of(head: &str) -> Option<Field> {
    let plain: String =
        head.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).take(40).collect();
    HEADS.iter().find(|(.., names)| names.contains(&plain.as_str())).map(|(field, ..)| *field)
}

/// The text of a list, where it is one.
fn text(bytes: &[u8]) -> Result<&str, ListError> {
    const OTHERS: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
        (b"%PDF", "a PDF"),
        (b"\xff\xfe", "a text in UTF-16"),
        (b"\xfe\xff", "a text in UTF-16"),
        (b"\x1f\x8b", "a compressed file"),
    ];
    if bytes.len() > MOST_BYTES {
        return Err(ListError::TooLarge(bytes.len()));
    }
    if let Some((_, what)) = OTHERS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(ListError::Other(what));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| ListError::Encoding(error.valid_up_to()))?;
    if text.contains('\0') { Err(ListError::Other("a file with zero bytes")) } else { Ok(text) }
}

/// What parts the cells: whatever the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: u8| first.bytes().filter(|byte| *byte == sign).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|sign| (count(*sign), *sign == b',')).unwrap_or(b',')
}

/// Reads a list.
///
/// # Errors
/// [`ListError`] where nothing of it can be read.
pub fn read(bytes: &[u8]) -> Result<List, ListError> {
    let text = text(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|_| ListError::Empty)?.clone();
    let mut columns: Vec<(String, Option<Field>)> = Vec::new();
    for head in heads.iter().take(MOST_COLUMNS) {
        let field = field_of(head).filter(|field| columns.iter().all(|(_, known)| known != &Some(*field)));
        columns.push((head.trim().chars().take(MOST_CELL).collect(), field));
    }
    if columns.iter().all(|(head, _)| head.is_empty()) {
        return Err(ListError::Empty);
    }
    let person = [Field::Name, Field::Family, Field::Mail, Field::External];
    if !columns.iter().any(|(_, field)| field.is_some_and(|field| person.contains(&field))) {
        return Err(ListError::NoPerson);
    }
    let (mut lines, mut known) = (Vec::new(), HashMap::new());
    for record in reader.records() {
        if lines.len() >= MOST_LINES {
            return Err(ListError::TooLong);
        }
        match record {
            Ok(record) => {
                let number = record.position().map_or(0, csv::Position::line);
                if record.iter().all(|cell| cell.trim().is_empty()) {
                    continue;
                }
                lines.push((
                    number,
                    entry(&columns, &record).and_then(|entry| once(&mut known, number, entry)),
                ));
            }
            Err(error) => {
                let number = error.position().map_or(0, csv::Position::line);
                lines.push((number, Err("the line cannot be read".to_owned())));
            }
        }
    }
    Ok(List { columns, lines })
}

/// Refuses the same person a second time: nobody knows which line is meant. Lists of courses have a person more often.
fn once(known: &mut HashMap<String, u64>, number: u64, entry: Entry) -> Result<Entry, String> {
    let course = entry.course.clone().unwrap_or_default();
    let keys = [
        entry.external.as_ref().map(|it| format!("number {it}")),
        entry.mail.as_ref().map(|it| format!("mail {it}")),
    ];
    for key in keys.into_iter().flatten() {
        let key = format!("{key} {course}");
        if let Some(first) = known.get(&key) {
            return Err(format!("the same person stands in line {first}"));
        }
        known.insert(key, number);
    }
    Ok(entry)
}

fn entry(columns: &[(String, Option<Field>)], record: &csv::StringRecord) -> Result<Entry, String> {
    if record.len() > columns.len() {
        return Err(format!("the line has {} cells, the head has {}", record.len(), columns.len()));
    }
    let mut cells: HashMap<Field, String> = HashMap::new();
    for ((head, field), cell) in columns.iter().zip(record.iter()) {
        let Some(field) = field else { continue };
        let cell = cell.trim();
        if cell.chars().count() > MOST_CELL {
            return Err(format!("column {head}: more than {MOST_CELL} characters"));
        }
        if cell.chars().any(char::is_control) {
            return Err(format!("column {head}: it has a control character in it"));
        }
        if cell.starts_with(['=', '+', '-', '@']) {
            return Err(format!(
                "column {head}: it begins with {:?}, as a formula does",
                cell.chars().next().unwrap_or(' ')
            ));
        }
        cells.insert(*field, cell.to_owned());
    }
    let there = |field: Field| cells.get(&field).filter(|cell| !cell.is_empty()).cloned();
    let name = there(Field::Name).unwrap_or_else(|| {
        [there(Field::Given), there(Field::Family)].into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let mail = there(Field::Mail)
        .map(|text| mail(&text).ok_or(format!("column mail: “{text}” is no address")))
        .transpose()?;
    let external = there(Field::External);
    if name.is_empty() && mail.is_none() && external.is_none() {
        return Err("it does not say who it is about".to_owned());
    }
    let kind = match there(Field::Kind) {
        Some(text) => Some(
            kind(&text)
                .ok_or(format!("column kind: “{text}” is none of staff, contractor, volunteer, student"))?,
        ),
        None => None,
    };
    let date = |field: Field| -> Result<Option<Date>, String> {
        there(field)
            .map(|text| {
                day(&text).ok_or(format!("column {}: “{text}” is no day; write 2026-03-01", called(field)))
            })
            .transpose()
    };
    let (starts, ends) = (date(Field::Starts)?, date(Field::Ends)?);
    if let (Some(starts), Some(ends)) = (starts, ends)
        && ends < starts
    {
        return Err(format!("the last day {ends} lies before the first day {starts}"));
    }
    let score = match there(Field::Score) {
        Some(text) => {
            let plain = text.trim_end_matches('%').trim();
            let score = plain.parse::<f64>().ok().filter(|score| (0.0..=100.0).contains(score));
            Some(score.ok_or(format!("column score: “{text}” is no share of 100"))?.floor() as u64)
        }
        None => None,
    };
    Ok(Entry {
        name,
        mail,
        external,
        kind,
        roles: cells.get(&Field::Roles).map(|text| roles(text)),
        site: cells.get(&Field::Site).cloned(),
        ward: cells.get(&Field::Ward).cloned(),
        starts,
        ends: cells.contains_key(&Field::Ends).then_some(ends),
        course: there(Field::Course),
        done: date(Field::Done)?,
        score,
        version: there(Field::Version),
    })
}

/// Roles of a text, parted by `;`, `,` or line ends, in order, each once.
pub fn roles(text: &str) -> Vec<String> {
    let mut roles: Vec<String> = text
        .split([';', ',', '\n'])
        .map(|role| role.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
        .filter(|role| !role.is_empty())
        .map(|role| role.chars().take(80).collect())
        .collect();
    roles.sort();
    roles.dedup();
    roles
}

/// An address as it is kept: in small letters; `None` where it is none.
pub fn mail(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|sign| !sign.is_whitespace() && !sign.is_control());
    let fits = text.len() <= 254 && plain(local) && plain(domain) && !local.contains(['<', '>', '"', '@']);
    (fits && !domain.contains(['<', '>', '"'])).then_some(text)
}

/// How somebody belongs, by a word of a list.
pub fn kind(text: &str) -> Option<WorkerKind> {
    let text = text.trim().to_lowercase();
    const WORDS: &[(WorkerKind, &[&str])] = &[
        (WorkerKind::Staff, &["staff", "employee", "employed", "permanent", "regular"]),
        (WorkerKind::Contractor, &["contractor", "contract", "agency", "temp", "temporary", "vendor"]),
        (WorkerKind::Volunteer, &["volunteer", "unpaid"]),
        (WorkerKind::Student, &["student", "trainee", "intern", "resident"]),
    ];
    WORDS.iter().find(|(_, words)| words.contains(&text.as_str())).map(|(kind, _)| *kind)
}

/// A day: `2026-03-01`, or `3/1/2026` as it is written in the United States.
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(day) = text.get(..10).unwrap_or(text).parse::<Date>() {
        return Some(day);
    }
    let mut parts = text.split('/').map(|part| part.trim().parse::<i16>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    let years = 1900..=2200;
    if parts.next().is_some() || !years.contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
