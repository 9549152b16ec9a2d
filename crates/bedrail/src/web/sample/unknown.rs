//! Something that is not known, and what was answered.

use bedrail_app::actions::ActionRow;
use bedrail_app::answered::{AnsweredFact, Fact, FactRow, Holds};
use bedrail_app::page::Page;
use bedrail_app::unknowns::{Kind, Unknown, UnknownDetail, Unknowns};
use bedrail_model::action::{Action, Asked};
use bedrail_model::clock::Standing;
use bedrail_model::ids::{DocumentId, FactId, ReleaseId};
use jiff::civil::date;

use super::{HOSTILE, action, now};

fn group(kind: Kind, fact: String) -> Unknown {
    let asked = Asked { question: "condition-x".into(), whom: format!("Orbis Medical {HOSTILE}") };
    let action = action().action;
    Unknown {
        key: format!("{}-0123456789abcdef", kind.code()),
        kind,
        fact,
        maker: Some("Orbis Medical".into()),
        releases: vec![(ReleaseId::from_digest([6; 16]), format!("Orbis Medical Flow 300 3.2 {HOSTILE}"))],
        release_count: 2,
        only: None,
        models: vec![("Orbis Medical".into(), "Flow 300".into())],
        devices: 14,
        weaknesses: Some(3),
        exploited: 1,
        some_weaknesses: vec!["CVE-2021-44228".into(), "CVE-2026-0002".into()],
        components: vec![format!("viewer {HOSTILE}"), "log4j-core".into()],
        component_count: 7,
        products: vec!["o:microsoft:windows_7".into()],
        advisory: None,
        asked: Some(ActionRow {
            action: Action { asked: Some(asked), decision: None, weakness: None, ..action },
            standing: Standing::Running,
            check: None,
            alerts: Vec::new(),
        }),
    }
}

/// One of them, with where its devices stand.
pub(crate) fn unknown() -> UnknownDetail {
    let fact = "whether the operating system or firmware is microsoft windows_7";
    let unknown = group(Kind::Condition, fact.to_owned());
    UnknownDetail {
        asked: unknown.asked.clone().into_iter().collect(),
        every_release: unknown.releases.iter().map(|(id, _)| *id).collect(),
        unknown,
        wards: vec![("Main".into(), format!("Surgery {HOSTILE}"), 12), (String::new(), String::new(), 2)],
    }
}

/// Several.
pub(crate) fn unknowns() -> Unknowns {
    let bill = format!("the bill of materials of Orbis Medical Flow 300 3.2 {HOSTILE}");
    let rows = vec![
        Unknown { weaknesses: None, exploited: 0, ..group(Kind::Bill, bill) },
        unknown().unknown,
        Unknown { maker: None, asked: None, ..group(Kind::ReleaseVersion, "which version they run".into()) },
    ];
    Unknowns {
        page: Page { rows, total: 3, offset: 0, next: None },
        devices: 40,
        fleet: 130,
        first_ten: 40,
        at: now(),
    }
}

/// A fact that was taken back.
pub(crate) fn fact() -> FactRow {
    FactRow {
        about: "Orbis Medical Flow 300".into(),
        fact: AnsweredFact {
            id: FactId::from_digest([9; 16]),
            holds: Holds::Model { maker: "Orbis Medical".into(), model: "Flow 300".into() },
            fact: Fact::RunsOn(format!("Windows 10 1809 {HOSTILE}")),
            said_by: format!("product security of the maker {HOSTILE}"),
            said_on: date(2026, 11, 2),
            source: format!("mail of that day {HOSTILE}"),
            document: Some(DocumentId::from_digest([8; 16])),
            question: None,
            recorded: now(),
            author: "ann (web)".into(),
            revoked: Some((now(), "ann (web)".into(), format!("another model {HOSTILE}"))),
        },
    }
}
