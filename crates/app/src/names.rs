//! Names of components that a bill of materials gives without an identifier: a person says once what a name means, the
//! organisation remembers it, and every release with that name, present and later, is judged by it. What a bill itself
//! gives is never replaced; what nobody confirmed stays a proposal, and "cannot tell".

use bedrail_assess::component_name::{Book, Identifier, Key};
use bedrail_assess::name_proposal::is_of_another;
use bedrail_model::component::Component;
use bedrail_model::cpe::{Cpe, Origin};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::text::squeezed;
use bedrail_store::component_names::{self, NameRow};
use bedrail_store::{Change, View};
use jiff::Timestamp;

use crate::feeds::Question;
use crate::feeds::data::Current;
use crate::feeds::judge::coordinates;
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod identified;
mod proposals;
mod reach;
mod rejudge;

pub(crate) use identified::Deciders;
pub use identified::Identified;
pub use proposals::{Exact, NamedComponent, OfRelease, Unnamed, confirm_exact, exact, exact_of, of_release};
pub use reach::Reach;

/// What was said of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedName {
    /// The name as it was written.
    pub name: String,
    /// The supplier as it was written; `None` for components whose bill names none.
    pub supplier: Option<String>,
    /// The package URL or CPE name, without a version; `None` where it is none of those that were proposed.
    pub identifier: Option<String>,
    /// What was put away as not meant.
    pub declined: Vec<String>,
    /// When it was said.
    pub decided: Timestamp,
    /// Who said it, and by which way.
    pub author: String,
}

impl ConfirmedName {
    fn of(row: &NameRow) -> ConfirmedName {
        ConfirmedName {
            name: row.name.clone(),
            supplier: row.supplier.clone(),
            identifier: row.identifier.clone(),
            declined: row.declined.clone(),
            decided: row.decided,
            author: row.author.clone(),
        }
    }
}

/// What a person says of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirm {
    /// The name, as bills give it.
    pub name: String,
    /// The supplier, else the group, as bills give it; `None` for components whose bill names none.
    pub supplier: Option<String>,
    /// A package URL or CPE name without a version; `None` says that it is none of what is proposed now.
    pub identifier: Option<String>,
    /// That it is meant although the bill names another supplier than the identifier.
    pub other_supplier: bool,
    /// Of a name without a supplier: that it is meant in the bills of every maker.
    pub everywhere: bool,
    /// When the decision was made that stood before and was looked at; `None` where none was seen.
    pub seen: Option<Timestamp>,
}

/// What changed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rejudged {
    /// Bills of materials in which the name stands.
    pub bills: u64,
    /// Releases whose present bill that is.
    pub releases: u64,
    /// Findings opened or changed.
    pub opened: u64,
    /// Findings closed.
    pub closed: u64,
}

/// The longest text that is kept with a decision, in bytes.
const LONGEST: usize = 1000;

/// Everything that people of the organisation said of names, in the order of names.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<ConfirmedName>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    Ok(component_names::all(&view).await?.iter().map(ConfirmedName::of).collect())
}

/// Says what names mean, all of them or none, and judges the releases that have them again.
///
/// # Errors
/// [`Error::Invalid`] for what is no name or no identifier that advisories are held for; [`Error::Conflict`] where the bill names
/// another supplier than the identifier, or the name has no supplier and stands in bills of several makers, and it was not said
/// that this is meant; and where somebody decided on the name since it was looked at.
pub async fn confirm(ctx: &Context, actor: &Actor, commands: &[Confirm]) -> Result<Rejudged, Error> {
    actor.need(Right::DecideNames)?;
    let mut wanted = Vec::with_capacity(commands.len());
    for command in commands {
        wanted.push(read(ctx, command).await?);
    }
    rejudge::change(ctx, actor, "names.confirm", &wanted).await
}

/// Takes back what was said of a name: it is open again, and the releases that have it are judged again.
///
/// # Errors
/// [`Error::NotFound`] when nothing was said of it.
pub async fn take_back(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    supplier: Option<&str>,
) -> Result<Rejudged, Error> {
    actor.need(Right::DecideNames)?;
    let missing = || Error::not_found(format!("a decision on the name `{name}`"));
    let key = Key::new(name, supplier).ok_or_else(missing)?;
    let row = known(ctx, actor, &key).await?.ok_or_else(missing)?;
    let (name, supplier, seen) = (row.name, row.supplier, Some(row.decided));
    let said = Said { key, name, supplier, meaning: Meaning::Open, everywhere: true, seen };
    rejudge::change(ctx, actor, "names.take_back", &[said]).await
}

/// What was said of a name; `None` where nothing was.
///
/// # Errors
/// When the database cannot be used.
pub async fn said_of(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    supplier: Option<&str>,
) -> Result<Option<ConfirmedName>, Error> {
    actor.need(Right::SeeFleet)?;
    let Some(key) = Key::new(name, supplier) else { return Ok(None) };
    Ok(known(ctx, actor, &key).await?.as_ref().map(ConfirmedName::of))
}

async fn known(ctx: &Context, actor: &Actor, key: &Key) -> Result<Option<NameRow>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    Ok(component_names::all(&view).await?.into_iter().find(|row| key_of(row) == *key))
}

/// What is said of a name, checked.
struct Said {
    key: Key,
    name: String,
    supplier: Option<String>,
    meaning: Meaning,
    everywhere: bool,
    seen: Option<Timestamp>,
}

/// What a name means.
enum Meaning {
    /// This.
    Is(Identifier),
    /// None of these.
    NoneOf(Vec<String>),
    /// Nothing is said any more.
    Open,
}

impl Said {
    /// For the audit entry.
    fn words(&self) -> String {
        let from = self.supplier.as_deref().map(|from| format!(" from {from}")).unwrap_or_default();
        let name = format!("“{}”{from}", self.name);
        match &self.meaning {
            Meaning::Is(identifier) => format!("{name} is {identifier}"),
            Meaning::NoneOf(declined) => format!("{name} is none of {}", declined.join(", ")),
            Meaning::Open => format!("{name}: open again"),
        }
    }

    async fn store(&self, change: &Change) -> Result<(), Error> {
        let (identifier, declined) = match &self.meaning {
            Meaning::Is(identifier) => (Some(identifier.to_string()), Vec::new()),
            Meaning::NoneOf(declined) => (None, declined.clone()),
            Meaning::Open => {
                // Somebody else may have been quicker: then it is open already.
                component_names::unset(change, &self.key.name, &self.key.supplier).await?;
                return Ok(());
            }
        };
        let row = NameRow {
            name_key: self.key.name.clone(),
            supplier_key: self.key.supplier.clone(),
            name: self.name.clone(),
            supplier: self.supplier.clone(),
            identifier,
            declined,
            decided: change.at(),
            author: change.actor().to_owned(),
        };
        Ok(component_names::set(change, &row).await?)
    }
}

async fn read(ctx: &Context, command: &Confirm) -> Result<Said, Error> {
    let plain = |text: &str| squeezed(&text.replace('\0', ""));
    let supplier = command.supplier.as_deref().map(plain).filter(|text| !text.is_empty());
    let key = Key::new(&command.name, supplier.as_deref()).ok_or_else(|| Error::Invalid {
        message: "this is no name of a component".into(),
        hint: Some("a name has a letter, and name and supplier at most 500 bytes each".into()),
    })?;
    let meaning = match command.identifier.as_deref() {
        Some(text) => Meaning::Is(identifier(ctx, command, text, supplier.as_deref())?),
        None => {
            let declined = proposals::of_name(ctx, &command.name, supplier.as_deref()).await?;
            if declined.is_empty() {
                let message =
                    format!("nothing is proposed for `{}`, so there is nothing to decline", command.name);
                return Err(Error::Invalid { message, hint: None });
            }
            Meaning::NoneOf(declined)
        }
    };
    let (everywhere, seen) = (command.everywhere, command.seen);
    Ok(Said { key, name: plain(&command.name), supplier, meaning, everywhere, seen })
}

/// The identifier that a person named, where it can be judged by.
fn identifier(
    ctx: &Context,
    command: &Confirm,
    text: &str,
    supplier: Option<&str>,
) -> Result<Identifier, Error> {
    if text.len() > LONGEST {
        return Err(Error::invalid("the identifier is too long"));
    }
    let identifier: Identifier = text.parse().map_err(|error| Error::Invalid {
        message: format!("`{text}` cannot be confirmed: {error}"),
        hint: Some("such as pkg:maven/org.example/name or cpe:2.3:a:vendor:product:*:*:*:*:*:*:*:*".into()),
    })?;
    // Confirmed all the same, it would be told as free of weaknesses without any evidence.
    if !is_known(&ctx.inner.judge.data.current(), &identifier) {
        return Err(Error::Invalid {
            message: format!("the vulnerability data knows no `{identifier}`"),
            hint: Some("check its spelling; what no advisory names stays “cannot tell”".into()),
        });
    }
    if !command.other_supplier && is_of_another(supplier, &identifier) {
        return Err(Error::Conflict {
            message: format!(
                "the bill says that `{}` is from {}, and `{identifier}` is of {}: two makers may have products of one name; \
                 say that another supplier is meant if it is",
                command.name,
                supplier.unwrap_or_default(),
                identifier.maker()
            ),
        });
    }
    Ok(identifier)
}

/// Whether the data has a record that names this.
fn is_known(current: &Current, identifier: &Identifier) -> bool {
    let has = |ecosystem: Ecosystem, name: &str| {
        let mut any = false;
        let read = current.db.entries(ecosystem, name, |_| {
            any = true;
            Ok(())
        });
        read.is_ok() && any
    };
    match identifier {
        Identifier::Cpe(cpe) => cpe.fields().product().is_some_and(|product| has(Ecosystem::CPE, &product)),
        Identifier::Purl(purl) => {
            let found = coordinates(&Question { purl: Some(purl), version: None });
            found.is_ok_and(|found| found.packages.iter().any(|it| has(it.ecosystem, &it.name)))
        }
    }
}

/// Whether a component is known by a name alone.
pub fn is_bare(component: &Component) -> bool {
    Key::of(component).is_some()
}

fn key_of(row: &NameRow) -> Key {
    Key { name: row.name_key.clone(), supplier: row.supplier_key.clone() }
}

fn book_of(rows: &[NameRow]) -> Book {
    let said = rows.iter().filter_map(|row| Some((key_of(row), row.identifier.as_ref()?.parse().ok()?)));
    said.collect()
}

/// What people said of names, for who reads a bill.
pub(crate) async fn book(view: &View) -> Result<Book, Error> {
    Ok(book_of(&component_names::all(view).await?))
}

/// Whether two texts name one package or product, whatever version they have.
fn is_same(identifier: &str, purl: Option<&str>, names: &[(String, Origin)]) -> bool {
    match identifier.parse::<Identifier>() {
        Ok(Identifier::Cpe(cpe)) => {
            let product = cpe.fields().product();
            let is = |name: &str| name.parse::<Cpe>().is_ok_and(|cpe| cpe.fields().product() == product);
            names.iter().any(|(name, origin)| *origin == Origin::Confirmed && is(name))
        }
        Ok(Identifier::Purl(text)) => purl.is_some_and(|purl| {
            let without =
                |text: &str| bedrail_model::purl::Purl::parse(text).ok().map(|it| it.without_version());
            without(purl) == without(&text)
        }),
        Err(_) => false,
    }
}
