//! A disk that is soon full, for tests of what happens then: a file system in memory, mounted while it lives. Only root can
//! mount one; elsewhere the test says so and passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk, until it is dropped.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// A disk of so many MiB; `None` where none can be mounted, which is printed.
    pub fn mount(mebibytes: u32) -> Option<SmallDisk> {
        let mut name = Command::new("mktemp");
        let made = name.args(["-d", "/tmp/bedrail-disk-XXXXXX"]).output().ok()?;
        let folder = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            _ = fs::remove_dir(&folder);
            announce();
            return None;
        }
        Some(SmallDisk { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes all room but so many bytes.
    ///
    /// # Panics
    /// When the disk is gone.
    pub fn fill_but(&self, bytes: u64) {
        let ballast = self.folder.join("ballast");
        // What does not fit any more ends the writing.
        _ = fs::write(&ballast, vec![0; 256 << 20]);
        if bytes > 0 {
            let length = fs::metadata(&ballast).expect("the disk is there").len();
            let file = fs::OpenOptions::new().write(true).open(&ballast).expect("the disk is there");
            file.set_len(length.saturating_sub(bytes)).expect("the disk is there");
        }
    }

    /// Makes room again.
    pub fn make_room(&self) {
        _ = fs::remove_file(self.folder.join("ballast"));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a database that is still open lets go of it a moment later.
        _ = Command::new("umount").arg("-l").arg(&self.folder).output();
        _ = fs::remove_dir(&self.folder);
    }
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests must see that one did not run")]
fn announce() {
    println!("skipped: no small disk can be mounted here");
}
