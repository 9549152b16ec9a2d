//! The rules on people, by tables.

mod courses;
mod lists;
mod policies;
mod scim;
