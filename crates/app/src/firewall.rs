//! Web application firewalls in front of devices: ours, whose files the server reads, and those of others, as facts with an age.
//!
//! Our firewall is a process without the database. Its folder is given at the command line, by who has the machine in hand; over
//! the network only facts on firewalls of others are taken. What a fact says counts until the day that was given with it; what
//! ours says counts as long as its report is fresh.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use bedrail_model::alert::SourceKind;
pub use bedrail_model::firewall::{Behind, Firewall, Mode, Product, Word};
use bedrail_model::ids::{AlertSourceId, DeviceId, FirewallId, ProofId};
use bedrail_model::text::squeezed;
use bedrail_store::{Change, firewalls as rows, programme};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::alerts::{self, NewSource};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

pub use bedrail_assess::firewall::{Count, PathCount, Preview, RuleCount, Suspect};
pub use bedrail_formats::firewall::{Shield as Probed, report as read_report};
pub use bedrail_waf_rules::patches::Family;

pub(crate) mod files;
mod follow;
mod page;
mod propose;
mod standing;

pub use follow::follow_all;
pub(crate) use page::silent;
pub use page::{FirewallDetail, FirewallRow, Kept, Report, SiteDetail, get, list};
pub use propose::{Proposal, Wanted, propose};
pub use standing::{Between, PlacedBy, Shield, ShieldState, State};
pub(crate) use standing::{Standing, is_silent, standing};

/// Days that a fact on a firewall of somebody else counts, unless it is said otherwise.
pub const COUNTS_DAYS: i64 = 90;
/// Days that it may count at most; then somebody says it anew.
pub const MOST_DAYS: i64 = 366;
/// Minutes without a report after which a firewall of ours is silent. It writes one every ten seconds.
pub const SILENT_MINUTES: i64 = 10;
/// Hours after which probes show nothing any more. They are sent anew every six.
pub const PROBES_HOURS: i64 = 24;
/// Characters of a name.
const LONGEST_NAME: usize = 120;
/// Characters of a sentence.
const LONGEST_TEXT: usize = 2_000;
/// Devices behind one firewall.
const MOST_DEVICES: usize = 5_000;

/// A firewall of somebody else, as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFirewall {
    /// What people call it. One of the same name is taken back: this stands in its place.
    pub name: String,
    /// The product; not ours.
    pub product: Product,
    /// What it does.
    pub mode: Mode,
    /// The day of its rules.
    pub rules_on: Option<Date>,
    /// What shows it, in a sentence.
    pub proof: String,
    /// A document of the programme that shows it.
    pub document: Option<ProofId>,
    /// Who says so, and as what.
    pub said_by: String,
    /// The last day on which it counts; [`COUNTS_DAYS`] from today without it.
    pub expires: Option<Date>,
    /// Devices behind it: ids, names or addresses.
    pub devices: Vec<String>,
}

/// A firewall of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOwn {
    /// What people call it.
    pub name: String,
    /// The folder with its report and its events, on the server.
    pub folder: String,
    /// The name of its events file.
    pub events: String,
    /// Who says so.
    pub said_by: String,
}

/// Which rules of ours cover which weaknesses.
pub const fn families() -> &'static [Family] {
    bedrail_waf_rules::patches::FAMILIES
}

fn name(what: &str, text: &str) -> Result<String, Error> {
    let text = squeezed(text);
    match text.chars().count() {
        0 => Err(Error::invalid(format!("{what} is missing"))),
        1..=LONGEST_NAME if !text.chars().any(char::is_control) => Ok(text),
        _ => Err(Error::invalid(format!("{what} is no line of at most {LONGEST_NAME} characters"))),
    }
}

fn sentence(text: &str) -> Result<String, Error> {
    let text = squeezed(text);
    if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("the proof is no sentence of at most {LONGEST_TEXT} characters")));
    }
    Ok(text)
}

impl NewFirewall {
    fn row(&self, change: &Change, today: Date) -> Result<Firewall, Error> {
        if self.product == Product::Own {
            return Err(Error::Invalid {
                message: "a firewall of our own is registered at the command line, since its folder is read"
                    .into(),
                hint: Some("`bedrail firewall follow NAME --config sites.yaml` on the server".into()),
            });
        }
        let proof = sentence(&self.proof)?;
        if proof.is_empty() && self.document.is_none() {
            return Err(Error::Invalid {
                message: "nothing shows that the firewall is there".into(),
                hint: Some("say in a sentence how one knows, or name a document of the programme".into()),
            });
        }
        if self.rules_on.is_some_and(|day| day > today) {
            return Err(Error::invalid("the rules are of a day that is still to come"));
        }
        let last = today.saturating_add(MOST_DAYS.days());
        let expires = self.expires.unwrap_or_else(|| today.saturating_add(COUNTS_DAYS.days()));
        if expires < today || expires > last {
            return Err(Error::Invalid {
                message: format!("it counts from today for at most {MOST_DAYS} days"),
                hint: Some(format!("name a last day from {today} to {last}")),
            });
        }
        Ok(Firewall {
            id: FirewallId::generate(),
            name: name("the name", &self.name)?,
            product: self.product,
            mode: self.mode,
            rules_on: self.rules_on,
            proof,
            document: self.document,
            said_by: name("who says so", &self.said_by)?,
            added: change.at(),
            added_by: change.actor().to_owned(),
            expires: Some(expires),
            files: None,
            source: None,
            taken: 0,
            withdrawn: None,
        })
    }
}

/// Registers a firewall of somebody else. What was said before under the same name is taken back with it.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be, [`Error::NotFound`] for a device or a document that is not there, [`Error::Conflict`] where
/// the name is that of a firewall of ours.
pub async fn add(ctx: &Context, actor: &Actor, new: &NewFirewall) -> Result<FirewallId, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::HandleAlerts).await?;
    let devices = devices_of(&fleet, &new.devices)?;
    if let Some(document) = new.document
        && !programme::proofs(&view).await?.iter().any(|it| it.id == document && it.withdrawn.is_none())
    {
        return Err(Error::not_found(format!("document {document} of the programme")));
    }
    drop(view);
    let today = ctx.clock.today();
    let change = ctx.change(actor, Right::HandleAlerts, "firewall.add").await?;
    let row = new.row(&change, today)?;
    let before = in_place_of(&change, &row).await?;
    rows::add(&change, &row).await?;
    for device in &devices {
        let behind = Behind { firewall: row.id, site: String::new(), device: *device };
        rows::add_device(&change, &behind).await?;
    }
    let detail = format!(
        "{}, {}, {} devices behind it, until {}; said by {}",
        row.product.words(),
        row.mode.words(),
        devices.len(),
        row.expires.map(|day| day.to_string()).unwrap_or_default(),
        row.said_by
    );
    change.commit_with(&row.name, &detail, before, None).await?;
    Ok(row.id)
}

/// Takes back what was said before under the same name.
async fn in_place_of(change: &Change, new: &Firewall) -> Result<Option<String>, Error> {
    let all = rows::all(change).await?;
    let Some(old) = all.iter().find(|it| it.withdrawn.is_none() && it.name == new.name) else {
        return Ok(None);
    };
    if (old.product == Product::Own) != (new.product == Product::Own) {
        let message = format!("there is a firewall called `{}` already", new.name);
        return Err(Error::Conflict { message });
    }
    rows::withdraw(change, old.id).await?;
    Ok(Some(format!("{}, {}; said by {}", old.product.words(), old.mode.words(), old.said_by)))
}

/// Registers a firewall of ours: its events are followed as a source of alerts, its report is read from now on. Doing it again changes
/// nothing. For the command line alone: the folder is one of the server.
///
/// # Errors
/// [`Error::Invalid`] for a folder or a name that cannot be, [`Error::Conflict`] where the name is taken.
pub async fn add_own(ctx: &Context, actor: &Actor, new: &NewOwn) -> Result<FirewallId, Error> {
    actor.need(Right::HandleAlerts)?;
    let folder = Path::new(&new.folder);
    let plain = !new.events.is_empty() && !new.events.contains(['/', '\\', '\0']);
    if !folder.is_absolute() || !plain {
        return Err(Error::Invalid {
            message: "a firewall of ours is a folder with a whole path, and the name of a file in it".into(),
            hint: Some("such as /var/log/bedrail-waf and events.jsonl".into()),
        });
    }
    let (called, said_by) = (name("the name", &new.name)?, name("who says so", &new.said_by)?);
    let files = (new.folder.clone(), new.events.clone());
    let known = list(ctx, actor).await?;
    if let Some(row) = known.iter().map(|row| &row.firewall).find(|it| it.name == called)
        && row.files.as_ref() == Some(&files)
    {
        return Ok(row.id);
    }
    let path = folder.join(&new.events);
    let source = source(ctx, actor, &called, &path).await?;
    let change = ctx.change(actor, Right::HandleAlerts, "firewall.follow").await?;
    let row = Firewall {
        id: FirewallId::generate(),
        name: called,
        product: Product::Own,
        mode: Mode::Unknown,
        rules_on: None,
        proof: String::new(),
        document: None,
        said_by,
        added: change.at(),
        added_by: change.actor().to_owned(),
        expires: None,
        files: Some(files),
        source: Some(source),
        taken: 0,
        withdrawn: None,
    };
    let before = in_place_of(&change, &row).await?;
    rows::add(&change, &row).await?;
    change.commit_with(&row.name, "its events and its report are followed", before, None).await?;
    Ok(row.id)
}

/// The source that follows a file of events: the one that does already, or a new one.
async fn source(ctx: &Context, actor: &Actor, called: &str, path: &Path) -> Result<AlertSourceId, Error> {
    let path = path.display().to_string();
    let all = alerts::sources(ctx, actor).await?;
    if let Some(there) = all.iter().find(|it| it.settings.path.as_deref() == Some(&path)) {
        return Ok(there.id);
    }
    let taken = all.iter().any(|it| it.settings.name == called);
    let name = if taken { format!("{called} (firewall)") } else { called.to_owned() };
    let new = NewSource { kind: Some(SourceKind::Firewall), path: Some(path), ..NewSource::named(name) };
    alerts::add_source(ctx, actor, &new).await
}

/// Says anew which devices stand behind a site of ours, or behind a firewall as a whole (an empty site).
///
/// # Errors
/// [`Error::NotFound`] for a firewall or a device that is not there.
pub async fn place(
    ctx: &Context,
    actor: &Actor,
    id: FirewallId,
    site: &str,
    devices: &[String],
) -> Result<usize, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::HandleAlerts).await?;
    drop(view);
    let devices = devices_of(&fleet, devices)?;
    let site = squeezed(site);
    if site.chars().count() > LONGEST_NAME {
        return Err(Error::invalid("that is no key of a site"));
    }
    let change = ctx.change(actor, Right::HandleAlerts, "firewall.place").await?;
    let all = rows::all(&change).await?;
    let row = all.into_iter().find(|it| it.id == id && it.withdrawn.is_none());
    let row = row.ok_or_else(|| missing(id))?;
    rows::remove_devices(&change, id, &site).await?;
    for device in &devices {
        rows::add_device(&change, &Behind { firewall: id, site: site.clone(), device: *device }).await?;
    }
    let where_to = if site.is_empty() { String::new() } else { format!("site {site}: ") };
    change.commit(&row.name, &format!("{where_to}{} devices stand behind it", devices.len())).await?;
    Ok(devices.len())
}

/// Takes a firewall back. What it showed stays in the audit log.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn withdraw(ctx: &Context, actor: &Actor, id: FirewallId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "firewall.withdraw").await?;
    let all = rows::all(&change).await?;
    let row = all.into_iter().find(|it| it.id == id).ok_or_else(|| missing(id))?;
    if !rows::withdraw(&change, id).await? {
        return Err(missing(id));
    }
    change.commit(&row.name, "taken back").await?;
    Ok(())
}

fn missing(id: FirewallId) -> Error {
    Error::not_found(format!("firewall {id}"))
}

/// The devices behind a firewall, as [`devices_called`] finds them.
fn devices_of(fleet: &Fleet, named: &[String]) -> Result<Vec<DeviceId>, Error> {
    if named.iter().filter(|text| !text.trim().is_empty()).count() > MOST_DEVICES {
        return Err(Error::invalid(format!("more than {MOST_DEVICES} devices behind one firewall")));
    }
    devices_called(fleet, named)
}

/// Devices by what people call them: id, name or address. A name that several have is refused.
pub(crate) fn devices_called(fleet: &Fleet, named: &[String]) -> Result<Vec<DeviceId>, Error> {
    let named: Vec<&str> = named.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    // Each device under all that it is called, so that the fleet is walked once and not for every name.
    let mut called: HashMap<String, HashSet<DeviceId>> = HashMap::new();
    for device in &fleet.devices.list {
        let names = [device.id.to_string(), device.name.to_ascii_lowercase()];
        let addresses = device.addresses.iter().map(ToString::to_string);
        for name in names.into_iter().chain(addresses) {
            called.entry(name).or_default().insert(device.id);
        }
    }
    let mut found: Vec<DeviceId> = Vec::new();
    let mut taken = HashSet::new();
    for text in named {
        let address = text.parse::<std::net::IpAddr>().ok().map(|address| address.to_string());
        let id = text.parse::<DeviceId>().ok().map(|id| id.to_string());
        let keys = [Some(text.to_ascii_lowercase()), address, id].into_iter().flatten();
        let met: HashSet<DeviceId> = keys.filter_map(|key| called.get(&key)).flatten().copied().collect();
        let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        let mut met = met.into_iter();
        let one = met.next().ok_or_else(|| Error::not_found(format!("device {shown}")))?;
        if met.next().is_some() {
            return Err(Error::Invalid {
                message: format!("several devices go by `{shown}`"),
                hint: Some("name it by its id, as its page has it in the address".into()),
            });
        }
        if taken.insert(one) {
            found.push(one);
        }
    }
    Ok(found)
}
