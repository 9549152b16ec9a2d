//! HTTP/1 (RFC 9112), read in one way or not at all, and written as it was read.
//!
//! `head` and `framing` are pure; `chunked` is a machine that is fed bytes; `wire` reads from a connection with limits of size and time.

pub(crate) mod chunked;
pub mod framing;
pub mod head;
pub(crate) mod wire;
