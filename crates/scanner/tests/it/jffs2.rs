//! JFFS2 images that `mkfs.jffs2` made, and nodes behind them as a device writes them while it runs.

use std::fs;

use crate::made::*;
use crate::tools::*;

#[test]
fn images_are_read_whatever_packs_them() {
    let folder = Folder::new();
    let root = root(&folder);
    // Something that each of the methods can pack, and bytes that lie far apart.
    fs::write(root.join("srv/zeros.jar"), [vec![0; 50_000], jar()].concat()).unwrap();
    std::os::unix::fs::symlink("status", root.join("var/lib/dpkg/link")).unwrap();
    let forms: &[(&str, &[&str])] = &[
        ("usual", &["-l"]),
        ("big", &["-b"]),
        ("raw", &["-l", "-x", "zlib", "-x", "rtime"]),
        ("raw-big", &["-b", "-x", "zlib", "-x", "rtime", "-n"]),
        ("rtime", &["-l", "-x", "zlib"]),
        ("rtime-big", &["-b", "-x", "zlib"]),
        ("lzo", &["-l", "-x", "zlib", "-x", "rtime", "-X", "lzo"]),
        ("lzo-big", &["-b", "-X", "lzo", "-m", "size"]),
        ("padded", &["-l", "-p", "-e", "16KiB"]),
        ("larger", &["-l", "--pad=2MiB", "-e", "256KiB", "-s", "65536", "-m", "size"]),
        ("attributes", &["-b", "--with-xattr", "-c", "20"]),
    ];
    for (name, options) in forms {
        let image = format!("{name}.jffs2");
        let arguments = [&["-r", "root", "-o", &image], *options].concat();
        let Some(()) = run(folder.0.path(), "mkfs.jffs2", &arguments) else { return };
        let report = scan_image(&folder, &image);
        assert!(cores(&folder, &report).contains(&format!("{image}!/srv/zeros.jar")), "{image}");
    }
    fs::remove_file(root.join("srv/zeros.jar")).unwrap();
    for (name, options) in forms {
        let image = format!("{name}.jffs2");
        let arguments = [&["-r", "root", "-o", &image], *options].concat();
        run(folder.0.path(), "mkfs.jffs2", &arguments).unwrap();
        assert_root(&folder, &image, "");
    }
    // In an archive it is told by its first bytes.
    let image = fs::read(folder.0.path().join("big.jffs2")).unwrap();
    let (inside, report) = scan_bytes("update.tgz", &gzip(&tar(&[("data.jffs2", &image)])));
    assert_eq!(cores(&inside, &report).len(), 2, "{:?}", inside.not_scanned(&report));
    // Summaries of each block, as devices have them that start sooner by it.
    let arguments = ["-e", "64KiB", "-p", "-i", "usual.jffs2", "-o", "summed.jffs2", "-l"];
    if run(folder.0.path(), "sumtool", &arguments).is_some() {
        assert_root(&folder, "summed.jffs2", "");
    }
}

/// A log that goes on behind an image.
struct Log {
    bytes: Vec<u8>,
    is_big: bool,
}

const FILE: u32 = 0o100_644;

/// What a part of a file says.
#[derive(Clone, Copy)]
struct Part<'d> {
    file: u32,
    version: u32,
    size: usize,
    start: usize,
    length: usize,
    method: u8,
    data: &'d [u8],
}

impl Log {
    fn word(&self, value: usize) -> [u8; 4] {
        let value = u32::try_from(value).unwrap();
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn half(&self, value: u16) -> [u8; 2] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn sum(&self, bytes: &[u8]) -> [u8; 4] {
        let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
        hasher.update(bytes);
        self.word((!hasher.finalize()) as usize)
    }

    fn header(&self, kind: u16, length: usize) -> Vec<u8> {
        let header = [&self.half(0x1985)[..], &self.half(kind), &self.word(length)].concat();
        let sum = self.sum(&header);
        [header, sum.to_vec()].concat()
    }

    fn put(&mut self, node: &[u8]) {
        self.bytes.extend(node);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0xff);
    }

    /// An entry of a folder: another folder where its name has no dot, and nothing where the file is 0.
    fn entry(&mut self, folder: u32, version: u32, file: u32, name: &str) {
        let mut node = self.header(0xe001, 40 + name.len());
        for value in [folder, version, file, 0] {
            node.extend(self.word(value as usize));
        }
        let kind = if name.contains(['.', '-']) { 8 } else { 4 };
        node.extend([u8::try_from(name.len()).unwrap(), kind, 0, 0]);
        let sums = [self.sum(&node), self.sum(name.as_bytes())].concat();
        self.put(&[&node[..], &sums, name.as_bytes()].concat());
    }

    fn part(&mut self, part: Part<'_>) {
        let mut node = self.header(0xe002, 68 + part.data.len());
        for value in [part.file, part.version, FILE, 0] {
            node.extend(self.word(value as usize));
        }
        for value in [part.size, 0, 0, 0, part.start, part.data.len(), part.length] {
            node.extend(self.word(value));
        }
        node.extend([part.method, 0, 0, 0]);
        let sums = [self.sum(part.data), self.sum(&node[..60])].concat();
        self.put(&[&node[..], &sums, part.data].concat());
    }

    /// A part that is not packed.
    fn write(&mut self, file: u32, version: u32, size: usize, start: usize, data: &[u8]) {
        self.part(Part { file, version, size, start, length: data.len(), method: 0, data });
    }

    fn scan(&self) -> (Vec<String>, Vec<String>) {
        let (folder, report) = scan_bytes("a.jffs2", &self.bytes);
        (folder.found(&report), folder.not_scanned(&report))
    }
}

/// An empty log, which begins with the mark of an erased block.
fn log(is_big: bool) -> Log {
    let mut log = Log { bytes: Vec::new(), is_big };
    let mark = log.header(0x2003, 12);
    log.put(&mark);
    log
}

const RELEASE: &[u8] = b"ID=debian\nVERSION_ID=\"11\"\nNAME=\"a name that is cut off\"\n";

#[test]
fn what_was_written_last_counts() {
    for is_big in [false, true] {
        let mut log = log(is_big);
        log.entry(1, 2, 9, "etc");
        log.entry(9, 2, 6, "os-release");
        log.write(6, 1, RELEASE.len(), 0, RELEASE);
        log.write(6, 2, RELEASE.len(), 23, b"2");
        assert_eq!(log.scan().0, ["a.jffs2!/etc/os-release debian 12"]);
        // Cut off, written on behind a hole.
        log.write(6, 3, 26, 26, b"");
        log.part(Part { file: 6, version: 4, size: 40, start: 26, length: 14, method: 1, data: b"" });
        log.write(6, 5, 41, 40, b"\n");
        // It gets another name; the folder of that comes last.
        log.entry(9, 3, 0, "os-release");
        assert_eq!(log.scan(), (Vec::new(), Vec::new()));
        log.entry(8, 1, 6, "os-release");
        log.entry(7, 1, 8, "lib");
        log.entry(1, 4, 7, "usr");
        // What is older may lie behind what is newer: where nodes were moved to make room.
        log.write(6, 1, RELEASE.len(), 0, RELEASE);
        log.entry(9, 1, 6, "os-release");
        assert_eq!(log.scan(), (vec!["a.jffs2!/usr/lib/os-release debian 12".to_owned()], Vec::new()));
        // A node that was marked as written over, whatever it says.
        log.write(6, 6, RELEASE.len(), 0, RELEASE);
        let at = log.bytes.len() - (68 + RELEASE.len()).next_multiple_of(4);
        let kind = if is_big { at + 2 } else { at + 3 };
        assert_eq!(log.scan().0, ["a.jffs2!/usr/lib/os-release debian 11"]);
        log.bytes[kind] &= !0x20;
        assert_eq!(log.scan(), (vec!["a.jffs2!/usr/lib/os-release debian 12".to_owned()], Vec::new()));
        // Another name of the same file, which is met before and says nothing; a folder in itself, and a name that leads nowhere.
        log.entry(1, 5, 6, "second.os-release");
        log.entry(9, 4, 9, "self");
        log.entry(9, 5, 77, "gone.jar");
        let (found, said) = log.scan();
        assert_eq!((found.len(), said.len()), (1, 1));
        assert!(
            said[0].starts_with("a.jffs2!/etc/gone.jar: ") && said[0].contains("nothing is there"),
            "{said:?}"
        );
    }
}

#[test]
fn files_of_an_image_are_removed_and_replaced_by_what_comes_behind_it() {
    let folder = Folder::new();
    root(&folder);
    for (image, options, is_big) in [("a.jffs2", ["-l", "-p"], false), ("b.jffs2", ["-b", "-n"], true)] {
        let Some(()) =
            run(folder.0.path(), "mkfs.jffs2", &[&["-r", "root", "-o", image][..], &options].concat())
        else {
            return;
        };
        let bytes = fs::read(folder.0.path().join(image)).unwrap();
        let mut log = Log { bytes, is_big };
        let place = |name: &str, log: &Log| {
            let at = memchr::memmem::find(&log.bytes, name.as_bytes()).unwrap() - 40;
            let word = |at: usize| {
                let bytes: [u8; 4] = log.bytes[at..at + 4].try_into().unwrap();
                if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
            };
            (word(at + 12), word(at + 20))
        };
        let (parent, _) = place("log4j-core-renamed.jar", &log);
        log.entry(parent, 1000, 0, "log4j-core-renamed.jar");
        let (_, file) = place("os-release", &log);
        log.write(file, 1000, RELEASE.len(), 0, RELEASE);
        fs::write(folder.0.path().join(image), &log.bytes).unwrap();
        let report = scan_image(&folder, image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
        let expected = [
            format!("{image}!/etc/os-release debian 11"),
            format!("{image}!/srv/large.zip!/inner/second.jar log4j-core 2.1"),
            format!("{image}!/var/lib/dpkg/status libssl3 3.0.11-1"),
        ];
        assert_eq!(folder.found(&report), expected);
    }
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_goes_on() {
    let new = || {
        let mut log = log(false);
        log.entry(1, 1, 9, "etc");
        log.entry(9, 1, 6, "os-release");
        log.write(6, 1, RELEASE.len(), 0, RELEASE);
        log
    };
    let assert_said = |log: &Log, version: &str, says: &str| {
        let (found, said) = log.scan();
        assert_eq!(found, [format!("a.jffs2!/etc/os-release debian {version}")], "{says}");
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
    };
    // A newer part that was not written whole: what was there before counts, as for the kernel.
    let mut torn = new();
    torn.write(6, 2, RELEASE.len(), 23, b"2");
    let last = torn.bytes.len() - 4;
    torn.bytes[last] = 0;
    assert_said(&torn, "11", "1 of its nodes have wrong checksums");
    let mut torn = new();
    torn.entry(9, 2, 0, "os-release");
    let last = torn.bytes.len() - 4;
    torn.bytes[last] ^= 1;
    assert_said(&torn, "11", "1 of its nodes have wrong checksums");
    let mut stray = new();
    stray.bytes.extend([[0; 16], [0xff; 16], [7; 16]].concat());
    assert_said(&stray, "11", "16 bytes of it are no part of a node");
    let mut cut = new();
    cut.write(6, 2, 4, 0, b"text");
    cut.bytes.truncate(cut.bytes.len() - 4);
    assert_said(&cut, "11", "it ends within a node");
    for (kind, is_said) in [(0xe00f, true), (0x200f, false)] {
        let mut unknown = new();
        let node = unknown.header(kind, 12);
        unknown.put(&node);
        if is_said {
            assert_said(&unknown, "11", "what 1 nodes of unknown kinds hold is not opened");
        } else {
            assert_eq!(unknown.scan().1, Vec::<String>::new());
        }
    }
    // What is wrong with one file.
    for (method, length, data, says) in [
        (3, 2000, &b"x"[..], "packed by method 3 of JFFS2 (Rubin, or unknown) is not opened"),
        (5, 2000, b"x", "packed by method 5"),
        (6, 2000, b"x", "incomplete deflate stream"),
        (7, 2000, b"\x12x\x11\0\0", "unpacks to less than it says"),
        (7, 2000, b"x", "an LZO block is cut off"),
        (2, 2000, b"x\x05", "unpacks to less than it says"),
        (0, 2000, b"x", "shorter than it says"),
        (6, 2_000_000, b"x", "larger than any can be"),
        (1, 2000, b"", ""),
    ] {
        let mut log = new();
        log.entry(1, 2, 7, "x.jar");
        log.part(Part { file: 7, version: 1, size: length, start: 0, length, method, data });
        let (found, said) = log.scan();
        assert_eq!(found, ["a.jffs2!/etc/os-release debian 11"]);
        if says.is_empty() {
            assert_eq!(said, Vec::<String>::new());
        } else {
            assert!(
                said.len() == 1 && said[0].starts_with("a.jffs2!/x.jar: ") && said[0].contains(says),
                "{said:?}"
            );
        }
    }
    let mut lost = new();
    lost.entry(1, 2, 7, "x.jar");
    lost.write(7, 1, 3000, 100, b"text");
    let (_, said) = lost.scan();
    assert!(said.len() == 1 && said[0].contains("a part of a file is not there"), "{said:?}");
}

#[test]
fn damaged_images_end_in_a_report_that_says_so() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::create_dir_all(path.join("tiny/a/b")).unwrap();
    fs::create_dir_all(path.join("tiny/etc")).unwrap();
    fs::write(path.join("tiny/a/b/x.jar"), jar()).unwrap();
    fs::write(path.join("tiny/a/large.bin"), noise(9000)).unwrap();
    fs::write(path.join("tiny/etc/os-release"), b"ID=debian\nVERSION_ID=\"12\"\n").unwrap();
    for (image, options) in [
        ("zlib.jffs2", &["-l"][..]),
        ("lzo.jffs2", &["-b", "-x", "zlib", "-x", "rtime", "-X", "lzo", "-p", "-e", "16KiB"]),
        ("rtime.jffs2", &["-l", "-x", "zlib"]),
    ] {
        let arguments = [&["-r", "tiny", "-o", image], options].concat();
        let Some(()) = run(path, "mkfs.jffs2", &arguments) else { return };
        let bytes = fs::read(path.join(image)).unwrap();
        assert_survives(image, &bytes, usize::MAX);
        // The first node is what the kind is told by.
        assert_loses_nothing_silently(image, &bytes, 12);
        // Cut off anywhere but between two nodes: what is behind the last is not missed by anything then.
        let word = |at: usize| {
            let bytes: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
            if bytes[0] == 0 { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let mut at = 0;
        while at < bytes.len() && bytes[at] != 0xff {
            let length = word(at + 4) as usize;
            for cut in [13, 40, length / 2, length - 1].into_iter().filter(|cut| (13..length).contains(cut)) {
                let (folder, report) = scan_bytes(image, &bytes[..at + cut]);
                assert!(
                    !report.not_scanned.is_empty(),
                    "{image} cut off at {}: {:?}",
                    at + cut,
                    folder.found(&report)
                );
            }
            at += length.next_multiple_of(4);
        }
    }
}

#[test]
fn many_small_nodes_cost_little() {
    let mut log = log(false);
    log.entry(1, 1, 6, "x.jar");
    // Each over all that is there, and small ones over these.
    for at in 0..20_000 {
        log.part(Part {
            file: 6,
            version: at * 2,
            size: 1 << 30,
            start: 0,
            length: 1 << 30,
            method: 1,
            data: b"",
        });
        log.write(6, at * 2 + 1, 1 << 30, at as usize * 8, b"text");
    }
    let started = std::time::Instant::now();
    let (_, said) = log.scan();
    assert!(started.elapsed().as_secs() < 10, "{said:?}");
}

/// Fields changed at places that are always the same, with the sums that are right for them: what only somebody writes who means harm.
#[test]
fn what_somebody_made_up_breaks_nothing() {
    let mut random = Random(0xbad);
    let number = |random: &mut Random, usual: u64| match random.next() % 8 {
        0 => random.next() % (1 << 32),
        1 => u64::from(u32::MAX) - random.next() % 3,
        _ => random.next() % usual,
    };
    let packed = flate2_of(&[7; 3000]);
    for is_big in [false, true] {
        for _ in 0..300 {
            let mut log = log(is_big);
            for version in 0..40 {
                let mut value = |usual| number(&mut random, usual);
                let version = version + value(20) as u32 % 1000;
                if value(3) == 0 {
                    let name = ["a", "b.jar", "etc", "os-release", ""][value(5) as usize % 5];
                    log.entry(value(4) as u32, version, value(6) as u32, name);
                    continue;
                }
                let data = [&b""[..], b"text", b"x\x05y\x09", &packed, RELEASE][value(5) as usize % 5];
                log.part(Part {
                    file: value(6) as u32,
                    version,
                    size: value(9000) as usize,
                    start: value(9000) as usize,
                    length: if value(2) == 0 { data.len() } else { value(9000) as usize },
                    method: value(8) as u8,
                    data,
                });
            }
            let started = std::time::Instant::now();
            bedrail_scanner::targets::read("jffs2", &log.bytes).unwrap();
            assert!(started.elapsed().as_secs() < 10);
        }
    }
}

fn flate2_of(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut writer, bytes).unwrap();
    writer.finish().unwrap()
}
