//! Which column of a device list is which fact.

use std::collections::HashMap;
use std::sync::LazyLock;

use bedrail_model::device::DeviceFacts;

/// A fact that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The hospital's own inventory number.
    AssetTag,
    /// The maker's serial number.
    Serial,
    /// The unique device identifier.
    Udi,
    /// Who makes it.
    Maker,
    /// Model.
    Model,
    /// Software or firmware version.
    Version,
    /// Operating system.
    OperatingSystem,
    /// What it is.
    Kind,
    /// Site.
    Site,
    /// Ward or department.
    Ward,
    /// Who answers for it.
    Owner,
    /// IP address.
    Address,
    /// Host name.
    HostName,
    /// How far it can be reached from, in words; "yes" means from outside.
    Exposure,
    /// Whether it is connected at all: yes or no.
    Connected,
    /// Whether it stands on a network of its own: yes or no.
    Isolated,
    /// End of support by the maker, a date.
    SupportEnds,
}

impl Field {
    /// All fields, as help texts list them.
    pub const ALL: [Field; 17] = [
        Field::AssetTag,
        Field::Serial,
        Field::Udi,
        Field::Maker,
        Field::Model,
        Field::Version,
        Field::OperatingSystem,
        Field::Kind,
        Field::Site,
        Field::Ward,
        Field::Owner,
        Field::Address,
        Field::HostName,
        Field::Exposure,
        Field::Connected,
        Field::Isolated,
        Field::SupportEnds,
    ];

    /// The stable name, as `--map HEADER=FIELD` takes it.
    pub const fn code(self) -> &'static str {
        match self {
            Field::AssetTag => "asset_tag",
            Field::Serial => "serial",
            Field::Udi => "udi",
            Field::Maker => "maker",
            Field::Model => "model",
            Field::Version => "version",
            Field::OperatingSystem => "operating_system",
            Field::Kind => "kind",
            Field::Site => "site",
            Field::Ward => "ward",
            Field::Owner => "owner",
            Field::Address => "address",
            Field::HostName => "host_name",
            Field::Exposure => "exposure",
            Field::Connected => "connected",
            Field::Isolated => "isolated",
            Field::SupportEnds => "support_ends",
        }
    }

    /// The field of a stable name.
    pub fn from_code(code: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.code() == code)
    }

    /// Where a plain text field goes. Dates and exposures are read by rules of their own and never come here.
    pub(super) fn slot(self, facts: &mut DeviceFacts) -> &mut Option<String> {
        match self {
            Field::AssetTag => &mut facts.asset_tag,
            Field::Serial => &mut facts.serial,
            Field::Udi => &mut facts.udi,
            Field::Maker => &mut facts.maker,
            Field::Model => &mut facts.model,
            Field::Version => &mut facts.version,
            Field::OperatingSystem => &mut facts.operating_system,
            Field::Kind => &mut facts.kind,
            Field::Site => &mut facts.site,
            Field::Ward => &mut facts.ward,
            Field::Owner => &mut facts.owner,
            Field::Address => &mut facts.address,
            Field::HostName => &mut facts.host_name,
            Field::SupportEnds | Field::Exposure | Field::Connected | Field::Isolated => {
                &mut facts.support_ends
            }
        }
    }
}

/// Headers by which a column is known, in English, German, French and Spanish. Compared without case, spaces and signs, so
/// `Serial No.` and `SERIAL_NO` are one. A header is listed once (a test says so).
pub const SYNONYMS: &[(Field, &[&str])] = &[
    (
        Field::AssetTag,
        &[
            "asset tag",
            "asset",
            "asset id",
            "asset no",
            "asset number",
            "inventory number",
            "inventory no",
            "inventory id",
            "equipment number",
            "equipment no",
            "equipment id",
            "tag",
            "tag number",
            "control number",
            "cmms id",
            "barcode",
            "Inventarnummer",
            "Inventarnr",
            "Inventar-Nr.",
            "Anlagennummer",
            "Gerätenummer",
            "Geräte-Nr.",
            "numéro d'inventaire",
            "n° inventaire",
            "no inventaire",
            "número de inventario",
            "nº inventario",
            "device id",
        ],
    ),
    (
        Field::Serial,
        &[
            "serial",
            "serial number",
            "serial no",
            "serial #",
            "s/n",
            "sn",
            "ser no",
            "serialnr",
            "device serial number",
            "Seriennummer",
            "Seriennr",
            "Serien-Nr.",
            "Serialnummer",
            "Fabriknummer",
            "numéro de série",
            "n° de série",
            "no de série",
            "número de serie",
            "nº de serie",
            "nº serie",
            "serie",
        ],
    ),
    (
        Field::Udi,
        &["udi", "udi-di", "unique device identifier", "device identifier", "udi code", "gtin", "IUD"],
    ),
    (
        Field::Maker,
        &[
            "maker",
            "manufacturer",
            "manufacturer name",
            "mfr",
            "mfg",
            "make",
            "vendor",
            "vendor name",
            "brand",
            "oem",
            "company",
            "Hersteller",
            "Herstellername",
            "Fabrikat",
            "Firma",
            "Marke",
            "fabricant",
            "constructeur",
            "marque",
            "fabricante",
            "marca",
        ],
    ),
    (
        Field::Model,
        &[
            "model",
            "model name",
            "model number",
            "model no",
            "product",
            "product name",
            "device model",
            "device name",
            "catalog number",
            "Modell",
            "Modellbezeichnung",
            "Typ",
            "Gerätemodell",
            "Gerätetyp",
            "Produkt",
            "Bezeichnung",
            "modèle",
            "référence",
            "produit",
            "modelo",
            "producto",
        ],
    ),
    (
        Field::Version,
        &[
            "version",
            "software version",
            "sw version",
            "firmware",
            "firmware version",
            "fw version",
            "fw",
            "release",
            "revision",
            "software revision",
            "software",
            "Softwareversion",
            "Software-Stand",
            "Softwarestand",
            "Firmwareversion",
            "Firmware-Stand",
            "version logicielle",
            "version du logiciel",
            "micrologiciel",
            "versión",
            "versión de software",
            "versión de firmware",
        ],
    ),
    (
        Field::OperatingSystem,
        &[
            "operating system",
            "os",
            "os version",
            "os name",
            "platform",
            "Betriebssystem",
            "système d'exploitation",
            "système exploitation",
            "sistema operativo",
            "so",
        ],
    ),
    (
        Field::Kind,
        &[
            "kind",
            "type",
            "device type",
            "category",
            "device category",
            "equipment type",
            "device class",
            "modality",
            "description",
            "equipment description",
            "asset type",
            "Art",
            "Geräteart",
            "Kategorie",
            "Gerätegruppe",
            "Beschreibung",
            "Gerätebezeichnung",
            "type d'appareil",
            "catégorie",
            "désignation",
            "tipo",
            "tipo de equipo",
            "tipo de dispositivo",
            "categoría",
            "descripción",
        ],
    ),
    (
        Field::Site,
        &[
            "site",
            "site name",
            "facility",
            "campus",
            "hospital",
            "building",
            "clinic",
            "location",
            "Standort",
            "Klinik",
            "Haus",
            "Gebäude",
            "Krankenhaus",
            "établissement",
            "bâtiment",
            "hôpital",
            "sede",
            "edificio",
            "centro",
            "ubicación",
        ],
    ),
    (
        Field::Ward,
        &[
            "ward",
            "department",
            "dept",
            "unit",
            "clinical area",
            "area",
            "room",
            "service",
            "cost center",
            "cost centre",
            "Station",
            "Abteilung",
            "Bereich",
            "Raum",
            "Kostenstelle",
            "unité",
            "département",
            "salle",
            "servicio",
            "departamento",
            "unidad",
            "área",
            "sala",
            "planta",
        ],
    ),
    (
        Field::Owner,
        &[
            "owner",
            "responsible",
            "responsible person",
            "contact",
            "contact person",
            "custodian",
            "assigned to",
            "technician",
            "team",
            "asset owner",
            "Verantwortlich",
            "Verantwortlicher",
            "Verantwortliche",
            "Ansprechpartner",
            "Betreuer",
            "Besitzer",
            "responsable",
            "propriétaire",
            "contacto",
            "propietario",
            "encargado",
        ],
    ),
    (
        Field::Address,
        &[
            "ip",
            "ip address",
            "ipv4",
            "ipv6",
            "ip addr",
            "address",
            "network address",
            "IP-Adresse",
            "Netzwerkadresse",
            "adresse ip",
            "dirección ip",
            "ipv4 address",
            "ipv6 address",
        ],
    ),
    (
        Field::HostName,
        &[
            "host",
            "host name",
            "hostname",
            "dns name",
            "fqdn",
            "computer name",
            "device hostname",
            "network name",
            "Rechnername",
            "Hostname",
            "Computername",
            "Netzwerkname",
            "nom d'hôte",
            "nom hôte",
            "nombre de host",
            "nombre de equipo",
        ],
    ),
    (
        Field::Exposure,
        &[
            "exposure",
            "declared exposure",
            "internet facing",
            "internet-facing",
            "facing internet",
            "external facing",
            "externally reachable",
            "internet",
            "internet exposed",
            "public facing",
            "publicly reachable",
            "reachable from internet",
            "network exposure",
            "network zone",
            "zone",
            "network segment",
            "network",
            "vlan",
            "exposed",
            "internet access",
            "internet accessible",
            "Aus dem Internet erreichbar",
            "Internetzugang",
            "Erreichbarkeit",
            "Netzwerkzone",
            "Netz",
            "Netzwerk",
            "Netzsegment",
            "exposition",
            "exposé à internet",
            "accessible depuis internet",
            "réseau",
            "zone réseau",
            "exposición",
            "expuesto a internet",
            "accesible desde internet",
            "red",
            "zona de red",
        ],
    ),
    (
        Field::Connected,
        &[
            "connected",
            "network connected",
            "networked",
            "online",
            "on network",
            "Vernetzt",
            "Am Netz",
            "Netzwerkfähig",
            "connecté",
            "connecté au réseau",
            "conectado",
            "conectado a la red",
        ],
    ),
    (
        Field::Isolated,
        &[
            "isolated",
            "segmented",
            "network isolated",
            "segregated",
            "Isoliert",
            "Segmentiert",
            "isolé",
            "segmenté",
            "aislado",
            "segmentado",
        ],
    ),
    (
        Field::SupportEnds,
        &[
            "support ends",
            "end of support",
            "eos",
            "eosl",
            "end of life",
            "eol",
            "end of service",
            "support until",
            "supported until",
            "support end",
            "support end date",
            "end of support date",
            "eol date",
            "eos date",
            "end of guaranteed support",
            "Supportende",
            "Support bis",
            "Support-Ende",
            "Wartungsende",
            "Ende des Supports",
            "Abkündigung",
            "fin de support",
            "fin du support",
            "fin de vie",
            "fin de soporte",
            "fin del soporte",
            "fin de vida",
        ],
    ),
];

/// Cells that say that nothing is known: no value, and no problem.
const NOTHING: &[&str] = &[
    "",
    "-",
    "--",
    "—",
    "?",
    "n/a",
    "na",
    "n.a.",
    "none",
    "null",
    "nil",
    "unknown",
    "not known",
    "tbd",
    "#n/a",
    "k.a.",
    "k. a.",
    "unbekannt",
    "keine angabe",
    "inconnu",
    "inconnue",
    "desconocido",
    "s/d",
];

/// Whether a cell says that nothing is known.
pub(crate) fn says_nothing(cell: &str) -> bool {
    NOTHING.iter().any(|nothing| cell.eq_ignore_ascii_case(nothing))
}

/// Columns named by hand, before any synonym.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping(Vec<(String, Option<Field>)>);

/// A mapping that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// No `=`.
    #[error("`{0}` is no mapping; hint: write it as HEADER=FIELD, for example `Gerät=model`")]
    NoField(String),
    /// No such field.
    #[error("`{given}` is no field; the fields are {fields}, and `ignore`")]
    UnknownField {
        /// As given.
        given: String,
        /// All there are.
        fields: String,
    },
}

impl Mapping {
    /// Add one mapping, written `HEADER=FIELD`; the field `ignore` keeps a column out.
    pub fn add(&mut self, text: &str) -> Result<(), MappingError> {
        let (header, code) = text.rsplit_once('=').ok_or_else(|| MappingError::NoField(text.to_owned()))?;
        let code = code.trim();
        let field = match Field::from_code(&code.to_lowercase().replace(['-', ' '], "_")) {
            None if !code.eq_ignore_ascii_case("ignore") => {
                let fields = Field::ALL.map(Field::code).join(", ");
                return Err(MappingError::UnknownField { given: code.to_owned(), fields });
            }
            field => field,
        };
        self.0.push((header.trim().to_owned(), field));
        Ok(())
    }

    /// The headers that are mapped.
    pub(super) fn headers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(header, _)| header.as_str())
    }

    /// Whether a header is mapped by hand.
    pub(super) fn maps(&self, header: &str) -> bool {
        self.headers().any(|mapped| same(mapped, header))
    }
}

/// The field of a header: by the mapping, else by a synonym, else by its own code.
pub(crate) fn field_of(header: &str, mapping: &Mapping) -> Option<Field> {
    match mapping.0.iter().find(|(mapped, _)| same(mapped, header)) {
        Some((_, field)) => *field,
        None => KNOWN.get(&bare(header)).copied(),
    }
}

/// [`SYNONYMS`] and the fields' own codes, ready to be looked up.
static KNOWN: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    let synonyms =
        SYNONYMS.iter().flat_map(|(field, names)| names.iter().map(move |name| (bare(name), *field)));
    let codes = Field::ALL.into_iter().map(|field| (bare(field.code()), field));
    codes.chain(synonyms).collect()
});

/// Whether two headers are one but for case, spaces and signs.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || (!bare(one).is_empty() && bare(one) == bare(other))
}

fn bare(header: &str) -> String {
    header.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_header_stands_for_two_fields() {
        for (at, (field, names)) in SYNONYMS.iter().enumerate() {
            let mine: HashSet<String> = names.iter().map(|name| bare(name)).collect();
            for (other, others) in &SYNONYMS[at + 1..] {
                let shared = others.iter().find(|name| mine.contains(&bare(name)));
                assert!(shared.is_none(), "{field:?} and {other:?} share {shared:?}");
            }
        }
    }

    #[test]
    fn every_field_has_synonyms_and_its_code_is_known() {
        for field in Field::ALL {
            assert!(SYNONYMS.iter().any(|(it, _)| *it == field), "{field:?}");
            assert_eq!(field_of(field.code(), &Mapping::default()), Some(field));
        }
    }

    #[test]
    fn a_mapping_goes_before_the_synonyms() {
        let mut mapping = Mapping::default();
        mapping.add("Model=ignore").unwrap();
        mapping.add("Gerät = model").unwrap();
        assert_eq!(field_of("model", &mapping), None);
        assert_eq!(field_of("gerät", &mapping), Some(Field::Model));
        assert!(mapping.add("Gerät").is_err());
        assert!(mapping.add("Gerät=colour").unwrap_err().to_string().contains("asset_tag"));
    }
}
