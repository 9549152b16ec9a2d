//! What the API shows: its own structs, made from the nouns of `app` and `model`, so that neither dictates the other.

pub(crate) mod action;
pub(crate) mod advisory;
pub(crate) mod affected;
pub(crate) mod alert_desk;
pub(crate) mod alerts;
pub(crate) mod bill;
pub(crate) mod campaign;
pub(crate) mod channel;
pub(crate) mod data;
pub(crate) mod decision;
pub(crate) mod device;
pub(crate) mod exposure;
pub(crate) mod firewall;
pub(crate) mod incident;
pub(crate) mod job;
pub(crate) mod medical;
pub(crate) mod names;
pub(crate) mod notice;
pub(crate) mod people;
pub(crate) mod priority;
pub(crate) mod programme;
pub(crate) mod release;
pub(crate) mod response;
pub(crate) mod search;
pub(crate) mod self_assessment;
pub(crate) mod unknown;
pub(crate) mod vendor;
pub(crate) mod vex;
pub(crate) mod weakness;
pub(crate) mod workforce;
pub(crate) mod written;

use bedrail_app::page::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView<T: ToSchema> {
    /// The rows.
    rows: Vec<T>,
    /// Rows in the whole list, exactly.
    total: u64,
    /// Rows skipped before the first of these.
    offset: u64,
    /// The `cursor` of the page after this one; `null` at the end.
    next_cursor: Option<String>,
}

impl<T: ToSchema> PageView<T> {
    /// The view of a page.
    pub(crate) fn of<'a, R>(page: &'a Page<R>) -> PageView<T>
    where
        T: From<&'a R>,
    {
        PageView {
            rows: page.rows.iter().map(T::from).collect(),
            total: page.total,
            offset: page.offset,
            next_cursor: page.next.clone(),
        }
    }
}
