//! Prints every class of some jars as CSV: jar, class, hash of its instructions, the literals given by `--literal` that its
//! constant pool holds. The committed table of fingerprints is chosen from this; `docs/scanner.md` says how.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for whoever renews the table")]

use std::fs::File;
use std::io::Read;

use bedrail_scanner::class_file::ClassFile;

fn main() {
    let mut literals = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--literal" {
            literals.extend(arguments.next());
            continue;
        }
        let mut jar = zip::ZipArchive::new(File::open(&argument).unwrap()).unwrap();
        for index in 0..jar.len() {
            let mut entry = jar.by_index(index).unwrap();
            let path = entry.name().unwrap().into_owned();
            let Some(name) = path.strip_suffix(".class") else { continue };
            if name.starts_with("META-INF/versions/") {
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let Ok(class) = ClassFile::parse(&bytes) else {
                println!("{argument},{name},malformed,");
                continue;
            };
            let held = literals.iter().enumerate().filter(|(_, text)| class.mentions(text));
            let held: Vec<String> = held.map(|(index, _)| index.to_string()).collect();
            println!(
                "{argument},{name},{},{}",
                class.code.map(hex::encode).unwrap_or_default(),
                held.join("+")
            );
        }
    }
}
