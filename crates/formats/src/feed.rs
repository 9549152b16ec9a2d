//! Vulnerability feeds: OSV records and the zips they come in, CISA's KEV, FIRST's EPSS.

pub mod archive;
pub mod epss;
pub mod kev;
pub mod osv;
