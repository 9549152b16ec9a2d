//! Which operating system a package belongs to: the one that says of itself what it is in the same root. Several lie in one file where it has
//! several images or partitions, and a folder may hold the roots of others.

use std::collections::HashMap;

use crate::facts::System;
use crate::layers::View;
use crate::report::{Found, Place};

/// Where systems say what they are, below their root (os-release(5)).
const FILES: [&str; 3] = ["etc/os-release", "usr/lib/os-release", "lib/os-release"];

/// Systems by the kind of packages that they are made of. Those that are not listed may have any kind.
#[rustfmt::skip]
const KINDS: &[(&str, &[&str])] = &[
    ("deb", &["debian", "ubuntu", "raspbian", "linuxmint", "kali", "pop", "devuan", "elementary", "deepin"]),
    ("apk", &["alpine", "wolfi", "chainguard", "postmarketos", "alpaquita", "minimos"]),
    ("rpm", &[
        "rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles", "sled",
        "sle-micro", "suse", "mariner", "azurelinux", "photon", "openeuler", "scientific", "mageia", "cloudlinux",
    ]),
    ("opkg", &["openwrt", "lede"]),
];

/// What a root is in: the layers of an image, by its number, or containers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Home {
    Image(usize),
    Containers(Vec<String>),
}

/// All systems, by their roots.
pub(super) struct Systems<'f> {
    view: &'f View,
    by_root: HashMap<(Home, String), Vec<&'f System>>,
    by_file: HashMap<&'f str, Vec<&'f System>>,
}

impl<'f> Systems<'f> {
    pub(super) fn new(all: &'f [System], view: &'f View) -> Systems<'f> {
        let mut by_root: HashMap<(Home, String), Vec<&System>> = HashMap::new();
        let mut by_file: HashMap<&str, Vec<&System>> = HashMap::new();
        for system in all {
            let name = system.place.name();
            let Some(root) = FILES.iter().find_map(|file| name.strip_suffix(file)) else { continue };
            for home in homes(&system.place, view) {
                by_root.entry((home, plain(root).to_owned())).or_default().push(system);
            }
            let file = system.place.parts().first().map_or("", String::as_str);
            by_file.entry(file).or_default().push(system);
        }
        Systems { view, by_root, by_file }
    }

    /// Says of which distribution and release a package is.
    pub(super) fn name(&self, package: &mut Found) {
        if !KINDS.iter().any(|(kind, _)| *kind == package.kind) {
            return;
        }
        if let Some(system) = self.of(package) {
            package.namespace = Some(system.id.clone());
            let version = system.version.as_ref();
            package.qualifiers.extend(version.map(|version| ("distro", format!("{}-{version}", system.id))));
        }
    }

    /// The system in the nearest folder above a package, in the same image or container; else the only one in the same file.
    fn of(&self, package: &Found) -> Option<&'f System> {
        let fits = |system: &&&System| may_have(&system.id, package.kind);
        let name = plain(package.place.name());
        let ends = name.rmatch_indices('/').map(|(at, _)| at + 1).chain([0]);
        let folders: Vec<&str> = ends.filter_map(|end| name.get(..end)).collect();
        for home in homes(&package.place, self.view) {
            for folder in &folders {
                let systems = self.by_root.get(&(home.clone(), (*folder).to_owned()));
                if let Some(system) = systems.into_iter().flatten().find(fits) {
                    return Some(system);
                }
            }
        }
        // In a layer of an image it would be one of another image.
        if self.view.images(&package.place).next().is_some() {
            return None;
        }
        let mut inside = self.by_file.get(package.place.parts().first()?.as_str())?.iter().filter(fits);
        let first = inside.next()?;
        inside.all(|it| it.id == first.id && it.version == first.version).then_some(*first)
    }
}

/// What a place is in: each image that has its layer, else the containers around it.
fn homes(place: &Place, view: &View) -> Vec<Home> {
    let images: Vec<Home> = view.images(place).map(Home::Image).collect();
    if images.is_empty() { vec![Home::Containers(place.around().to_vec())] } else { images }
}

/// Whether a system may have packages of a kind.
fn may_have(id: &str, kind: &str) -> bool {
    KINDS.iter().find(|(_, ids)| ids.contains(&id)).is_none_or(|(its, _)| *its == kind)
}

fn plain(name: &str) -> &str {
    name.trim_start_matches("./").trim_start_matches('/')
}
