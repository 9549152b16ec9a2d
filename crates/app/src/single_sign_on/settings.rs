//! What an organisation says of its provider.

use bedrail_store::single_sign_on::ProviderRow;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::rights::Role;
use crate::seen::{self, Fields};

/// The longest text of one field, in characters.
const TEXT_LIMIT: usize = 300;
/// Values that can be given roles at most; and values that count as a second factor.
const MAPPED_AT_MOST: usize = 200;
/// Letters of the word in the address.
const SLUG_LETTERS: std::ops::RangeInclusive<usize> = 3..=40;
/// Words that are taken by pages of ours.
const TAKEN_SLUGS: &[&str] = &["code"];

/// Roles that a provider cannot give: an auditor needs an end, a supplier makers.
pub const BY_HAND_ONLY: &[Role] = &[Role::Auditor, Role::Supplier];

/// What happens when somebody signs in whom nobody here knows yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newcomers {
    /// They need an invitation.
    Invited,
    /// They get an account.
    Welcome,
}

/// A value of the claim and the roles that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedValue {
    /// The value, exactly as the provider writes it.
    pub value: String,
    /// The roles.
    pub roles: Vec<Role>,
}

/// An organisation's provider, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether it is in use.
    pub active: bool,
    /// The word in the address of the organisation's sign-in page.
    pub slug: String,
    /// What the button says after "Sign in with".
    pub name: String,
    /// The provider's address, exactly as it calls itself.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// Scopes that are asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that says what somebody is: its name, or a path with dots.
    pub claim: String,
    /// The roles that its values give. Empty: roles are given here, the claim counts for nothing.
    pub mapping: Vec<MappedValue>,
    /// What happens to people whom nobody here knows yet.
    pub newcomers: Newcomers,
    /// Whether members may sign in by a password too. Administrators always may.
    pub passwords: bool,
    /// Values of `acr` or `amr` that count as a second factor; with none of them ours is asked for where there is one.
    pub factors: Vec<String>,
}

/// The part that the database holds as JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    name: String,
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
    claim: String,
    mapping: Vec<(String, String)>,
    newcomers: Newcomers,
    factors: Vec<String>,
}

impl Settings {
    /// The settings in a row.
    pub(super) fn of(row: &ProviderRow) -> Result<Settings, Error> {
        let stored: Stored =
            serde_json::from_str(&row.settings).map_err(|error| Error::Internal(Box::new(error)))?;
        let mapped =
            |(value, roles): (String, String)| MappedValue { value, roles: crate::accounts::roles(&roles) };
        Ok(Settings {
            active: row.active,
            slug: row.slug.clone(),
            name: stored.name,
            issuer: stored.issuer,
            client_id: stored.client_id,
            scopes: stored.scopes,
            claim: stored.claim,
            mapping: stored.mapping.into_iter().map(mapped).collect(),
            newcomers: stored.newcomers,
            passwords: row.passwords,
            factors: stored.factors,
        })
    }

    /// As the database holds it.
    pub(super) fn to_json(&self) -> Result<String, Error> {
        let stored = Stored {
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            scopes: self.scopes.clone(),
            claim: self.claim.clone(),
            mapping: self.mapping.iter().map(|row| (row.value.clone(), codes(&row.roles, " "))).collect(),
            newcomers: self.newcomers,
            factors: self.factors.clone(),
        };
        serde_json::to_string(&stored).map_err(|error| Error::Internal(Box::new(error)))
    }

    /// The same without blanks around anything.
    pub(super) fn trimmed(self) -> Settings {
        let trim = |text: String| text.trim().to_owned();
        let list = |texts: Vec<String>| -> Vec<String> {
            texts.into_iter().map(trim).filter(|text| !text.is_empty()).collect()
        };
        Settings {
            slug: trim(self.slug).to_lowercase(),
            name: trim(self.name),
            issuer: trim(self.issuer),
            client_id: trim(self.client_id),
            scopes: list(self.scopes),
            claim: trim(self.claim),
            mapping: self
                .mapping
                .into_iter()
                .map(|row| MappedValue { value: trim(row.value), roles: row.roles })
                .collect(),
            factors: list(self.factors),
            ..self
        }
    }

    /// What people change, in words.
    pub(super) fn fields(&self) -> Fields {
        let mapping: Vec<String> =
            self.mapping.iter().map(|row| format!("{} = {}", row.value, codes(&row.roles, ", "))).collect();
        let yes = |yes| if yes { "yes" } else { "no" }.to_owned();
        vec![
            ("in use", yes(self.active)),
            ("word in the address", self.slug.clone()),
            ("name", self.name.clone()),
            ("issuer", self.issuer.clone()),
            ("client id", self.client_id.clone()),
            ("scopes", self.scopes.join(" ")),
            ("claim", self.claim.clone()),
            ("roles by value", mapping.join("; ")),
            ("newcomers are welcome", yes(self.newcomers == Newcomers::Welcome)),
            ("passwords are open", yes(self.passwords)),
            ("second factors", self.factors.join(" ")),
        ]
    }

    /// Which state of the settings this is: what a change of them names.
    pub fn version(&self) -> String {
        seen::version(&self.fields())
    }

    /// Refuses what cannot be used.
    pub(super) fn check(&self) -> Result<(), Error> {
        line(&self.name, "the name of the provider")?;
        line(&self.client_id, "the client id")?;
        line(&self.issuer, "the issuer")?;
        check_slug(&self.slug)?;
        check_issuer(&self.issuer)?;
        for scope in &self.scopes {
            line(scope, "a scope")?;
            if scope.contains(char::is_whitespace) {
                return Err(Error::invalid("a scope has no blanks"));
            }
        }
        if self.mapping.len() > MAPPED_AT_MOST
            || self.factors.len() > MAPPED_AT_MOST
            || self.scopes.len() > 20
        {
            return Err(Error::invalid(format!("{MAPPED_AT_MOST} values can be named at most")));
        }
        self.factors.iter().try_for_each(|value| line(value, "a value that counts as second factor"))?;
        self.check_mapping()
    }

    fn check_mapping(&self) -> Result<(), Error> {
        for row in &self.mapping {
            line(&row.value, "a value of the claim")?;
            if row.roles.is_empty() {
                return Err(Error::invalid(format!("the value {:?} gives no role", row.value)));
            }
            if let Some(role) = row.roles.iter().find(|role| BY_HAND_ONLY.contains(role)) {
                let message = format!("{:?} cannot give the role of {}", row.value, role.name());
                let hint = Some("give that role by hand, with its end or its makers".into());
                return Err(Error::Invalid { message, hint });
            }
            if self.mapping.iter().filter(|other| other.value == row.value).count() > 1 {
                return Err(Error::invalid(format!("the value {:?} stands twice", row.value)));
            }
        }
        if !self.mapping.is_empty() {
            line(&self.claim, "the claim that names the roles")?;
        } else if self.newcomers == Newcomers::Welcome {
            let message = "somebody new would have no role: no value of the claim gives one".to_owned();
            let hint = Some("say which values give which roles, or ask for invitations".into());
            return Err(Error::Invalid { message, hint });
        }
        Ok(())
    }

    /// What the audit log says.
    pub(super) fn words(&self) -> String {
        let mapping: Vec<String> =
            self.mapping.iter().map(|row| format!("{}: {}", row.value, codes(&row.roles, ", "))).collect();
        format!(
            "{} at /sign-in/{}; {} by {} as {}; newcomers {}; passwords {}; roles by {} ({}); second factor {}",
            if self.active { "in use" } else { "off" },
            self.slug,
            self.name,
            self.issuer,
            self.client_id,
            if self.newcomers == Newcomers::Welcome { "welcome" } else { "by invitation" },
            if self.passwords { "open" } else { "for administrators only" },
            if self.mapping.is_empty() { "hand" } else { &self.claim },
            mapping.join("; "),
            if self.factors.is_empty() { "ours".to_owned() } else { self.factors.join(", ") },
        )
    }
}

/// The codes of roles, parted by something.
pub(super) fn codes(roles: &[Role], between: &str) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(between)
}

/// A text on one line that is there and not too long.
fn line(text: &str, what: &str) -> Result<(), Error> {
    if text.is_empty() || text.chars().count() > TEXT_LIMIT || text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("{what} has 1 to {TEXT_LIMIT} characters on one line")));
    }
    Ok(())
}

fn check_slug(slug: &str) -> Result<(), Error> {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if !SLUG_LETTERS.contains(&slug.len()) || !slug.bytes().all(plain) || TAKEN_SLUGS.contains(&slug) {
        let message = "the word in the address has 3 to 40 small letters, digits and -".to_owned();
        return Err(Error::Invalid { message, hint: Some("such as lindenhof".into()) });
    }
    Ok(())
}

/// An issuer is https, or http on this machine, without a password, query or fragment (OpenID Connect Discovery 1.0, 3).
/// Whether it may be asked is decided when it is.
fn check_issuer(issuer: &str) -> Result<(), Error> {
    let wrong = |message: &str| Error::Invalid {
        message: message.to_owned(),
        hint: Some("copy the issuer from the provider: https://login.hospital.example/realms/staff".into()),
    };
    let url = Url::parse(issuer).map_err(|_| wrong("the issuer is not an address"))?;
    if !["https", "http"].contains(&url.scheme()) || url.host_str().is_none() {
        return Err(wrong("the issuer begins with https://"));
    }
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("the issuer has no password, no ? and no #"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            active: true,
            slug: "lindenhof".into(),
            name: "Clinic login".into(),
            issuer: "https://login.hospital.example/realms/staff".into(),
            client_id: "bedrail".into(),
            scopes: vec!["profile".into()],
            claim: "groups".into(),
            mapping: vec![MappedValue { value: "it-security".into(), roles: vec![Role::Analyst] }],
            newcomers: Newcomers::Welcome,
            passwords: true,
            factors: Vec::new(),
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert!(settings().check().is_ok());
        let mapped = |value: &str, roles: &[Role]| MappedValue { value: value.into(), roles: roles.to_vec() };
        let wrong = [
            Settings { slug: "code".into(), ..settings() },
            Settings { slug: "a/b".into(), ..settings() },
            Settings { slug: "x".into(), ..settings() },
            Settings { name: String::new(), ..settings() },
            Settings { issuer: "login.hospital.example".into(), ..settings() },
            Settings { issuer: "javascript:alert(1)".into(), ..settings() },
            Settings { issuer: "https://ann:secret@login.hospital.example".into(), ..settings() },
            Settings { issuer: "https://login.hospital.example/?a=b".into(), ..settings() },
            Settings { client_id: "a\nb".into(), ..settings() },
            Settings { scopes: vec!["a b".into()], ..settings() },
            Settings { mapping: vec![mapped("x", &[])], ..settings() },
            Settings { mapping: vec![mapped("x", &[Role::Auditor])], ..settings() },
            Settings { mapping: vec![mapped("x", &[Role::Supplier])], ..settings() },
            Settings {
                mapping: vec![mapped("x", &[Role::Analyst]), mapped("x", &[Role::Engineer])],
                ..settings()
            },
            Settings { mapping: Vec::new(), ..settings() },
            Settings { claim: String::new(), ..settings() },
        ];
        for wrong in wrong {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        let by_hand = Settings { mapping: Vec::new(), newcomers: Newcomers::Invited, ..settings() };
        assert!(by_hand.check().is_ok());
    }
}
