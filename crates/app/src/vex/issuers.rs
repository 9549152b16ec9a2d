//! Whose word is taken: issuers that a person pinned, and for which makers.

use bedrail_store::vex::{self as rows, VexIssuerRow};
use jiff::Timestamp;

use super::{rule, signing, versions};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// An issuer that was pinned, or of which we hold documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// What it is known by: the namespace of its ids, else its name.
    pub key: String,
    /// How it is called.
    pub name: String,
    /// When it was pinned, and by whom; `None` where nobody did.
    pub pinned: Option<(Timestamp, String)>,
    /// The makers of whose products it may speak; none for all.
    pub makers: Vec<String>,
    /// Since when its statements are accepted without a person where the rules allow, and who said so.
    pub automatic: Option<(Timestamp, String)>,
    /// The fingerprint of the key that its documents must be signed by; `None` where a person vouches for the way they come.
    pub signed_with: Option<String>,
    /// Documents of it that we hold.
    pub documents: u64,
}

/// A pin to be set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pin {
    /// What the issuer is known by ([`Issuer::key`]).
    pub key: String,
    /// The makers of whose products it may speak; none for all.
    pub makers: Vec<String>,
    /// Whether its statements are accepted without a person where the rules allow.
    pub automatic: bool,
    /// The public key that its documents must be signed by: PEM, or an OpenPGP certificate. Empty for none.
    pub signing_key: String,
}

/// Makers of one issuer at most.
const MOST_MAKERS: usize = 100;

/// Issuers that are pinned or of which we hold documents, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn issuers(ctx: &Context, actor: &Actor) -> Result<Vec<Issuer>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let mut found: Vec<Issuer> = rows::issuers(&view)
        .await?
        .into_iter()
        .map(|row| Issuer {
            key: row.key,
            name: row.name,
            pinned: Some((row.pinned, row.pinned_by)),
            makers: row.makers,
            automatic: row.automatic,
            signed_with: row.signing_key.map(|it| it.fingerprint),
            documents: 0,
        })
        .collect();
    for document in rows::documents(&view).await? {
        match found.iter_mut().find(|it| it.key == document.issuer_key) {
            Some(issuer) => issuer.documents += 1,
            None => found.push(Issuer {
                key: document.issuer_key,
                name: document.issuer_name,
                pinned: None,
                makers: Vec::new(),
                automatic: None,
                signed_with: None,
                documents: 1,
            }),
        }
    }
    found.sort_by(|a, b| (a.pinned.is_some(), &a.name, &a.key).cmp(&(b.pinned.is_some(), &b.name, &b.key)));
    Ok(found)
}

/// Pins an issuer, or changes what it is pinned for. A background job does what its rule says.
///
/// # Errors
/// [`Error::Invalid`] when it lacks a key, names too many makers, or what its documents are signed by is no public key; [`Error::Denied`] for a rule without the right to decide.
pub async fn pin(ctx: &Context, actor: &Actor, command: &Pin) -> Result<(), Error> {
    actor.need(Right::TakeStatements)?;
    if command.automatic {
        // The rule decides in the place of whoever writes it.
        actor.need(Right::Decide)?;
    }
    let key = command.key.trim().to_lowercase();
    if key.is_empty() {
        return Err(Error::Invalid {
            message: "an issuer is pinned by the address of its ids, or its name".into(),
            hint: Some("`bedrail vex issuers` lists those of which documents are held".into()),
        });
    }
    let mut makers: Vec<String> = command
        .makers
        .iter()
        .map(|it| bedrail_model::text::squeezed(it))
        .filter(|it| !it.is_empty())
        .collect();
    makers.sort();
    makers.dedup();
    if makers.len() > MOST_MAKERS {
        return Err(Error::invalid(format!("an issuer is pinned for {MOST_MAKERS} makers at most")));
    }
    if command.automatic && makers.is_empty() {
        return Err(Error::Invalid {
            message: "a rule names the makers for whose products it holds".into(),
            hint: Some("name them, or let a person accept each statement".into()),
        });
    }
    let signing_key = match command.signing_key.trim() {
        "" => None,
        text => Some(signing::key(text)?),
    };
    let known = issuers(ctx, actor).await?.into_iter().find(|it| it.key == key);
    let name = known.as_ref().map_or_else(|| key.clone(), |it| it.name.clone());
    let change = ctx.change(actor, Right::TakeStatements, "vex.pin").await?;
    let now = (change.at(), change.actor().to_owned());
    // A rule that stands keeps its author and its date; one for other makers, or by another key, is another rule.
    let fingerprint = signing_key.as_ref().map(|it| it.fingerprint.clone());
    let same = known.filter(|it| it.makers == makers && it.signed_with == fingerprint);
    let rule = same.and_then(|it| it.automatic).unwrap_or_else(|| now.clone());
    let row = VexIssuerRow {
        key: key.clone(),
        name: name.clone(),
        makers: makers.clone(),
        pinned: now.0,
        pinned_by: now.1,
        automatic: command.automatic.then_some(rule),
        signing_key,
    };
    rows::pin(&change, &row).await?;
    signing::check_all(ctx, &change, &row).await?;
    versions::arrange(&change, &row.key).await?;
    let whose = if makers.is_empty() { "all makers".to_owned() } else { makers.join(", ") };
    let rule = if command.automatic { "accepted by rule" } else { "each accepted by a person" };
    let by = fingerprint.map_or_else(String::new, |it| format!("; where signed by {it}"));
    rule::ask(&change).await?;
    change.commit(&name, &format!("{key}: its statements count for {whose}; {rule}{by}")).await?;
    Ok(())
}

/// Takes a pin away; what people accepted stays, what a rule accepted does not.
///
/// # Errors
/// [`Error::NotFound`] when the issuer is not pinned.
pub async fn unpin(ctx: &Context, actor: &Actor, key: &str) -> Result<(), Error> {
    let key = key.trim().to_lowercase();
    let change = ctx.change(actor, Right::TakeStatements, "vex.unpin").await?;
    if !rows::unpin(&change, &key).await? {
        return Err(Error::not_found(format!("pinned issuer {key}")));
    }
    rule::ask(&change).await?;
    change.commit(&key, "its statements propose nothing any more").await?;
    Ok(())
}
