//! A component as a bill of materials names it, and the bill itself as we understood it: the inventory.

/// Where a component stands in [`Inventory::components`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentIndex(pub u32);

/// What a component is. The names are CycloneDX's (`component.type`, specification 1.7), with `Service` for its services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ComponentKind {
    /// A program.
    Application,
    /// A framework.
    Framework,
    /// A library; also the answer where the document does not say.
    #[default]
    Library,
    /// A container image.
    Container,
    /// A run-time platform.
    Platform,
    /// An operating system.
    OperatingSystem,
    /// A physical device or a hardware part.
    Device,
    /// A device driver.
    DeviceDriver,
    /// Firmware.
    Firmware,
    /// A single file.
    File,
    /// A machine-learning model.
    MachineLearningModel,
    /// Data.
    Data,
    /// A cryptographic asset.
    CryptographicAsset,
    /// A service that the product calls or offers.
    Service,
}

impl ComponentKind {
    /// All kinds.
    pub const ALL: [ComponentKind; 14] = [
        ComponentKind::Application,
        ComponentKind::Framework,
        ComponentKind::Library,
        ComponentKind::Container,
        ComponentKind::Platform,
        ComponentKind::OperatingSystem,
        ComponentKind::Device,
        ComponentKind::DeviceDriver,
        ComponentKind::Firmware,
        ComponentKind::File,
        ComponentKind::MachineLearningModel,
        ComponentKind::Data,
        ComponentKind::CryptographicAsset,
        ComponentKind::Service,
    ];

    /// The stable code: CycloneDX's word.
    pub const fn code(self) -> &'static str {
        match self {
            ComponentKind::Application => "application",
            ComponentKind::Framework => "framework",
            ComponentKind::Library => "library",
            ComponentKind::Container => "container",
            ComponentKind::Platform => "platform",
            ComponentKind::OperatingSystem => "operating-system",
            ComponentKind::Device => "device",
            ComponentKind::DeviceDriver => "device-driver",
            ComponentKind::Firmware => "firmware",
            ComponentKind::File => "file",
            ComponentKind::MachineLearningModel => "machine-learning-model",
            ComponentKind::Data => "data",
            ComponentKind::CryptographicAsset => "cryptographic-asset",
            ComponentKind::Service => "service",
        }
    }

    /// The kind that a CycloneDX word names.
    pub fn from_code(code: &str) -> Option<ComponentKind> {
        ComponentKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The scheme of [`Component::other_identifiers`] under which a text stands that name and version were taken from. It
/// identifies nothing; it is what a person wrote.
pub const AS_WRITTEN: &str = "as-written";

/// One component of an inventory. Texts are as the document gives them; nothing here is trusted or normalised yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// What it is.
    pub kind: ComponentKind,
    /// The document's own reference (`bom-ref`, `SPDXID`); made up and unique where the document gives none.
    pub reference: String,
    /// Group or name space, where the document keeps it apart from the name.
    pub group: Option<String>,
    /// The name. Never empty: a nameless component is a warning and keeps its reference as name.
    pub name: String,
    /// The version as given; `None` where the document gives none, says `NOASSERTION`, or leaves it empty.
    pub version: Option<String>,
    /// The package URL as given, unparsed.
    pub purl: Option<String>,
    /// CPE names as given, 2.2 or 2.3.
    pub cpes: Vec<String>,
    /// Identifiers of other schemes as `(scheme, value)`: `swid`, `gitoid`, `swhid`, `omnibor`, `udi`…
    pub other_identifiers: Vec<(String, String)>,
    /// Hashes as `(algorithm, lower-case hex)`, algorithm in CycloneDX's spelling (`SHA-256`).
    pub hashes: Vec<(String, String)>,
    /// Licence expressions or names as given.
    pub licences: Vec<String>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Where the document says that it was found (`evidence.occurrences`, file names).
    pub locations: Vec<String>,
    /// The component that it stands inside of, where the document nests components.
    pub parent: Option<ComponentIndex>,
    /// The place in the document: a JSON pointer or a line.
    pub place: String,
}

/// How one component relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// `from` depends on `to`.
    DependsOn,
    /// `from` contains `to`.
    Contains,
    /// `from` describes `to`: the document's subject.
    Describes,
    /// `from` was built from the source package `to` (SPDX `GENERATED_FROM`).
    GeneratedFrom,
    /// Any other relation; the document keeps its name.
    Other,
}

/// A relation of two components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    /// From which.
    pub from: ComponentIndex,
    /// What kind.
    pub kind: RelationKind,
    /// To which.
    pub to: ComponentIndex,
}

/// A part of the product of which the document itself says that it is not fully listed (CycloneDX `compositions`,
/// SPDX `NOASSERTION` relations).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGap {
    /// The component concerned; `None` for the whole document.
    pub component: Option<ComponentIndex>,
    /// The document's word: `incomplete`, `unknown`, `incomplete_first_party_only`…
    pub statement: String,
}

/// Something wrong or lost while reading a document, with its place. Nothing is dropped without one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where: a JSON pointer (`/components/12/purl`), `line 40` or a path inside an archive.
    pub place: String,
    /// What, in words, with what was done about it.
    pub message: String,
    /// Whether something the document says is missing from the inventory (true), or it was only mended (false).
    pub lost: bool,
}

/// A bill of materials as we understood it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The format's name: `CycloneDX` or `SPDX`.
    pub format: String,
    /// The version of the format: `1.6`, `2.3`, `3.0.1`.
    pub format_version: String,
    /// How it was written: `JSON`, `XML`, `tag-value`, `JSON-LD`.
    pub encoding: String,
    /// The document's own name or serial number.
    pub document_name: Option<String>,
    /// When the document says it was made, RFC 3339 as given.
    pub created: Option<String>,
    /// Who or what made it.
    pub authors: Vec<String>,
    /// The component that the document is about.
    pub subject: Option<ComponentIndex>,
    /// All components, services included, in document order.
    pub components: Vec<Component>,
    /// Relations between them, without duplicates; cycles are possible.
    pub relations: Vec<Relation>,
    /// What the document itself says is missing.
    pub known_gaps: Vec<KnownGap>,
    /// Embedded statements about vulnerabilities, each the JSON or XML text as found, kept for later.
    pub statements: Vec<String>,
    /// Everything that was mended or lost.
    pub warnings: Vec<Warning>,
}

impl Inventory {
    /// The component at an index.
    pub fn component(&self, index: ComponentIndex) -> &Component {
        &self.components[index.0 as usize]
    }

    /// Format, version and encoding in words: `CycloneDX 1.6 JSON`. A list of components has no version of its format.
    pub fn format_in_words(&self) -> String {
        let words = [&self.format, &self.format_version, &self.encoding].map(String::as_str);
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Whether everything the document says is in the inventory.
    pub fn complete(&self) -> bool {
        self.warnings.iter().all(|warning| !warning.lost)
    }
}
