//! The rule sets of the web application firewall: where they come from, who signed them, the stages they go through, our
//! own rules beside them. No network, no engine: bytes come in by a function, verdicts by values.

pub mod conf;
pub mod disk;
pub mod hash;
pub mod life;
pub mod request;
pub mod traffic;
pub mod tree;
pub mod trust;
pub mod version;
