//! The advisories of the installation in memory, read once and made ready to be compared. They follow the database by the
//! numbers of reference changes, whichever process took them in.

use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::named_product::Prepared;
use bedrail_formats::csaf;
use bedrail_formats::limits::Limits;
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_model::product_advisory::ProductAdvisory;
use bedrail_store::View;
use bedrail_store::product_advisories::{self, ProductAdvisoryRow};
use jiff::Timestamp;

use crate::Error;

/// An advisory as it is held.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) id: ProductAdvisoryId,
    pub(crate) advisory: Arc<ProductAdvisory>,
    pub(crate) prepared: Prepared,
    pub(crate) sha256: Vec<u8>,
    pub(crate) added: Timestamp,
    /// Id, title, publisher, makers and products in lower case.
    pub(crate) search: String,
}

/// All of them at one change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) state: i64,
    pub(crate) held: Vec<Arc<Held>>,
}

/// The shelf of the installation.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<Arc<Shelf>>);

impl Shelves {
    /// The shelf as of the view, or a little later.
    pub(crate) async fn get(&self, view: &View) -> Result<Arc<Shelf>, Error> {
        let wanted = product_advisories::state(view).await?;
        let present = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if present.state >= wanted {
            return Ok(present);
        }
        let rows = product_advisories::changed_since(view, present.state).await?;
        let reading = tokio::task::spawn_blocking(move || rows.into_iter().filter_map(read).collect());
        let fresh: Vec<Arc<Held>> = reading.await.map_err(|error| Error::Internal(Box::new(error)))?;
        let renewed = |held: &Arc<Held>| fresh.iter().any(|it| it.id == held.id);
        let kept = present.held.iter().filter(|held| !renewed(held)).cloned();
        let held = kept.chain(fresh.iter().cloned()).collect();
        let shelf = Arc::new(Shelf { state: wanted, held });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = shelf.clone();
        Ok(shelf)
    }
}

/// A stored document; it was read before it was stored, so one that cannot be read now is a fault of ours.
fn read(row: ProductAdvisoryRow) -> Option<Arc<Held>> {
    let advisory = match csaf::read(&row.content, &Limits::default()) {
        Ok(advisory) => advisory,
        Err(error) => {
            tracing::error!(advisory = row.name, error = %error, "a stored advisory cannot be read any more");
            return None;
        }
    };
    let names = advisory.products.iter().flat_map(|it| [it.maker.as_str(), it.product.as_str()]);
    let head = [advisory.id.as_str(), advisory.title.as_str(), advisory.publisher.name.as_str()];
    let ids = advisory.weaknesses.iter().flat_map(|it| &it.ids).map(String::as_str);
    let search = head.into_iter().chain(names).chain(ids).collect::<Vec<_>>().join(" ").to_lowercase();
    Some(Arc::new(Held {
        id: row.id,
        prepared: Prepared::new(&advisory),
        advisory: Arc::new(advisory),
        sha256: row.sha256,
        added: row.added,
        search,
    }))
}
