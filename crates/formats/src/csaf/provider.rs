//! How publishers offer their CSAF documents: provider metadata, ROLIE feeds and service documents (RFC 8322), and plain
//! directories with `index.txt` and `changes.csv`. CSAF 2.0 and 2.1, section 7.1.
//!
//! Addresses come as written; who fetches decides which of them may be asked for.

use bedrail_model::component::Warning;
use bedrail_model::product_advisory::Tlp;

use super::{CsafError, MAX_ITEMS, each, owned, syntax_error};
use crate::decode::{Decoded, decode};
use crate::limits::Limits;
use crate::value::{Node, Place, Value, Warnings};

/// What a publisher says of itself and of where its documents are (`provider-metadata.json`, §7.1.7).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provider {
    /// Where this document belongs.
    pub canonical_url: String,
    /// Who publishes.
    pub name: String,
    /// The address that its ids belong to: that of its documents has to be the same.
    pub namespace: String,
    /// `csaf_publisher`, `csaf_provider`, `csaf_trusted_provider`.
    pub role: String,
    /// ROLIE feeds.
    pub feeds: Vec<Distribution>,
    /// Directories with `index.txt` and `changes.csv`.
    pub directories: Vec<Distribution>,
    /// ROLIE service documents, which list feeds.
    pub services: Vec<String>,
    /// OpenPGP keys that it signs with.
    pub keys: usize,
    /// What was mended or lost in reading.
    pub warnings: Vec<Warning>,
}

/// A place with documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its address; a directory's ends with `/`.
    pub url: String,
    /// With whom its documents may be shared. A mark that cannot be read counts as the strictest.
    pub tlp: Tlp,
}

/// A page of a ROLIE feed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feed {
    /// Its documents.
    pub entries: Vec<Entry>,
    /// Where it goes on.
    pub next: Option<String>,
    /// What was mended or lost in reading.
    pub warnings: Vec<Warning>,
}

/// A document that a feed or directory lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its address.
    pub url: String,
    /// When it was last changed, as written: what a reader compares to see that it did.
    pub updated: String,
    /// Where its hashes are, the strongest first.
    pub hashes: Vec<String>,
}

/// Read `provider-metadata.json`.
///
/// # Errors
/// It is no JSON object, or says neither where it belongs nor who publishes.
pub fn read_provider(bytes: &[u8], limits: &Limits) -> Result<Provider, CsafError> {
    with_root(bytes, limits, |root, warnings| {
        let publisher = root.object("publisher", warnings);
        let publisher = publisher.ok_or(CsafError::NotCsaf { missing: "it has no `/publisher`" })?;
        let canonical_url = root.text("canonical_url", warnings);
        let mut provider = Provider {
            canonical_url: owned(canonical_url),
            name: owned(publisher.text("name", warnings)),
            namespace: owned(publisher.text("namespace", warnings)),
            role: owned(root.text("role", warnings)),
            keys: root.list("public_openpgp_keys", warnings).len(),
            ..Provider::default()
        };
        if provider.canonical_url.is_empty() {
            return Err(CsafError::NotCsaf { missing: "it has no `/canonical_url`" });
        }
        each(root, "distributions", warnings, |it, warnings| {
            read_distribution(&it, &mut provider, warnings)
        })?;
        Ok(provider)
    })
    .map(|(provider, warnings)| Provider { warnings, ..provider })
}

fn read_distribution(
    it: &Node<'_, '_>,
    provider: &mut Provider,
    warnings: &mut Warnings,
) -> Result<(), CsafError> {
    // CSAF 2.0 has an address there, 2.1 an object.
    if let Some(url) = it.text("directory_url", warnings) {
        provider.directories.push(Distribution { url: directory(&url), tlp: Tlp::Unstated });
    }
    if let Some(it) = it.object("directory", warnings)
        && let Some(url) = it.text("url", warnings)
    {
        provider.directories.push(Distribution { url: directory(&url), tlp: read_label(&it, warnings) });
    }
    let Some(rolie) = it.object("rolie", warnings) else { return Ok(()) };
    each(&rolie, "feeds", warnings, |feed, warnings| {
        match feed.text("url", warnings) {
            Some(url) => {
                let tlp = read_label(&feed, warnings);
                provider.feeds.push(Distribution { url: url.into_owned(), tlp });
            }
            None => warnings.lost(feed.place, "a feed without an address"),
        }
        Ok(())
    })?;
    provider.services.extend(rolie.texts("services", warnings).into_iter().map(|it| it.into_owned()));
    Ok(())
}

fn directory(url: &str) -> String {
    if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }
}

fn read_label(node: &Node<'_, '_>, warnings: &mut Warnings) -> Tlp {
    // 2.0 has the feeds of one mark under `UNLABELED` too.
    match node.text("tlp_label", warnings).as_deref() {
        None | Some("UNLABELED") => Tlp::Unstated,
        Some(label) => Tlp::from_word(label).unwrap_or(Tlp::Red),
    }
}

/// Read a page of a ROLIE feed (RFC 8322 §6; CSAF §7.1.15).
///
/// # Errors
/// It is no feed, or has too many entries.
pub fn read_feed(bytes: &[u8], limits: &Limits) -> Result<Feed, CsafError> {
    with_root(bytes, limits, |root, warnings| {
        let root = root.object("feed", warnings);
        let root = root.ok_or(CsafError::NotCsaf { missing: "it has no `/feed`" })?;
        let mut feed = Feed { next: link(&root, "next", warnings)?, ..Feed::default() };
        each(&root, "entry", warnings, |entry, warnings| {
            let content = entry.object("content", warnings);
            let src = content.and_then(|it| it.text("src", warnings).map(|it| it.into_owned()));
            let url = match src {
                Some(src) => Some(src),
                None => link(&entry, "self", warnings)?,
            };
            match url {
                Some(url) => feed.entries.push(Entry {
                    url,
                    updated: owned(entry.text("updated", warnings)),
                    hashes: hashes(&entry, warnings)?,
                }),
                None => warnings.lost(entry.place, "an entry without the address of its document"),
            }
            Ok(())
        })?;
        Ok(feed)
    })
    .map(|(feed, warnings)| Feed { warnings, ..feed })
}

/// The feeds that a ROLIE service document lists (RFC 8322 §5; CSAF §7.1.16).
///
/// # Errors
/// It is no service document.
pub fn read_services(bytes: &[u8], limits: &Limits) -> Result<Vec<Distribution>, CsafError> {
    with_root(bytes, limits, |root, warnings| {
        let service = root.object("service", warnings);
        let service = service.ok_or(CsafError::NotCsaf { missing: "it has no `/service`" })?;
        let mut found = Vec::new();
        each(&service, "workspace", warnings, |workspace, warnings| {
            each(&workspace, "collection", warnings, |it, warnings| {
                if let Some(url) = it.text("href", warnings) {
                    found.push(Distribution { url: url.into_owned(), tlp: category_tlp(&it, warnings)? });
                }
                Ok(())
            })
        })?;
        Ok(found)
    })
    .map(|(found, _)| found)
}

/// The mark of a collection: the term of the category with FIRST's scheme.
fn category_tlp(collection: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Tlp, CsafError> {
    let mut tlp = Tlp::Unstated;
    let Some(categories) = collection.object("categories", warnings) else { return Ok(tlp) };
    each(&categories, "category", warnings, |it, warnings| {
        if it.text("scheme", warnings).is_some_and(|scheme| scheme.contains("first.org/tlp")) {
            let term = owned(it.text("term", warnings));
            tlp = tlp.max(Tlp::from_word(&term).unwrap_or(Tlp::Red));
        }
        Ok(())
    })?;
    Ok(tlp)
}

/// The address of the link with a relation.
fn link(parent: &Node<'_, '_>, rel: &str, warnings: &mut Warnings) -> Result<Option<String>, CsafError> {
    let mut found = None;
    each(parent, "link", warnings, |it, warnings| {
        if found.is_none() && it.text("rel", warnings).as_deref() == Some(rel) {
            found = it.text("href", warnings).map(|it| it.into_owned());
        }
        Ok(())
    })?;
    Ok(found)
}

fn hashes(entry: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Vec<String>, CsafError> {
    let mut found: Vec<String> = Vec::new();
    each(entry, "link", warnings, |it, warnings| {
        if it.text("rel", warnings).as_deref() == Some("hash") {
            found.extend(it.text("href", warnings).map(|it| it.into_owned()));
        }
        Ok(())
    })?;
    found.sort_by_key(|it| !it.ends_with(".sha512"));
    Ok(found)
}

/// The documents of a directory by its `changes.csv`: path and time of each, the newest first (§7.1.13).
pub fn read_changes(text: &str, directory: &str) -> Vec<Entry> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let rows = reader.records().filter_map(Result::ok).take(MAX_ITEMS);
    let entry = |row: csv::StringRecord| {
        Some(in_directory(directory, row.get(0)?, row.get(1).unwrap_or_default().trim()))
    };
    rows.filter_map(entry).filter(|it| it.url.ends_with(".json")).collect()
}

/// The documents of a directory by its `index.txt`: a path each (§7.1.12).
pub fn read_index(text: &str, directory: &str) -> Vec<Entry> {
    let paths = text.lines().map(str::trim).filter(|it| it.ends_with(".json")).take(MAX_ITEMS);
    paths.map(|path| in_directory(directory, path, "")).collect()
}

fn in_directory(directory: &str, path: &str, updated: &str) -> Entry {
    let url = format!("{directory}{}", path.trim().trim_start_matches('/'));
    Entry { hashes: vec![format!("{url}.sha512"), format!("{url}.sha256")], url, updated: updated.to_owned() }
}

/// The name of the file of a document (§5.1): its id in small letters, all else than letters, digits, `+` and `-` as one `_`.
pub fn file_name(id: &str) -> String {
    let mut name = String::new();
    for letter in id.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-') {
            name.push(letter);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name + ".json"
}

/// The digest that a hash file gives: its first word, if that is one of `digits` hexadecimal digits (§7.1.18).
pub fn read_hash(text: &str, digits: usize) -> Option<String> {
    let word = text.split_whitespace().next()?;
    let is = word.len() == digits && word.chars().all(|it| it.is_ascii_hexdigit());
    is.then(|| word.to_lowercase())
}

fn with_root<T>(
    bytes: &[u8],
    limits: &Limits,
    read: impl FnOnce(&Node<'_, '_>, &mut Warnings) -> Result<T, CsafError>,
) -> Result<(T, Vec<Warning>), CsafError> {
    let Decoded { text, .. } = decode(bytes, None);
    let mut warnings = Warnings::new(limits);
    let root: Value<'_> = serde_json::from_str(&text).map_err(|error| syntax_error(&error))?;
    let root = Node::of(&root, Place::Root, &mut warnings);
    let root = root.ok_or(CsafError::NotCsaf { missing: "it is no JSON object" })?;
    let value = read(&root, &mut warnings)?;
    Ok((value, warnings.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_follow_the_rule_of_the_specification() {
        for (id, name) in [
            // The examples of CSAF 2.0 section 5.1.
            ("Example Company - 2019-YH3234", "example_company_-_2019-yh3234.json"),
            ("RHBA-2019:0024", "rhba-2019_0024.json"),
            ("cisco-sa-20190513-secureboot", "cisco-sa-20190513-secureboot.json"),
            ("a::b", "a_b.json"),
        ] {
            assert_eq!(file_name(id), name);
        }
    }

    #[test]
    fn a_hash_is_the_first_word_if_it_has_the_length_of_one() {
        let digest = "ab".repeat(32);
        assert_eq!(read_hash(&format!("{}  a.json\n", digest.to_uppercase()), 64), Some(digest.clone()));
        assert_eq!(read_hash(&digest, 128), None);
        assert_eq!(read_hash("", 64), None);
        assert_eq!(read_hash(&"x".repeat(64), 64), None);
    }

    #[test]
    fn directories_list_documents_by_both_files() {
        let changes = "\"2020/a-1.json\",\"2023-01-01T10:00:00Z\"\n\"b.json.asc\",\"x\"\n../c.json,2022-01-01T10:00:00Z\n";
        let entries = read_changes(changes, "https://p.example/csaf/");
        let told: Vec<_> = entries.iter().map(|it| (it.url.as_str(), it.updated.as_str())).collect();
        assert_eq!(
            told,
            [
                ("https://p.example/csaf/2020/a-1.json", "2023-01-01T10:00:00Z"),
                ("https://p.example/csaf/../c.json", "2022-01-01T10:00:00Z"),
            ]
        );
        let entries = read_index("2020/a-1.json\n\nnotes.txt\n", "https://p.example/csaf/");
        assert_eq!(entries[0].hashes[0], "https://p.example/csaf/2020/a-1.json.sha512");
        assert_eq!(entries.len(), 1);
    }

    #[test]
    fn the_examples_of_feeds_and_services_are_read_with_their_marks() {
        let metadata = r#"{"canonical_url": "https://p.example/provider-metadata.json", "role": "csaf_provider",
            "publisher": {"category": "vendor", "name": "P", "namespace": "https://p.example"},
            "public_openpgp_keys": [{"url": "https://k.example/1"}],
            "distributions": [{"directory_url": "https://p.example/csaf"},
                {"directory": {"url": "https://p.example/amber/", "tlp_label": "AMBER"}},
                {"rolie": {"feeds": [{"url": "https://p.example/f.json", "tlp_label": "WHITE"}, {"summary": "x"},
                    {"url": "https://p.example/g.json", "tlp_label": "PURPLE"}],
                    "services": ["https://p.example/service.json"]}}]}"#;
        let provider = read_provider(metadata.as_bytes(), &Limits::default()).unwrap();
        let told = |list: &[Distribution]| -> Vec<(String, Tlp)> {
            list.iter().map(|it| (it.url.clone(), it.tlp)).collect()
        };
        assert_eq!(
            told(&provider.directories),
            [
                ("https://p.example/csaf/".to_owned(), Tlp::Unstated),
                ("https://p.example/amber/".to_owned(), Tlp::Amber)
            ]
        );
        assert_eq!(
            told(&provider.feeds),
            [
                ("https://p.example/f.json".to_owned(), Tlp::Clear),
                ("https://p.example/g.json".to_owned(), Tlp::Red)
            ]
        );
        assert_eq!((provider.keys, provider.services.len(), provider.warnings.len()), (1, 1, 1));

        let service = r#"{"service": {"workspace": [{"collection": [
            {"href": "https://p.example/f.json"},
            {"href": "https://p.example/a.json", "categories": {"category": [
                {"scheme": "https://www.first.org/tlp/", "term": "AMBER"}]}}]}]}}"#;
        let feeds = read_services(service.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(feeds.iter().map(|it| it.tlp).collect::<Vec<_>>(), [Tlp::Unstated, Tlp::Amber]);

        let feed = r#"{"feed": {"link": [{"rel": "next", "href": "https://p.example/f2.json"}], "entry": [
            {"content": {"src": "https://p.example/1.json"}, "updated": "2021-01-01T12:00:00Z", "link": [
                {"rel": "hash", "href": "https://p.example/1.json.sha256"},
                {"rel": "hash", "href": "https://p.example/1.json.sha512"}]},
            {"link": [{"rel": "self", "href": "https://p.example/2.json"}]}, {"title": "nothing"}]}}"#;
        let feed = read_feed(feed.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(feed.next.as_deref(), Some("https://p.example/f2.json"));
        assert_eq!(feed.entries[0].hashes[0], "https://p.example/1.json.sha512");
        assert_eq!((feed.entries.len(), feed.warnings.len()), (2, 1));
        for not in ["[]", "{}", "{\"feed\": []}", "{"] {
            assert!(read_feed(not.as_bytes(), &Limits::default()).is_err(), "{not}");
            assert!(read_provider(not.as_bytes(), &Limits::default()).is_err(), "{not}");
        }
    }
}
