//! The check that README.txt describes, done as it stands there, with `sha256sum` and `openssl`.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use crate::binder;

fn unpacked(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    zip::ZipArchive::new(Cursor::new(binder())).unwrap().extract(&folder).unwrap();
    folder
}

/// Runs a line of README.txt. `None` where the program is not there.
fn run(folder: &Path, start: &str) -> Option<bool> {
    let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
    let line =
        readme.lines().map(str::trim).find(|line| line.starts_with(start)).expect("a line of README.txt");
    let mut words = line.split_whitespace();
    match Command::new(words.next().unwrap()).args(words).current_dir(folder).output() {
        Ok(output) => Some(output.status.success()),
        Err(error) => {
            println!("skipped: {start}: {error}");
            None
        }
    }
}

#[test]
fn the_lines_of_the_readme_check_a_binder_and_find_a_change() {
    let folder = unpacked("by-hand");
    for start in ["sha256sum --check", "openssl pkeyutl"] {
        assert_ne!(run(&folder, start), Some(false), "{start}");
    }
    std::fs::write(folder.join("states.csv"), "requirement,state\nsr-164-312-b,claimed\n").unwrap();
    assert_ne!(run(&folder, "sha256sum --check"), Some(true));
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    std::fs::write(folder.join("SHA256SUMS"), sums.replacen('a', "b", 1)).unwrap();
    assert_ne!(run(&folder, "openssl pkeyutl"), Some(true));
}

#[test]
fn the_sums_name_every_file_but_the_three_of_the_seal() {
    let folder = unpacked("sums");
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let names: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(
        names,
        ["README.txt", "documents/risk analysis.txt", "states.csv", "Ärzte.csv", "manifest.json"]
    );
}
