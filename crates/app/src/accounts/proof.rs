//! How somebody who is signed in showed who they are, and how far that carries.

use bedrail_model::ids::OrgId;
use bedrail_store::memberships::MembershipRow;

use crate::rights::Role;
use crate::{Actor, Context, Error};

/// How somebody who is signed in showed who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing more is asked: the program itself, the machine's own terminal, a token.
    Trusted,
    /// The account's own password, and its second factor where it has one.
    Password,
    /// The word of an organisation's provider.
    Provider {
        /// Whose provider.
        org: OrgId,
        /// Whether the provider's second factor counted, so that ours was not asked for.
        factor: bool,
    },
}

impl Proof {
    /// Whether it opens an organisation to an account with a home.
    ///
    /// Who runs a provider can be anybody that it names. So its word opens the organisation that trusts it; and others
    /// only where that organisation looks after the account, which could give it a one-time password just as well.
    pub(super) fn opens(self, home: OrgId, membership: &MembershipRow) -> bool {
        let by_password =
            || membership.passwords || super::roles(&membership.roles).contains(&Role::Administrator);
        match self {
            Proof::Trusted => true,
            Proof::Password => by_password(),
            Proof::Provider { org, .. } if org == membership.org => true,
            Proof::Provider { org, factor } => {
                org == home && by_password() && !(factor && membership.second_factor)
            }
        }
    }

    /// Whether it is good for what concerns the account in all organisations: its password, second factor, sessions,
    /// further memberships.
    pub(super) fn is_whole(self, home: OrgId) -> bool {
        match self {
            Proof::Trusted | Proof::Password => true,
            Proof::Provider { org, .. } => org == home,
        }
    }

    /// Whether it is as good as a second factor in an organisation.
    pub(super) fn is_factor(self, wanted: OrgId) -> bool {
        matches!(self, Proof::Provider { org, factor: true } if org == wanted)
    }

    /// The organisation that is gone into, for an account with a home; `None` lets the account's home or any other do.
    pub(super) fn destination(self) -> Option<OrgId> {
        match self {
            Proof::Trusted | Proof::Password => None,
            Proof::Provider { org, .. } => Some(org),
        }
    }

    /// What the audit log says of a sign-in, with what else was asked.
    pub(super) fn words(self, factor: &str) -> String {
        let by = match self {
            Proof::Trusted | Proof::Password => "",
            Proof::Provider { factor: true, .. } => "by single sign-on with the provider's second factor",
            Proof::Provider { factor: false, .. } => "by single sign-on",
        };
        [by, factor].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// Refuses who came in by an organisation that does not look after the account: what concerns the account everywhere is not
/// theirs to do. Says whether the account has a password.
pub(crate) async fn need_whole(ctx: &Context, actor: &Actor) -> Result<bool, Error> {
    let row = super::own(ctx, actor.account.ok_or_else(|| Error::not_found("your account"))?).await?;
    whole(actor, row.home)?;
    Ok(!row.password.is_empty())
}

/// The same for an account with a home.
pub(super) fn whole(actor: &Actor, home: OrgId) -> Result<(), Error> {
    if actor.proof().is_whole(home) {
        return Ok(());
    }
    let action = "change the account itself after signing in by an organisation that does not look after it; \
                  sign in with the password, or at the account's home";
    Err(Error::Denied { actor: actor.name.clone(), action: action.to_owned() })
}
