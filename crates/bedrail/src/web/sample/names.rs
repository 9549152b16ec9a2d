//! Made-up names of components.

use bedrail_app::bills::{Confidence, Proposal};
use bedrail_app::names::{ConfirmedName, NamedComponent, OfRelease, Reach, Unnamed};
use bedrail_model::component::ComponentIndex;
use bedrail_model::ecosystem::Ecosystem;

use super::{HOSTILE, now};

pub(crate) fn said() -> Vec<ConfirmedName> {
    let known = ConfirmedName {
        name: HOSTILE.to_owned(),
        supplier: Some("Orbis".to_owned()),
        identifier: Some("pkg:maven/org.apache.logging.log4j/log4j-core".to_owned()),
        declined: Vec::new(),
        decided: now(),
        author: "ann (web)".to_owned(),
    };
    let none = ConfirmedName { identifier: None, declined: vec![HOSTILE.to_owned()], ..known.clone() };
    vec![known, none]
}

pub(crate) fn of_release() -> OfRelease {
    let proposal = |confidence| Proposal {
        ecosystem: Ecosystem::CPE,
        package: "a:openssl:openssl".to_owned(),
        identifier: "cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*".to_owned(),
        confidence,
    };
    let open = Unnamed {
        name: "OpenSSL".to_owned(),
        supplier: Some("OpenSSL".to_owned()),
        versions: vec!["1.0.2k".to_owned()],
        components: 2,
        first: ComponentIndex(1),
        proposals: vec![proposal(Confidence::Strong)],
        found: 1,
        declined: None,
        reach: Reach { releases: 12, makers: 3 },
    };
    let odd = Unnamed {
        name: HOSTILE.to_owned(),
        supplier: None,
        proposals: vec![proposal(Confidence::OtherSupplier)],
        declined: said().pop(),
        ..open.clone()
    };
    let bare = Unnamed { proposals: Vec::new(), found: 0, versions: Vec::new(), ..odd.clone() };
    OfRelease {
        release: HOSTILE.to_owned(),
        open: vec![open, odd, bare],
        named: vec![NamedComponent { components: 1, said: said().remove(0) }],
    }
}
