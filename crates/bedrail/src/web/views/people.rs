//! Members, invitations, tokens, sessions.

use bedrail_app::accounts::erasure::{Erased, ErasedInvited};
use bedrail_app::accounts::invitations::{Invitation, Invite};
use bedrail_app::accounts::sessions::OwnSession;
use bedrail_app::accounts::tokens::{NewToken, Token};
use bedrail_app::people::{Grant, Member};
use bedrail_app::rights::{Right, Role};
use bedrail_app::{Error, accounts};
use bedrail_model::engagement::Scope;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a membership gives.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantBody {
    /// Codes of roles: `administrator`, `analyst`, `engineer`, `compliance`, `auditor`, `counsel`, `adviser`, `supplier`.
    roles: Vec<String>,
    /// The makers that a supplier speaks for.
    #[serde(default)]
    makers: Vec<String>,
    /// From when on it counts no more, exclusive, RFC 3339. An auditor needs one.
    #[serde(default)]
    valid_until: Option<String>,
    /// The period of the audit log that an auditor sees begins here, inclusive, RFC 3339.
    #[serde(default)]
    about_from: Option<String>,
    /// The period ends here, exclusive, RFC 3339.
    #[serde(default)]
    about_to: Option<String>,
    /// Requirements by id and whole catalogues by name that an auditor looks at; none is no limit.
    #[serde(default)]
    about_requirements: Vec<String>,
    /// Sites that an auditor looks at; none is no limit.
    #[serde(default)]
    about_sites: Vec<String>,
}

impl From<&Grant> for GrantBody {
    fn from(grant: &Grant) -> GrantBody {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        GrantBody {
            roles: grant.roles.iter().map(|role| role.code().to_owned()).collect(),
            makers: grant.makers.clone(),
            valid_until: text(grant.valid_until),
            about_from: text(grant.about.0),
            about_to: text(grant.about.1),
            about_requirements: grant.scope.requirements.clone(),
            about_sites: grant.scope.sites.clone(),
        }
    }
}

impl GrantBody {
    /// The grant that the body asks for.
    pub(crate) fn grant(self) -> Result<Grant, Error> {
        let role = |code: &String| {
            Role::from_code(code).ok_or_else(|| Error::invalid(format!("there is no role {code:?}")))
        };
        let moment = |text: Option<String>| {
            let read =
                |text: String| text.parse().map_err(|_| Error::invalid("a moment is written as in RFC 3339"));
            text.map(read).transpose()
        };
        Ok(Grant {
            roles: self.roles.iter().map(role).collect::<Result<_, _>>()?,
            makers: self.makers,
            valid_until: moment(self.valid_until)?,
            about: (moment(self.about_from)?, moment(self.about_to)?),
            scope: Scope { requirements: self.about_requirements, sites: self.about_sites },
        })
    }
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Id of the account.
    id: String,
    /// Sign-in name.
    name: String,
    /// The person's name; may be empty.
    full_name: String,
    /// Address for mail.
    mail: Option<String>,
    /// Whether this organisation looks after the account.
    at_home: bool,
    /// Last sign-in, RFC 3339.
    signed_in: Option<String>,
    /// When the account was closed, RFC 3339.
    closed: Option<String>,
    /// Whether the account has a second factor.
    second_factor: bool,
    /// Whether the account has a password.
    password: bool,
    /// Whether an identity at the organisation's provider for single sign-on is linked to the account.
    single_sign_on: bool,
    /// What the membership gives.
    grant: GrantBody,
    /// Which state of the membership this is: send it as `If-Match` when you change it.
    version: String,
    /// Member since, RFC 3339.
    since: String,
    /// Emergency access was taken until then, exclusive, RFC 3339.
    emergency_until: Option<String>,
}

impl From<&Member> for MemberView {
    fn from(member: &Member) -> MemberView {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        MemberView {
            id: member.id.to_string(),
            name: member.name.clone(),
            full_name: member.full_name.clone(),
            mail: member.mail.clone(),
            at_home: member.at_home,
            signed_in: text(member.signed_in),
            closed: text(member.closed),
            second_factor: member.second_factor,
            password: member.password,
            single_sign_on: member.linked,
            grant: GrantBody::from(&member.grant),
            version: member.version(),
            since: member.since.to_string(),
            emergency_until: text(member.emergency_until),
        }
    }
}

/// What became of a person that was erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedView {
    /// What the account is called now.
    name: String,
    /// Names, addresses and free words that were erased from audit logs.
    values: u64,
    /// Entries from before such values were kept apart that still name the account.
    older_entries: u64,
}

impl From<Erased> for ErasedView {
    fn from(Erased { name, values, older_entries }: Erased) -> ErasedView {
        ErasedView { name, values, older_entries }
    }
}

/// The zone that times are told in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ZoneBody {
    /// Its code, such as `eastern` or `central-europe`; `null` is UTC.
    pub(crate) zone: Option<String>,
}

/// Who was invited, never joined, and is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraseInvitedBody {
    /// The name or the address for mail, as the invitation or the audit log has it.
    pub(crate) named: String,
}

/// What became of somebody who was invited and never joined.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedInvitedView {
    /// Invitations that were open still, and open nothing any more.
    invitations: u64,
    /// Names and addresses that were erased from the audit log.
    values: u64,
    /// Entries from before such values were kept apart that still hold the name.
    older_entries: u64,
}

impl From<ErasedInvited> for ErasedInvitedView {
    fn from(ErasedInvited { invitations, values, older_entries }: ErasedInvited) -> ErasedInvitedView {
        ErasedInvitedView { invitations, values, older_entries }
    }
}

/// Whom to invite as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteBody {
    /// The person's name; may be missing.
    #[serde(default)]
    full_name: String,
    /// Address for mail.
    #[serde(default)]
    mail: Option<String>,
    /// What the membership will give.
    grant: GrantBody,
}

impl InviteBody {
    /// The invitation that the body asks for.
    pub(crate) fn invite(self) -> Result<Invite, Error> {
        Ok(Invite { full_name: self.full_name, mail: self.mail, grant: self.grant.grant()? })
    }
}

/// An invitation that was made, with its code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedView {
    /// Id.
    pub(crate) id: String,
    /// What the invited person types under `/invitation`. Shown this once; works once, for a week.
    pub(crate) code: String,
}

/// An invitation that was neither taken up nor taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Id.
    id: String,
    /// The person's name; may be empty.
    full_name: String,
    /// Address for mail.
    mail: Option<String>,
    /// What the membership will give.
    grant: GrantBody,
    /// When it was made, RFC 3339.
    created: String,
    /// By whom.
    created_by: String,
    /// From when on it opens nothing, exclusive, RFC 3339.
    expires: String,
}

impl From<&Invitation> for InvitationView {
    fn from(invitation: &Invitation) -> InvitationView {
        InvitationView {
            id: invitation.id.to_string(),
            full_name: invitation.full_name.clone(),
            mail: invitation.mail.clone(),
            grant: GrantBody::from(&invitation.grant),
            created: invitation.created.to_string(),
            created_by: invitation.created_by.clone(),
            expires: invitation.expires.to_string(),
        }
    }
}

/// What a new token is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    /// What it is for.
    name: String,
    /// Codes of rights that you have yourself, such as `fleet.see`.
    rights: Vec<String>,
    /// Days until it expires: 1 to 365, 90 unless said otherwise.
    #[serde(default)]
    days: Option<u16>,
}

impl NewTokenBody {
    /// The token that the body asks for.
    pub(crate) fn token(self) -> Result<NewToken, Error> {
        let right = |code: &String| {
            Right::from_code(code).ok_or_else(|| Error::invalid(format!("there is no right {code:?}")))
        };
        Ok(NewToken {
            name: self.name,
            rights: self.rights.iter().map(right).collect::<Result<_, _>>()?,
            days: self.days.unwrap_or(accounts::tokens::DAYS),
        })
    }
}

/// A token that was made, with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeTokenView {
    /// Id.
    pub(crate) id: String,
    /// What a program sends as `Authorization: Bearer …`. Shown this once.
    pub(crate) token: String,
}

/// One of one's own tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// Id.
    id: String,
    /// What it is for.
    name: String,
    /// Codes of its rights.
    rights: Vec<&'static str>,
    /// When it was made, RFC 3339.
    created: String,
    /// From when on it opens nothing, exclusive, RFC 3339.
    expires: String,
    /// Last use, a few minutes off, RFC 3339.
    used: Option<String>,
    /// The address of the last use.
    used_from: Option<String>,
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> TokenView {
        TokenView {
            id: token.id.to_string(),
            name: token.name.clone(),
            rights: token.rights.iter().map(Right::code).collect(),
            created: token.created.to_string(),
            expires: token.expires.to_string(),
            used: token.used.map(|at| at.to_string()),
            used_from: token.used_from.clone(),
        }
    }
}

/// One of one's own sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnSessionView {
    /// Names the session; opens nothing.
    id: String,
    /// The browser in words.
    browser: String,
    /// The address that it began at.
    address: Option<String>,
    /// When it began, RFC 3339.
    begun: String,
    /// Last seen, a few minutes off, RFC 3339.
    seen: String,
    /// Whether it is the one that asks.
    present: bool,
}

impl From<&OwnSession> for OwnSessionView {
    fn from(session: &OwnSession) -> OwnSessionView {
        OwnSessionView {
            id: session.key.clone(),
            browser: session.facts.browser.clone(),
            address: session.facts.address.clone(),
            begun: session.facts.begun.to_string(),
            seen: session.facts.seen.to_string(),
            present: session.present,
        }
    }
}
