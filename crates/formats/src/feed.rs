//! Vulnerability feeds: OSV records and the zips they come in, NVD, CISA's KEV, FIRST's EPSS.

pub mod archive;
pub mod endoflife;
pub mod epss;
pub mod kev;
pub mod nvd;
pub mod osv;
