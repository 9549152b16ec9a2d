//! `bedrail affected`: which of my devices are affected?

use std::io::{self, BufWriter, Write};

use bedrail_app::affected::{self, Question};
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_model::answer::Answer;
use bedrail_model::device::Exposure;

use super::session;
use crate::cli::args::{Affected, AnswerWord, ListFormat, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::affected_devices;
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: Affected) -> Result<Exit, Failure> {
    let question = Question {
        text: options.query,
        exposure: options.exposed.then_some(Exposure::Outside),
        answer: options.answer.map(Answer::from),
        site: None,
        ward: None,
        owned: None,
    };
    let settings = session::settings(place, &options.database, options.as_of.clock());
    let answer = session::block_on(async {
        let (ctx, actor) = session::open(settings, &options.database).await?;
        let request = |offset: usize| {
            PageRequest::at(offset as u64, options.limit.saturating_sub(offset as u32).min(MAX_LIMIT))
        };
        let mut answer = affected::ask(&ctx, &actor, &question, &request(0)).await?;
        while answer.rows.len() < options.limit as usize && (answer.rows.len() as u64) < answer.matching {
            let more = affected::ask(&ctx, &actor, &question, &request(answer.rows.len())).await?;
            if more.rows.is_empty() {
                break;
            }
            answer.rows.extend(more.rows);
        }
        Ok(answer)
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    match options.format {
        ListFormat::Table => affected_devices::write_text(&question, &answer, Look::of_stdout(), &mut out)?,
        ListFormat::Json => affected_devices::write_json(&question, &answer, &mut out)?,
        ListFormat::Csv => affected_devices::write_csv(&answer, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

impl From<AnswerWord> for Answer {
    fn from(word: AnswerWord) -> Answer {
        match word {
            AnswerWord::Affected => Answer::Affected,
            AnswerWord::CannotTell => Answer::CannotTell,
            AnswerWord::NotAffected => Answer::NotAffected,
        }
    }
}
