//! Small btrfs file systems as the format says (btrfs.readthedocs.io, "On-disk Format"), with what `mkfs.btrfs` never makes: subvolumes,
//! packed files, data on other devices.

use std::collections::BTreeMap;

use crate::made::CORE;
use crate::xfs::sum;

pub(crate) type Key = (u64, u8, u64);

/// The outermost subvolume, and the number of every outermost folder.
pub(crate) const TOP: u64 = 5;
pub(crate) const ROOT: u64 = 256;
pub(crate) const SUPERBLOCK: usize = 64 << 10;
const NODE: usize = 4096;
/// Where the one chunk begins on the device, where its second copy does, and at which address.
pub(crate) const START: u64 = 128 << 10;
pub(crate) const SECOND: u64 = 1 << 20;
pub(crate) const ADDRESS: u64 = 5 << 20;
const LENGTH: u64 = 512 << 10;
pub(crate) const SINGLE: u64 = 0;
pub(crate) const RAID0: u64 = 8;
pub(crate) const DUP: u64 = 0x20;
const GENERATION: u64 = 7;
const ID: [u8; 16] = *b"bedrail-btrfs-fs";

/// A file system that is being made.
pub(crate) struct Made {
    /// What lies in the chunk.
    pub(crate) area: Vec<u8>,
    pub(crate) trees: BTreeMap<u64, BTreeMap<Key, Vec<u8>>>,
    /// Items of the tree of roots besides those of the subvolumes.
    pub(crate) roots: BTreeMap<Key, Vec<u8>>,
    sums: BTreeMap<u64, Vec<u8>>,
    pub(crate) form: u64,
    names: u64,
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn key(key: Key) -> Vec<u8> {
    [&key.0.to_le_bytes()[..], &[key.1], &key.2.to_le_bytes()].concat()
}

pub(crate) fn inode(mode: u32, size: u64, links: u32) -> Vec<u8> {
    let mut item = words(&[GENERATION, GENERATION, size, size, 0]);
    item.extend([links, 0, 0, mode].map(u32::to_le_bytes).concat());
    item.resize(160, 0);
    item
}

/// An extent in its item.
pub(crate) fn inline(packing: u8, length: usize, bytes: &[u8]) -> Vec<u8> {
    [&words(&[GENERATION, length as u64])[..], &[packing, 0, 0, 0, 0], bytes].concat()
}

impl Made {
    pub(crate) fn new() -> Made {
        let mut made = Made {
            area: Vec::new(),
            trees: BTreeMap::new(),
            roots: BTreeMap::new(),
            sums: BTreeMap::new(),
            form: SINGLE,
            names: 2,
        };
        made.tree(TOP);
        made
    }

    /// One more subvolume, to which nothing leads.
    pub(crate) fn tree(&mut self, tree: u64) {
        self.trees.insert(tree, BTreeMap::from([((ROOT, 1, 0), inode(0o40_755, 0, 1))]));
    }

    pub(crate) fn item(&mut self, tree: u64, key: Key) -> &mut Vec<u8> {
        self.trees.get_mut(&tree).unwrap().entry(key).or_default()
    }

    /// A name in a folder for an item of a kind: 1 is a file, 2 a folder.
    pub(crate) fn entry(&mut self, (tree, folder): (u64, u64), name: &str, location: Key, kind: u8) {
        let length = name.len() as u16;
        let head = [&key(location)[..], &GENERATION.to_le_bytes(), &[0, 0], &length.to_le_bytes(), &[kind]];
        let entry = [&head.concat()[..], name.as_bytes()].concat();
        self.names += 1;
        let number = self.names;
        self.item(tree, (folder, 84, u64::from(!sum(name.as_bytes())))).extend(&entry);
        self.item(tree, (folder, 96, number)).extend(&entry);
        let inode = self.item(tree, (folder, 1, 0));
        let size = u64::from_le_bytes(inode[16..24].try_into().unwrap()) + 2 * u64::from(length);
        inode[16..24].copy_from_slice(&size.to_le_bytes());
    }

    pub(crate) fn folder(&mut self, within: (u64, u64), name: &str, number: u64) {
        *self.item(within.0, (number, 1, 0)) = inode(0o40_755, 0, 1);
        self.entry(within, name, (number, 1, 0), 2);
    }

    /// A file with these extents.
    pub(crate) fn file(
        &mut self,
        within: (u64, u64),
        name: &str,
        number: u64,
        size: u64,
        extents: &[(u64, Vec<u8>)],
    ) {
        *self.item(within.0, (number, 1, 0)) = inode(0o100_644, size, 1);
        for (at, extent) in extents {
            *self.item(within.0, (number, 108, *at)) = extent.clone();
        }
        self.entry(within, name, (number, 1, 0), 1);
    }

    /// A file in one extent that is not packed.
    pub(crate) fn plain(&mut self, within: (u64, u64), name: &str, number: u64, bytes: &[u8]) {
        let extent = self.extent(0, bytes, bytes.len(), 0..bytes.len().next_multiple_of(4096));
        self.file(within, name, number, bytes.len() as u64, &[(0, extent)]);
    }

    /// An extent of which some bytes, as they are unpacked, are in the file.
    pub(crate) fn extent(
        &mut self,
        packing: u8,
        stored: &[u8],
        unpacked: usize,
        part: std::ops::Range<usize>,
    ) -> Vec<u8> {
        let address = self.put(stored, true);
        let (packed, unpacked) = (stored.len().next_multiple_of(4096), unpacked.next_multiple_of(4096));
        regular(packing, address, packed as u64, unpacked as u64, part.start as u64, part.len() as u64)
    }

    /// Bytes at the next address, with checksums.
    pub(crate) fn put(&mut self, bytes: &[u8], is_summed: bool) -> u64 {
        let address = ADDRESS + self.area.len() as u64;
        self.area.extend(bytes);
        self.area.resize(self.area.len().next_multiple_of(4096), 0);
        let start = (address - ADDRESS) as usize;
        if is_summed {
            let sums = self.area[start..].chunks(4096).flat_map(|sector| sum(sector).to_le_bytes()).collect();
            self.sums.insert(address, sums);
        }
        address
    }

    /// A subvolume at a place, or the same as another.
    pub(crate) fn subvolume(&mut self, within: (u64, u64), name: &str, tree: u64) {
        if !self.trees.contains_key(&tree) {
            self.tree(tree);
        }
        self.entry(within, name, (tree, 132, u64::MAX), 2);
        let name = [&words(&[within.1, 1])[..], &(name.len() as u16).to_le_bytes(), name.as_bytes()].concat();
        self.roots.insert((within.0, 156, tree), name);
    }

    /// Writes a tree; returns where its root is and the level of it.
    pub(crate) fn nodes(&mut self, owner: u64, items: &BTreeMap<Key, Vec<u8>>) -> (u64, u8) {
        let mut below: Vec<(Key, u64)> = Vec::new();
        let mut leaf: Vec<(Key, &[u8])> = Vec::new();
        let mut room = NODE - 101;
        for (key, item) in items {
            if room < 25 + item.len() {
                below.push((leaf[0].0, self.leaf(owner, &leaf)));
                leaf.clear();
                room = NODE - 101;
            }
            room -= 25 + item.len();
            leaf.push((*key, item));
        }
        let first = leaf.first().map_or((0, 0, 0), |it| it.0);
        below.push((first, self.leaf(owner, &leaf)));
        let mut level = 0;
        while below.len() > 1 {
            level += 1;
            below = below.chunks(3).map(|part| (part[0].0, self.inner(owner, level, part))).collect();
        }
        (below[0].1, level)
    }

    fn leaf(&mut self, owner: u64, items: &[(Key, &[u8])]) -> u64 {
        let (mut heads, mut data, mut end) = (Vec::new(), Vec::new(), NODE - 101);
        for (item_key, item) in items {
            end -= item.len();
            heads.extend(key(*item_key));
            heads.extend([end as u32, item.len() as u32].map(u32::to_le_bytes).concat());
            data.splice(0..0, item.iter().copied());
        }
        heads.resize(end, 0);
        heads.extend(data);
        self.node(owner, 0, items.len(), &heads)
    }

    fn inner(&mut self, owner: u64, level: u8, nodes: &[(Key, u64)]) -> u64 {
        let pointers: Vec<u8> =
            nodes.iter().flat_map(|(first, at)| [key(*first), words(&[*at, GENERATION])].concat()).collect();
        self.node(owner, level, nodes.len(), &pointers)
    }

    pub(crate) fn node(&mut self, owner: u64, level: u8, count: usize, rest: &[u8]) -> u64 {
        let address = ADDRESS + self.area.len() as u64;
        let mut node = [&[0; 32][..], &ID, &words(&[address, 1, 0, 0, GENERATION, owner])].concat();
        node.extend((count as u32).to_le_bytes());
        node.push(level);
        node.extend(rest);
        node.resize(NODE, 0);
        let sum = sum(&node[32..]).to_le_bytes();
        node[..4].copy_from_slice(&sum);
        self.area.extend(node);
        address
    }

    /// The device, and the superblock by itself.
    pub(crate) fn image(mut self) -> Vec<u8> {
        let mut roots = std::mem::take(&mut self.roots);
        let mut trees = std::mem::take(&mut self.trees);
        let sums = std::mem::take(&mut self.sums);
        trees.insert(7, sums.into_iter().map(|(at, sums)| ((-10_i64 as u64, 128, at), sums)).collect());
        for (number, items) in &trees {
            let (at, level) = self.nodes(*number, items);
            let mut item = inode(0o40_755, 0, 1);
            item.extend(words(&[GENERATION, ROOT, at, 0, 0, 0, 0]));
            item.extend([1, 0, 0, 0]);
            item.resize(238, 0);
            item.push(level);
            item.resize(439, 0);
            roots.entry((*number, 132, 0)).or_insert(item);
        }
        let (root, root_level) = self.nodes(1, &roots);
        let chunk = chunk(self.form);
        let chunks = BTreeMap::from([((256, 228, ADDRESS), chunk.clone())]);
        let (chunk_root, _) = self.nodes(3, &chunks);
        let mut image = vec![0; START as usize];
        image.extend(&self.area);
        if self.form == DUP {
            image.resize(SECOND as usize, 0);
            image.extend(&self.area);
        }
        let length = image.len() as u64;
        let list = [key((256, 228, ADDRESS)), chunk].concat();
        let mut superblock = vec![0; 4096];
        let mut put = |at: usize, bytes: &[u8]| superblock[at..at + bytes.len()].copy_from_slice(bytes);
        put(32, &ID);
        put(48, &words(&[SUPERBLOCK as u64, 1]));
        put(64, b"_BHRfS_M");
        put(72, &words(&[GENERATION, root, chunk_root, 0, 0, length, length, 6, 1]));
        put(144, &[4096, NODE as u32, NODE as u32, 4096, list.len() as u32].map(u32::to_le_bytes).concat());
        put(164, &words(&[GENERATION, 0, 0, 0x341]));
        put(198, &[root_level, 0, 0]);
        put(201, &words(&[1, length, length]));
        put(811, &list);
        image[SUPERBLOCK..SUPERBLOCK + 4096].copy_from_slice(&superblock);
        seal(&mut image, SUPERBLOCK);
        image
    }
}

/// An extent elsewhere.
pub(crate) fn regular(
    packing: u8,
    address: u64,
    packed: u64,
    unpacked: u64,
    within: u64,
    length: u64,
) -> Vec<u8> {
    [&words(&[GENERATION, unpacked])[..], &[packing, 0, 0, 0, 1], &words(&[address, packed, within, length])]
        .concat()
}

fn chunk(form: u64) -> Vec<u8> {
    let stripes: &[[u64; 2]] = match form {
        SINGLE => &[[1, START]],
        DUP => &[[1, START], [1, SECOND]],
        _ => &[[1, START], [2, START]],
    };
    let mut chunk = words(&[LENGTH, 2, 64 << 10, 7 | form]);
    chunk.extend([4096, 4096, 4096].map(u32::to_le_bytes).concat());
    chunk.extend([stripes.len() as u16, 1].map(u16::to_le_bytes).concat());
    for stripe in stripes {
        chunk.extend(words(&[stripe[0], stripe[1], 0, 0]));
    }
    chunk
}

/// Makes the checksum of a superblock right.
pub(crate) fn seal(image: &mut [u8], at: usize) {
    let sum = sum(&image[at + 32..at + 4096]).to_le_bytes();
    image[at..at + 4].copy_from_slice(&sum);
}

/// LZO as btrfs has it: for each sector its length and what it is packed to, which here are all bytes as they are.
pub(crate) fn lzo(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0; 4];
    for sector in bytes.chunks(4096) {
        // A run of more than 18 bytes: what is more than that, in steps of 255.
        let more = sector.len() - 18;
        let mut segment = vec![0];
        segment.resize(1 + (more - 1) / 255, 0);
        segment.push(((more - 1) % 255 + 1) as u8);
        segment.extend(sector);
        segment.extend([0x11, 0, 0]);
        if 4096 - packed.len() % 4096 < 4 {
            packed.resize(packed.len().next_multiple_of(4096), 0);
        }
        packed.extend((segment.len() as u32).to_le_bytes());
        packed.extend(segment);
    }
    let length = packed.len() as u32;
    packed[..4].copy_from_slice(&length.to_le_bytes());
    packed
}

/// The path of the class in `jar`, where a test looks for it as bytes.
pub(crate) fn class_path() -> String {
    format!("{CORE}/lookup/JndiLookup.class")
}
