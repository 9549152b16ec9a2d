//! What was counted last, for as long as nothing changed: every change of an organisation moves its number, so what is
//! remembered is what counting again would say.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_model::ids::OrgId;
use bedrail_store::{View, organisations};

use crate::Error;

/// Answers that are remembered at most; then all are forgotten.
const MOST: usize = 200;

/// The numbers of the last change, and what was counted at it.
type At<V> = ((i64, i64), Arc<V>);

/// Counted of each organisation, by what was asked.
#[derive(Debug)]
pub(crate) struct Remembered<K, V>(Mutex<HashMap<(OrgId, K), At<V>>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Remembered<K, V> {
        Remembered(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V> Remembered<K, V> {
    /// What was counted, or what counting says now.
    pub(super) async fn get(
        &self,
        view: &View,
        asked: K,
        count: impl AsyncFnOnce() -> Result<V, Error>,
    ) -> Result<Arc<V>, Error> {
        let (state, key) = (organisations::written(view).await?, (view.org(), asked));
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((_, value)) = known.filter(|(at, _)| *at == state) {
            return Ok(value);
        }
        let value = Arc::new(count().await?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, (state, value.clone()));
        Ok(value)
    }
}
