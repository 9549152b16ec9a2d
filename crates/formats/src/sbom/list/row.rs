//! One row of a component list: one component, or several where one cell names several.

use bedrail_model::component::Component;
use bedrail_model::purl::Purl;
use bedrail_model::text::harmless;

use super::columns::Column;
use super::grid::{Cell, Grid, Origin, Row};
use super::written::{self, Written};
use super::{AS_WRITTEN, Header, List, Tally, kind_of, says_nothing};
use crate::limits::LimitError;

impl List {
    /// Takes the components of a row in.
    pub(super) fn take_row(
        &mut self,
        grid: &Grid,
        header: &Header,
        row: &Row,
        tally: &mut Tally,
    ) -> Result<(), LimitError> {
        let place = grid.place(row.number);
        let common = self.common(&place, header, row, tally);
        let names = self.cell(&place, header, row, Column::Name).map(|cell| cell.text);
        let version = self.version(&place, header, row, tally);
        let (names, versions) = match &names {
            Some(text) => pairs(text, version.as_deref()),
            None => (vec![""], vec![version.as_deref()]),
        };
        if names.len() > 1 {
            tally.note("cells name several components, each of which is one of its own", false, || {
                place.clone()
            });
        }
        if let Some(lost) = unpaired(&names, version.as_deref(), &versions) {
            self.warnings.lost(&place, lost);
        }
        let several = names.len() > 1;
        for (name, version) in names.into_iter().zip(versions) {
            let mut component = if several { without_identifiers(&common) } else { common.clone() };
            name_it(&mut component, name, version, tally);
            if component.name.is_empty() {
                let message = "the row names no component: it is not read".to_owned();
                self.warnings.lost(&place, message);
                continue;
            }
            self.add(component, row.number)?;
        }
        if several && has_identifiers(&common) {
            let message = "package URL, CPE and hash stand beside several components, and nothing says of which: they are not read";
            self.warnings.lost(&place, message);
        }
        Ok(())
    }

    /// What all components of a row share.
    fn common(&mut self, place: &str, header: &Header, row: &Row, tally: &mut Tally) -> Component {
        let mut component = Component { place: place.to_owned(), ..Component::default() };
        let mut text = |column| self.cell(place, header, row, column).map(|cell| cell.text);
        component.group = text(Column::Group);
        component.supplier = text(Column::Supplier);
        component.licences = text(Column::Licence).into_iter().collect();
        let (kind, purl, cpe) = (text(Column::Kind), text(Column::Purl), text(Column::Cpe));
        if let Some(word) = kind {
            match kind_of(&word) {
                Some(kind) => component.kind = kind,
                None => tally.note("cells name a kind that is not known: taken for a library", false, || {
                    format!("`{word}`, {place}")
                }),
            }
        }
        match purl.as_deref().map(|text| (text, Purl::parse(text))) {
            Some((text, Ok(_))) => component.purl = Some(text.to_owned()),
            Some((_, Err(error))) => self.warnings.lost(place, error.to_string()),
            None => {}
        }
        for name in cpe.iter().flat_map(|cell| cell.split(|it: char| it.is_whitespace() || it == ';')) {
            if name.starts_with("cpe:") {
                component.cpes.push(name.to_owned());
            } else if !name.is_empty() {
                self.warnings.lost(place, format!("`{}` is no CPE name: not read", harmless(name)));
            }
        }
        self.hashes(place, header, row, &mut component);
        component
    }

    fn hashes(&mut self, place: &str, header: &Header, row: &Row, component: &mut Component) {
        let columns = header.columns.iter().enumerate().filter(|(_, it)| **it == Some(Column::Hash));
        for (at, _) in columns {
            let text = row.text(at);
            if says_nothing(text) {
                continue;
            }
            let digits = text.rsplit_once(':').map_or(text, |(_, digits)| digits).trim().to_lowercase();
            let algorithm = match digits.len() {
                _ if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => None,
                32 => Some("MD5"),
                40 => Some("SHA-1"),
                64 => Some("SHA-256"),
                96 => Some("SHA-384"),
                128 => Some("SHA-512"),
                _ => None,
            };
            match algorithm {
                Some(algorithm) => component.hashes.push((algorithm.to_owned(), digits)),
                None => {
                    let shown: String = text.chars().take(80).collect();
                    self.warnings.lost(place, format!("`{}` is no hash: not read", harmless(&shown)));
                }
            }
        }
    }

    /// The version that a row gives; a number or a date that a spreadsheet made of it is none.
    fn version(&mut self, place: &str, header: &Header, row: &Row, tally: &mut Tally) -> Option<String> {
        let cell = self.cell(place, header, row, Column::Version)?;
        let shown = || format!("`{}`, {place}", cell.text);
        if cell.origin == Origin::Date || written::is_date(&cell.text) {
            tally.note(
                "versions are dates, as a spreadsheet makes them of `3.11`: no version is taken from them",
                true,
                shown,
            );
            return None;
        }
        if cell.origin == Origin::Number {
            // 1.10 and 1.1 are different versions, and the wrong one would give a wrong answer.
            if cell.text.contains(['.', 'e', 'E']) {
                tally.note(
                    "versions are numbers in the spreadsheet, and 1.10 stands there as 1.1: no version is taken from them; write them as text",
                    true,
                    shown,
                );
                return None;
            }
            tally.note("versions are whole numbers in the spreadsheet, taken as they stand", false, shown);
        }
        Some(cell.text)
    }

    /// A cell that says something, cut to the length of a text.
    fn cell(&mut self, place: &str, header: &Header, row: &Row, column: Column) -> Option<Cell> {
        let at = header.at(column)?;
        let mut cell = row.cells.get(at).filter(|cell| !says_nothing(cell.text.trim()))?.clone();
        let end = cell.text.floor_char_boundary(self.limits.text_length);
        if end < cell.text.len() {
            let message = format!("{} has {} bytes: cut after {end}", column.words(), cell.text.len());
            self.warnings.lost(place, message);
            cell.text.truncate(end);
        }
        Some(cell)
    }
}

/// The components that a cell names, each with its version. One version beside several names is that of none of them
/// unless the versions are as many.
fn pairs<'t>(names: &'t str, version: Option<&'t str>) -> (Vec<&'t str>, Vec<Option<&'t str>>) {
    let names = written::pieces(names);
    if names.len() < 2 {
        return (names, vec![version]);
    }
    let versions: Vec<&str> = version.map_or_else(Vec::new, written::pieces);
    let versions = if versions.len() == names.len() {
        versions.into_iter().map(Some).collect()
    } else {
        vec![None; names.len()]
    };
    (names, versions)
}

fn unpaired(names: &[&str], given: Option<&str>, versions: &[Option<&str>]) -> Option<String> {
    let given = given.filter(|_| names.len() > 1 && versions.iter().all(Option::is_none))?;
    Some(format!(
        "`{}` stands beside {} names, and nothing says of which it is the version: it is not read",
        harmless(given),
        names.len()
    ))
}

/// Gives a component its name and version, from a cell of its own or taken apart.
fn name_it(component: &mut Component, name: &str, version: Option<&str>, tally: &mut Tally) {
    let Written { name: bare, version: behind, rest } = written::take_apart(name);
    match (version, behind) {
        (Some(version), behind) => {
            let (version, flavour) = written::version_alone(version);
            // `zlib 1.2.11` beside `1.2.11` says it twice; another version behind the name is a part of the name.
            let twice = behind.as_deref() == Some(version);
            component.name = if twice { bare } else { name.trim().to_owned() };
            component.version = Some(version.to_owned());
            if let Some(flavour) = flavour {
                let whole = format!("{version}-{flavour}");
                component.other_identifiers.push((AS_WRITTEN.to_owned(), format!("{name} {whole}")));
                tally.note(
                    "versions end in what says how it was built, which is no part of them",
                    false,
                    || whole,
                );
            }
        }
        (None, Some(behind)) => {
            let said = rest.map_or_else(String::new, |rest| format!(", the rest `{rest}`"));
            tally.note("names have their version behind them and were taken apart", false, || {
                format!("`{name}` as `{bare}`, version `{behind}`{said}")
            });
            component.other_identifiers.push((AS_WRITTEN.to_owned(), name.trim().to_owned()));
            component.name = bare;
            component.version = Some(behind);
        }
        (None, None) => component.name = bare,
    }
    if component.name.is_empty() {
        let purl = component.purl.as_deref().and_then(|purl| Purl::parse(purl).ok());
        component.name = purl.map(|purl| purl.name().to_owned()).unwrap_or_default();
    }
    if component.name.is_empty() {
        component.name = component.cpes.first().cloned().unwrap_or_default();
    }
}

fn has_identifiers(component: &Component) -> bool {
    component.purl.is_some() || !component.cpes.is_empty() || !component.hashes.is_empty()
}

fn without_identifiers(component: &Component) -> Component {
    Component { purl: None, cpes: Vec::new(), hashes: Vec::new(), ..component.clone() }
}
