//! How far a device can be reached from, by the words of a list.

use bedrail_model::device::Exposure;

use super::Field;

/// What the columns of one row say.
#[derive(Debug, Default)]
pub(super) struct Said {
    words: Option<Exposure>,
    offline: bool,
    isolated: bool,
}

impl Said {
    /// Hear one cell; the error says what is not understood.
    pub(super) fn hear(&mut self, field: Field, cell: &str) -> Result<(), &'static str> {
        const YES_OR_NO: &str = "neither yes nor no; taken as not known";
        match field {
            Field::Connected => self.offline = !yes_or_no(cell).ok_or(YES_OR_NO)?,
            Field::Isolated => self.isolated = yes_or_no(cell).ok_or(YES_OR_NO)?,
            _ => self.words = Some(exposure_of(cell).ok_or("not understood; taken as not known")?),
        }
        Ok(())
    }

    /// All of it together. A statement that it can be reached from outside outweighs one that it is isolated.
    pub(super) fn exposure(&self) -> Exposure {
        match self.words {
            Some(Exposure::Outside) => Exposure::Outside,
            _ if self.offline => Exposure::Offline,
            _ if self.isolated => Exposure::Isolated,
            Some(words) => words,
            None => Exposure::Unknown,
        }
    }
}

const YES: &[&str] =
    &["yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "o", "vrai", "si", "sí", "s", "verdadero"];
const NO: &[&str] =
    &["no", "n", "false", "0", "nein", "falsch", "non", "faux", "falso", "not exposed", "not facing"];

fn yes_or_no(cell: &str) -> Option<bool> {
    let cell = cell.to_lowercase();
    match cell.as_str() {
        yes if YES.contains(&yes) => Some(true),
        no if NO.contains(&no) => Some(false),
        _ => None,
    }
}

/// Words that decide wherever they stand in the cell, the first row that fits. A plain VLAN counts as a network of its own,
/// as those who keep such lists mean it.
const WORDS: &[(Exposure, &[&str])] = &[
    (
        Exposure::Offline,
        &[
            "offline",
            "standalone",
            "stand-alone",
            "stand alone",
            "not connected",
            "disconnected",
            "air-gap",
            "air gap",
            "airgap",
            "unconnected",
            "nicht verbunden",
            "nicht vernetzt",
            "kein netz",
            "hors ligne",
            "non connecté",
            "sin conexión",
            "no conectado",
        ],
    ),
    (
        Exposure::Isolated,
        &[
            "isolat",
            "isoliert",
            "isolé",
            "aislad",
            "segment",
            "segreg",
            "vlan",
            "separate network",
            "own network",
            "eigenes netz",
        ],
    ),
    (
        Exposure::Outside,
        &[
            "internet",
            "public",
            "öffentlich",
            "outside",
            "external",
            "extern",
            "dmz",
            "wan",
            "exposed",
            "cloud",
            "remote access",
            "público",
            "exterior",
        ],
    ),
    (
        Exposure::Flat,
        &[
            "internal",
            "intern",
            "inside",
            "intranet",
            "flat",
            "lan",
            "corporate",
            "hospital network",
            "interno",
            "réseau local",
            "red local",
            "hausnetz",
        ],
    ),
];

/// Words before one of [`WORDS`] that turn "outside" round.
const NEGATIONS: &[&str] = &["no ", "not ", "non ", "kein ", "keine ", "nicht ", "pas ", "sin ", "without "];

fn exposure_of(cell: &str) -> Option<Exposure> {
    let cell = cell.trim().to_lowercase();
    if let Some(exposure) = Exposure::from_code(&cell) {
        return Some(exposure);
    }
    match yes_or_no(&cell) {
        Some(true) => return Some(Exposure::Outside),
        // It is not said how far inside it can be reached from: the most that remains.
        Some(false) => return Some(Exposure::Flat),
        None => {}
    }
    let (exposure, _) = WORDS.iter().find(|(_, words)| words.iter().any(|word| holds(&cell, word)))?;
    let negated = NEGATIONS.iter().any(|negation| cell.starts_with(negation));
    match exposure {
        Exposure::Outside if negated => Some(Exposure::Flat),
        Exposure::Isolated if negated => Some(Exposure::Flat),
        Exposure::Flat if negated => None,
        exposure => Some(*exposure),
    }
}

/// Whether a cell has a word that starts so; `wan` and `lan` only whole.
fn holds(cell: &str, start: &str) -> bool {
    let mut at = 0;
    while let Some(found) = cell[at..].find(start) {
        let (from, to) = (at + found, at + found + start.len());
        let begins = !cell[..from].ends_with(char::is_alphanumeric);
        let ends = start.len() > 3 || !cell[to..].starts_with(char::is_alphanumeric);
        let whole = start != "intern" && start != "extern" || !cell[to..].starts_with("et");
        if begins && ends && whole {
            return true;
        }
        at = to;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_list_are_understood() {
        for (cell, exposure) in [
            ("yes", Exposure::Outside),
            ("Ja", Exposure::Outside),
            ("No", Exposure::Flat),
            ("Internet", Exposure::Outside),
            ("internet-facing", Exposure::Outside),
            ("DMZ 2", Exposure::Outside),
            ("no internet", Exposure::Flat),
            ("not internet facing", Exposure::Flat),
            ("Isolated", Exposure::Isolated),
            ("VLAN 120", Exposure::Isolated),
            ("isolated from the internet", Exposure::Isolated),
            ("not isolated", Exposure::Flat),
            ("LAN", Exposure::Flat),
            ("intern", Exposure::Flat),
            ("Internal network", Exposure::Flat),
            ("offline", Exposure::Offline),
            ("stand-alone", Exposure::Offline),
            ("flat", Exposure::Flat),
            ("unknown", Exposure::Unknown),
        ] {
            assert_eq!(exposure_of(cell), Some(exposure), "{cell}");
        }
        assert_eq!(exposure_of("blue"), None);
        assert_eq!(exposure_of("plant"), None);
    }

    #[test]
    fn columns_add_up_and_the_outside_outweighs() {
        let row = |cells: &[(Field, &str)]| {
            let mut said = Said::default();
            for (field, cell) in cells {
                said.hear(*field, cell).unwrap();
            }
            said.exposure()
        };
        assert_eq!(row(&[]), Exposure::Unknown);
        assert_eq!(row(&[(Field::Connected, "no")]), Exposure::Offline);
        assert_eq!(row(&[(Field::Connected, "yes")]), Exposure::Unknown);
        assert_eq!(row(&[(Field::Exposure, "no"), (Field::Isolated, "yes")]), Exposure::Isolated);
        assert_eq!(row(&[(Field::Exposure, "yes"), (Field::Isolated, "yes")]), Exposure::Outside);
    }
}
