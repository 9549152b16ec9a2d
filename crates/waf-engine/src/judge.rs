//! One transaction: a request, perhaps its answer, the verdict.

use std::time::Instant;

use bedrail_waf_protocol::{Answer, Interruption, Match, Request, Verdict};

use crate::modsecurity::{Engine, EngineFailed, Fired, Transaction};
use crate::redact;

/// Characters kept of a rule's message.
const MESSAGE_LIMIT: usize = 300;

/// Tags kept of a rule.
const TAG_LIMIT: usize = 40;

/// A transaction under judgement.
#[derive(Debug)]
pub(crate) struct Case<'e> {
    transaction: Transaction<'e>,
    go_on: bool,
    interruption: Option<Interruption>,
    micros: u64,
}

impl<'e> Case<'e> {
    /// Run the phases of the request.
    pub(crate) fn open(engine: &'e Engine, request: &Request) -> Result<Case<'e>, EngineFailed> {
        let start = Instant::now();
        let mut case =
            Case { transaction: engine.transaction()?, go_on: request.go_on, interruption: None, micros: 0 };
        case.request(request)?;
        case.add_time(start);
        Ok(case)
    }

    /// Run the phases of the answer.
    pub(crate) fn answer(&mut self, answer: &Answer) -> Result<(), EngineFailed> {
        let start = Instant::now();
        for (name, value) in &answer.headers {
            self.transaction.answer_header(name, value)?;
        }
        let wanted = self.transaction.answer_head(answer.status, &answer.protocol)?;
        if self.goes_on(wanted, 3) {
            let wanted = self.transaction.answer_body(&answer.body)?;
            self.goes_on(wanted, 4);
        }
        self.add_time(start);
        Ok(())
    }

    /// The verdict so far.
    pub(crate) fn verdict(&mut self) -> Result<Verdict, EngineFailed> {
        let (fired, more_matches) = self.transaction.fired()?;
        Ok(Verdict {
            interruption: self.interruption.clone(),
            inbound_score: self.transaction.number("blocking_inbound_anomaly_score"),
            outbound_score: self.transaction.number("blocking_outbound_anomaly_score"),
            matches: fired.into_iter().map(one_match).collect(),
            more_matches,
            micros: self.micros,
        })
    }

    /// Run the logging phase and give the verdict.
    pub(crate) fn close(mut self) -> Result<Verdict, EngineFailed> {
        let start = Instant::now();
        self.transaction.logging()?;
        self.add_time(start);
        self.verdict()
    }

    fn request(&mut self, request: &Request) -> Result<(), EngineFailed> {
        for (name, value) in &request.variables {
            self.transaction.set(name, value)?;
        }
        let (client, server) = (&request.client, &request.server);
        let wanted =
            self.transaction.connection((&client.address, client.port), (&server.address, server.port))?;
        if !self.goes_on(wanted, 1) {
            return Ok(());
        }
        let wanted = self.transaction.line(&request.target, &request.method, &request.http_version)?;
        if !self.goes_on(wanted, 1) {
            return Ok(());
        }
        for (name, value) in &request.headers {
            self.transaction.request_header(name, value)?;
        }
        let wanted = self.transaction.request_head()?;
        if self.goes_on(wanted, 1) {
            let wanted = self.transaction.request_body(&request.body)?;
            self.goes_on(wanted, 2);
        }
        Ok(())
    }

    /// Note an interruption; whether the next phase runs.
    fn goes_on(&mut self, wanted: Option<u16>, phase: u8) -> bool {
        let Some(status) = wanted else { return true };
        self.interruption.get_or_insert(Interruption { status, phase });
        self.go_on
    }

    fn add_time(&mut self, start: Instant) {
        self.micros += u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    }
}

fn one_match(fired: Fired) -> Match {
    let (variable, shape) = redact::variable_and_shape(&fired.matched);
    let mut tags = fired.tags;
    tags.truncate(TAG_LIMIT);
    Match {
        id: fired.id,
        phase: fired.phase,
        severity: fired.severity,
        disruptive: fired.disruptive,
        message: fired.message.chars().take(MESSAGE_LIMIT).collect(),
        tags,
        variable,
        shape,
    }
}
