//! NVD's records as they are written.

use std::borrow::Cow;

use serde::Deserialize;

/// A text, borrowed where it has no escapes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[derive(Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) cve: Cve<'a>,
}

#[derive(Deserialize)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) cve: Id<'a>,
}

#[derive(Deserialize)]
pub(super) struct Id<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cve<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) published: Option<Text<'a>>,
    pub(super) last_modified: Option<Text<'a>>,
    #[serde(rename = "vulnStatus")]
    pub(super) status: Option<Text<'a>>,
    pub(super) descriptions: Option<Vec<Description<'a>>>,
    pub(super) metrics: Option<Metrics<'a>>,
    pub(super) configurations: Option<Vec<Configuration<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Prose<'a> {
    #[serde(borrow)]
    pub(super) cve: ProseCve<'a>,
}

#[derive(Deserialize)]
pub(super) struct ProseCve<'a> {
    #[serde(borrow)]
    pub(super) descriptions: Option<Vec<Description<'a>>>,
    pub(super) references: Option<Vec<Reference<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Description<'a> {
    #[serde(borrow)]
    pub(super) lang: Text<'a>,
    pub(super) value: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
pub(super) struct Metrics<'a> {
    #[serde(rename = "cvssMetricV40", borrow, default)]
    v40: Option<Vec<Metric<'a>>>,
    #[serde(rename = "cvssMetricV31", borrow, default)]
    v31: Option<Vec<Metric<'a>>>,
    #[serde(rename = "cvssMetricV30", borrow, default)]
    v30: Option<Vec<Metric<'a>>>,
    #[serde(rename = "cvssMetricV2", borrow, default)]
    v2: Option<Vec<Metric<'a>>>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(rename = "cvssData", borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "vectorString", borrow)]
    vector: Option<Text<'a>>,
}

impl<'a> Metrics<'a> {
    /// The vectors; those of CVSS v2, which rates otherwise, only where there is no newer one.
    pub(super) fn vectors(self) -> Vec<Cow<'a, str>> {
        let of = |metrics: Option<Vec<Metric<'a>>>| {
            metrics.unwrap_or_default().into_iter().filter_map(|metric| metric.data.vector).map(|text| text.0)
        };
        let newer: Vec<Cow<'a, str>> = of(self.v40).chain(of(self.v31)).chain(of(self.v30)).collect();
        if newer.is_empty() { of(self.v2).collect() } else { newer }
    }
}

#[derive(Deserialize)]
pub(super) struct Configuration<'a> {
    #[serde(borrow)]
    pub(super) operator: Option<Text<'a>>,
    pub(super) negate: Option<bool>,
    #[serde(default)]
    pub(super) nodes: Vec<Node<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node<'a> {
    #[serde(borrow)]
    pub(super) operator: Option<Text<'a>>,
    pub(super) negate: Option<bool>,
    #[serde(default)]
    pub(super) cpe_match: Vec<CpeMatch<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CpeMatch<'a> {
    pub(super) vulnerable: bool,
    #[serde(borrow)]
    pub(super) criteria: Text<'a>,
    pub(super) version_start_including: Option<Text<'a>>,
    pub(super) version_start_excluding: Option<Text<'a>>,
    pub(super) version_end_including: Option<Text<'a>>,
    pub(super) version_end_excluding: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Override<'a> {
    #[serde(rename = "_annotation", borrow)]
    pub(super) annotation: Annotation<'a>,
    pub(super) cve: Overridden<'a>,
}

#[derive(Deserialize)]
pub(super) struct Annotation<'a> {
    #[serde(borrow)]
    pub(super) cve_id: Text<'a>,
    pub(super) description: Option<Text<'a>>,
    pub(super) published: Option<Text<'a>>,
    pub(super) modified: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Overridden<'a> {
    #[serde(borrow)]
    pub(super) configurations: Option<Vec<Configuration<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct OverrideProse<'a> {
    #[serde(rename = "_annotation", borrow)]
    pub(super) annotation: AnnotationProse<'a>,
}

#[derive(Deserialize)]
pub(super) struct AnnotationProse<'a> {
    #[serde(borrow)]
    pub(super) description: Option<Text<'a>>,
    pub(super) reason: Option<Text<'a>>,
    pub(super) references: Option<Vec<Text<'a>>>,
}
