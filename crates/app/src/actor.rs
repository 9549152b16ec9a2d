//! Who asks.

use bedrail_model::ids::{AccountId, OrgId};

/// Who asks for something, in which organisation. Every use case takes one, and every audit entry names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The organisation that is acted in. Nothing outside it is seen or touched.
    pub org: OrgId,
    /// The account, for a person.
    pub account: Option<AccountId>,
    /// What the audit log prints.
    pub name: String,
    /// By which way the request came.
    pub via: Via,
}

/// By which way a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The web pages.
    Web,
    /// The REST API.
    Api,
    /// The command line on the machine itself, which has the data folder.
    CommandLine,
    /// The program itself: timers, re-matching.
    System,
}

impl Actor {
    /// The program itself, in an organisation.
    pub fn system(org: OrgId) -> Actor {
        Actor { org, account: None, name: "bedrail".into(), via: Via::System }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let via = match self.via {
            Via::Web => "web",
            Via::Api => "API",
            Via::CommandLine => "command line",
            Via::System => "by itself",
        };
        write!(f, "{} ({via})", self.name)
    }
}
