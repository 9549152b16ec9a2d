//! The decisions of an organisation, ready for asking which counts where. Kept until one is taken or taken back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::decisions::{Book, Where};
use bedrail_model::decision::{Decision, Scope, component_key};
use bedrail_model::ids::{DecisionId, DeviceId, OrgId};
use bedrail_store::software::SoftwareFacts;
use bedrail_store::{View, decisions, organisations, weaknesses};
use jiff::civil::Date;

use super::Brief;
use crate::fleet::Fleet;
use crate::{Context, Error};

/// The decisions in force on a day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rulings {
    pub(super) book: Arc<Book>,
    pub(super) day: Date,
}

/// The books of all organisations that were asked about, each with the changes that it is of.
#[derive(Debug, Default)]
pub(crate) struct Books(Mutex<HashMap<OrgId, Bound>>);

/// A book, and the last decision and re-judgement that it is of.
type Bound = ((i64, i64), Arc<Book>);

impl Rulings {
    /// The decisions as a view sees them.
    pub(crate) async fn of(ctx: &Context, view: &View) -> Result<Rulings, Error> {
        let day = ctx.clock.today();
        let newest = decisions::newest(view).await?;
        if newest == 0 {
            return Ok(Rulings { book: Arc::default(), day });
        }
        let state = (newest, organisations::changes(view).await?.1);
        let books = &ctx.inner.books.0;
        let known = books.lock().unwrap_or_else(PoisonError::into_inner).get(&view.org()).cloned();
        if let Some((_, book)) = known.filter(|(of, _)| *of == state) {
            return Ok(Rulings { book, day });
        }
        let book = Arc::new(read(view).await?);
        books.lock().unwrap_or_else(PoisonError::into_inner).insert(view.org(), (state, book.clone()));
        Ok(Rulings { book, day })
    }

    /// The decisions inside a change that writes some: they may never be, so nobody else sees them.
    pub(super) async fn within(ctx: &Context, view: &View) -> Result<Rulings, Error> {
        Ok(Rulings { book: Arc::new(read(view).await?), day: ctx.clock.today() })
    }

    /// Whether anything was decided on a weakness.
    pub(crate) fn any_on(&self, weakness: &str) -> bool {
        !self.book.on(weakness).is_empty()
    }

    /// Every weakness that something was decided on.
    pub(crate) fn weaknesses(&self) -> impl Iterator<Item = &str> {
        self.book.weaknesses()
    }

    /// The decision that counts for a component of a release, or for a release of which nothing is known inside.
    pub(crate) fn on(&self, weakness: &str, place: Where<'_>, key: Option<&str>) -> Option<&Decision> {
        self.book.of_release(weakness, place, key, self.day)
    }

    /// The decision that takes a finding away.
    pub(crate) fn ruled_out(&self, weakness: &str, place: Where<'_>, key: &str) -> Option<DecisionId> {
        let decision = self.on(weakness, place, Some(key))?;
        decision.verdict.rules_out().then_some(decision.id)
    }

    /// A decision in short.
    pub(crate) fn brief(&self, id: DecisionId) -> Option<Brief> {
        self.book.all().find(|(_, decision)| decision.id == id).map(|(_, decision)| Brief::of(decision))
    }

    /// Devices with decisions of their own on a weakness.
    pub(crate) fn single_devices(&self, weakness: &str) -> impl Iterator<Item = DeviceId> {
        let devices = self.book.on(weakness).iter().filter_map(|decision| match &decision.scope {
            Scope::Devices(devices) => Some(devices.iter().copied()),
            _ => None,
        });
        devices.flatten()
    }

    /// Whether anything was decided on single devices.
    pub(crate) fn any_single(&self) -> bool {
        self.book.all().any(|(_, decision)| matches!(decision.scope, Scope::Devices(_)))
    }

    /// Weaknesses on which something was decided for a device of its own.
    pub(crate) fn singly_on(&self, device: DeviceId) -> Vec<&str> {
        let meant = |decision: &Decision| matches!(&decision.scope, Scope::Devices(devices) if devices.binary_search(&device).is_ok());
        let mut ids: Vec<&str> =
            self.book.all().filter(|(_, decision)| meant(decision)).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The decision that counts for one device.
    pub(crate) fn on_device(
        &self,
        weakness: &str,
        device: (DeviceId, Where<'_>),
        key: Option<&str>,
    ) -> Option<&Decision> {
        self.book.of_device(weakness, device, key, self.day)
    }
}

async fn read(view: &View) -> Result<Book, Error> {
    let all = decisions::all(view).await?;
    let ids: Vec<String> = all.iter().map(|decision| decision.weakness.clone()).collect();
    let names = weaknesses::names(view, &ids).await?;
    Ok(Book::new(all, |id| names.get(&id.to_uppercase()).cloned().unwrap_or_else(|| id.to_owned())))
}

/// What a decision knows a component by.
pub(crate) fn key_of(facts: &SoftwareFacts) -> String {
    component_key(&facts.name, facts.purl.as_deref())
}

impl Fleet {
    /// The release of a class, as decisions ask for it.
    pub(crate) fn place_of(&self, class: u32) -> Where<'_> {
        self.place_of_release(self.products.release_of[class as usize])
    }

    /// A release, as decisions ask for it.
    pub(crate) fn place_of_release(&self, release: u32) -> Where<'_> {
        let row = &self.products.releases[release as usize].row;
        Where { release: row.id, maker: &row.maker, model: &row.model, version: row.version.as_deref() }
    }
}
