//! Until when the components of a bill of materials are supported by who makes them, from a list of release cycles that an
//! operator brings (`bedrail db support`). No list is part of the program.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::support::SupportIndex;
pub use bedrail_assess::support::{Grounds, Support, Unknown};
use bedrail_formats::feed::endoflife::{self, SupportList};
use bedrail_model::component::{ComponentIndex, ComponentKind, Inventory};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Error;
use crate::feeds::DataDir;
use crate::feeds::folder::write_whole;

/// The cycles by product, and what is known of each product, as endoflife.date's data is passed on.
const FILES: [&str; 2] = ["endoflife.json", "endoflife-products-meta.json"];
/// The longest file that is read, in bytes: the present one is of 2 MB.
const LONGEST: u64 = 64 << 20;
/// What the kept list begins with; its length in bytes of the first part and the moment it was taken follow.
const MARK: &str = "bedrail-support-1";

/// A list that was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Products.
    pub products: u64,
    /// Their release cycles.
    pub cycles: u64,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

/// What is said of the support of a bill's components.
#[derive(Debug, Clone, PartialEq)]
pub enum SupportOf {
    /// No list is held.
    NoList,
    /// The list that is held cannot be read.
    Damaged(String),
    /// What the list says.
    Told(SupportReport),
}

/// What the list says of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct SupportReport {
    /// When the list was taken over.
    pub taken: Timestamp,
    /// As of which day it is asked.
    pub today: Date,
    /// Each component but services, in document order.
    pub rows: Vec<(ComponentIndex, Support)>,
}

impl SupportReport {
    /// Those whose support has ended, the longest ago first; unsaid days last.
    pub fn ended(&self) -> Vec<(ComponentIndex, Option<Date>, &Grounds)> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            .filter_map(|(at, said)| match said {
                Support::Ended(day, grounds) => Some((*at, *day, grounds)),
                Support::Ends(..) | Support::NotKnown(_) => None,
            })
            .collect();
        rows.sort_by_key(|(at, day, _)| (day.is_none(), *day, *at));
        rows
    }

    /// Those whose support ends on an announced day, the next first.
    pub fn ending(&self) -> Vec<(ComponentIndex, Date, &Grounds)> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            .filter_map(|(at, said)| match said {
                Support::Ends(Some(day), grounds) => Some((*at, *day, grounds)),
                Support::Ends(None, _) | Support::Ended(..) | Support::NotKnown(_) => None,
            })
            .collect();
        rows.sort_by_key(|(at, day, _)| (*day, *at));
        rows
    }

    /// How many are supported with no end announced.
    pub fn open(&self) -> usize {
        self.rows.iter().filter(|(_, said)| matches!(said, Support::Ends(None, _))).count()
    }

    /// How many it is not known of, by the reason, the commonest first.
    pub fn not_known(&self) -> Vec<(Unknown, usize)> {
        let mut counts: std::collections::BTreeMap<Unknown, usize> = std::collections::BTreeMap::new();
        for (_, said) in &self.rows {
            if let Support::NotKnown(why) = said {
                *counts.entry(*why).or_default() += 1;
            }
        }
        let mut counts: Vec<(Unknown, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
        counts
    }
}

fn kept(dir: &DataDir) -> PathBuf {
    dir.path().join("support.list")
}

/// Takes over the list in a folder, in the place of the one that was held. What is held stays where it cannot be read.
///
/// # Errors
/// [`Error::Invalid`] when a file is missing, too long, or no such list.
pub fn take(dir: &DataDir, folder: &Path, now: Timestamp) -> Result<Taken, Error> {
    let [cycles, products] = FILES.map(|name| read(&folder.join(name)));
    let (cycles, products) = (cycles?, products?);
    let list = endoflife::parse(&cycles, &products).map_err(|error| Error::Invalid {
        message: format!("{}: {error}", folder.display()),
        hint: Some(hint()),
    })?;
    if list.products.is_empty() {
        return Err(Error::Invalid {
            message: format!("{} has no product with a release cycle", folder.display()),
            hint: Some(hint()),
        });
    }
    let mut bytes = format!("{MARK} {} {now}\n", cycles.len()).into_bytes();
    bytes.extend_from_slice(&cycles);
    bytes.extend_from_slice(&products);
    dir.create()?;
    write_whole(&kept(dir), &bytes)?;
    Ok(Taken {
        products: list.products.len() as u64,
        cycles: list.products.iter().map(|product| product.cycles.len() as u64).sum(),
        warnings: list.warnings.iter().map(|it| format!("{}: {}", it.place, it.message)).collect(),
    })
}

fn hint() -> String {
    format!("it takes a folder with {}", FILES.join(" and "))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let refuse = |message: String| Error::Invalid {
        message: format!("{}: {message}", path.display()),
        hint: Some(hint()),
    };
    let file = File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| refuse(error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(refuse(format!("it is longer than {LONGEST} bytes")));
    }
    Ok(bytes)
}

/// What the list that is held says of an operating system, as a device list writes it. `None` where no list is held, or none
/// that can be read: the page of the data says so.
pub fn of_system(dir: &DataDir, text: &str, today: Date) -> Option<Support> {
    let held = open(&kept(dir)).ok()?;
    Some(SupportIndex::of(&held.0.products).ask_system(text, today))
}

/// The same of several, in their order: the list is opened once.
pub(crate) fn of_systems(dir: &DataDir, texts: &[String], today: Date) -> Option<Vec<Support>> {
    let held = open(&kept(dir)).ok()?;
    let index = SupportIndex::of(&held.0.products);
    Some(texts.iter().map(|text| index.ask_system(text, today)).collect())
}

/// What the list that is held says of the components of a bill.
pub fn of(dir: &DataDir, inventory: &Inventory, today: Date) -> SupportOf {
    let path = kept(dir);
    match path.try_exists() {
        Ok(false) => return SupportOf::NoList,
        Ok(true) => {}
        Err(error) => return SupportOf::Damaged(error.to_string()),
    }
    match open(&path) {
        Ok(held) => {
            let (list, taken) = (&held.0, held.1);
            let index = SupportIndex::of(&list.products);
            let components = (0..).zip(&inventory.components);
            let counted = components.filter(|(_, component)| component.kind != ComponentKind::Service);
            let rows = counted.map(|(at, component)| (ComponentIndex(at), index.ask(component, today)));
            SupportOf::Told(SupportReport { taken, today, rows: rows.collect() })
        }
        Err(message) => SupportOf::Damaged(format!("{}: {message}", path.display())),
    }
}

/// The list as it was opened last, with the length and the time of its file: pages of devices ask for it each time.
type Opened = (PathBuf, u64, Option<std::time::SystemTime>, Arc<(SupportList, Timestamp)>);
static OPENED: Mutex<Option<Opened>> = Mutex::new(None);

fn open(path: &Path) -> Result<Arc<(SupportList, Timestamp)>, String> {
    let file = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let stamp = (file.len(), file.modified().ok());
    let held = || OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, length, time, list)) = &*held()
        && of == path
        && (*length, *time) == stamp
        && time.is_some()
    {
        return Ok(list.clone());
    }
    let list = Arc::new(read_kept(path)?);
    *held() = Some((path.to_owned(), stamp.0, stamp.1, list.clone()));
    Ok(list)
}

fn read_kept(path: &Path) -> Result<(SupportList, Timestamp), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let odd = || "it is not what `bedrail db support` writes; hint: run it again".to_owned();
    let end = bytes.iter().take(200).position(|byte| *byte == b'\n').ok_or_else(odd)?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| odd())?;
    let [mark, length, taken] = head.split(' ').collect::<Vec<_>>()[..] else { return Err(odd()) };
    let length: usize = length.parse().map_err(|_| odd())?;
    let taken: Timestamp = taken.parse().map_err(|_| odd())?;
    let (cycles, products) = bytes[end + 1..].split_at_checked(length).ok_or_else(odd)?;
    if mark != MARK {
        return Err(odd());
    }
    Ok((endoflife::parse(cycles, products).map_err(|error| error.to_string())?, taken))
}

#[cfg(test)]
mod tests {
    use bedrail_model::component::Component;

    use super::*;

    const CYCLES: &str = r#"{"openssl":[{"releaseCycle":"1.0.2","eol":"2019-12-31"},{"releaseCycle":"3.0","eol":"2026-09-07"},
        {"releaseCycle":"9","eol":false}]}"#;
    const PRODUCTS: &str =
        r#"{"openssl":{"title":"OpenSSL","identifiers":[{"cpe":"cpe:2.3:a:openssl:openssl"}]}}"#;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    fn openssl(version: &str) -> Component {
        Component {
            name: "openssl".into(),
            version: Some(version.into()),
            cpes: vec!["cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*".into()],
            ..Component::default()
        }
    }

    #[test]
    fn a_list_is_taken_over_and_asked_and_a_damaged_one_says_so() {
        let (data, today) = (tempfile::tempdir().unwrap(), jiff::civil::date(2026, 3, 1));
        let dir = DataDir::new(data.path());
        let versions = ["1.0.2k", "3.0.13", "9.1", "4.0"];
        let unnamed = Component { name: "zlib".into(), ..Component::default() };
        let components = versions.iter().map(|version| openssl(version)).chain([unnamed]);
        let inventory = Inventory { components: components.collect(), ..Inventory::default() };
        assert_eq!(of(&dir, &inventory, today), SupportOf::NoList);
        let given = folder(&[(FILES[0], CYCLES), (FILES[1], PRODUCTS)]);
        let taken = take(&dir, given.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((taken.products, taken.cycles), (1, 3));
        let told = || match of(&dir, &inventory, today) {
            SupportOf::Told(report) => report,
            other => panic!("{other:?}"),
        };
        let report = told();
        let ended: Vec<_> = report.ended().iter().map(|(at, day, _)| (at.0, day.unwrap().year())).collect();
        let ending: Vec<_> = report.ending().iter().map(|(at, day, _)| (at.0, day.year())).collect();
        assert_eq!((ended, ending, report.open()), (vec![(0, 2019)], vec![(1, 2026)], 1));
        assert_eq!(report.not_known(), [(Unknown::NoIdentifier, 1), (Unknown::NoCycle, 1)]);

        // What is no list takes nothing away.
        for files in [
            &[(FILES[0], "[]"), (FILES[1], PRODUCTS)][..],
            &[(FILES[0], "{}"), (FILES[1], "{}")],
            &[(FILES[0], CYCLES)],
        ] {
            let refused = take(&dir, folder(files).path(), Timestamp::UNIX_EPOCH);
            assert!(matches!(refused, Err(Error::Invalid { hint: Some(_), .. })), "{refused:?}");
        }
        assert_eq!(told(), report);
        for damage in ["", "x\n", "bedrail-support-1 99999999 1970-01-01T00:00:00Z\n{}{}"] {
            std::fs::write(kept(&dir), damage).unwrap();
            assert!(matches!(of(&dir, &inventory, today), SupportOf::Damaged(_)), "{damage:?}");
        }
    }
}
