//! SCIM 2.0 (RFC 7643, RFC 7644): users as directories send them, filters, patches, and what is said of the service.

use bedrail_model::workforce::{Worker, WorkerKind};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::list;

/// The schema of users (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The enterprise extension (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Answers with a list (RFC 7644 §3.4.2).
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Errors (RFC 7644 §3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// Patches (RFC 7644 §3.5.2).
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Users in one answer at most.
pub const MOST: u64 = 200;
/// Operations of one patch at most.
const MOST_OPERATIONS: usize = 100;
const MOST_TEXT: usize = 400;

/// What is wrong with a request, as SCIM says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The detail error keyword (RFC 7644 §3.12, table 9).
    pub kind: Option<&'static str>,
    /// For people.
    pub detail: String,
}

impl Fault {
    fn new(kind: &'static str, detail: impl Into<String>) -> Fault {
        Fault { status: 400, kind: Some(kind), detail: detail.into() }
    }

    /// As the body of an answer.
    pub fn body(&self) -> Value {
        error(self.status, self.kind, &self.detail)
    }
}

/// The body of an error.
pub fn error(status: u16, kind: Option<&str>, detail: &str) -> Value {
    let mut body = json!({ "schemas": [ERROR], "status": status.to_string(), "detail": detail });
    if let Some(kind) = kind {
        body["scimType"] = json!(kind);
    }
    body
}

/// A user, as a directory means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// `userName`.
    pub user_name: String,
    /// `externalId`.
    pub external: Option<String>,
    /// The name, made of what there is of it.
    pub name: String,
    /// The first address, or the one that is marked as primary.
    pub mail: Option<String>,
    /// `active`; true without it.
    pub active: bool,
    /// `userType`, where it is one of our words.
    pub kind: WorkerKind,
    /// `roles`, and the title.
    pub roles: Vec<String>,
    /// Of the extension: `division`.
    pub site: String,
    /// Of the extension: `department`.
    pub ward: String,
}

/// The value of an attribute, whose name is read without regard to case (RFC 7643 §2.1).
fn attribute<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text_of(value: Option<&Value>, what: &str) -> Result<Option<String>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let text = text.trim();
            if text.chars().count() > MOST_TEXT || text.chars().any(char::is_control) {
                return Err(Fault::new(
                    "invalidValue",
                    format!("{what} is a line of at most {MOST_TEXT} characters"),
                ));
            }
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        Some(_) => Err(Fault::new("invalidValue", format!("{what} is a text"))),
    }
}

/// A truth, also as some directories write it: `"False"`.
fn truth(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(is) => Ok(*is),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Fault::new("invalidValue", "active is true or false")),
    }
}

fn name_of(value: &Value) -> Result<Option<String>, Fault> {
    let name = attribute(value, "name");
    let part = |key: &str| text_of(name.and_then(|name| attribute(name, key)), key);
    if let Some(formatted) = part("formatted")? {
        return Ok(Some(formatted));
    }
    let parts: Vec<String> =
        [part("givenName")?, part("middleName")?, part("familyName")?].into_iter().flatten().collect();
    if !parts.is_empty() {
        return Ok(Some(parts.join(" ")));
    }
    text_of(attribute(value, "displayName"), "displayName")
}

fn mail_of(value: &Value) -> Result<Option<String>, Fault> {
    let Some(mails) = attribute(value, "emails").filter(|it| !it.is_null()) else { return Ok(None) };
    let mails = mails.as_array().ok_or_else(|| Fault::new("invalidValue", "emails is a list"))?;
    let primary = |mail: &&Value| attribute(mail, "primary") == Some(&Value::Bool(true));
    let Some(mail) = mails.iter().find(primary).or(mails.first()) else { return Ok(None) };
    let text = if mail.is_string() { Some(mail) } else { attribute(mail, "value") };
    match text_of(text, "emails.value")? {
        None => Ok(None),
        Some(text) => {
            let read = list::mail(&text)
                .ok_or_else(|| Fault::new("invalidValue", format!("“{text}” is no address")))?;
            Ok(Some(read))
        }
    }
}

fn roles_of(value: &Value) -> Result<Vec<String>, Fault> {
    let mut roles = String::new();
    if let Some(given) = attribute(value, "roles").filter(|it| !it.is_null()) {
        let given = given.as_array().ok_or_else(|| Fault::new("invalidValue", "roles is a list"))?;
        for role in given {
            let text = if role.is_string() { Some(role) } else { attribute(role, "value") };
            roles.push_str(&text_of(text, "roles.value")?.unwrap_or_default());
            roles.push('\n');
        }
    }
    roles.push_str(&text_of(attribute(value, "title"), "title")?.unwrap_or_default());
    Ok(list::roles(&roles))
}

impl User {
    /// Reads a user (RFC 7643 §4.1); what we do not keep is passed over.
    ///
    /// # Errors
    /// [`Fault`] as the service answers it.
    pub fn read(value: &Value) -> Result<User, Fault> {
        if !value.is_object() {
            return Err(Fault::new("invalidSyntax", "a user is an object"));
        }
        if let Some(schemas) = attribute(value, "schemas") {
            let named = schemas.as_array().is_some_and(|all| all.iter().any(|it| it == USER));
            if !named {
                return Err(Fault::new("invalidValue", format!("schemas names {USER}")));
            }
        }
        let user_name = text_of(attribute(value, "userName"), "userName")?
            .ok_or_else(|| Fault::new("invalidValue", "userName is missing"))?;
        let extension = attribute(value, ENTERPRISE);
        let extra = |key: &str| text_of(extension.and_then(|it| attribute(it, key)), key);
        let external = text_of(attribute(value, "externalId"), "externalId")?;
        let mail = mail_of(value)?;
        let kind = text_of(attribute(value, "userType"), "userType")?;
        Ok(User {
            name: name_of(value)?.unwrap_or_else(|| user_name.clone()),
            external: external.or(extra("employeeNumber")?),
            active: attribute(value, "active").filter(|it| !it.is_null()).map_or(Ok(true), truth)?,
            kind: kind.and_then(|kind| list::kind(&kind)).unwrap_or(WorkerKind::Staff),
            roles: roles_of(value)?,
            site: extra("division")?.unwrap_or_default(),
            ward: extra("department")?.unwrap_or_default(),
            mail,
            user_name,
        })
    }
}

/// What is known of a user beside the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// When it was added.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The number of the change that changed it last.
    pub version: i64,
}

/// The version of a resource as a weak entity tag (RFC 7644 §3.14).
pub fn tag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// A worker as a user. `base` is the address of the service, without a slash at its end.
pub fn user(worker: &Worker, active: bool, meta: Meta, base: &str) -> Value {
    let (given, family) = worker.name.rsplit_once(' ').unwrap_or(("", worker.name.as_str()));
    let mut value = json!({
        "schemas": [USER, ENTERPRISE],
        "id": worker.id.to_string(),
        "userName": shown_user_name(worker),
        "name": { "formatted": worker.name, "familyName": family, "givenName": given },
        "displayName": worker.name,
        "userType": worker.kind.code(),
        "active": active,
        "roles": worker.roles.iter().map(|role| json!({ "value": role })).collect::<Vec<_>>(),
        ENTERPRISE: { "department": worker.ward, "division": worker.site },
        "meta": { "resourceType": "User", "created": meta.created.to_string(), "lastModified": meta.modified.to_string(),
            "location": format!("{base}/Users/{}", worker.id), "version": tag(meta.version) },
    });
    if let Some(external) = &worker.external {
        value["externalId"] = json!(external);
    }
    if let Some(mail) = &worker.mail {
        value["emails"] = json!([{ "value": mail, "type": "work", "primary": true }]);
    }
    value
}

/// The `userName` of somebody whom no directory named yet: the address, or the id.
pub fn shown_user_name(worker: &Worker) -> String {
    worker.user_name.clone().or_else(|| worker.mail.clone()).unwrap_or_else(|| worker.id.to_string())
}

/// An answer with a list.
pub fn list(resources: &[Value], total: u64, start: u64) -> Value {
    json!({ "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": resources.len(),
        "Resources": resources })
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `userName eq "…"`, in small letters: it is compared without regard to case.
    UserName(String),
    /// `externalId eq "…"`.
    External(String),
    /// `emails eq "…"`, `emails.value eq "…"`, in small letters.
    Mail(String),
    /// `id eq "…"`.
    Id(String),
    /// `active eq true`.
    Active(bool),
}

/// Reads a filter: one comparison for equality, which is what directories send (RFC 7644 §3.4.2.2).
///
/// # Errors
/// [`Fault`] `invalidFilter` for anything else.
pub fn filter(text: &str) -> Result<Filter, Fault> {
    let wrong = || {
        Fault::new(
            "invalidFilter",
            "filters are one comparison: userName eq \"name\" (also externalId, emails.value, id, active)",
        )
    };
    if text.len() > 1_000 {
        return Err(wrong());
    }
    let (path, rest) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let (operator, value) = rest.trim_start().split_once(' ').ok_or_else(wrong)?;
    if !operator.eq_ignore_ascii_case("eq") {
        return Err(wrong());
    }
    let value: Value = serde_json::from_str(value.trim()).map_err(|_| wrong())?;
    let path =
        path.strip_prefix(USER).and_then(|path| path.strip_prefix(':')).unwrap_or(path).to_ascii_lowercase();
    match (path.as_str(), value) {
        ("username", Value::String(text)) => Ok(Filter::UserName(text.to_lowercase())),
        ("externalid", Value::String(text)) => Ok(Filter::External(text)),
        ("emails" | "emails.value", Value::String(text)) => Ok(Filter::Mail(text.to_lowercase())),
        ("id", Value::String(text)) => Ok(Filter::Id(text)),
        ("active", Value::Bool(is)) => Ok(Filter::Active(is)),
        _ => Err(wrong()),
    }
}

/// A path of a patch: an attribute, perhaps of an extension, perhaps one part of it; what stands in brackets picks values of a list, of
/// which we keep one.
struct Path {
    extension: bool,
    name: String,
    part: Option<String>,
    /// What the brackets say: a part of the values and what it equals, as text.
    picked: Option<(String, String)>,
}

impl Path {
    /// Whether it speaks of an address other than the one that we keep, which is that of the work.
    fn is_other_mail(&self) -> bool {
        let other = |(part, value): &(String, String)| match part.as_str() {
            "type" => !value.eq_ignore_ascii_case("work"),
            "primary" => value != "true",
            _ => false,
        };
        self.name.eq_ignore_ascii_case("emails") && self.picked.as_ref().is_some_and(other)
    }
}

/// What stands in brackets: one comparison for equality.
fn picked(text: &str) -> Result<(String, String), Fault> {
    let wrong = || {
        let shown: String = text.chars().take(80).collect();
        Fault::new("invalidFilter", format!("“{shown}” is not one comparison, such as value eq \"nurse\""))
    };
    let (part, rest) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let (operator, value) = rest.trim_start().split_once(' ').ok_or_else(wrong)?;
    if !operator.eq_ignore_ascii_case("eq") {
        return Err(wrong());
    }
    let value = match serde_json::from_str(value.trim()) {
        Ok(Value::String(text)) => text,
        Ok(Value::Bool(is)) => is.to_string(),
        _ => return Err(wrong()),
    };
    Ok((part.to_ascii_lowercase(), value))
}

fn path(text: &str) -> Result<Path, Fault> {
    let wrong =
        || Fault::new("invalidPath", format!("“{}” is no path", text.chars().take(80).collect::<String>()));
    let lower = text.to_ascii_lowercase();
    let (extension, rest) = if lower.starts_with(&ENTERPRISE.to_ascii_lowercase()) {
        (true, &text[ENTERPRISE.len()..])
    } else if lower.starts_with(&USER.to_ascii_lowercase()) {
        (false, &text[USER.len()..])
    } else {
        (false, text)
    };
    let rest = rest.trim_start_matches(':');
    let (before, after, picked) = match rest.split_once('[') {
        Some((before, after)) => {
            let (inside, after) = after.split_once(']').ok_or_else(wrong)?;
            (before, after, Some(picked(inside)?))
        }
        None => match rest.split_once('.') {
            Some((before, after)) => (before, after, None),
            None => (rest, "", None),
        },
    };
    let (name, part) = (before.trim(), after.trim_start_matches('.').trim());
    let plain = |text: &str| text.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_$".contains(sign));
    if !plain(name) || !plain(part) || (name.is_empty() && !extension) {
        return Err(wrong());
    }
    Ok(Path { extension, name: name.to_owned(), part: (!part.is_empty()).then(|| part.to_owned()), picked })
}

fn set(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    let key = key.unwrap_or_else(|| name.to_owned());
    match value {
        Some(value) => {
            object.insert(key, value);
        }
        None => {
            object.remove(&key);
        }
    }
}

fn entry<'o>(object: &'o mut Map<String, Value>, name: &str) -> &'o mut Map<String, Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    let value = object.entry(key.unwrap_or_else(|| name.to_owned())).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("it was made an object"),
    }
}

/// Says something of one place; `None` takes it away.
fn put(user: &mut Map<String, Value>, path: &Path, value: Option<Value>) {
    if path.is_other_mail() {
        return;
    }
    if let (true, Some((part, wanted)), None) =
        (path.name.eq_ignore_ascii_case("roles"), &path.picked, &value)
    {
        remove_roles(user, part, wanted);
        return;
    }
    let target = if path.extension { entry(user, ENTERPRISE) } else { user };
    let list = ["emails", "roles"].iter().any(|name| path.name.eq_ignore_ascii_case(name)) && !path.extension;
    match (&path.part, value) {
        (Some(_), value) if list => {
            let value = value.map(|value| json!([{ "value": value, "type": "work", "primary": true }]));
            set(target, &path.name, value);
        }
        (Some(part), value) => {
            // The whole follows from its parts, which are newer now.
            let name = path.name.eq_ignore_ascii_case("name") && !part.eq_ignore_ascii_case("formatted");
            let object = entry(target, &path.name);
            set(object, part, value);
            if name {
                set(object, "formatted", None);
            }
        }
        (None, value) => {
            let shown = path.name.eq_ignore_ascii_case("displayName") && !path.extension;
            if let (true, Some(text)) = (shown, &value) {
                set(entry(target, "name"), "formatted", Some(text.clone()));
            }
            set(target, &path.name, value);
        }
    }
}

/// Takes those roles away of which a part equals something, and leaves the others.
fn remove_roles(user: &mut Map<String, Value>, part: &str, wanted: &str) {
    let roles = attribute(&Value::Object(user.clone()), "roles").and_then(Value::as_array).cloned();
    let is_wanted = |role: &Value| match attribute(role, part).unwrap_or(role) {
        Value::String(text) => text == wanted,
        Value::Bool(is) => is.to_string() == wanted,
        _ => false,
    };
    let left = roles.unwrap_or_default().into_iter().filter(|role| !is_wanted(role)).collect();
    set(user, "roles", Some(Value::Array(left)));
}

/// Adds to what is there: a role to the roles.
fn add_role(user: &mut Map<String, Value>, value: &Value) {
    let mut roles = attribute(&Value::Object(user.clone()), "roles")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    match value {
        Value::Array(more) => roles.extend(more.iter().cloned()),
        one => roles.push(one.clone()),
    }
    set(user, "roles", Some(Value::Array(roles)));
}

/// Carries a patch out on a user as [`user`] shows it (RFC 7644 §3.5.2). Attributes that we do not keep are passed over.
///
/// # Errors
/// [`Fault`] for a patch that is none, or a path that cannot be.
pub fn patch(user: &Value, patch: &Value) -> Result<Value, Fault> {
    let schemas = attribute(patch, "schemas").and_then(Value::as_array);
    if !schemas.is_some_and(|all| all.iter().any(|it| it == PATCH)) {
        return Err(Fault::new("invalidSyntax", format!("schemas names {PATCH}")));
    }
    let operations = attribute(patch, "Operations").and_then(Value::as_array);
    let operations = operations.filter(|all| !all.is_empty() && all.len() <= MOST_OPERATIONS);
    let operations = operations.ok_or_else(|| {
        Fault::new("invalidSyntax", format!("Operations has 1 to {MOST_OPERATIONS} entries"))
    })?;
    let mut changed = user.as_object().cloned().unwrap_or_default();
    for operation in operations {
        let op = attribute(operation, "op").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let place = text_of(attribute(operation, "path"), "path")?;
        let value = attribute(operation, "value").cloned();
        match (op.as_str(), place, value) {
            ("remove", Some(place), _) => put(&mut changed, &path(&place)?, None),
            ("remove", None, _) => return Err(Fault::new("noTarget", "remove names a path")),
            ("add", Some(place), Some(value)) if place.eq_ignore_ascii_case("roles") => {
                add_role(&mut changed, &value);
            }
            ("add" | "replace", Some(place), Some(value)) => put(&mut changed, &path(&place)?, Some(value)),
            ("add" | "replace", None, Some(Value::Object(values))) => {
                for (name, value) in values {
                    match value {
                        Value::Object(parts)
                            if name.eq_ignore_ascii_case("name") || name.eq_ignore_ascii_case(ENTERPRISE) =>
                        {
                            for (part, value) in parts {
                                let extension = name.eq_ignore_ascii_case(ENTERPRISE);
                                let place = if extension {
                                    format!("{ENTERPRISE}:{part}")
                                } else {
                                    format!("name.{part}")
                                };
                                put(&mut changed, &path(&place)?, Some(value));
                            }
                        }
                        value if op == "add" && name.eq_ignore_ascii_case("roles") => {
                            add_role(&mut changed, &value);
                        }
                        value => put(&mut changed, &path(&name)?, Some(value)),
                    }
                }
            }
            ("add" | "replace", ..) => {
                return Err(Fault::new("invalidValue", "add and replace have a value"));
            }
            _ => return Err(Fault::new("invalidSyntax", "op is add, replace or remove")),
        }
    }
    Ok(Value::Object(changed))
}

/// What the service can do (RFC 7643 §5).
pub fn service(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{ "type": "oauthbearertoken", "name": "Bearer token", "primary": true,
            "description": "A token made under Account, API tokens, with the right roster.provision" }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") }
    })
}

/// The kinds of resources (RFC 7643 §6).
pub fn resource_types(base: &str) -> Vec<Value> {
    vec![json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User", "name": "User", "endpoint": "/Users", "description": "A member of the workforce", "schema": USER,
        "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }],
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/User") }
    })]
}

fn described(name: &str, kind: &str, needed: bool, words: &str) -> Value {
    json!({ "name": name, "type": kind, "multiValued": false, "description": words, "required": needed, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": if name == "userName" { "server" } else { "none" } })
}

/// What is kept of a user (RFC 7643 §7).
pub fn schemas(base: &str) -> Vec<Value> {
    let list = |name: &str, words: &str| {
        let mut it = described(name, "complex", false, words);
        it["multiValued"] = json!(true);
        it["subAttributes"] = json!([described("value", "string", false, words)]);
        it
    };
    let mut name = described("name", "complex", false, "The name");
    name["subAttributes"] = json!([
        described("formatted", "string", false, "The whole name"),
        described("familyName", "string", false, "The family name"),
        described("givenName", "string", false, "The first name"),
    ]);
    let user = json!([
        described("userName", "string", true, "The name by which the directory knows the person"),
        name,
        described("displayName", "string", false, "The whole name"),
        described("userType", "string", false, "staff, contractor, volunteer or student"),
        described("title", "string", false, "Taken as a role"),
        described("active", "boolean", false, "Whether the person belongs to the workforce"),
        list("emails", "The address for mail at work"),
        list("roles", "What is asked of people goes by these"),
    ]);
    let extension = json!([
        described("department", "string", false, "The ward"),
        described("division", "string", false, "The site"),
        described("employeeNumber", "string", false, "The staff number, where there is no externalId"),
    ]);
    let one = |id: &str, name: &str, attributes: Value| {
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": id, "name": name, "attributes": attributes,
            "description": name, "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") } })
    };
    vec![one(USER, "User", user), one(ENTERPRISE, "Enterprise User", extension)]
}
