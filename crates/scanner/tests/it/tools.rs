//! Images that real tools made. Where a tool is missing, its tests say so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bedrail_scanner::report::Report;

use crate::made::*;

/// Runs a tool in a folder; `None`, and said, where it is not installed.
pub(crate) fn run(folder: &Path, tool: &str, arguments: &[&str]) -> Option<()> {
    let places = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map(|place| Path::new(place).join(tool));
    let Some(program) = places.iter().find(|path| path.exists()) else {
        println!("skipped: no {tool} (scripts/install-scanner-tools.sh)");
        return None;
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    // What a distribution sets for the whole machine must not change an image.
    command.env("MTOOLSRC", "/dev/null").env("MTOOLS_SKIP_CHECK", "1");
    // mkfs.xfs makes what is smaller than 300 MB for tests alone, which it knows by these.
    command.env("TEST_DIR", "/").env("TEST_DEV", "/").env("QA_CHECK_FS", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

/// Gives a tool what it reads from its standard input.
pub(crate) fn run_with(folder: &Path, tool: &str, arguments: &[&str], input: &str) -> Option<()> {
    let file = folder.join("tool-input");
    std::fs::write(&file, input).unwrap();
    let command = format!("{tool} {} < tool-input", arguments.join(" "));
    let there = ["/usr/bin", "/usr/sbin", "/sbin"].iter().any(|place| Path::new(place).join(tool).exists());
    if !there {
        println!("skipped: no {tool} (scripts/install-scanner-tools.sh)");
        return None;
    }
    run(folder, "sh", &["-c", &format!("PATH=/usr/sbin:/sbin:$PATH {command}")])?;
    std::fs::remove_file(file).unwrap();
    Some(())
}

/// A name that needs more than eight and three letters, and more than ASCII.
pub(crate) const LONG: &str = "opt/pump-controller/Größe der Bibliothek/log4j-core-renamed.jar";

/// A root of a device: an operating system, a package, a jar, a file of many blocks.
pub(crate) fn root(folder: &Folder) -> PathBuf {
    let root = folder.0.path().join("root");
    let put = |path: &str, bytes: &[u8]| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    put("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n");
    put(
        "var/lib/dpkg/status",
        b"Package: libssl3\nStatus: install ok installed\nArchitecture: armhf\nVersion: 3.0.11-1\n",
    );
    put(LONG, &jar());
    // Several blocks, then the jar inside of an archive that lies in several blocks.
    put("srv/large.zip", &zip(&[("filler.bin", &noise(300_000)), ("inner/second.jar", &jar())]));
    for at in 0..200 {
        put(&format!("usr/share/many/file-{at:03}.txt"), b"text");
    }
    root
}

/// Files in the folders of a root, of which the last of each is a jar.
const CROWDS: [usize; 4] = [1, 30, 600, 6000];

/// A root of folders with few files and with many.
pub(crate) fn crowded(folder: &Folder) {
    let root = folder.0.path().join("root");
    for count in CROWDS {
        std::fs::create_dir_all(root.join(format!("{count}"))).unwrap();
        for at in 0..count {
            let bytes = if at + 1 == count { jar() } else { Vec::new() };
            std::fs::write(root.join(format!("{count}/file-with-a-name-{at:04}.jar")), bytes).unwrap();
        }
    }
}

/// That every folder of it was read to its end, and nothing is missing.
pub(crate) fn assert_crowded(folder: &Folder, image: &str) {
    let report = scan_image(folder, image);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
    let jar = |count: &usize| format!("{image}!/{count}/file-with-a-name-{:04}.jar", count - 1);
    assert_eq!(cores(folder, &report), CROWDS.iter().map(jar).collect::<Vec<_>>(), "{image}");
}

/// Bytes that no program can pack, always the same.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    let mut random = Random(count as u64);
    (0..count).map(|_| random.next() as u8).collect()
}

/// Numbers that are always the same (xorshift64*, Vigna 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0 = self.0.max(1);
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }
}

/// The scan of one image that lies in a folder.
pub(crate) fn scan_image(folder: &Folder, image: &str) -> Report {
    let path = folder.0.path().join(image);
    bedrail_scanner::scan(
        &[path],
        &bedrail_scanner::Options::default(),
        &bedrail_scanner::budget::Shared::default(),
    )
}

/// That the root is there, at a place in the image, and nothing is missing.
pub(crate) fn assert_root(folder: &Folder, image: &str, within: &str) {
    let report = scan_image(folder, image);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
    let expected = [
        format!("{image}{within}!/etc/os-release debian 12"),
        format!("{image}{within}!/{LONG} log4j-core 2.1"),
        format!("{image}{within}!/srv/large.zip!/inner/second.jar log4j-core 2.1"),
        format!("{image}{within}!/var/lib/dpkg/status libssl3 3.0.11-1"),
    ];
    assert_eq!(folder.found(&report), expected, "{image}");
}

/// The image cut off at many lengths, and with bytes changed at places that are always the same: every time there is an answer, and
/// the scanner does not break.
pub(crate) fn assert_survives(name: &str, image: &[u8], interesting: usize) {
    crate::fuzzed::seed(None, name, image);
    let folder = Folder::new();
    let put = |name: String, bytes: &[u8]| std::fs::write(folder.0.path().join(name), bytes).unwrap();
    let steps = [1, 3, 7, 13, 31, 61, 127, 251].iter();
    for cut in steps.map(|step| image.len() * step / 256).chain((0..64).map(|at| at * 16)) {
        put(format!("cut-{cut}"), &image[..cut.min(image.len())]);
    }
    let mut random = Random(0x5eed);
    for at in 0..150 {
        let mut changed = image.to_vec();
        for _ in 0..=random.next() % 8 {
            // Where the tables are, mostly.
            let range =
                if random.next().is_multiple_of(4) { image.len() } else { interesting.min(image.len()) };
            let place = (random.next() % range as u64) as usize;
            changed[place] = match random.next() % 4 {
                0 => 0,
                1 => 0xff,
                2 => changed[place] ^ (1 << (random.next() % 8)),
                _ => random.next() as u8,
            };
        }
        put(format!("changed-{at}"), &changed);
    }
    let options = limited(|limits| {
        limits.time = std::time::Duration::from_secs(20);
        limits.entries = 200_000;
    });
    let report = folder.scan_with(&options);
    let broken: Vec<String> = folder
        .not_scanned(&report)
        .into_iter()
        .filter(|it| it.contains("the scanner broke") || it.contains("longer than 20"))
        .collect();
    assert_eq!(broken, Vec::<String>::new(), "{name}");
}

/// Bytes changed one at a time, at places from `from` on that are always the same: every time all that was found is found, or it is said that
/// something is missing.
pub(crate) fn assert_loses_nothing_silently(name: &str, image: &[u8], from: usize) {
    let (folder, whole) = scan_bytes(name, image);
    let (found, said) = (folder.found(&whole), folder.not_scanned(&whole));
    assert_eq!(said, Vec::<String>::new(), "{name}");
    let mut random = Random(0xf11b);
    for _ in 0..300 {
        let mut changed = image.to_vec();
        let place = from + (random.next() % (image.len() - from) as u64) as usize;
        changed[place] ^= 1 << (random.next() % 8);
        let (folder, report) = scan_bytes(name, &changed);
        let is_told = !report.not_scanned.is_empty() || folder.found(&report) == found;
        assert!(is_told, "{name}, changed at {place}, lacks without a word: {:?}", folder.found(&report));
    }
}
