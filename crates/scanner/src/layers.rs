//! Container images: layers that are laid over one another (OCI Image Layer Specification 1.1, "Applying Changesets"). Each layer is
//! read like any archive; what a later layer removes or replaces is taken out of the answer at the end, since nothing that runs from
//! the image can see it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::examine::Examiner;
use crate::facts::Facts;
use crate::report::Place;

/// Entries of a layer that are kept; more than any real one has. Where there are more, nothing below it counts as replaced.
const MAX_PATHS: usize = 2_000_000;
/// Layers of an image; container engines stop at some 125. One with more hides nothing.
const MAX_LAYERS: usize = 512;
/// Marks of what a layer removes: a file or folder, and everything that lower layers have in a folder.
const REMOVED: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// What one layer does to those below it.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    /// The layer's own file, outermost container first.
    file: Vec<String>,
    /// The containers around its entries.
    around: Vec<String>,
    removed: HashSet<String>,
    emptied: HashSet<String>,
    /// Hashes of the names of its files.
    files: HashSet<u64>,
}

/// An image: its layers, lowest first.
#[derive(Debug)]
pub(crate) struct Image {
    around: Vec<String>,
    layers: Vec<String>,
}

impl Layer {
    /// The layer that an archive may be, by the name of its file: `layer.tar`, or a SHA-256.
    pub(crate) fn of(around: &[String]) -> Option<Layer> {
        // A compressed one is a file in the compressed file.
        let own = around.len().checked_sub(1)?;
        let at = [Some(own), own.checked_sub(1)].into_iter().flatten().find(|at| is_layer(&around[*at]))?;
        Some(Layer { file: around[..=at].to_vec(), around: around.to_vec(), ..Layer::default() })
    }

    /// One more entry.
    pub(crate) fn add(&mut self, name: &[u8], is_folder: bool) {
        let name = String::from_utf8_lossy(name);
        let name = plain(&name);
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let inside =
            |last: &str| if folder.is_empty() { last.to_owned() } else { format!("{folder}/{last}") };
        if last == OPAQUE {
            self.emptied.insert(folder.to_owned());
        } else if let Some(removed) = last.strip_prefix(REMOVED) {
            self.removed.insert(inside(removed));
        } else if !is_folder && self.files.len() < MAX_PATHS {
            self.files.insert(hash(name));
        }
    }

    /// Whether a file of a lower layer cannot be seen through this one.
    fn hides(&self, name: &str) -> bool {
        let is_below = |folder: &str| self.removed.contains(folder) || self.emptied.contains(folder);
        let mut folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        self.files.contains(&hash(name))
            || self.removed.contains(name)
            || self.emptied.contains("")
            || folders.any(is_below)
    }
}

fn is_layer(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let stem = last.split('.').next().unwrap_or(last);
    last == "layer.tar" || stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn plain(name: &str) -> &str {
    name.trim_start_matches("./").trim_matches('/')
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// `manifest.json` of `docker save`: a list of images, each with the files of its layers.
pub(crate) fn docker_manifest(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Ok(Value::Array(images)) = serde_json::from_slice(bytes) else { return };
    let folder = path.strip_suffix("manifest.json").unwrap_or_default();
    for image in &images {
        let Some(layers) = image.get("Layers").and_then(Value::as_array) else { continue };
        let names = layers.iter().filter_map(Value::as_str).map(|name| format!("{folder}{name}"));
        examiner.add_image(|around| Image { around, layers: names.collect() });
    }
}

/// Whether a file may be a manifest of an OCI layout: a blob that begins like an object of JSON.
pub(crate) fn may_be_manifest(path: &str, head: &[u8]) -> bool {
    path.contains("blobs/sha256/") && head.starts_with(b"{")
}

/// A manifest of an OCI layout (Image Manifest Specification): the digests of its layers are the names of blobs beside it.
pub(crate) fn oci_manifest(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Ok(manifest) = serde_json::from_slice::<Value>(bytes) else { return };
    let Some((folder, _)) = path.rsplit_once("sha256/") else { return };
    let Some(layers) = manifest.get("layers").and_then(Value::as_array) else { return };
    let digests = layers.iter().filter_map(|layer| layer.get("digest").and_then(Value::as_str));
    let names = digests.map(|digest| format!("{folder}{}", digest.replacen(':', "/", 1)));
    examiner.add_image(|around| Image { around, layers: names.collect() });
}

/// Takes out what later layers hide, and returns it.
pub(crate) fn hide(facts: &mut Facts) -> Facts {
    let view = View::new(std::mem::take(&mut facts.layers), &std::mem::take(&mut facts.images));
    let mut hidden = Facts::default();
    if view.above.is_empty() {
        return hidden;
    }
    let take = |place: &Place| view.hides(place);
    hidden.classes = facts.classes.extract_if(.., |it| take(&it.place)).collect();
    hidden.declared = facts.declared.extract_if(.., |it| take(&it.place)).collect();
    hidden.manifests = facts.manifests.extract_if(.., |it| take(&it.place)).collect();
    hidden.packages = facts.packages.extract_if(.., |it| take(&it.place)).collect();
    hidden.systems = facts.systems.extract_if(.., |it| take(&it.place)).collect();
    hidden
}

/// All layers, and for each those that lie above it.
struct View {
    layers: Vec<Layer>,
    by_around: HashMap<Vec<String>, usize>,
    /// For a layer: for each image that has it, the layers above.
    above: HashMap<usize, Vec<Vec<usize>>>,
}

impl View {
    fn new(layers: Vec<Layer>, images: &[Image]) -> View {
        let by_file: HashMap<&[String], usize> =
            layers.iter().enumerate().map(|(at, layer)| (layer.file.as_slice(), at)).collect();
        let mut above: HashMap<usize, Vec<Vec<usize>>> = HashMap::new();
        for image in images.iter().filter(|image| image.layers.len() <= MAX_LAYERS) {
            let file = |name: &String| {
                let mut file = image.around.clone();
                file.push(name.clone());
                by_file.get(file.as_slice()).copied()
            };
            let known: Vec<usize> = image.layers.iter().filter_map(file).collect();
            for (at, layer) in known.iter().enumerate() {
                above.entry(*layer).or_default().push(known[at + 1..].to_vec());
            }
        }
        let by_around = layers.iter().enumerate().map(|(at, layer)| (layer.around.clone(), at)).collect();
        View { layers, by_around, above }
    }

    /// Whether a place cannot be seen in any image that has its layer.
    fn hides(&self, place: &Place) -> bool {
        let parts = place.parts();
        let found = (1..parts.len()).find_map(|at| Some((at, *self.by_around.get(&parts[..at])?)));
        let Some((at, layer)) = found else { return false };
        let name = plain(&parts[at]);
        let Some(images) = self.above.get(&layer) else { return false };
        images.iter().all(|above| above.iter().any(|it| self.layers[*it].hides(name)))
    }
}
