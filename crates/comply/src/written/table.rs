//! The table of kinds. A new one is a row; what it shows is a row in the table of signals and its function.

use super::{Field, Form, Kind, Period};
use crate::signal::About;

const fn must(code: &'static str, name: &'static str, form: Form) -> Field {
    Field { code, name, form, required: true }
}

const fn may(code: &'static str, name: &'static str, form: Form) -> Field {
    Field { code, name, form, required: false }
}

const QUARTERLY: Option<Period> = Some(Period { days: 92, words: "every quarter" });
/// What the house reads over at least so often: logs, reminders.
const MONTHLY: Option<Period> = Some(Period { days: 31, words: "every month" });
const YEARLY: Option<Period> = Some(Period { days: 366, words: "every year" });

const ITEM: Form = Form::Choice(&[("device", "device"), ("medium", "disk, stick, tape or card")]);
/// The three ways of NIST SP 800-88.
const METHOD: Form =
    Form::Choice(&[("clear", "overwritten (clear)"), ("purge", "purged"), ("destroy", "destroyed")]);
const YES_NO: Form = Form::Choice(&[("yes", "yes"), ("no", "no")]);
const MOVED_FOR: Form = Form::Choice(&[
    ("move", "another place"),
    ("repair", "repair"),
    ("handed_on", "handed on to somebody else"),
    ("retired", "taken out of use"),
]);
const COPY: Form = Form::Choice(&[
    ("yes", "yes, and it was checked"),
    ("no", "no"),
    ("not_needed", "not needed: nothing is stored on it"),
]);

const OFFICES: Form = Form::Choice(&[
    ("security_official", "security official"),
    ("privacy_official", "privacy official"),
    ("privacy_contact", "contact for complaints"),
]);
/// 45 CFR 160.103.
const HIPAA_ROLE: Form = Form::Choice(&[
    ("covered_entity", "covered entity"),
    ("business_associate", "business associate"),
    ("both", "both"),
    ("hybrid", "hybrid entity (45 CFR 164.103)"),
]);

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        code: "disposal",
        name: "Disposal of media",
        what: "A device or medium was destroyed or purged for good.",
        citation: "45 CFR 164.310(d)(2)(i)",
        about: About::Device,
        system: "Serial number",
        fields: &[
            must("item", "What it is", ITEM),
            must("method", "How", METHOD),
            must("by", "Done by", Form::Line),
            may("certificate", "Certificate, by number or place", Form::Line),
            may("note", "Note", Form::Text),
        ],
        period: None,
    },
    Kind {
        code: "reuse",
        name: "Wiped for re-use",
        what: "A device or medium was wiped before somebody else uses it.",
        citation: "45 CFR 164.310(d)(2)(ii)",
        about: About::Device,
        system: "Serial number",
        fields: &[
            must("item", "What it is", ITEM),
            must("method", "How", METHOD),
            must("by", "Done by", Form::Line),
            may("checked_by", "Checked by", Form::Line),
            may("note", "Note", Form::Text),
        ],
        period: None,
    },
    Kind {
        code: "custody",
        name: "Change of hands or place",
        what: "A device or medium went somewhere else, or to somebody else.",
        citation: "45 CFR 164.310(d)(2)(iii) and (iv)",
        about: About::Device,
        system: "Serial number",
        fields: &[
            must("purpose", "What for", MOVED_FOR),
            must("from", "From, place or person", Form::Line),
            must("to", "To, place or person", Form::Line),
            must("handed_by", "Handed over by", Form::Line),
            must("ephi", "Patient data on it", YES_NO),
            may("copy", "A checked copy was made before", COPY),
            may("note", "Note", Form::Text),
        ],
        period: None,
    },
    Kind {
        code: "visitor",
        name: "Visitor",
        what: "Somebody from outside was let in where systems stand. No patients, no names of patients.",
        citation: "45 CFR 164.310(a)(2)(iii)",
        about: About::Site,
        system: "Site",
        fields: &[
            must("who", "Who, or from which company", Form::Line),
            must("in", "In at", Form::Time),
            may("out", "Out at", Form::Time),
            must("escorted_by", "Escorted by", Form::Line),
            may("where", "Where", Form::Line),
        ],
        period: None,
    },
    Kind {
        code: "no_visitors",
        name: "No visitors",
        what: "A note that nobody came that day.",
        citation: "45 CFR 164.310(a)(2)(iii)",
        about: About::Site,
        system: "Site",
        fields: &[must("by", "Noted by", Form::Line)],
        period: None,
    },
    Kind {
        code: "vendor_session",
        name: "Vendor session",
        what: "A vendor worked on a device, on site or from afar.",
        citation: "45 CFR 164.308(a)(3)(ii)(A)",
        about: About::Vendor,
        system: "Vendor",
        fields: &[
            must("device", "Device, by name or serial number", Form::Line),
            must("way", "How", Form::Choice(&[("on_site", "on site"), ("remote", "from afar")])),
            must("in", "Began at", Form::Time),
            may("out", "Ended at", Form::Time),
            may("escorted_by", "Escorted or watched by", Form::Line),
            may("what", "What was done", Form::Text),
        ],
        period: None,
    },
    Kind {
        code: "access_review",
        name: "Access review of a system",
        what: "Somebody looked at who has access to a system, and took away what nobody needs.",
        citation: "45 CFR 164.308(a)(4)(ii)(C)",
        about: About::RecordSystem,
        system: "System",
        fields: &[
            must("by", "Reviewed by", Form::Line),
            must("scope", "Which accounts or roles", Form::Line),
            must("result", "Result", Form::Text),
            must("removed", "Accesses taken away", Form::Number),
        ],
        period: QUARTERLY,
    },
    Kind {
        code: "facility_access_review",
        name: "Access review of rooms",
        what: "Somebody looked at who may enter the rooms of a site where systems stand.",
        citation: "45 CFR 164.310(a)(2)(iii)",
        about: About::Site,
        system: "Site",
        fields: &[
            must("by", "Reviewed by", Form::Line),
            must("scope", "Which rooms", Form::Line),
            must("result", "Result", Form::Text),
            must("removed", "Keys and badges taken away", Form::Number),
        ],
        period: QUARTERLY,
    },
    Kind {
        code: "downtime_drill",
        name: "Downtime drill",
        what: "Wards of a site worked as if systems were down.",
        citation: "45 CFR 164.308(a)(7)(ii)(C)",
        about: About::Site,
        system: "Site",
        fields: DRILL,
        period: YEARLY,
    },
    Kind {
        code: "contingency_test",
        name: "Test of the contingency plan",
        what: "The contingency plan was tried out.",
        citation: "45 CFR 164.308(a)(7)(ii)(D)",
        about: About::Organisation,
        system: "Part of the organisation",
        fields: DRILL,
        period: YEARLY,
    },
    Kind {
        code: "incident_exercise",
        name: "Incident exercise",
        what: "People went through an incident as if it had happened.",
        citation: "45 CFR 164.308(a)(6)(ii)",
        about: About::Organisation,
        system: "Part of the organisation",
        fields: DRILL,
        period: YEARLY,
    },
    Kind {
        code: "plan_review",
        name: "Review of the incident plan",
        what: "Somebody went through the plan for incidents and found it current, or mended it.",
        citation: "45 CFR 164.308(a)(6)(i)",
        about: About::Organisation,
        system: "Part of the organisation",
        fields: &[
            must("by", "Reviewed by", Form::Line),
            may("approved_by", "Approved by", Form::Line),
            must("result", "Result", Form::Text),
        ],
        period: YEARLY,
    },
    Kind {
        code: "log_review",
        name: "Review of a system's logs",
        what: "Somebody read the log of a system with patient data: who looked at what, and what was odd.",
        citation: "45 CFR 164.308(a)(1)(ii)(D)",
        about: About::RecordSystem,
        system: "System",
        fields: &[
            must("by", "Reviewed by", Form::Line),
            must("scope", "Which days and which entries", Form::Line),
            must("result", "Result", Form::Text),
        ],
        period: MONTHLY,
    },
    Kind {
        code: "security_reminder",
        name: "Security reminder",
        what: "The workforce was reminded of something: a mail, a poster, a word at the handover.",
        citation: "45 CFR 164.308(a)(5)(ii)(A)",
        about: About::Workforce,
        system: "Who was reminded",
        fields: &[
            must("by", "Sent by", Form::Line),
            must("way", "How", Form::Line),
            must("what", "What it said", Form::Text),
        ],
        period: QUARTERLY,
    },
    Kind {
        code: "office",
        name: "Who holds an office",
        what: "Somebody was named as an official, or an office is vacant: then nobody is named.",
        citation: "45 CFR 164.308(a)(2) and 164.530(a)(1)",
        about: About::Organisation,
        system: "Part of the organisation",
        fields: &[
            must("office", "Office", OFFICES),
            may("holder", "Who holds it; empty where it is vacant", Form::Line),
            may("reach", "How they are reached", Form::Line),
            must("by", "Named by", Form::Line),
        ],
        period: YEARLY,
    },
    Kind {
        code: "hipaa_role",
        name: "What the organisation is under HIPAA",
        what: "Its roles, which say what applies. To be looked at once a year.",
        citation: "45 CFR 164.306(c) and 160.103",
        about: About::Organisation,
        system: "Part of the organisation",
        fields: &[
            must("role", "It is", HIPAA_ROLE),
            must("clearinghouse", "It runs a healthcare clearinghouse", YES_NO),
            must("group_health_plan", "It sponsors a group health plan that shares ePHI", YES_NO),
            must("by", "Said by", Form::Line),
        ],
        period: YEARLY,
    },
];

const DRILL: &[Field] = &[
    must("by", "Led by", Form::Line),
    must("learned", "What was learned", Form::Text),
    may("participants", "People who took part", Form::Number),
    may("follow_ups", "What follows", Form::Text),
];
