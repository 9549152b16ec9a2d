//! A statement whose texts would act on a page if they were let.

use bedrail_app::vex::{Idle, IdleUse, Need, Otherwise, Speaks, Spoken, Standing, StatementRow, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{DecisionId, DocumentId, ReleaseId, VexDocumentId, VexStatementId};
use bedrail_model::vex::{Justification, Product, Statement, Status};

use super::{HOSTILE, now};

pub(crate) fn statement() -> StatementRow {
    let hostile = || Some(HOSTILE.to_owned());
    let product = Product { name: HOSTILE.to_owned(), reference: HOSTILE.to_owned(), ..Product::default() };
    StatementRow {
        id: VexStatementId::generate(),
        statement: Statement {
            weaknesses: vec![HOSTILE.to_owned()],
            justification: Some(Justification::ComponentNotPresent),
            reason: hostile(),
            impact: hostile(),
            action: hostile(),
            notes: hostile(),
            products: vec![product],
            ..Statement::new(Status::NotAffected)
        },
        weakness: HOSTILE.to_owned(),
        standing: Standing::Proposed,
        lapse: None,
        document: VexDocumentId::generate(),
        original: DocumentId::generate(),
        document_name: HOSTILE.to_owned(),
        format: "OpenVEX 0.2.0".to_owned(),
        tlp: String::new(),
        issuer: HOSTILE.to_owned(),
        issuer_key: HOSTILE.to_owned(),
        unsigned: true,
        added: now(),
        spoken: vec![Spoken {
            release: ReleaseId::generate(),
            release_name: HOSTILE.to_owned(),
            devices: 3,
            speaks: Speaks::Yes,
            why: Why::Condition(HOSTILE.to_owned()),
            components: vec![HOSTILE.to_owned(); 5],
            finding: Some(Answer::Affected),
            pinned: false,
            needs: vec![Need::Exposed, Need::Contradicted],
            decision: None,
        }],
        otherwise: vec![Otherwise {
            statement: VexStatementId::generate(),
            issuer: HOSTILE.to_owned(),
            status: Status::Affected,
            release_name: HOSTILE.to_owned(),
        }],
        idle: vec![IdleUse {
            release: ReleaseId::generate(),
            release_name: HOSTILE.to_owned(),
            decision: DecisionId::generate(),
            why: Idle::Replaced,
        }],
    }
}
