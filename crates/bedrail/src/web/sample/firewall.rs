//! Made-up firewalls, with hostile words in what they say.

use bedrail_app::firewall::{
    Between, Firewall, FirewallDetail, FirewallRow, Kept, Mode, PathCount, PlacedBy, Preview, Product,
    Proposal, Report, RuleCount, Shield, ShieldState, SiteDetail, State, Suspect, Wanted, Word,
};
use bedrail_model::ids::{DeviceId, FirewallId};

use super::{HOSTILE, now};

fn registered(product: Product, mode: Mode) -> Firewall {
    Firewall {
        id: FirewallId::generate(),
        name: format!("Border {HOSTILE}"),
        product,
        mode,
        rules_on: None,
        proof: format!("seen in its console {HOSTILE}"),
        document: None,
        said_by: format!("network group {HOSTILE}"),
        added: now(),
        added_by: "admin (web)".into(),
        expires: (product != Product::Own).then(|| jiff::civil::date(2026, 5, 31)),
        files: None,
        source: None,
        taken: 3,
        withdrawn: None,
    }
}

/// A firewall of somebody else, past its day.
pub(crate) fn firewall_of_others() -> FirewallRow {
    FirewallRow {
        firewall: registered(Product::F5, Mode::Block),
        state: State::Expired,
        rule_days: None,
        devices: 12,
        sites: Vec::new(),
        heard: None,
        trouble: None,
    }
}

fn report() -> Report {
    let site = |key: &str, mode: &str| {
        serde_json::json!({
            "key": key, "mode": mode, "on_error": "open", "approved_by": HOSTILE, "upstream": "10.20.1.7:443",
            "never_block": [format!("/therapy{HOSTILE}")], "requests": 12_000, "blocked": 40, "would_block": 3,
            "added_p50_micros": 1_340, "added_p99_micros": 12_000, "websockets_closed": 2,
        })
    };
    let report = serde_json::json!({
        "format": 1, "at": now(),
        "status": {
            "since": now(), "events_lost": 2,
            "judges": [{"rule_set": HOSTILE, "roles": ["current", HOSTILE], "judged": 9, "p50_micros": 1_300, "p99_micros": 4_000}],
            "sites": [site(&format!("pump{HOSTILE}"), "block")],
        },
        "rules": {
            "current": {"id": HOSTILE, "version": "4.28.0", "origin": "release", "signed_at": now(), "rules": 700},
            "candidate": {"id": HOSTILE, "stage": "on-sites", "since": now(), "sites": [{"site": HOSTILE, "stage": "shadow", "since": now()}]},
        },
        "shields": [
            {"site": format!("pump{HOSTILE}"), "family": "log4shell", "rule_set": HOSTILE, "mode": "block", "at": now(), "probes": 700, "stopped": 700, "objected": 700},
            {"site": format!("pump{HOSTILE}"), "family": "ognl", "rule_set": HOSTILE, "mode": "block", "at": now(), "probes": 10, "stopped": 9, "objected": 9, "missed": [HOSTILE]},
        ],
    });
    bedrail_app::firewall::read_report(report.to_string().as_bytes()).unwrap()
}

/// A firewall of ours with a site.
pub(crate) fn firewall() -> FirewallDetail {
    let report = report();
    let site = report.status.sites[0].clone();
    let count = |rule, blocked, would_block| RuleCount {
        rule,
        message: format!("SQL Injection {HOSTILE}"),
        count: bedrail_app::firewall::Count { blocked, would_block },
        clients: 3,
    };
    let suspect = Suspect {
        rule: 942_100,
        message: HOSTILE.into(),
        place: format!("ARGS:note{HOSTILE}"),
        path: Some(format!("/notes{HOSTILE}")),
        method: Some("POST".into()),
        requests: 30,
        others: 1,
        clients: 4,
    };
    let detail = SiteDetail {
        devices: vec![(DeviceId::generate(), HOSTILE.into())],
        rules: vec![count(942_100, 30, 3), count(944_150, 10, 0)],
        paths: vec![PathCount {
            class: "/notes".into(),
            count: bedrail_app::firewall::Count { blocked: 40, would_block: 3 },
        }],
        suspects: vec![(suspect, proposal().1.preview)],
        shields: report.shields.clone(),
        site,
    };
    let row = FirewallRow {
        firewall: registered(Product::Own, Mode::Unknown),
        state: State::Silent,
        rule_days: Some(40),
        devices: 1,
        sites: vec![("pump".into(), Mode::Block), ("ehr".into(), Mode::Detect)],
        heard: Some(now()),
        trouble: Some(HOSTILE.into()),
    };
    FirewallDetail {
        devices: vec![(DeviceId::generate(), HOSTILE.into())],
        sites: vec![detail],
        kept: Kept { events: 43, span: Some((now(), now())), other: 0, trouble: Some(HOSTILE.into()) },
        words: vec![Word {
            firewall: row.firewall.id,
            number: 3,
            at: now(),
            text: format!("rejected {HOSTILE}"),
            alert: true,
        }],
        report: Some(report),
        row,
    }
}

/// An exclusion that was asked for.
pub(crate) fn proposal() -> (Wanted, Proposal) {
    let wanted = Wanted {
        site: format!("pump{HOSTILE}"),
        rule: 942_100,
        place: format!("ARGS:note{HOSTILE}"),
        path: None,
        method: None,
        reason: HOSTILE.into(),
        until: None,
    };
    let preview = Preview {
        through: 30,
        through_of_others: 1,
        perhaps: 4,
        paths: vec![(format!("/notes{HOSTILE}"), 30)],
    };
    (
        wanted,
        Proposal {
            text: format!("{{\"reason\": \"{HOSTILE}\"}}"),
            preview,
            events: 43,
            guards: vec![78_060],
        },
    )
}

/// What stands in front of a device.
pub(crate) fn between() -> Between {
    let shield = |state| Shield {
        weakness: "CVE-2021-44228".into(),
        family: "log4shell",
        name: "Log4Shell",
        limits: "other ways",
        state,
        probed: Some((700, 700, now())),
        rule_set: Some(HOSTILE.into()),
        never_block: vec![HOSTILE.into()],
    };
    Between {
        firewall: FirewallId::generate(),
        name: HOSTILE.into(),
        product: Product::Own,
        site: Some(HOSTILE.into()),
        mode: Mode::Block,
        state: State::Fresh,
        by: PlacedBy::Address,
        said: (HOSTILE.into(), now()),
        shields: vec![shield(ShieldState::Holds), shield(ShieldState::Leaks)],
    }
}
