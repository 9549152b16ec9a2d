//! A bill of materials of a made-up release, before it is written in a format: stacks put together, flaws applied.

use jiff::ToSpan;

use super::TODAY;
use super::random::Random;
use super::tables::{Flaw, Item, Release, Tables};

/// A bill of materials.
#[derive(Debug)]
pub(super) struct Bill {
    pub(super) maker: &'static str,
    pub(super) model: &'static str,
    pub(super) version: &'static str,
    /// When the maker wrote it.
    pub(super) created: jiff::civil::Date,
    /// A number of its own, as a UUID.
    pub(super) serial: String,
    pub(super) parts: Vec<Part>,
    /// What the bill says of its own completeness, in CycloneDX's words.
    pub(super) composition: Option<&'static str>,
}

/// One component.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// CycloneDX's word for what it is.
    pub(super) kind: &'static str,
    pub(super) group: Option<String>,
    pub(super) name: String,
    pub(super) version: Option<&'static str>,
    pub(super) purl: Option<String>,
    pub(super) cpe: Option<String>,
    pub(super) licence: Option<&'static str>,
    /// The part that it stands inside of.
    pub(super) parent: Option<usize>,
}

impl Bill {
    /// The bill of a release.
    pub(super) fn of(tables: &Tables, release: &Release) -> Bill {
        let product = &tables.products[release.product];
        let mut random = Random::of(&format!("bill {} {}", product.code, release.version));
        let created = TODAY - (20 + random.below(700) as i64).days();
        let serial = uuid::Uuid::from_u64_pair(random.next(), random.next());
        let serial = uuid::Builder::from_u128(serial.as_u128())
            .with_version(uuid::Version::Random)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid()
            .to_string();
        let mut parts = Vec::new();
        for stack in &release.stacks {
            add_stack(tables.stack(stack), &mut parts);
        }
        for flaw in &release.flaws {
            apply(*flaw, &mut parts, &mut random);
        }
        Bill {
            maker: tables.makers[product.maker].name,
            model: product.model,
            version: release.version,
            created,
            serial,
            parts,
            composition: release.flaws.iter().find_map(|flaw| match flaw {
                Flaw::Incomplete => Some("incomplete"),
                Flaw::Unknown => Some("unknown"),
                Flaw::NoVersions | Flaw::NoPurls | Flaw::Bare | Flaw::Flat => None,
            }),
        }
    }

    /// The file's name without its end: `karsolin-imaging-karsoscan-64-9.1`.
    pub(super) fn file_stem(&self) -> String {
        format!("{} {} {}", self.maker, self.model, self.version).to_lowercase().replace(' ', "-")
    }

    /// When it was written, as RFC 3339.
    pub(super) fn created(&self) -> String {
        format!("{}T08:00:00Z", self.created)
    }

    /// The parts that stand directly inside a part, or directly in the product.
    pub(super) fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        (0..self.parts.len()).filter(move |part| self.parts[*part].parent == parent)
    }

    /// The document's own reference of a part.
    pub(super) fn reference(&self, part: usize) -> String {
        let name: String = self.parts[part]
            .name
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' })
            .collect();
        format!("c{:03}-{name}", part + 1)
    }
}

fn add_stack(items: &[Item], parts: &mut Vec<Part>) {
    let first = parts.len();
    for item in items {
        let parent = (!item.parent.is_empty()).then(|| {
            let place = items.iter().position(|other| other.name == item.parent);
            first + place.unwrap_or_else(|| panic!("stacks.csv: {} has no parent {}", item.name, item.parent))
        });
        parts.push(part(item, parent));
    }
}

fn part(item: &Item, parent: Option<usize>) -> Part {
    let present = |text: &'static str| (!text.is_empty()).then_some(text);
    let (scheme, rest) = item.id.split_once(':').unwrap_or((item.id, ""));
    let (group, name) = match scheme {
        "maven" => (Some(rest.to_owned()), item.name.to_owned()),
        "npm" if !rest.is_empty() => (Some(rest.to_owned()), item.name.to_owned()),
        "golang" if !rest.is_empty() => (None, format!("{rest}/{}", item.name)),
        _ => (None, item.name.to_owned()),
    };
    Part {
        kind: item.kind,
        group,
        name,
        version: present(item.version),
        purl: purl(item),
        cpe: cpe(item),
        licence: present(item.licence),
        parent,
    }
}

/// The purl of an item, as common tools write it.
fn purl(item: &Item) -> Option<String> {
    let mut fields = item.id.split(':');
    let scheme = fields.next().filter(|scheme| !scheme.is_empty())?;
    let (origin, source) = (fields.next().unwrap_or(""), fields.next());
    let (path, qualifiers) = match scheme {
        "maven" | "golang" if !origin.is_empty() => (format!("{origin}/{}", item.name), String::new()),
        "npm" if !origin.is_empty() => (format!("{}/{}", escaped(origin), item.name), String::new()),
        "deb" => (format!("debian/{}", item.name), distribution("amd64", origin, source)),
        "apk" => (format!("alpine/{}", item.name), distribution("aarch64", origin, source)),
        "pypi" => (item.name.to_lowercase().replace('_', "-"), String::new()),
        "oci" => (item.name.rsplit('/').next().unwrap_or(item.name).to_owned(), "?arch=amd64".to_owned()),
        _ => (escaped(item.name), String::new()),
    };
    let version = if item.version.is_empty() { String::new() } else { format!("@{}", escaped(item.version)) };
    Some(format!("pkg:{scheme}/{path}{version}{qualifiers}"))
}

fn distribution(architecture: &str, distribution: &str, source: Option<&str>) -> String {
    let upstream = source.map(|source| format!("&upstream={source}")).unwrap_or_default();
    format!("?arch={architecture}&distro={distribution}{upstream}")
}

/// Escapes what a purl does not take as it is; `:` and `+` are escaped too, as most tools do.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The CPE 2.3 name of an item.
fn cpe(item: &Item) -> Option<String> {
    let (part, name) = item.cpe.strip_prefix("o:").map_or(("a", item.cpe), |name| ("o", name));
    let mut fields = name.splitn(3, ':');
    let (vendor, product) = (fields.next().filter(|vendor| !vendor.is_empty())?, fields.next()?);
    let mut release = fields.next().map_or_else(|| bound(item.version), str::to_owned);
    if !release.contains(':') {
        release.push_str(":*");
    }
    Some(format!("cpe:2.3:{part}:{vendor}:{product}:{release}:*:*:*:*:*:*"))
}

/// A version as a CPE 2.3 name has it.
fn bound(version: &str) -> String {
    if version.is_empty() {
        return "*".to_owned();
    }
    let letters = version.to_lowercase();
    let letters = letters.chars().map(|letter| match letter {
        'a'..='z' | '0'..='9' | '.' | '-' | '_' => letter.to_string(),
        ' ' => "_".to_owned(),
        other => format!("\\{other}"),
    });
    letters.collect()
}

fn apply(flaw: Flaw, parts: &mut [Part], random: &mut Random) {
    for part in parts {
        match flaw {
            Flaw::NoVersions if random.percent(25) => lose_version(part),
            Flaw::NoPurls if random.percent(33) => lose_identifiers(part),
            Flaw::Bare => {
                lose_identifiers(part);
                part.group = None;
                part.licence = None;
            }
            Flaw::Flat => part.parent = None,
            Flaw::NoVersions | Flaw::NoPurls | Flaw::Incomplete | Flaw::Unknown => {}
        }
    }
}

fn lose_identifiers(part: &mut Part) {
    part.purl = None;
    part.cpe = None;
}

fn lose_version(part: &mut Part) {
    part.version = None;
    part.cpe = None;
    part.purl = part.purl.take().map(|purl| {
        let (before, after) = purl.split_once('@').unwrap_or((&purl, ""));
        let qualifiers = after.find('?').map_or("", |place| &after[place..]);
        format!("{before}{qualifiers}")
    });
}
