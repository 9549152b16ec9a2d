//! UBIFS images that `mkfs.ubifs` made, alone and in volumes of UBI; and journals as a device writes them while it runs.

use std::fs;

use crate::made::*;
use crate::tools::*;

const USUAL: &[&str] = &["-m", "2048", "-e", "126976", "-c", "500"];

fn make(folder: &Folder, root: &str, image: &str, options: &[&str]) -> Option<()> {
    run(folder.0.path(), "mkfs.ubifs", &[&["-r", root, "-o", image], options].concat())
}

#[test]
fn images_are_read_whatever_packs_them() {
    let folder = Folder::new();
    let root = root(&folder);
    std::os::unix::fs::symlink("status", root.join("var/lib/dpkg/link")).unwrap();
    fs::hard_link(root.join(LONG), root.join("opt/second-name.jar")).unwrap();
    let forms: &[(&str, &[&str])] = &[
        ("none", &[USUAL, &["-x", "none"]].concat()),
        ("lzo", &[USUAL, &["-x", "lzo"]].concat()),
        ("zlib", &[USUAL, &["-x", "zlib"]].concat()),
        ("zstd", &[USUAL, &["-x", "zstd"]].concat()),
        ("both", &[USUAL, &["-x", "favor_lzo", "-X", "1", "-F"]].concat()),
        ("small", &["-m", "512", "-e", "15872", "-c", "900", "-f", "3"]),
        ("large", &["-m", "4096", "-e", "1040384", "-c", "40", "-f", "64", "-k", "test"]),
        ("bytes", &["-m", "8", "-e", "65408", "-c", "200", "-x", "zlib"]),
    ];
    for (name, options) in forms {
        let image = format!("{name}.ubifs");
        let Some(()) = make(&folder, "root", &image, options) else { return };
        let report = scan_image(&folder, &image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
        // One of the two names of the file is the one under which it is found.
        assert_eq!(folder.found(&report).len(), 4, "{image}");
    }
    fs::remove_file(root.join("opt/second-name.jar")).unwrap();
    for (name, options) in forms {
        let image = format!("{name}.ubifs");
        make(&folder, "root", &image, options).unwrap();
        assert_root(&folder, &image, "");
    }
    let volume = "[a]\nmode=ubi\nimage=zstd.ubifs\nvol_id=0\nvol_type=dynamic\nvol_name=data\nvol_size=24MiB\nvol_flags=autoresize\n";
    fs::write(folder.0.path().join("a.ini"), volume).unwrap();
    let arguments = ["-o", "a.ubi", "-m", "2048", "-p", "128KiB", "a.ini"];
    let Some(()) = run(folder.0.path(), "ubinize", &arguments) else { return };
    assert_root(&folder, "a.ubi", "!/data");
}

#[test]
fn signed_images_are_read_and_encrypted_ones_said() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    fs::write(path.join("key"), noise(64)).unwrap();
    let encrypted = [USUAL, &["-K", "key", "-b", "0123456789abcdef", "-C", "AES-256-XTS"]].concat();
    let Some(()) = make(&folder, "root", "a.ubifs", &encrypted) else { return };
    let report = scan_image(&folder, "a.ubifs");
    assert_eq!(folder.found(&report), Vec::<String>::new());
    assert_eq!(
        folder.not_scanned(&report),
        ["a.ubifs: an encrypted file or folder is not opened by this program"]
    );
    let request =
        ["req", "-newkey", "rsa:2048", "-nodes", "-x509", "-subj", "/CN=x", "-keyout", "k", "-out", "c"];
    let Some(()) = run(path, "openssl", &request) else { return };
    for hash in ["sha1", "sha256", "sha512"] {
        let options = format!("--hash-algo={hash}");
        let signed = [USUAL, &[&options, "--auth-key=k", "--auth-cert=c"]].concat();
        make(&folder, "root", "b.ubifs", &signed).unwrap();
        assert_root(&folder, "b.ubifs", "");
    }
}

/// Erase blocks, as many as an image has, and one more that nothing is in.
struct Image {
    bytes: Vec<u8>,
    sequence: u64,
}

/// Small blocks, so that an image has many.
const BLOCK: usize = 15872;
const SMALL: &[&str] = &["-m", "512", "-e", "15872", "-c", "60", "-x", "none"];

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl Image {
    /// An image of a folder with an operating system, a jar and a file of several blocks.
    fn new(folder: &Folder) -> Option<Image> {
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.0.path().join("tiny").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("etc/os-release", RELEASE);
        put("opt/x.jar", &jar());
        put("opt/large.jar", &[noise(9000), jar()].concat());
        make(folder, "tiny", "tiny.ubifs", SMALL)?;
        let mut bytes = fs::read(folder.0.path().join("tiny.ubifs")).unwrap();
        bytes.resize(bytes.len() + BLOCK, 0xff);
        Some(Image { bytes, sequence: 1000 })
    }

    /// Where the nodes are.
    fn nodes(&self) -> Vec<usize> {
        let marks = memchr::memmem::find_iter(&self.bytes, b"\x31\x18\x10\x06");
        marks.filter(|at| (at % BLOCK).is_multiple_of(8)).collect()
    }

    /// The node of a kind that fits.
    fn find(&self, kind: u8, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let whole = |at: usize| &self.bytes[at..at + word(&self.bytes, at + 16) as usize];
        let nodes = self.nodes().into_iter().map(whole);
        nodes.into_iter().find(|node| node[20] == kind && fits(node)).unwrap().to_vec()
    }

    fn entry(&self, name: &str) -> Vec<u8> {
        self.find(2, |node| node[56..].starts_with(name.as_bytes()))
    }

    fn file(&self, number: u32) -> Vec<u8> {
        self.find(0, |node| word(node, 24) == number)
    }

    /// A node with a new number and a right sum.
    fn sealed(&mut self, mut node: Vec<u8>) -> Vec<u8> {
        self.sequence += 1;
        node[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        let length = u32::try_from(node.len()).unwrap();
        node[16..20].copy_from_slice(&length.to_le_bytes());
        let sum = !crc32fast::hash(&node[8..]);
        node[4..8].copy_from_slice(&sum.to_le_bytes());
        node
    }

    fn header(kind: u8) -> Vec<u8> {
        let mut header = vec![0x31, 0x18, 0x10, 0x06];
        header.resize(24, 0);
        header[20] = kind;
        header
    }

    /// Names an erase block in the log, from a place on.
    fn refer(&mut self, block: usize, from: usize) {
        let mut node = Image::header(8);
        for value in [block, from, 0, 0, 0, 0, 0, 0, 0, 0] {
            node.extend(u32::try_from(value).unwrap().to_le_bytes());
        }
        let node = self.sealed(node);
        let log = 3 * BLOCK;
        let free = (log..).step_by(512).find(|at| self.bytes[*at..at + 512].iter().all(|byte| *byte == 0xff));
        self.bytes[free.unwrap()..][..node.len()].copy_from_slice(&node);
    }

    /// Puts nodes into the last erase block, which the log names.
    fn journal(&mut self, nodes: Vec<Vec<u8>>) {
        let last = self.bytes.len() - BLOCK;
        self.refer(last / BLOCK, 0);
        let mut at = last;
        for node in nodes {
            let node = self.sealed(node);
            self.bytes[at..at + node.len()].copy_from_slice(&node);
            at = (at - last + node.len()).next_multiple_of(8) + last;
        }
    }

    fn scan(&self) -> (Vec<String>, Vec<String>) {
        let (folder, report) = scan_bytes("a.ubifs", &self.bytes);
        (folder.found(&report), folder.not_scanned(&report))
    }
}

const RELEASE: &[u8] = b"ID=debian\nVERSION_ID=\"12\"\n";
const OS: &str = "a.ubifs!/etc/os-release debian 12";
const LARGE: &str = "a.ubifs!/opt/large.jar log4j-core 2.1";
const SMALL_JAR: &str = "a.ubifs!/opt/x.jar log4j-core 2.1";

/// An entry like another one, for another file or with another name.
fn entry_like(entry: &[u8], file: u32, name: &str) -> Vec<u8> {
    let mut entry = entry[..56].to_vec();
    entry[40..44].copy_from_slice(&file.to_le_bytes());
    entry[50] = u8::try_from(name.len()).unwrap();
    [&entry[..], name.as_bytes(), b"\0"].concat()
}

/// A block of a file, not packed.
fn data(file: u32, number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut node = Image::header(1);
    node.extend(
        [file, 1 << 29 | number, 0, 0, u32::try_from(bytes.len()).unwrap(), 0].map(u32::to_le_bytes).concat(),
    );
    node.extend(bytes);
    node
}

/// The node of a file like another one.
fn file_like(node: &[u8], number: u32, size: usize, links: u32) -> Vec<u8> {
    let mut node = node.to_vec();
    node[24..28].copy_from_slice(&number.to_le_bytes());
    node[48..56].copy_from_slice(&(size as u64).to_le_bytes());
    node[92..96].copy_from_slice(&links.to_le_bytes());
    node
}

fn cut(file: u32, old: u64, new: u64) -> Vec<u8> {
    let mut node = Image::header(4);
    node.extend([file, 0, 0, 0].map(u32::to_le_bytes).concat());
    node.extend([old, new].map(u64::to_le_bytes).concat());
    node
}

#[test]
fn the_journal_is_replayed() {
    let folder = Folder::new();
    let Some(whole) = Image::new(&folder) else { return };
    assert_eq!(whole.scan(), ([OS, LARGE, SMALL_JAR].map(str::to_owned).to_vec(), Vec::new()));
    let new = || Image::new(&folder).unwrap();
    let (os, jar, large) = (whole.entry("os-release"), whole.entry("x.jar"), whole.entry("large.jar"));
    let number = |entry: &[u8]| word(entry, 40);
    let assert_found = |nodes: Vec<Vec<u8>>, expected: &[&str]| {
        let mut image = new();
        image.journal(nodes);
        assert_eq!(image.scan(), (expected.iter().map(|it| (*it).to_owned()).collect(), Vec::new()));
    };
    // A block is written anew; in the order of their numbers.
    let eleven = String::from_utf8(RELEASE.to_vec()).unwrap().replace("12", "11");
    let ten = eleven.replace("11", "10");
    let os_11 = &OS.replace("12", "11");
    assert_found(
        vec![data(number(&os), 0, ten.as_bytes()), data(number(&os), 0, eleven.as_bytes())],
        &[os_11, LARGE, SMALL_JAR],
    );
    // A name is removed; a file gets another; one of the same sum is another name.
    assert_found(vec![entry_like(&jar, 0, "x.jar")], &[OS, LARGE]);
    assert_found(vec![entry_like(&jar, 0, "y.jar")], &[OS, LARGE, SMALL_JAR]);
    assert_found(
        vec![entry_like(&jar, 0, "x.jar"), entry_like(&jar, number(&jar), "y.jar")],
        &[OS, LARGE, &SMALL_JAR.replace("x.jar", "y.jar")],
    );
    assert_found(vec![entry_like(&jar, number(&large), "x.jar")], &[OS, LARGE]);
    // A new file, whose size is written behind its data; without that the data tells it.
    let file = whole.file(number(&jar));
    let bytes = crate::made::jar();
    let there = [data(900, 0, &bytes), file_like(&file, 900, bytes.len(), 1), entry_like(&jar, 900, "z.jar")];
    let z = &SMALL_JAR.replace("x.jar", "z.jar");
    assert_found(there.to_vec(), &[OS, LARGE, SMALL_JAR, z]);
    let short = [file_like(&file, 900, 0, 1), data(900, 0, &bytes), entry_like(&jar, 900, "z.jar")];
    assert_found(short.to_vec(), &[OS, LARGE, SMALL_JAR, z]);
    // It is cut off, and written anew behind that.
    let mut nodes = there.to_vec();
    nodes.extend([cut(900, bytes.len() as u64, 0), file_like(&file, 900, 0, 1)]);
    assert_found(nodes.clone(), &[OS, LARGE, SMALL_JAR]);
    nodes.push(data(900, 0, &bytes));
    assert_found(nodes, &[OS, LARGE, SMALL_JAR, z]);
    let (large_file, large_number) = (whole.file(number(&large)), number(&large));
    let cut_off = vec![file_like(&large_file, large_number, 5000, 1), cut(large_number, 9500, 5000)];
    assert_found(cut_off, &[OS, SMALL_JAR]);
    // It is removed with all its names, and with one of two.
    let removed = vec![entry_like(&large, 0, "large.jar"), file_like(&large_file, large_number, 0, 0)];
    assert_found(removed, &[OS, SMALL_JAR]);
}

#[test]
fn a_journal_that_cannot_be_read_is_said() {
    let folder = Folder::new();
    let Some(whole) = Image::new(&folder) else { return };
    let new = || Image::new(&folder).unwrap();
    let all = [OS, LARGE, SMALL_JAR].map(str::to_owned);
    let os = word(&whole.entry("os-release"), 40);
    let eleven = String::from_utf8(RELEASE.to_vec()).unwrap().replace("12", "11");
    let says = "1 parts of its journal are of no use";
    let assert_said = |image: &Image, says: &str| {
        let (found, said) = image.scan();
        assert_eq!(found, all);
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
    };
    // A node that was not written whole; a block that is not there; a log whose begin is gone.
    let mut torn = new();
    torn.journal(vec![data(os, 0, eleven.as_bytes())]);
    let at = torn.bytes.len() - BLOCK + 60;
    torn.bytes[at] ^= 1;
    assert_said(&torn, says);
    let mut beyond = new();
    beyond.refer(5000, 0);
    assert_said(&beyond, says);
    let mut log = new();
    log.bytes[3 * BLOCK + 8] ^= 1;
    assert_said(&log, says);
    // What the log named before the last commit is in the index.
    let mut old = new();
    old.sequence = 0;
    old.journal(vec![data(os, 0, eleven.as_bytes())]);
    assert_eq!(old.scan(), (all.to_vec(), Vec::new()));
    // From a place on.
    let mut late = new();
    let block = late.bytes.len() / BLOCK - 1;
    late.journal(vec![data(os, 0, eleven.as_bytes())]);
    let number = late.nodes().into_iter().rfind(|at| late.bytes[at + 20] == 8).unwrap();
    late.bytes[number..number + 64].fill(0xff);
    late.refer(block, 512);
    assert_eq!(late.scan(), (all.to_vec(), Vec::new()));
}

#[test]
fn without_its_index_the_nodes_are_found_one_by_one() {
    let folder = Folder::new();
    let Some(whole) = Image::new(&folder) else { return };
    let all = [OS, LARGE, SMALL_JAR].map(str::to_owned);
    let assert_all = |image: &Image, says: &[&str]| {
        let (found, said) = image.scan();
        assert_eq!(found, all, "{said:?}");
        assert_eq!(said.len(), says.len(), "{said:?}");
        assert!(said.iter().zip(says).all(|(said, says)| said.contains(says)), "{said:?}");
    };
    let new = || Image::new(&folder).unwrap();
    let one_by_one = "its nodes were found one by one";
    for at in whole.nodes().into_iter().filter(|at| whole.bytes[at + 20] == 9) {
        let mut image = new();
        image.bytes[at + 30] ^= 1;
        assert_all(&image, &[one_by_one]);
        image.bytes[at..at + 24].fill(0xff);
        assert_all(&image, &[one_by_one]);
    }
    // One of the master nodes, and both.
    let mut image = new();
    image.bytes[BLOCK + 40] ^= 1;
    assert_all(&image, &["a master node is damaged"]);
    image.bytes[2 * BLOCK + 40] ^= 1;
    let (found, said) = image.scan();
    assert_eq!((found, said.len()), (all.to_vec(), 2), "{said:?}");
    image.bytes[BLOCK..3 * BLOCK].fill(0xff);
    assert_all(&image, &[one_by_one]);
    // The superblock.
    let mut image = new();
    image.bytes[100] ^= 1;
    assert_all(&image, &["its superblock has a wrong checksum"]);
    // What one file needs.
    let mut image = new();
    let jar = word(&whole.entry("x.jar"), 40);
    let at =
        whole.nodes().into_iter().find(|at| whole.bytes[at + 20] == 1 && word(&whole.bytes, at + 24) == jar);
    image.bytes[at.unwrap() + 50] ^= 1;
    let (found, said) = image.scan();
    assert_eq!(found, [OS, LARGE]);
    assert!(said.len() == 1 && said[0].starts_with("a.ubifs!/opt/x.jar: "), "{said:?}");
}

#[test]
fn other_versions_are_said() {
    let folder = Folder::new();
    let Some(mut image) = Image::new(&folder) else { return };
    for (at, value, says) in
        [(27, 1, "another version"), (124, 1, "another version"), (39, 0xff, "of no possible size")]
    {
        let before = image.bytes[at];
        image.bytes[at] = value;
        let (found, said) = image.scan();
        assert!(found.is_empty() && said.len() == 2 && said.iter().any(|it| it.contains(says)), "{said:?}");
        image.bytes[at] = before;
    }
}

#[test]
fn damaged_images_end_in_a_report_that_says_so() {
    let folder = Folder::new();
    let Some(image) = Image::new(&folder) else { return };
    let whole = &image.bytes[..image.bytes.len() - BLOCK];
    let (found, _) = image.scan();
    // Most of an image is blank: what stands between its nodes is cut out by looking at the blocks with nodes alone.
    for place in image.nodes() {
        let length = word(&image.bytes, place + 16) as usize;
        for at in [5, 9, 17, 20, 24, 30, 45, 52, 60, length - 1].into_iter().filter(|at| *at < length) {
            let mut changed = whole.to_vec();
            changed[place + at] ^= 0x10;
            let (folder, report) = scan_bytes("a.ubifs", &changed);
            let is_told = !report.not_scanned.is_empty() || folder.found(&report) == found;
            assert!(is_told, "changed {at} bytes into the node at {place}");
        }
    }
    assert_loses_nothing_silently("a.ubifs", whole, 4);
    for cut in (0..whole.len()).step_by(1021).chain((0..200).map(|at| at * 16 + 1)) {
        let (folder, report) = scan_bytes("a.ubifs", &whole[..cut]);
        let is_told = !report.not_scanned.is_empty() || folder.found(&report) == found;
        assert!(is_told || cut < 4, "cut off at {cut}: {:?}", folder.found(&report));
    }
    for method in ["lzo", "zlib", "zstd"] {
        make(&folder, "tiny", "b.ubifs", &[&SMALL[..6], &["-x", method]].concat()).unwrap();
        let bytes = fs::read(folder.0.path().join("b.ubifs")).unwrap();
        assert_survives(&format!("{method}.ubifs"), &bytes, usize::MAX);
    }
}

/// Fields changed at places that are always the same, with the sums that are right for them: what only somebody writes who means harm.
#[test]
fn what_somebody_made_up_breaks_nothing() {
    let folder = Folder::new();
    let Some(mut image) = Image::new(&folder) else { return };
    let jar = word(&image.entry("x.jar"), 40);
    image.journal(vec![
        file_like(&image.file(jar), jar, 5000, 1),
        cut(jar, 9000, 5000),
        data(jar, 0, b"text"),
        entry_like(&image.entry("x.jar"), 0, "x.jar"),
    ]);
    let places = image.nodes();
    let mut random = Random(0xbad);
    for _ in 0..2000 {
        let mut changed = image.bytes.clone();
        for _ in 0..=random.next() % 3 {
            let place = places[(random.next() % places.len() as u64) as usize];
            let length = word(&image.bytes, place + 16) as usize;
            let field = 16 + (random.next() % (length.min(200) as u64 - 16)) as usize;
            changed[place + field] = match random.next() % 4 {
                0 => 0,
                1 => 0xff,
                2 => random.next() as u8,
                _ => changed[place + field].wrapping_add(1),
            };
            let length = (word(&changed, place + 16) as usize).clamp(24, changed.len() - place);
            let sum = !crc32fast::hash(&changed[place + 8..place + length]);
            changed[place + 4..place + 8].copy_from_slice(&sum.to_le_bytes());
        }
        let started = std::time::Instant::now();
        bedrail_scanner::targets::read("ubifs", &changed).unwrap();
        assert!(started.elapsed().as_secs() < 10);
    }
}
