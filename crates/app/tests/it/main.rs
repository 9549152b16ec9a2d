//! The use cases as stories, on every database that is there.

mod story;
