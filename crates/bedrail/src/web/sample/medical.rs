//! Made-up medical advisories.

use std::sync::Arc;

use bedrail_app::medical::{Candidate, MedicalDetail, MedicalRow, OfRelease, Said, Standing, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{ProductAdvisoryId, ReleaseId};
use bedrail_model::product_advisory::{
    Link, NamedProduct, Note, ProductAdvisory, ProductWeakness, Publisher, Remediation, Tlp, VersionText,
};
use bedrail_model::severity::Cvss;

use super::{HOSTILE, now};

/// A medical advisory, with a name that waits for a decision.
pub(crate) fn medical() -> MedicalDetail {
    let remediation = |category: &str, details: &str| Remediation {
        category: category.into(),
        details: format!("{details} {HOSTILE}"),
        url: Some("javascript:alert(1)".into()),
        products: Vec::new(),
    };
    let advice = vec![
        remediation("vendor_fix", "Install 3.65."),
        remediation("workaround", "Close port 4000 at the switch of the ward."),
    ];
    let candidate = |product: &str| Candidate {
        key: format!("orbis|{HOSTILE}"),
        maker: "Orbis Medical".into(),
        product: format!("{product} {HOSTILE}"),
        versions: vec!["<= 3.64".into()],
    };
    let said = |answer, why, by, candidates| Said {
        release: ReleaseId::from_digest([3; 16]),
        release_name: format!("Orbis Medical Flow 300 3.2 {HOSTILE}"),
        devices: 40,
        answer,
        why,
        by,
        candidates,
    };
    let advisory = advisory(&advice);
    let row = MedicalRow {
        id: ProductAdvisoryId::from_digest([9; 16]),
        name: advisory.id.clone(),
        title: advisory.title.clone(),
        publisher: advisory.publisher.name.clone(),
        released: advisory.released.clone(),
        score: Some(9.1),
        standing: Standing::Matched,
        affected: 40,
        cannot_tell: 12,
        questions: 1,
    };
    MedicalDetail {
        row,
        advisory: Arc::new(advisory),
        sha256: "ab".repeat(32),
        provider: Some(format!("https://orbis.example/provider-metadata.json{HOSTILE}")),
        added: now(),
        said: vec![
            said(Answer::Affected, Why::Version, Some(candidate("Flow 300")), Vec::new()),
            said(Answer::CannotTell, Why::Unconfirmed(1), None, vec![candidate("Flow")]),
        ],
        advice,
    }
}

/// The document.
fn advisory(advice: &[Remediation]) -> ProductAdvisory {
    let product = NamedProduct {
        maker: "Orbis Medical GmbH".into(),
        product: format!("Flow 300 {HOSTILE}"),
        version: VersionText::Range("<= 3.64".into()),
        ..NamedProduct::default()
    };
    let weakness = ProductWeakness {
        ids: vec!["CVE-2024-99901".into()],
        title: Some(format!("No authentication {HOSTILE}")),
        scores: vec![(Cvss::parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H").unwrap(), vec![0])],
        remediations: advice.to_vec(),
        ..ProductWeakness::default()
    };
    let text = |text: String| Note { category: "summary".into(), title: None, text };
    ProductAdvisory {
        id: "OM-2024-001".into(),
        title: format!("Orbis Flow 300: a service port without a password {HOSTILE}"),
        format: "CSAF 2.0".into(),
        status: "final".into(),
        version: "2".into(),
        released: Some("2024-03-08T09:00:00Z".into()),
        publisher: Publisher {
            name: format!("Orbis Medical {HOSTILE}"),
            contact: Some(format!("psirt@orbis.example {HOSTILE}")),
            ..Publisher::default()
        },
        tlp: Tlp::Clear,
        notes: vec![text(format!("The service port takes commands from anybody. {HOSTILE}"))],
        links: vec![Link { summary: "Advisory".into(), url: "https://orbis.example/1".into() }],
        products: vec![product],
        weaknesses: vec![weakness],
        ..ProductAdvisory::default()
    }
}

/// What the advisory says of a release.
pub(crate) fn of_release() -> OfRelease {
    let detail = medical();
    let said = detail.said[0].clone();
    OfRelease { row: detail.row, said, advice: detail.advice }
}
