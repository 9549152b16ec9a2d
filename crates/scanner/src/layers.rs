//! Container images: layers that are laid over one another (OCI Image Layer Specification 1.1, "Applying Changesets"). Each layer is
//! read like any archive; what a later layer removes or replaces is taken out of the answer at the end, since nothing that runs from
//! the image can see it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::detect::{json, without_mark};
use crate::examine::Examiner;
use crate::facts::Facts;
use crate::report::{NotScanned, Place, Reason};

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
    /// Its manifest.
    place: Place,
    layers: Vec<String>,
    /// Whether its layers must lie beside it: not in the stores of registries, which are put together otherwise.
    is_complete: bool,
}

/// A symbolic link to a layer: `docker save` writes a layer once, and links for the others that are alike.
#[derive(Debug)]
pub(crate) struct LayerLink {
    from: Vec<String>,
    to: Vec<String>,
}

impl LayerLink {
    /// The link, if it is one of a layer.
    pub(crate) fn of(around: &[String], name: &str, target: &str) -> Option<LayerLink> {
        if !is_layer(name) || !is_layer(target) {
            return None;
        }
        let mut folders: Vec<&str> = name.split('/').collect();
        folders.pop();
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(folders.pop()),
                part => folders.push(part),
            }
        }
        let file = |name: &str| around.iter().cloned().chain([name.to_owned()]).collect();
        Some(LayerLink { from: file(name), to: file(&folders.join("/")) })
    }
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
    // Many things have a file of that name, which is no list.
    let bytes = without_mark(bytes);
    if !bytes.trim_ascii_start().starts_with(b"[") || memchr::memmem::find(bytes, b"\"Layers\"").is_none() {
        return;
    }
    let Some(Value::Array(images)) = json("manifest of an image", path, bytes, examiner) else { return };
    let folder = path.strip_suffix("manifest.json").unwrap_or_default();
    for image in &images {
        let Some(layers) = image.get("Layers").and_then(Value::as_array) else { continue };
        let names = layers.iter().filter_map(Value::as_str).map(|name| format!("{folder}{name}"));
        let image = Image { place: examiner.place(path), layers: names.collect(), is_complete: true };
        examiner.facts.images.push(image);
    }
}

/// Whether a file may be a manifest of an OCI layout: a blob that begins like an object of JSON.
pub(crate) fn may_be_manifest(path: &str, head: &[u8]) -> bool {
    path.contains("blobs/sha256/") && head.starts_with(b"{")
}

/// A manifest of an OCI layout (Image Manifest Specification): the digests of its layers are the names of blobs beside it.
pub(crate) fn oci_manifest(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    if memchr::memmem::find(bytes, b"\"layers\"").is_none() {
        return;
    }
    let Some((folder, name)) = path.rsplit_once("sha256/") else { return };
    let Some(manifest) = json("manifest of an image", path, bytes, examiner) else { return };
    let Some(layers) = manifest.get("layers").and_then(Value::as_array) else { return };
    // Signatures and the like are packed as images, too, whose layers are no file systems.
    let is_files = |layer: &&Value| {
        let kind = layer.get("mediaType").and_then(Value::as_str);
        kind.is_none_or(|kind| kind.contains("tar") || kind.contains("diff"))
    };
    let digests = layers.iter().filter(is_files).filter_map(|layer| layer.get("digest")?.as_str());
    let names = digests.map(|digest| format!("{folder}{}", digest.replacen(':', "/", 1))).collect();
    let image = Image { place: examiner.place(path), layers: names, is_complete: is_layer(name) };
    examiner.facts.images.push(image);
}

/// Takes out what later layers hide, and returns it, with what is known of the images.
pub(crate) fn hide(facts: &mut Facts) -> (Facts, View) {
    let links = std::mem::take(&mut facts.layer_links);
    let images = std::mem::take(&mut facts.images);
    let view = View::new(std::mem::take(&mut facts.layers), &images, &links, &mut facts.not_scanned);
    let mut hidden = Facts::default();
    if view.above.is_empty() {
        return (hidden, view);
    }
    let take = |place: &Place| view.hides(place);
    hidden.classes = facts.classes.extract_if(.., |it| take(&it.place)).collect();
    hidden.declared = facts.declared.extract_if(.., |it| take(&it.place)).collect();
    hidden.manifests = facts.manifests.extract_if(.., |it| take(&it.place)).collect();
    hidden.packages = facts.packages.extract_if(.., |it| take(&it.place)).collect();
    hidden.systems = facts.systems.extract_if(.., |it| take(&it.place)).collect();
    (hidden, view)
}

/// All layers, and for each those that lie above it.
pub(crate) struct View {
    layers: Vec<Layer>,
    by_around: HashMap<Vec<String>, usize>,
    /// For a layer: each image that has it, by its number, and the layers above.
    above: HashMap<usize, Vec<(usize, Vec<usize>)>>,
}

impl View {
    fn new(
        layers: Vec<Layer>,
        images: &[Image],
        links: &[LayerLink],
        not_scanned: &mut Vec<NotScanned>,
    ) -> View {
        let by_file: HashMap<&[String], usize> =
            layers.iter().enumerate().map(|(at, layer)| (layer.file.as_slice(), at)).collect();
        let links: HashMap<&[String], &[String]> =
            links.iter().map(|it| (it.from.as_slice(), it.to.as_slice())).collect();
        let mut above: HashMap<usize, Vec<(usize, Vec<usize>)>> = HashMap::new();
        for (number, image) in images.iter().enumerate().filter(|(_, it)| it.layers.len() <= MAX_LAYERS) {
            let mut known = Vec::new();
            for name in &image.layers {
                let mut file = image.place.around().to_vec();
                file.push(name.clone());
                let file = links.get(file.as_slice()).copied().unwrap_or(&file);
                match by_file.get(file) {
                    Some(layer) => known.push(*layer),
                    None if image.is_complete => not_scanned.push(absent(&image.place, name)),
                    None => {}
                }
            }
            for (at, layer) in known.iter().enumerate() {
                above.entry(*layer).or_default().push((number, known[at + 1..].to_vec()));
            }
        }
        let by_around = layers.iter().enumerate().map(|(at, layer)| (layer.around.clone(), at)).collect();
        View { layers, by_around, above }
    }

    /// The layer that a place lies in: how many containers around it that is, and which one.
    fn layer(&self, place: &Place) -> Option<(usize, usize)> {
        let parts = place.parts();
        (1..parts.len()).find_map(|at| Some((at, *self.by_around.get(&parts[..at])?)))
    }

    /// The numbers of the images that have the layer in which a place lies, if the layer holds it itself, not something in the layer.
    pub(crate) fn images(&self, place: &Place) -> impl Iterator<Item = usize> {
        let layer = self.layer(place).filter(|(at, _)| at + 1 == place.parts().len());
        let images = layer.and_then(|(_, layer)| self.above.get(&layer));
        images.into_iter().flatten().map(|(image, _)| *image)
    }

    /// Whether a place cannot be seen in any image that has its layer.
    fn hides(&self, place: &Place) -> bool {
        let Some((at, layer)) = self.layer(place) else { return false };
        let name = plain(&place.parts()[at]);
        let Some(images) = self.above.get(&layer) else { return false };
        images.iter().all(|(_, above)| above.iter().any(|it| self.layers[*it].hides(name)))
    }
}

fn absent(image: &Place, layer: &str) -> NotScanned {
    let layer = layer.rsplit("sha256/").next().unwrap_or(layer);
    let other = format!("its layer {layer}, which is not here or could not be read");
    NotScanned { place: image.clone(), reason: Reason::NeedsOther { kind: "container image", other } }
}
