//! Self-assessment.

use crate::web::texts::keys::SelfAssessmentPage;
use crate::web::words;

pub(super) const SELF_ASSESSMENT: SelfAssessmentPage = SelfAssessmentPage {
    one_line: "Questions on what no program sees. Each answer is saved at once; go on whenever you like. “Not sure” is an answer. A yes without a document is a claim.",
    how_it_stands: "How it stands",
    computed_too: "A part of this is computed; the answer is about the rest.",
    answer: "Answer",
    note: "What is to be said with it",
    document: "A document that shows it",
    look: "Or where to look",
    look_what: "A page of this program, such as /facts, or the number of a paper",
    gap: "Where the answer is no: a gap becomes an action",
    owner: "Who closes it",
    due: "Until when",
    save: "Save and go on",
    skip: "Skip",
    site: "Site",
    all_sites: "all sites",
    only_open: "only without an answer",
    questions: "Questions",
    none: "No question fits.",
    question: "Question",
    said: "Said",
    yes: "yes",
    no: "no",
    not_sure: "not sure",
    not_answered: "not answered",
    headline: |answered, total| {
        format!("{} of {} answered", words::number(answered), words::count(total, "question"))
    },
    answered_by: |age, who, note| match note {
        "" => format!("{age} by {who}"),
        note => format!("{age} by {who}: {note}"),
    },
};
