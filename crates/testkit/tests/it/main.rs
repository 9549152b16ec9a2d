//! Tests about the workspace as a whole.

mod arrows;
mod differences;
