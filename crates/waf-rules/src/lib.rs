//! The rule sets of the web application firewall: where they come from, who signed them, the stages they go through, our
//! own rules beside them. No listener and no engine: bytes come in by a function, verdicts as values.

pub mod assemble;
pub mod conf;
pub mod difference;
pub mod disk;
pub mod exclusion;
pub mod hash;
pub mod hospital;
pub mod life;
pub mod own;
pub mod own_tests;
pub mod patches;
pub mod redact;
#[cfg(unix)]
pub mod replay;
pub mod request;
pub mod source;
pub mod suite;
pub mod traffic;
pub mod tree;
pub mod trust;
pub mod version;
