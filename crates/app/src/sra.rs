//! The workbook of the SRA tool of HHS taken in: graded threats into the risk analysis, answers into the self-assessment.
//!
//! What the tool's answers mean here is said row by row before anything is kept. An answer counts for the requirement whose paragraph
//! its row names; of several questions on one paragraph one "no" is a no, and a yes needs all of them. A word of the tool is a claim:
//! it is no document.

use std::collections::BTreeMap;

use bedrail_comply::risk::Grade;
use bedrail_formats::sra_tool::{Answer, Threat};
use bedrail_store::risk::{self as rows, BroughtRow};
use bedrail_store::{Change, documents};
use jiff::civil::Date;

use crate::programme::{self, Asked, Reply, Wanted};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, parse, vault};

/// The longest note of an answer, in characters; less than the self-assessment takes.
const LONGEST_NOTE: usize = 900;
/// Lines of the report of each kind.
const MOST_LINES: usize = 2_000;

/// A workbook that is taken in.
#[derive(Debug, Clone)]
pub struct Workbook {
    /// What it is called.
    pub file_name: String,
    /// Its bytes.
    pub document: Document,
    /// The site that its answers are about, of questions that are asked for each.
    pub site: Option<String>,
    /// Who closes the gaps that it shows; without one a "no" is not taken.
    pub owner: Option<String>,
    /// By the end of which day.
    pub due: Option<Date>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What became of the answers on one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    /// The requirement's id; empty where none was found.
    pub requirement: String,
    /// Its citation; what the row says of the law where none was found.
    pub citation: String,
    /// Sheets and rows that it rests on.
    pub places: Vec<String>,
    /// `yes`, `no`, `not_sure`; empty where nothing is taken.
    pub answer: &'static str,
    /// Why it is not taken; empty where it is.
    pub not_taken: String,
}

/// A threat as it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreatLine {
    /// Its sheet and row.
    pub place: String,
    /// The threat and the weakness that it uses.
    pub words: String,
    /// How likely; nothing where it is not graded in words that are known.
    pub likelihood: Option<Grade>,
    /// How bad.
    pub impact: Option<Grade>,
}

/// What was understood of a workbook, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SraReport {
    /// Answers by requirement, those that are taken first.
    pub answers: Vec<AnswerLine>,
    /// Rows without a response.
    pub unanswered: usize,
    /// Threats.
    pub threats: Vec<ThreatLine>,
    /// Whether the threats of this workbook are held already.
    pub held: bool,
    /// Sheets that hold neither, by name: nothing of them is taken.
    pub unknown_sheets: Vec<String>,
    /// What was met on the way: place and message.
    pub remarks: Vec<(String, String)>,
    /// Whether nothing was kept.
    pub dry_run: bool,
}

impl SraReport {
    /// Answers that are taken.
    pub fn taken(&self) -> usize {
        self.answers.iter().filter(|line| line.not_taken.is_empty()).count()
    }
}

/// Takes a workbook in, or says what would happen. The threats are one change; each answer is saved as if somebody gave it.
///
/// # Errors
/// [`Error::Invalid`] for what is no workbook of the tool, costs too much or names an unknown site; [`Error::Denied`]; when the database
/// cannot be used.
pub async fn import(ctx: &Context, actor: &Actor, new: &Workbook) -> Result<SraReport, Error> {
    actor.need(Right::KeepProgramme)?;
    let book = parse::sra(ctx, new.document.clone()).await?;
    let asked =
        programme::questions(ctx, actor, &Wanted { site: new.site.clone(), ..Wanted::default() }).await?;
    let plans = planned(&book.answers, &asked.rows, new);
    let mut report = SraReport {
        unanswered: book.answers.iter().filter(|it| it.response.is_empty()).count(),
        threats: book.threats.iter().map(threat_line).take(MOST_LINES).collect(),
        unknown_sheets: book.unknown.clone(),
        remarks: book.warnings.iter().map(|it| (it.place.clone(), it.message.clone())).collect(),
        dry_run: new.dry_run,
        ..SraReport::default()
    };
    let left_out = book.threats.len().saturating_sub(MOST_LINES);
    if left_out > 0 {
        report
            .remarks
            .push((String::new(), format!("{left_out} more threats are not taken: there are too many")));
    }
    report.held = keep_threats(ctx, actor, new, &report.threats, &book.threats).await?;
    for (line, replies) in plans {
        if !new.dry_run {
            for reply in replies {
                programme::reply(ctx, actor, reply).await?;
            }
        }
        report.answers.push(line);
    }
    report.answers.sort_by_key(|line| !line.not_taken.is_empty());
    Ok(report)
}

fn grade(text: &str) -> Option<Grade> {
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "low" | "l" | "1" => Some(Grade::Low),
        "medium" | "moderate" | "med" | "m" | "2" => Some(Grade::Moderate),
        "high" | "h" | "3" | "critical" => Some(Grade::High),
        _ => None,
    }
}

fn threat_line(it: &Threat) -> ThreatLine {
    let words = match (it.threat.as_str(), it.vulnerability.as_str()) {
        (threat, "") => threat.to_owned(),
        ("", weakness) => weakness.to_owned(),
        (threat, weakness) => format!("{threat}: {weakness}"),
    };
    ThreatLine {
        place: it.place.clone(),
        words,
        likelihood: grade(&it.likelihood),
        impact: grade(&it.impact),
    }
}

/// Keeps the threats, where they are not held already; whether they are.
async fn keep_threats(
    ctx: &Context,
    actor: &Actor,
    new: &Workbook,
    lines: &[ThreatLine],
    threats: &[Threat],
) -> Result<bool, Error> {
    if lines.is_empty() {
        return Ok(false);
    }
    let document = new.document.clone();
    let digest = tokio::task::spawn_blocking(move || vault::digest(document.open())).await;
    let sha256 = hex::encode(digest.map_err(|error| Error::Internal(Box::new(error)))??);
    let view = ctx.view(actor, Right::KeepProgramme).await?;
    let held = rows::brought(&view).await?.first().is_some_and(|row| row.sha256 == sha256);
    drop(view);
    if held || new.dry_run {
        return Ok(held);
    }
    let kept = vault::keep(ctx, &new.document).await?;
    let change: Change = ctx.change(actor, Right::KeepProgramme, "risk.import").await?;
    let name = programme::file_name(&new.file_name).unwrap_or_else(|_| "workbook.xlsx".to_owned());
    let size = usize::try_from(new.document.length()).unwrap_or(usize::MAX);
    documents::add(&change, &kept.sha256, "risk_analysis", &name, size).await?;
    let code = |grade: Option<Grade>| grade.map(|grade| grade.code().to_owned());
    let row = |(line, it): (&ThreatLine, &Threat)| BroughtRow {
        sha256: sha256.clone(),
        file_name: name.clone(),
        place: line.place.clone(),
        threat: it.threat.clone(),
        vulnerability: it.vulnerability.clone(),
        likelihood: code(line.likelihood),
        impact: code(line.impact),
        at: change.at(),
        author: change.actor().to_owned(),
    };
    let all: Vec<BroughtRow> = lines.iter().zip(threats).map(row).collect();
    rows::add_brought(&change, &all).await?;
    change.commit(&name, &format!("{} threats of a workbook, sha256 {sha256}", all.len())).await?;
    Ok(false)
}

/// What a response says: the first word of its sentence.
fn meant(response: &str) -> &'static str {
    let text = response.trim().to_lowercase();
    let first: String = text.chars().take_while(|it| it.is_alphanumeric() || *it == '\'').collect();
    match first.as_str() {
        "yes" => "yes",
        "no" => "no",
        _ => "not_sure",
    }
}

/// Paragraphs of 45 CFR part 164 that a text names: `164.308(a)(1)(ii)(A)`, in lower case and without blanks.
fn paragraphs(text: &str) -> Vec<String> {
    let flat: String = text.chars().filter(|it| !it.is_whitespace()).flat_map(char::to_lowercase).collect();
    let mut found = Vec::new();
    for (at, _) in flat.match_indices("164.") {
        let rest = &flat[at..];
        let section: String = rest.chars().take_while(|it| it.is_ascii_digit() || *it == '.').collect();
        let mut end = section.len();
        while let Some(close) = rest[end..].strip_prefix('(').and_then(|inside| inside.find(')')) {
            let inside = &rest[end + 1..end + 1 + close];
            if inside.is_empty() || inside.len() > 4 || !inside.chars().all(char::is_alphanumeric) {
                break;
            }
            end += close + 2;
        }
        found.push(rest[..end].trim_end_matches('.').to_owned());
    }
    found
}

/// The answers of one requirement put together, with what is to be saved of them.
fn planned(answers: &[Answer], asked: &[Asked], new: &Workbook) -> Vec<(AnswerLine, Vec<Reply>)> {
    let mut of: BTreeMap<String, Vec<&Answer>> = BTreeMap::new();
    let mut plans = Vec::new();
    let known: Vec<(&Asked, Vec<String>)> =
        asked.iter().map(|it| (it, paragraphs(&it.question.citation))).collect();
    for answer in answers.iter().filter(|it| !it.response.is_empty()) {
        let named = paragraphs(&answer.reference);
        let hit = known.iter().filter(|(_, own)| own.iter().any(|paragraph| named.contains(paragraph)));
        let mut ids: Vec<&String> = hit.map(|(it, _)| &it.question.requirement).collect();
        ids.dedup();
        if ids.is_empty() {
            let why = if named.is_empty() {
                "its row names no paragraph of 45 CFR 164"
            } else {
                "no question here is about that paragraph: what the program computes is not asked for"
            };
            let line = AnswerLine {
                requirement: String::new(),
                citation: answer.reference.clone(),
                places: vec![answer.place.clone()],
                answer: "",
                not_taken: why.to_owned(),
            };
            plans.push((line, Vec::new()));
        }
        for id in ids {
            of.entry(id.clone()).or_default().push(answer);
        }
    }
    for (requirement, given) in of {
        let places: Vec<&Asked> = asked.iter().filter(|it| it.question.requirement == requirement).collect();
        plans.push(plan(&requirement, &given, &places, new));
    }
    plans.truncate(MOST_LINES);
    plans
}

fn plan(requirement: &str, given: &[&Answer], places: &[&Asked], new: &Workbook) -> (AnswerLine, Vec<Reply>) {
    let meant: Vec<&str> = given.iter().map(|it| meant(&it.response)).collect();
    let answer = match () {
        () if meant.contains(&"no") => "no",
        () if meant.iter().all(|it| *it == "yes") => "yes",
        () => "not_sure",
    };
    let note: Vec<String> = given
        .iter()
        .map(|it| format!("{}: {} {}", it.question, it.response, it.note).trim().to_owned())
        .collect();
    let note = format!("SRA tool: {}", note.join(" | "));
    let note: String =
        note.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST_NOTE).collect();
    let mut line = AnswerLine {
        requirement: requirement.to_owned(),
        citation: places.first().map(|it| it.question.citation.clone()).unwrap_or_default(),
        places: given.iter().map(|it| it.place.clone()).collect(),
        answer,
        not_taken: String::new(),
    };
    let by_site = places.iter().any(|it| !it.site.is_empty());
    let same =
        |it: &&Asked| it.answer.as_ref().is_some_and(|held| held.answer == answer && held.note == note);
    line.not_taken = if by_site && new.site.as_ref().is_none_or(|site| site.trim().is_empty()) {
        "it is asked for each site: say which one the workbook is about".to_owned()
    } else if answer == "no" && (new.owner.is_none() || new.due.is_none()) {
        "a \"no\" is a gap: say who closes it and until when".to_owned()
    } else if places.iter().all(same) {
        "it is held already".to_owned()
    } else {
        String::new()
    };
    if !line.not_taken.is_empty() {
        line.answer = "";
        return (line, Vec::new());
    }
    let reply = |it: &&&Asked| Reply {
        requirement: requirement.to_owned(),
        site: Some(it.site.clone()).filter(|site| !site.is_empty()),
        answer: answer.to_owned(),
        note: Some(note.clone()),
        owner: new.owner.clone(),
        due: new.due,
        ..Reply::default()
    };
    let replies = places.iter().filter(|it| !same(it)).collect::<Vec<_>>();
    let replies = replies.iter().map(reply).collect();
    (line, replies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_found_however_they_are_written() {
        for (text, wanted) in [
            ("45 CFR 164.308(a)(1)(ii)(A)", vec!["164.308(a)(1)(ii)(a)"]),
            ("\u{a7}164.308 (a)(5), \u{a7}164.312(d) Required", vec!["164.308(a)(5)", "164.312(d)"]),
            ("164.310", vec!["164.310"]),
            ("HIPAA: \u{a7}164.316(b)(1).", vec!["164.316(b)(1)"]),
            ("N/A", vec![]),
            ("164.308(", vec!["164.308"]),
        ] {
            assert_eq!(paragraphs(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_response_means_what_its_first_word_says() {
        for (text, wanted) in [
            ("Yes. We do this yearly.", "yes"),
            ("no", "no"),
            ("No, not yet", "no"),
            ("I don't know.", "not_sure"),
            ("None of the above", "not_sure"),
            ("Nobody", "not_sure"),
            ("Periodically", "not_sure"),
        ] {
            assert_eq!(meant(text), wanted, "{text}");
        }
    }
}
