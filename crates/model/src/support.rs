//! Until when products are supported by who makes them, as public lists keep it: a product, the names it is known by, and its
//! release cycles.

use jiff::civil::Date;

/// A name that a product is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProductName {
    /// Type, namespace and name of a package URL: `npm//express`, `maven/org.apache.logging.log4j/log4j-core`.
    Purl(String),
    /// Part, vendor and product of a CPE name: `a:openssl:openssl`.
    Cpe(String),
}

/// When the support of a release cycle ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupportEnd {
    /// On this day, the last one included.
    On(Date),
    /// It has ended; the day is not told.
    Ended,
    /// It is supported, and no end is announced.
    NotAnnounced,
}

/// A release cycle: the versions that begin with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportCycle {
    /// Its name: `3.0`, `1.0.2`.
    pub name: String,
    /// When its support ends.
    pub end: SupportEnd,
}

/// A product with its cycles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportedProduct {
    /// Its id in the list: `openssl`.
    pub id: String,
    /// What people call it: `OpenSSL`.
    pub title: String,
    /// The names it is known by.
    pub names: Vec<ProductName>,
    /// Its cycles, in the order of the list.
    pub cycles: Vec<SupportCycle>,
}
