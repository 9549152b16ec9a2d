//! What a provider says of somebody, read from claims that were checked.

use serde_json::{Map, Value};

use super::settings::{BY_HAND_ONLY, Settings};
use crate::rights::Role;

/// Claims as JSON.
pub(super) type Claims = Map<String, Value>;

/// The longest subject (OpenID Connect Core 1.0, 2).
const SUBJECT_LIMIT: usize = 255;
/// The longest sign-in name.
const NAME_LIMIT: usize = 64;

/// A claim by its name, else by its path with dots: names may hold dots themselves, as addresses do.
pub(super) fn find<'c>(claims: &'c Claims, path: &str) -> Option<&'c Value> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

/// The texts of a claim: one, or a list of them. Anything else in it names nothing.
fn texts<'c>(claims: &'c Claims, path: &str) -> Vec<&'c str> {
    match find(claims, path) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A person as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// The person's name at the provider, which only the provider understands, and never changes.
    pub(super) subject: String,
    /// What to call the account, in the order of what is liked best.
    pub(super) names: Vec<String>,
    /// The person's name; empty where the provider says none.
    pub(super) full_name: String,
    /// The address for mail, where the provider says one.
    pub(super) mail: Option<String>,
    /// The roles that the mapping gives; `None` where roles are given here.
    pub(super) roles: Option<Vec<Role>>,
    /// Whether the provider asked for a second factor that counts.
    pub(super) factor: bool,
}

impl Person {
    /// Who the claims speak of. `None` without a subject that can be one.
    pub(super) fn of(claims: &Claims, settings: &Settings) -> Option<Person> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let subject = claims.get("sub").and_then(Value::as_str)?;
        if subject.is_empty() || subject.len() > SUBJECT_LIMIT || !subject.is_ascii() {
            return None;
        }
        let verified = claims.get("email_verified") != Some(&Value::Bool(false));
        let mail = crate::people::usable_mail(Some(text("email"))).ok().flatten().filter(|_| verified);
        let names = [text("preferred_username"), text("email"), text("name")];
        Some(Person {
            subject: subject.to_owned(),
            names: names.into_iter().filter_map(sign_in_name).collect(),
            full_name: crate::people::usable_full_name(text("name")).unwrap_or_default(),
            mail,
            roles: (!settings.mapping.is_empty()).then(|| roles(claims, settings)),
            factor: counts_as_factor(claims, settings),
        })
    }
}

/// The roles that the values of the claim give together, in the table's order.
fn roles(claims: &Claims, settings: &Settings) -> Vec<Role> {
    let values = texts(claims, &settings.claim);
    let mut roles: Vec<Role> = settings
        .mapping
        .iter()
        .filter(|row| values.contains(&row.value.as_str()))
        .flat_map(|row| row.roles.iter().copied())
        .filter(|role| !BY_HAND_ONLY.contains(role))
        .collect();
    roles.sort_by_key(|role| *role as usize);
    roles.dedup();
    roles
}

fn counts_as_factor(claims: &Claims, settings: &Settings) -> bool {
    let counts = |said: &str| settings.factors.iter().any(|wanted| wanted == said);
    texts(claims, "acr").into_iter().chain(texts(claims, "amr")).any(counts)
}

/// What a provider calls somebody, as a sign-in name can be.
fn sign_in_name(said: &str) -> Option<String> {
    let fits = |letter: &char| letter.is_alphanumeric() || ".-_@+".contains(*letter);
    let name: String = said.replace(' ', ".").chars().filter(fits).take(NAME_LIMIT).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::settings::{MappedValue, Newcomers};
    use super::*;

    fn settings(claim: &str) -> Settings {
        let mapped = |value: &str, roles: &[Role]| MappedValue { value: value.into(), roles: roles.to_vec() };
        Settings {
            active: true,
            slug: "clinic".into(),
            name: "Clinic".into(),
            issuer: "https://login.hospital.example".into(),
            client_id: "bedrail".into(),
            scopes: Vec::new(),
            claim: claim.into(),
            mapping: vec![
                mapped("it-security", &[Role::Analyst, Role::Compliance]),
                mapped("heads", &[Role::Administrator]),
                mapped("ward-it", &[Role::Engineer]),
            ],
            newcomers: Newcomers::Welcome,
            passwords: true,
            factors: vec!["mfa".into()],
        }
    }

    fn person(claims: &Value, claim: &str) -> Option<Person> {
        Person::of(claims.as_object().unwrap(), &settings(claim))
    }

    #[test]
    fn roles_come_from_exact_values_wherever_the_claim_lies() {
        for (claims, claim, roles) in [
            (
                json!({ "groups": ["ward-it", "choir", "heads"] }),
                "groups",
                vec![Role::Administrator, Role::Engineer],
            ),
            (json!({ "groups": "ward-it" }), "groups", vec![Role::Engineer]),
            (
                json!({ "realm_access": { "roles": ["it-security"] } }),
                "realm_access.roles",
                vec![Role::Analyst, Role::Compliance],
            ),
            (
                json!({ "https://a.example/groups": ["heads"] }),
                "https://a.example/groups",
                vec![Role::Administrator],
            ),
            (json!({ "groups": ["Heads", " heads", "heads "] }), "groups", vec![]),
            (json!({ "groups": { "heads": true } }), "groups", vec![]),
            (json!({ "groups": [["heads"], 7, null] }), "groups", vec![]),
            (json!({ "groups": "heads ward-it" }), "groups", vec![]),
            (json!({}), "groups", vec![]),
        ] {
            let mut claims = claims;
            claims["sub"] = json!("s");
            assert_eq!(person(&claims, claim).unwrap().roles, Some(roles), "{claims}");
        }
    }

    #[test]
    fn who_somebody_is_needs_a_subject() {
        for wrong in [
            json!({}),
            json!({ "sub": "" }),
            json!({ "sub": 7 }),
            json!({ "sub": "x".repeat(256) }),
            json!({ "sub": "ä" }),
        ] {
            assert_eq!(person(&wrong, "groups"), None, "{wrong}");
        }
    }

    #[test]
    fn names_and_addresses_are_taken_as_far_as_they_can_be_used() {
        let said = json!({ "sub": "s", "preferred_username": "Ann <Example>", "email": "ann@clinic.example",
            "name": "Ann\nExample", "acr": "1", "amr": ["pwd", "mfa"] });
        let person = person(&said, "groups").unwrap();
        assert_eq!(person.names, ["Ann.Example", "ann@clinic.example", "AnnExample"]);
        assert_eq!(
            (person.full_name.as_str(), person.mail.as_deref(), person.factor),
            ("", Some("ann@clinic.example"), true)
        );
        let mut unverified = said;
        unverified["email_verified"] = json!(false);
        unverified["amr"] = json!(["pwd"]);
        let person = super::tests::person(&unverified, "groups").unwrap();
        assert_eq!((person.mail, person.factor), (None, false));
    }
}
