//! How good a bill of materials is, by the element sets that people ask for, each apart: what is missing from which
//! component. Nothing is summed up into one mark, since the sets are asked for by different rules.

use bedrail_model::component::{AS_WRITTEN, Component, ComponentIndex, ComponentKind, Inventory};

/// Something that a bill of materials should say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// Who supplies a component.
    Supplier,
    /// What it is called.
    Name,
    /// Which version.
    Version,
    /// An identifier that is the same everywhere: package URL, CPE, SWID…
    Identifier,
    /// How it stands to the others.
    Relation,
    /// Its hash with the algorithm.
    Hash,
    /// Its licence.
    Licence,
    /// Whether it is still maintained, and how.
    SupportLevel,
    /// Until when.
    SupportEnds,
    /// Its known weaknesses with an assessment.
    KnownWeaknesses,
    /// Who made the document.
    Author,
    /// When.
    Timestamp,
    /// The tool that made it.
    Tool,
    /// Whether it was made before, at or after the build.
    GenerationContext,
    /// Whether everything is listed, down to what components are made of.
    Coverage,
}

impl Element {
    /// All elements.
    pub const ALL: [Element; 15] = [
        Element::Supplier,
        Element::Name,
        Element::Version,
        Element::Identifier,
        Element::Relation,
        Element::Hash,
        Element::Licence,
        Element::SupportLevel,
        Element::SupportEnds,
        Element::KnownWeaknesses,
        Element::Author,
        Element::Timestamp,
        Element::Tool,
        Element::GenerationContext,
        Element::Coverage,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Element::Supplier => "supplier",
            Element::Name => "name",
            Element::Version => "version",
            Element::Identifier => "identifier",
            Element::Relation => "relation",
            Element::Hash => "hash",
            Element::Licence => "licence",
            Element::SupportLevel => "support_level",
            Element::SupportEnds => "support_ends",
            Element::KnownWeaknesses => "known_weaknesses",
            Element::Author => "author",
            Element::Timestamp => "timestamp",
            Element::Tool => "tool",
            Element::GenerationContext => "generation_context",
            Element::Coverage => "coverage",
        }
    }
}

/// Elements that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementSet {
    /// The stable code.
    pub code: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Where it stands, and in which state it is.
    pub citation: &'static str,
    /// Its address.
    pub url: &'static str,
    /// The elements, each by the name that the set gives it.
    pub elements: &'static [(Element, &'static str)],
}

/// The element sets, the one that all others build on first.
pub const SETS: [ElementSet; 3] = [
    ElementSet {
        code: "ntia_2021",
        title: "NTIA minimum elements, 2021",
        citation: "NTIA, The Minimum Elements for a Software Bill of Materials, 12 July 2021, section IV, data fields",
        url: "https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom",
        elements: &[
            (Element::Supplier, "supplier name"),
            (Element::Name, "component name"),
            (Element::Version, "version of the component"),
            (Element::Identifier, "other unique identifiers"),
            (Element::Relation, "dependency relationship"),
            (Element::Author, "author of SBOM data"),
            (Element::Timestamp, "timestamp"),
        ],
    },
    ElementSet {
        code: "cisa_2025_draft",
        title: "CISA minimum elements, draft of 2025",
        citation: "CISA, 2025 Minimum Elements for a Software Bill of Materials, draft for comment of 22 August 2025; a final text was not known when this table was written",
        url: "https://www.cisa.gov/resources-tools/resources/2025-minimum-elements-software-bill-materials-sbom",
        elements: &[
            (Element::Supplier, "software producer"),
            (Element::Name, "component name"),
            (Element::Version, "component version"),
            (Element::Identifier, "software identifiers"),
            (Element::Hash, "component hash"),
            (Element::Licence, "licence"),
            (Element::Relation, "dependency relationship"),
            (Element::Author, "SBOM author"),
            (Element::Timestamp, "timestamp"),
            (Element::Tool, "tool name"),
            (Element::GenerationContext, "generation context"),
            (Element::Coverage, "coverage"),
        ],
    },
    ElementSet {
        code: "fda_premarket",
        title: "FDA premarket guidance",
        citation: "FDA, Cybersecurity in Medical Devices: Quality System Considerations and Content of Premarket Submissions, section on the SBOM; section 524B(b)(3) FD&C Act",
        url: "https://www.fda.gov/regulatory-information/search-fda-guidance-documents/cybersecurity-medical-devices-quality-system-considerations-and-content-premarket-submissions",
        elements: &[
            (Element::Supplier, "supplier name"),
            (Element::Name, "component name"),
            (Element::Version, "component version"),
            (Element::Identifier, "other unique identifiers"),
            (Element::Relation, "dependency relationship"),
            (Element::Author, "author of SBOM data"),
            (Element::Timestamp, "timestamp"),
            (Element::SupportLevel, "level of support"),
            (Element::SupportEnds, "end-of-support date"),
            (Element::KnownWeaknesses, "known weaknesses, assessed"),
        ],
    },
];

/// What is known of one element in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every component, or the document, has it.
    Whole,
    /// These components lack it.
    LackingOn(Vec<ComponentIndex>),
    /// The document lacks it.
    Lacking,
    /// It cannot be told from the document as it was read.
    CannotTell(&'static str),
}

/// One element in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementReport {
    /// Which.
    pub element: Element,
    /// What is known of it.
    pub standing: Standing,
}

/// What is known of a document by every element, and by what sets ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityReport {
    /// The components that count: all but services.
    pub components: usize,
    /// Every element, in the order of [`Element::ALL`].
    pub elements: Vec<ElementReport>,
    /// Licences that are no expression of the SPDX list, with the components that bear them.
    pub odd_licences: Vec<(String, Vec<ComponentIndex>)>,
    /// What the document itself says is not fully listed.
    pub gaps: Vec<(Option<ComponentIndex>, String)>,
    /// Things that were lost when it was read.
    pub losses: usize,
}

/// How a document does by one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetCounts {
    /// Elements that are whole.
    pub whole: usize,
    /// Elements that something lacks.
    pub lacking: usize,
    /// Elements of which it cannot be told.
    pub cannot_tell: usize,
}

impl QualityReport {
    /// The report on one element.
    pub fn of(&self, element: Element) -> &Standing {
        let at = self.elements.iter().find(|report| report.element == element);
        // Every element has a report.
        at.map_or(&Standing::Whole, |report| &report.standing)
    }

    /// How many components have an element, where it is one of components.
    pub fn having(&self, element: Element) -> Option<usize> {
        match self.of(element) {
            Standing::LackingOn(lacking) => Some(self.components.saturating_sub(lacking.len())),
            Standing::Whole if is_of_components(element) => Some(self.components),
            Standing::Whole | Standing::Lacking | Standing::CannotTell(_) => None,
        }
    }

    /// How it does by a set.
    pub fn counts(&self, set: &ElementSet) -> SetCounts {
        let mut counts = SetCounts { whole: 0, lacking: 0, cannot_tell: 0 };
        for (element, _) in set.elements {
            match self.of(*element) {
                Standing::Whole => counts.whole += 1,
                Standing::LackingOn(_) | Standing::Lacking => counts.lacking += 1,
                Standing::CannotTell(_) => counts.cannot_tell += 1,
            }
        }
        counts
    }

    /// Whether anything is to be asked of who made the document.
    pub fn asks_for_something(&self) -> bool {
        !self.odd_licences.is_empty()
            || !self.gaps.is_empty()
            || self.elements.iter().any(|report| report.standing != Standing::Whole)
    }
}

const fn is_of_components(element: Element) -> bool {
    matches!(
        element,
        Element::Supplier
            | Element::Name
            | Element::Version
            | Element::Identifier
            | Element::Relation
            | Element::Hash
            | Element::Licence
    )
}

const NO_FIELD: &str = "neither CycloneDX nor SPDX has a field for it: it comes in a document of its own";
const NOT_KEPT: &str = "it is not kept of a document when it is read";
const TOGETHER: &str = "people and tools that made a document are kept together when it is read";
const SAYS_NOTHING: &str = "the document does not say whether it lists everything";

/// Judges a document. `is_expression` says whether a text is a licence expression.
pub fn assess(inventory: &Inventory, is_expression: impl Fn(&str) -> bool) -> QualityReport {
    let counted: Vec<(ComponentIndex, &Component)> = (0..)
        .map(ComponentIndex)
        .zip(&inventory.components)
        .filter(|(_, component)| component.kind != ComponentKind::Service)
        .collect();
    let related = related(inventory);
    let lacking = |lacks: &dyn Fn(ComponentIndex, &Component) -> bool| {
        let lacking: Vec<ComponentIndex> =
            counted.iter().filter(|(at, component)| lacks(*at, component)).map(|(at, _)| *at).collect();
        if lacking.is_empty() { Standing::Whole } else { Standing::LackingOn(lacking) }
    };
    let document = |has: bool| if has { Standing::Whole } else { Standing::Lacking };
    let elements = Element::ALL.map(|element| {
        let standing = match element {
            Element::Supplier => lacking(&|_, it| it.supplier.is_none()),
            // A component without a name bears its reference, which is no name.
            Element::Name => lacking(&|_, it| it.name == it.reference),
            Element::Version => lacking(&|_, it| it.version.is_none()),
            Element::Identifier => lacking(&|_, it| !has_identifier(it)),
            Element::Relation => lacking(&|at, _| counted.len() > 1 && !related[at.0 as usize]),
            Element::Hash => lacking(&|_, it| it.hashes.is_empty()),
            Element::Licence => lacking(&|_, it| it.licences.is_empty()),
            Element::SupportLevel | Element::SupportEnds | Element::KnownWeaknesses => {
                Standing::CannotTell(NO_FIELD)
            }
            Element::Author => document(!inventory.authors.is_empty()),
            Element::Timestamp => document(inventory.created.is_some()),
            Element::Tool if inventory.authors.is_empty() => Standing::Lacking,
            Element::Tool => Standing::CannotTell(TOGETHER),
            Element::GenerationContext => Standing::CannotTell(NOT_KEPT),
            Element::Coverage if inventory.known_gaps.is_empty() => Standing::CannotTell(SAYS_NOTHING),
            Element::Coverage => Standing::Lacking,
        };
        ElementReport { element, standing }
    });
    QualityReport {
        components: counted.len(),
        elements: elements.into(),
        odd_licences: odd_licences(&counted, is_expression),
        gaps: inventory.known_gaps.iter().map(|gap| (gap.component, gap.statement.clone())).collect(),
        losses: inventory.warnings.iter().filter(|warning| warning.lost).count(),
    }
}

fn has_identifier(component: &Component) -> bool {
    component.purl.is_some()
        || !component.cpes.is_empty()
        || component.other_identifiers.iter().any(|(scheme, _)| scheme != AS_WRITTEN)
}

/// Per component whether anything is said of how it stands to others.
fn related(inventory: &Inventory) -> Vec<bool> {
    let mut related = vec![false; inventory.components.len()];
    let mut mark = |index: ComponentIndex| {
        if let Some(slot) = related.get_mut(index.0 as usize) {
            *slot = true;
        }
    };
    for relation in &inventory.relations {
        mark(relation.from);
        mark(relation.to);
    }
    for (at, component) in (0..).map(ComponentIndex).zip(&inventory.components) {
        if let Some(parent) = component.parent {
            mark(at);
            mark(parent);
        }
    }
    related
}

fn odd_licences(
    counted: &[(ComponentIndex, &Component)],
    is_expression: impl Fn(&str) -> bool,
) -> Vec<(String, Vec<ComponentIndex>)> {
    let mut odd: std::collections::BTreeMap<&str, Vec<ComponentIndex>> = std::collections::BTreeMap::new();
    let mut judged: std::collections::HashMap<&str, bool> = std::collections::HashMap::new();
    for (at, component) in counted {
        for licence in &component.licences {
            if !*judged.entry(licence).or_insert_with(|| is_expression(licence)) {
                odd.entry(licence).or_default().push(*at);
            }
        }
    }
    odd.into_iter().map(|(licence, bearers)| (licence.to_owned(), bearers)).collect()
}

#[cfg(test)]
mod tests;
