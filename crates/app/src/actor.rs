//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use bedrail_model::engagement::Scope;
use bedrail_model::ids::{AccountId, OrgId, WorkerId};
use bedrail_store::idempotency::Mark;
use jiff::Timestamp;

use crate::Error;
use crate::accounts::Proof;
use crate::idempotency::Taken;
use crate::rights::{Right, Rights};

/// Who asks for something, in which organisation, and what they may. Every use case takes one, and every audit entry
/// names it.
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
    /// The address that the request came from, where it came over the network.
    pub address: Option<IpAddr>,
    /// What the actor may do.
    rights: Rights,
    /// The makers whose releases are seen; `None` is all of them.
    makers: Option<Arc<[String]>>,
    /// The period of the audit log that is seen: from (inclusive), to (exclusive).
    about: (Option<Timestamp>, Option<Timestamp>),
    /// The requirements and sites of an auditor's engagement; `None` is all.
    scope: Option<Arc<Scope>>,
    /// How the person showed who they are.
    proof: Proof,
    /// The idempotency key of the request; its changes mark it.
    pub(crate) key: Option<Arc<Mark>>,
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

impl Via {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Via::Web => "web",
            Via::Api => "API",
            Via::CommandLine => "command line",
            Via::System => "by itself",
        }
    }

    const ALL: [(Via, &str); 4] =
        [(Via::Web, "web"), (Via::Api, "api"), (Via::CommandLine, "command_line"), (Via::System, "system")];

    /// The stable code that jobs keep.
    pub(crate) fn code(self) -> &'static str {
        Via::ALL.into_iter().find(|(via, _)| *via == self).map_or("", |(_, code)| code)
    }

    /// The way that a code names.
    pub(crate) fn from_code(code: &str) -> Option<Via> {
        Via::ALL.into_iter().find(|(_, each)| *each == code).map(|(via, _)| via)
    }
}

impl Actor {
    /// The program itself, in an organisation. May everything.
    pub fn system(org: OrgId) -> Actor {
        Actor::whole(org, "bedrail".into(), Via::System)
    }

    /// The same actor under another name.
    #[must_use]
    pub(crate) fn called(self, name: &str) -> Actor {
        Actor { name: name.to_owned(), ..self }
    }

    /// The person at the machine's own terminal. May everything: who can read the data folder has it all in hand.
    pub fn at_terminal(org: OrgId, name: String) -> Actor {
        Actor::whole(org, name, Via::CommandLine)
    }

    fn whole(org: OrgId, name: String, via: Via) -> Actor {
        let (account, address, makers, about, scope) = (None, None, None, (None, None), None);
        let (rights, proof) = (Rights::EVERY, Proof::Trusted);
        Actor { org, account, name, via, address, rights, makers, about, scope, proof, key: None }
    }

    /// The same actor as a person's account, with the same rights: for work that a person asked for and the program
    /// does later.
    #[must_use]
    pub fn as_account(self, account: AccountId, name: String) -> Actor {
        Actor { account: Some(account), name, ..self }
    }

    /// A member of an organisation, with the rights that the membership gives.
    pub(crate) fn member(org: OrgId, account: AccountId, name: String, via: Via, rights: Rights) -> Actor {
        Actor { account: Some(account), rights, ..Actor::whole(org, name, via) }
    }

    /// Somebody who takes an invitation up: may nothing but that.
    pub(crate) fn invited(org: OrgId, account: AccountId, name: String) -> Actor {
        let rights = [Right::OwnAccount].into_iter().collect();
        Actor { account: Some(account), rights, ..Actor::whole(org, name, Via::Web) }
    }

    /// A member of the workforce who came by a personal link: may nothing but what is asked of them. What names them is kept apart
    /// from the audit log as it is for an account.
    pub(crate) fn by_link(org: OrgId, worker: WorkerId, name: String) -> Actor {
        Actor::invited(org, AccountId::from_uuid(worker.uuid()), name)
    }

    /// The same actor by a token, with the rights that both have; the audit log names it.
    #[must_use]
    pub(crate) fn by_token(self, token: &str, rights: Rights) -> Actor {
        Actor { name: format!("{}, token {token}", self.name), rights: self.rights.and(rights), ..self }
    }

    /// The same actor doing later what was asked for under a name and by a way, with rights that both have.
    #[must_use]
    pub(crate) fn later(self, name: String, via: Via, rights: Rights) -> Actor {
        Actor { name, via, rights: self.rights.and(rights), ..self }
    }

    /// The same actor, who sees the releases of these makers only.
    #[must_use]
    pub(crate) fn of_makers(self, makers: &[String]) -> Actor {
        Actor { makers: Some(makers.into()), ..self }
    }

    /// The same actor, who sees the audit log of a period only: from (inclusive), to (exclusive).
    #[must_use]
    pub(crate) fn about(self, about: (Option<Timestamp>, Option<Timestamp>)) -> Actor {
        Actor { about, ..self }
    }

    /// The same actor, whose engagement is about some requirements and sites.
    #[must_use]
    pub(crate) fn within(self, scope: &Scope) -> Actor {
        Actor { scope: (!scope.is_whole()).then(|| Arc::new(scope.clone())), ..self }
    }

    /// The requirements and sites of an auditor's engagement; `None` is all.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    /// The same actor, who showed by this who they are.
    #[must_use]
    pub(crate) fn by(self, proof: Proof) -> Actor {
        Actor { proof, ..self }
    }

    /// Whether a program acts in a person's name: nobody signed in for it.
    pub(crate) fn by_program(&self) -> bool {
        self.proof == Proof::Trusted
    }

    /// How the person showed who they are.
    pub(crate) fn proof(&self) -> Proof {
        self.proof
    }

    /// The same actor in another organisation, for what an account does to itself at home.
    #[must_use]
    pub(crate) fn in_organisation(self, org: OrgId) -> Actor {
        Actor { org, ..self }
    }

    /// The same actor at an address.
    #[must_use]
    pub fn at(self, address: Option<IpAddr>) -> Actor {
        Actor { address, ..self }
    }

    /// The same actor, by a request that took an idempotency key.
    #[must_use]
    pub fn once(self, taken: &Taken) -> Actor {
        Actor { key: Some(taken.mark()), ..self }
    }

    /// Whether the actor may do something.
    pub fn may(&self, right: Right) -> bool {
        self.rights.has(right)
    }

    /// What the actor may do.
    pub fn rights(&self) -> Rights {
        self.rights
    }

    /// Whether the actor sees the releases of a maker. Case does not count.
    pub(crate) fn sees_maker(&self, maker: &str) -> bool {
        let same = |own: &String| own.to_lowercase() == maker.to_lowercase();
        self.makers.as_deref().is_none_or(|makers| makers.iter().any(same))
    }

    /// The period of the audit log that is seen: from (inclusive), to (exclusive).
    pub fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        self.about
    }

    /// Refuses what the actor may not do.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub(crate) fn need(&self, right: Right) -> Result<(), Error> {
        if self.may(right) {
            return Ok(());
        }
        Err(Error::Denied { actor: self.name.clone(), action: right.words().to_owned() })
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.via.words())
    }
}
