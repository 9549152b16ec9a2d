//! Self-assessment.

use bedrail_app::programme::{Asked, Questions};
use serde::Serialize;
use utoipa::ToSchema;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SelfAnswerView {
    /// `yes`, `no`, `not_sure`.
    answer: String,
    /// What was said with it.
    note: String,
    /// Where to look.
    evidence: String,
    /// SHA-256 of the document that was brought with it.
    sha256: Option<String>,
    /// The action that a "no" made, by id.
    action: Option<String>,
    /// When, RFC 3339.
    at: String,
    /// By whom.
    by: String,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SelfQuestionView {
    /// The requirement.
    requirement: String,
    /// Where it stands written.
    citation: String,
    /// The question.
    question: String,
    /// The site that it is asked for; empty where it is asked once.
    site: String,
    /// What would show it.
    evidence: Vec<String>,
    /// Whether a part of it is computed.
    computed_too: bool,
    /// The answer that counts.
    answer: Option<SelfAnswerView>,
}

impl From<&Asked> for SelfQuestionView {
    fn from(it: &Asked) -> SelfQuestionView {
        SelfQuestionView {
            requirement: it.question.requirement.clone(),
            citation: it.question.citation.clone(),
            question: it.question.text.clone(),
            site: it.site.clone(),
            evidence: it.question.evidence.clone(),
            computed_too: it.question.computed_too,
            answer: it.answer.as_ref().map(|answer| SelfAnswerView {
                answer: answer.answer.clone(),
                note: answer.note.clone(),
                evidence: answer.evidence.clone(),
                sha256: answer.sha256.as_ref().map(hex::encode),
                action: answer.action.map(|id| id.to_string()),
                at: answer.added.to_string(),
                by: answer.added_by.clone(),
            }),
        }
    }
}

/// The self-assessment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SelfAssessmentView {
    /// Questions with a yes or a no.
    answered: u64,
    /// All questions.
    total: u64,
    /// The sites of the device lists.
    sites: Vec<String>,
    /// The questions that are wanted.
    questions: Vec<SelfQuestionView>,
}

impl From<&Questions> for SelfAssessmentView {
    fn from(it: &Questions) -> SelfAssessmentView {
        SelfAssessmentView {
            answered: it.answered as u64,
            total: it.total as u64,
            sites: it.sites.clone(),
            questions: it.rows.iter().map(SelfQuestionView::from).collect(),
        }
    }
}
