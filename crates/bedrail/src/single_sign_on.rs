//! An organisation's provider as the API and the command line write it in JSON.

use bedrail_app::Error;
use bedrail_app::rights::Role;
use bedrail_app::single_sign_on::{MappedValue, Newcomers, Settings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A value of the claim and the roles that it gives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedBody {
    /// The value, exactly as the provider writes it.
    pub(crate) value: String,
    /// Codes of roles: `administrator`, `analyst`, `engineer`, `compliance`, `counsel`, `adviser`. An auditor and a supplier
    /// are made by hand.
    pub(crate) roles: Vec<String>,
}

/// Single sign-on of an organisation.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SingleSignOnBody {
    /// Whether it is in use.
    pub(crate) active: bool,
    /// The word in the address of the organisation's sign-in page: `/sign-in/lindenhof`.
    pub(crate) slug: String,
    /// What the button says after "Sign in with".
    pub(crate) name: String,
    /// The provider's address, exactly as it calls itself.
    pub(crate) issuer: String,
    /// What the provider calls this installation.
    pub(crate) client_id: String,
    /// The client's secret. Sent, never answered; without it the one that is held stays, if the issuer does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret: Option<String>,
    /// Scopes that are asked for beside `openid`.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The claim that says what somebody is: its name, or a path with dots.
    #[serde(default)]
    pub(crate) claim: String,
    /// The roles that its values give. Empty: roles are given here, the claim counts for nothing.
    #[serde(default)]
    pub(crate) mapping: Vec<MappedBody>,
    /// People whom nobody here knows yet: `invited` (they need an invitation) or `welcome` (they get an account).
    pub(crate) newcomers: String,
    /// Whether members may sign in by a password too. Administrators always may.
    pub(crate) passwords: bool,
    /// Values of `acr` or `amr` that count as a second factor. Empty: ours is asked for where there is one.
    #[serde(default)]
    pub(crate) factors: Vec<String>,
}

/// The words for what happens to newcomers.
pub(crate) const NEWCOMERS: [(Newcomers, &str); 2] =
    [(Newcomers::Invited, "invited"), (Newcomers::Welcome, "welcome")];

impl From<Settings> for SingleSignOnBody {
    fn from(settings: Settings) -> SingleSignOnBody {
        let mapped = |row: MappedValue| MappedBody {
            value: row.value,
            roles: row.roles.iter().map(|role| role.code().to_owned()).collect(),
        };
        let newcomers = NEWCOMERS.iter().find(|(newcomers, _)| *newcomers == settings.newcomers);
        SingleSignOnBody {
            active: settings.active,
            slug: settings.slug,
            name: settings.name,
            issuer: settings.issuer,
            client_id: settings.client_id,
            client_secret: None,
            scopes: settings.scopes,
            claim: settings.claim,
            mapping: settings.mapping.into_iter().map(mapped).collect(),
            newcomers: newcomers.map_or("invited", |(_, code)| code).to_owned(),
            passwords: settings.passwords,
            factors: settings.factors,
        }
    }
}

impl SingleSignOnBody {
    /// The settings and the secret that the body asks for.
    pub(crate) fn settings(self) -> Result<(Settings, Option<String>), Error> {
        let newcomers = NEWCOMERS.iter().find(|(_, code)| *code == self.newcomers);
        let (newcomers, _) =
            newcomers.ok_or_else(|| Error::invalid("newcomers are `invited` or `welcome`"))?;
        let settings = Settings {
            active: self.active,
            slug: self.slug,
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            scopes: self.scopes,
            claim: self.claim,
            mapping: self.mapping.into_iter().map(mapped).collect::<Result<_, _>>()?,
            newcomers: *newcomers,
            passwords: self.passwords,
            factors: self.factors,
        };
        Ok((settings, self.client_secret))
    }
}

fn mapped(body: MappedBody) -> Result<MappedValue, Error> {
    let roles = body.roles.iter().map(|code| role(code)).collect::<Result<_, _>>()?;
    Ok(MappedValue { value: body.value, roles })
}

fn role(code: &str) -> Result<Role, Error> {
    Role::from_code(code.trim()).ok_or_else(|| Error::invalid(format!("there is no role {:?}", code.trim())))
}

/// A row of the mapping as it is typed: `it-security = analyst, compliance`. The value may hold `=` itself, as names of
/// directories do.
///
/// # Errors
/// [`Error::Invalid`] for a row that cannot be read.
pub(crate) fn typed_row(text: &str) -> Result<MappedValue, Error> {
    let (value, roles) = text.rsplit_once('=').ok_or_else(|| Error::Invalid {
        message: format!("{text:?} gives no role"),
        hint: Some("write one value and its roles a line: it-security = analyst, compliance".into()),
    })?;
    let roles = roles
        .split(',')
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(role)
        .collect::<Result<_, _>>()?;
    Ok(MappedValue { value: value.trim().to_owned(), roles })
}

/// The row as [`typed_row`] reads it.
pub(crate) fn row_as_typed(row: &MappedValue) -> String {
    format!("{} = {}", row.value, row.roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_mapping_are_read_as_they_are_written() {
        let row = typed_row("cn=security,ou=groups = analyst,compliance").unwrap();
        assert_eq!((row.value.as_str(), row.roles.len()), ("cn=security,ou=groups", 2));
        assert_eq!(row_as_typed(&row), "cn=security,ou=groups = analyst, compliance");
        assert!(typed_row("security").is_err() && typed_row("security = root").is_err());
        assert_eq!(typed_row("security =").unwrap().roles, []);
    }
}
