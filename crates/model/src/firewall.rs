//! A web application firewall in front of devices: ours, or one of somebody else, as a fact with its age; and what ours saw.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{AlertSourceId, DeviceId, FirewallId, ProofId};

/// What product a firewall is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// `bedrail waf run`.
    Own,
    /// F5 Advanced WAF, BIG-IP ASM.
    F5,
    /// Cloudflare.
    Cloudflare,
    /// Imperva.
    Imperva,
    /// ModSecurity with a web server.
    ModSecurity,
    /// Coraza.
    Coraza,
    /// Anything else; its name stands in the name of the firewall.
    Other,
}

impl Product {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Product; 7] = [
        Product::Own,
        Product::F5,
        Product::Cloudflare,
        Product::Imperva,
        Product::ModSecurity,
        Product::Coraza,
        Product::Other,
    ];

    /// The stable code used in JSON, forms and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Product::Own => "own",
            Product::F5 => "f5",
            Product::Cloudflare => "cloudflare",
            Product::Imperva => "imperva",
            Product::ModSecurity => "modsecurity",
            Product::Coraza => "coraza",
            Product::Other => "other",
        }
    }

    /// Its name for people.
    pub const fn words(self) -> &'static str {
        match self {
            Product::Own => "Bedrail",
            Product::F5 => "F5",
            Product::Cloudflare => "Cloudflare",
            Product::Imperva => "Imperva",
            Product::ModSecurity => "ModSecurity",
            Product::Coraza => "Coraza",
            Product::Other => "another product",
        }
    }

    /// The product of a code.
    pub fn from_code(code: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// What a firewall does with what its rules object to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// Nobody said.
    #[default]
    Unknown,
    /// It judges nothing.
    Off,
    /// It tells, and lets pass.
    Detect,
    /// It refuses.
    Block,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 4] = [Mode::Unknown, Mode::Off, Mode::Detect, Mode::Block];

    /// The stable code used in JSON, forms and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Mode::Unknown => "unknown",
            Mode::Off => "off",
            Mode::Detect => "detect",
            Mode::Block => "block",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Mode::Unknown => "not known",
            Mode::Off => "off",
            Mode::Detect => "detects only",
            Mode::Block => "blocks",
        }
    }

    /// The mode of a code.
    pub fn from_code(code: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A firewall as it was registered. Nothing in it changes but how far its words were taken; what is said anew is a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firewall {
    /// Id.
    pub id: FirewallId,
    /// What people call it.
    pub name: String,
    /// The product.
    pub product: Product,
    /// What it does, as said; of ours each site says so itself.
    pub mode: Mode,
    /// The day of its rules, as said; ours says so itself.
    pub rules_on: Option<Date>,
    /// What shows it, in a sentence.
    pub proof: String,
    /// A document of the programme that shows it.
    pub document: Option<ProofId>,
    /// Who said so: a person and their role, or a program.
    pub said_by: String,
    /// When it was written down.
    pub added: Timestamp,
    /// By whom, and by which way.
    pub added_by: String,
    /// The last day on which it counts, inclusive; of ours none.
    pub expires: Option<Date>,
    /// The folder with the report of ours, and the name of its events file.
    pub files: Option<(String, String)>,
    /// The source of alerts that follows its events.
    pub source: Option<AlertSourceId>,
    /// The number of the last word on its rule sets that was taken.
    pub taken: u64,
    /// When it was taken back, and by whom.
    pub withdrawn: Option<(Timestamp, String)>,
}

/// A device that stands behind a firewall, as somebody said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    /// The firewall.
    pub firewall: FirewallId,
    /// The key of the site, of ours; empty for the firewall as a whole.
    pub site: String,
    /// The device.
    pub device: DeviceId,
}

/// What a firewall of ours said of its rule sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The firewall.
    pub firewall: FirewallId,
    /// Its number among all that this firewall said, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// The sentence.
    pub text: String,
    /// Whether somebody should look: rejected, brought back.
    pub alert: bool,
}

/// A rule that fired at a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Its id.
    pub rule: u32,
    /// What it says.
    pub message: String,
    /// Where it looked: `ARGS:note`.
    pub place: String,
}

/// A request that our firewall told of: no query, no header, no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Option<Timestamp>,
    /// The key of the site; empty where none was found.
    pub site: String,
    /// The address of the client.
    pub client: String,
    /// The method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// Whether it was refused.
    pub blocked: bool,
    /// Whether rules objected and it passed.
    pub would_block: bool,
    /// What fired.
    pub fired: Vec<Fired>,
}

#[cfg(test)]
mod tests {
    use super::{Mode, Product};

    #[test]
    fn codes_lead_back() {
        assert!(Product::ALL.into_iter().all(|it| Product::from_code(it.code()) == Some(it)));
        assert!(Mode::ALL.into_iter().all(|it| Mode::from_code(it.code()) == Some(it)));
        assert_eq!((Product::from_code("x"), Mode::from_code("")), (None, None));
    }
}
