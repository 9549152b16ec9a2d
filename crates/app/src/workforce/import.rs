//! Lists of people from files: rosters, and completions of a learning system. Looked through first, then taken over; every line is
//! answered for, and nobody leaves because a list does not name them.

use std::collections::HashMap;

use bedrail_model::ids::WorkerId;
use bedrail_model::workforce::{RosterSource, Worker, WorkerKind};
use bedrail_store::workforce::{links, roster as rows};
use bedrail_workforce::list::{self, Entry, Field, List};
use jiff::ToSpan as _;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::{Followed, night, today_of};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error};

/// Lines that a report names at most; it counts all.
pub const MOST_LINES: usize = 2_000;
/// Names of people that a list does not have, shown at most.
const MOST_ABSENT: usize = 50;

/// A list, and whether it is only looked through.
#[derive(Debug, Clone)]
pub struct ImportRoster {
    /// The file's name.
    pub file_name: String,
    /// The file.
    pub document: Document,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The person is new.
    Added,
    /// Something is said otherwise: what.
    Changed(Vec<&'static str>),
    /// Nothing is said otherwise.
    Unchanged,
    /// The line is not taken, and why.
    Refused(String),
}

/// A line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReport {
    /// Its number, counted as an editor does.
    pub number: u64,
    /// Whom it is about, as the list says it.
    pub name: String,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What a list says and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Columns that are taken: head and meaning.
    pub taken: Vec<(String, &'static str)>,
    /// Columns that are not.
    pub passed_over: Vec<String>,
    /// Lines that change something or are refused, as many as are shown.
    pub lines: Vec<LineReport>,
    /// New people.
    pub added: u64,
    /// Changed ones.
    pub changed: u64,
    /// Unchanged ones.
    pub unchanged: u64,
    /// Lines that are not taken.
    pub refused: u64,
    /// People who are there and whom the list does not name: they stay as they are.
    pub absent: u64,
    /// Some of them.
    pub absent_names: Vec<String>,
    /// What followed, where the list was taken over.
    pub followed: Option<Followed>,
}

impl Report {
    pub(super) fn note(&mut self, number: u64, name: String, outcome: Outcome) {
        match &outcome {
            Outcome::Added => self.added += 1,
            Outcome::Changed(_) => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused(_) => self.refused += 1,
        }
        if outcome != Outcome::Unchanged && self.lines.len() < MOST_LINES {
            self.lines.push(LineReport { number, name, outcome });
        }
    }

    pub(super) fn columns(&mut self, list: &List) {
        for (head, field) in &list.columns {
            match field {
                Some(field) => self.taken.push((head.clone(), list::called(*field))),
                None => self.passed_over.push(head.clone()),
            }
        }
    }
}

/// Reads a list on a thread that nobody waits on, under the limits of the reader.
pub(super) async fn read(document: &Document) -> Result<(List, String), Error> {
    if document.length() > list::MOST_BYTES as u64 {
        return Err(Error::invalid(
            list::ListError::TooLarge(usize::try_from(document.length()).unwrap_or(usize::MAX)).to_string(),
        ));
    }
    let document = document.clone();
    let read = move || -> Result<(List, String), Error> {
        let bytes = document.bytes()?;
        let digest = hex::encode(Sha256::digest(&bytes));
        let list = list::read(&bytes).map_err(|error| Error::invalid(error.to_string()))?;
        Ok((list, digest))
    };
    tokio::task::spawn_blocking(read).await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// People by what lists name them by.
pub(super) struct Known {
    workers: Vec<Worker>,
    by_external: HashMap<String, usize>,
    by_mail: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Known {
    pub(super) fn of(workers: Vec<Worker>) -> Known {
        let mut known = Known {
            workers: Vec::new(),
            by_external: HashMap::new(),
            by_mail: HashMap::new(),
            by_name: HashMap::new(),
        };
        for worker in workers {
            known.add(worker);
        }
        known
    }

    fn add(&mut self, worker: Worker) {
        let at = self.workers.len();
        if let Some(external) = &worker.external {
            self.by_external.insert(external.clone(), at);
        }
        if let Some(mail) = &worker.mail {
            self.by_mail.entry(mail.clone()).or_default().push(at);
        }
        self.by_name.entry(worker.name.to_lowercase()).or_default().push(at);
        self.workers.push(worker);
    }

    /// Whom a line is about: by the number, else by the address, else by the name. `None` where nobody is.
    pub(super) fn find(&self, entry: &Entry) -> Result<Option<&Worker>, String> {
        if let Some(at) = entry.external.as_ref().and_then(|it| self.by_external.get(it)) {
            return Ok(Some(&self.workers[*at]));
        }
        let several =
            |what: &str| format!("several people of the roster have this {what}; give the staff number");
        if let Some(found) = entry.mail.as_ref().and_then(|mail| self.by_mail.get(mail)) {
            return match found.as_slice() {
                [at] => {
                    let other = &self.workers[*at];
                    match (&entry.external, &other.external) {
                        (Some(new), Some(old)) => {
                            Err(format!("the address is of somebody with the number {old}, not {new}"))
                        }
                        _ => Ok(Some(other)),
                    }
                }
                _ => Err(several("address")),
            };
        }
        if entry.external.is_some() || entry.mail.is_some() {
            return Ok(None);
        }
        match self.by_name.get(&entry.name.to_lowercase()).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([at]) => Ok(Some(&self.workers[*at])),
            Some(_) => Err(several("name")),
        }
    }
}

/// A person as a line has them; what the list has no column for stays as it is.
fn merged(entry: &Entry, before: Option<&Worker>, today: Date) -> Result<Worker, String> {
    let fresh = || Worker {
        id: WorkerId::generate(),
        name: String::new(),
        user_name: None,
        external: None,
        mail: None,
        kind: WorkerKind::Staff,
        roles: Vec::new(),
        site: String::new(),
        ward: String::new(),
        starts: entry.starts.unwrap_or(today),
        until: None,
        source: RosterSource::Csv,
    };
    let mut worker = before.cloned().unwrap_or_else(fresh);
    if !entry.name.is_empty() {
        worker.name.clone_from(&entry.name);
    }
    if worker.name.is_empty() {
        return Err("the person is new, and the line has no name".to_owned());
    }
    worker.mail = entry.mail.clone().or(worker.mail);
    worker.external = entry.external.clone().or(worker.external);
    worker.kind = entry.kind.unwrap_or(worker.kind);
    worker.roles = entry.roles.clone().unwrap_or(worker.roles);
    worker.site = entry.site.clone().unwrap_or(worker.site);
    worker.ward = entry.ward.clone().unwrap_or(worker.ward);
    worker.starts = entry.starts.unwrap_or(worker.starts);
    if let Some(last) = entry.ends {
        worker.until = last.map(|last| last.saturating_add(1.day()));
    }
    if worker.until.is_some_and(|until| until <= worker.starts) {
        return Err("the last day lies before the first day".to_owned());
    }
    Ok(worker)
}

/// Looks a roster through, or takes it over. A line that is refused changes nothing; the others are taken.
///
/// # Errors
/// [`Error::Invalid`] where nothing of the file can be read; [`Error::Denied`] without the right.
pub async fn roster(ctx: &Context, actor: &Actor, command: ImportRoster) -> Result<Report, Error> {
    actor.need(Right::KeepWorkforce)?;
    let (list, digest) = read(&command.document).await?;
    if command.dry_run {
        let view = ctx.view(actor, Right::KeepWorkforce).await?;
        return Ok(compared(&list, rows::all(&view).await?, ctx.clock.today()).0);
    }
    let change = ctx.change(actor, Right::KeepWorkforce, "roster.import").await?;
    let before = rows::all(&change).await?;
    let known: HashMap<WorkerId, (Option<String>, bool)> =
        before.iter().map(|row| (row.worker.id, (row.worker.mail.clone(), row.gone))).collect();
    let (mut report, people) = compared(&list, before, today_of(&change));
    if people.is_empty() {
        return Ok(Report { followed: Some(Followed::default()), ..report });
    }
    // Whom a directory deleted, a list does not bring back; and a link that went to an address ends with that address.
    let gone = |worker: &Worker| known.get(&worker.id).is_some_and(|(_, gone)| *gone);
    for worker in &people {
        if known.get(&worker.id).is_some_and(|(mail, _)| *mail != worker.mail) {
            links::end(&change, worker.id).await?;
        }
    }
    let people: Vec<(Worker, bool)> = people
        .into_iter()
        .map(|worker| {
            let gone = gone(&worker);
            (worker, gone)
        })
        .collect();
    rows::put(&change, &people).await?;
    let followed = night::follow_all(&change).await?;
    report.followed = Some(followed);
    let detail = format!(
        "{} added, {} changed, {} unchanged, {} refused; {}",
        report.added,
        report.changed,
        report.unchanged,
        report.refused,
        followed.words()
    );
    let name = super::line("the file's name", &command.file_name).unwrap_or_default();
    change.commit_with(&name, &detail, None, Some(format!("sha256 {digest}"))).await?;
    Ok(report)
}

/// What a list changes, line by line, and the people as they are then.
fn compared(list: &List, rows: Vec<rows::WorkerRow>, today: Date) -> (Report, Vec<Worker>) {
    let mut report = Report::default();
    report.columns(list);
    let known = Known::of(rows.into_iter().map(|row| row.worker).collect());
    let (mut people, mut named) = (Vec::new(), std::collections::HashMap::new());
    for (number, line) in &list.lines {
        let outcome = line.clone().and_then(|entry| {
            let before = known.find(&entry)?;
            if let Some(before) = before
                && let Some(first) = named.insert(before.id, *number)
            {
                return Err(format!("the same person stands in line {first}"));
            }
            let worker = merged(&entry, before, today)?;
            Ok((worker, before.cloned()))
        });
        let name = line.as_ref().map_or_else(|_| String::new(), |entry| entry.name.clone());
        match outcome {
            Err(why) => report.note(*number, name, Outcome::Refused(why)),
            Ok((worker, None)) => {
                report.note(*number, name, Outcome::Added);
                people.push(worker);
            }
            Ok((worker, Some(before))) => {
                let differs = super::roster::differences(&before, &worker);
                if differs.is_empty() {
                    report.note(*number, name, Outcome::Unchanged);
                } else {
                    report.note(*number, name, Outcome::Changed(differs));
                    people.push(Worker { source: RosterSource::Csv, ..worker });
                }
            }
        }
    }
    let absent =
        known.workers.iter().filter(|worker| worker.is_there(today) && !named.contains_key(&worker.id));
    let names: Vec<String> = absent.map(|worker| worker.name.clone()).collect();
    report.absent = names.len() as u64;
    report.absent_names = names.into_iter().take(MOST_ABSENT).collect();
    (report, people)
}

/// Whether a list can be one of completions.
pub(super) fn has_day(list: &List) -> bool {
    list.has(Field::Done)
}
