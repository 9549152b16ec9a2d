//! Pages of a list: which part is asked for, and what comes back.

use crate::Error;

/// Rows on a page unless asked otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// Rows on a page at most.
pub const MAX_LIMIT: u32 = 500;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows to skip.
    pub offset: u64,
    /// Rows wanted, 1 to [`MAX_LIMIT`].
    pub limit: u32,
    /// The [`Page::next`] of the page before: the list goes on behind its last row, whatever was put in or taken out
    /// before it meanwhile. The offset does not count then.
    pub after: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        PageRequest::at(0, DEFAULT_LIMIT)
    }
}

impl PageRequest {
    /// So many rows from an offset on.
    pub fn at(offset: u64, limit: u32) -> PageRequest {
        PageRequest { offset, limit, after: None }
    }

    /// Rows to skip: the offset, or what lies before and at the row that the page follows.
    ///
    /// # Errors
    /// [`Error::Conflict`] when that row is no longer in the list; nobody can tell then where to go on.
    pub(crate) fn skip(&self, position: impl FnOnce(&str) -> Option<u64>) -> Result<u64, Error> {
        let Some(after) = &self.after else { return Ok(self.offset) };
        let message =
            "the row that this page follows is no longer in the list; begin again without the cursor";
        position(after).map(|at| at + 1).ok_or_else(|| Error::Conflict { message: message.to_owned() })
    }

    /// Rows to skip in a list that moves under those who read it, so that no row is a place to go on from: its cursor is a
    /// number.
    ///
    /// # Errors
    /// As [`PageRequest::skip`].
    pub(crate) fn skip_counted(&self) -> Result<u64, Error> {
        self.skip(|after| after.parse::<u64>().ok()?.checked_sub(1))
    }

    /// Rows wanted, within bounds.
    pub(crate) fn rows(&self) -> usize {
        self.limit.clamp(1, MAX_LIMIT) as usize
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Rows in the whole list, exactly.
    pub total: u64,
    /// Rows skipped before the first of these.
    pub offset: u64,
    /// What asks for the page after this one; `None` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of a list, whose next one is asked for by the id of its last row.
    pub(crate) fn of(rows: Vec<T>, total: u64, offset: u64, id: impl Fn(&T) -> String) -> Page<T> {
        let more = offset.saturating_add(rows.len() as u64) < total;
        let next = rows.last().filter(|_| more).map(id);
        Page { rows, total, offset, next }
    }

    /// A page of a list whose cursor is a number, see [`PageRequest::skip_counted`].
    pub(crate) fn counted(rows: Vec<T>, total: u64, offset: u64) -> Page<T> {
        let end = offset.saturating_add(rows.len() as u64);
        Page::of(rows, total, offset, |_| end.to_string())
    }

    /// The page of a whole list in its order, whose next one is asked for by the id of its last row.
    ///
    /// # Errors
    /// As [`PageRequest::skip`].
    pub(crate) fn cut(
        all: Vec<T>,
        request: &PageRequest,
        id: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Error> {
        let total = all.len() as u64;
        let offset = request.skip(|after| all.iter().position(|row| id(row) == after).map(|at| at as u64))?;
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let rows = all.into_iter().skip(skip).take(request.rows()).collect();
        Ok(Page::of(rows, total, offset, id))
    }
}

/// Sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}
