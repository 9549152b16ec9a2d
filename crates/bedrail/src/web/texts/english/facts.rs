//! Physical and media facts.

use crate::web::texts::keys::FactsPage;
use crate::web::words;

pub(super) const FACTS: FactsPage = FactsPage {
    one_line: "What no scanner sees: media that were destroyed, devices that changed hands, visits, reviews, drills. No patients, no names of patients. What is wrong is taken back and written anew.",
    to_programme: "What it shows",
    kinds: "Write down",
    day: "Day",
    optional: "(may stay empty)",
    write_down: "Write it down",
    bring_list: "Bring a list",
    file: "CSV file",
    file_what: "UTF-8, at most 8 MiB. Columns:",
    mapping: "Other names of columns",
    mapping_what: "One a line, as day=Date of disposal",
    dry_run: "only say what would happen",
    take_in: "Take it in",
    report: "What became of the list",
    due: "Due again",
    written: "Written down",
    none: "Nothing was written down yet.",
    what: "What",
    said: "Said",
    by: "By",
    take_back: "Take back",
    take_back_now: "Take it back",
    why: "Why it is taken back",
    headline: |total, late| match late {
        0 => words::count(total, "physical fact"),
        late => format!("{}, {} overdue", words::count(total, "physical fact"), words::number(late)),
    },
    due_by: |by, late, last| {
        if late { format!("was due by {by}, last on {last}") } else { format!("by {by}, last on {last}") }
    },
    written_by: |day, who| format!("{day}, {who}"),
    taken_back: |day, who, why| format!("Taken back {day} by {who}: {why}"),
    imported: |taken, known, refused, dry| {
        let verb = if dry { "would be taken in" } else { "taken in" };
        format!(
            "{} {verb}; {} held already or twice in the list; {} refused.",
            words::count(taken, "fact"),
            words::number(known),
            words::number(refused)
        )
    },
    line: |line, why| format!("Line {line}: {why}"),
    known_lines: |lines| format!("Held already, or twice in the list: lines {lines}"),
    unused: |columns| format!("Nothing was taken of these columns: {columns}"),
    more: |shown, total| format!("The newest {} of {}.", words::number(shown), words::number(total)),
};
