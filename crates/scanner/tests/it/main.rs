//! Tests of the scanner on things that it makes itself, and on real jars where they are at hand.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

mod boot;
mod btrfs;
mod btrfs_made;
mod carved;
mod containers;
mod discs;
mod disks;
mod documents;
mod firmware;
mod fuzzed;
mod hostile;
mod images;
mod installed;
mod installers;
mod jffs2;
mod layers;
mod locks;
mod log4j;
mod lvm;
mod lzx;
mod made;
mod ntfs;
mod packages;
mod real;
mod streams;
mod tables;
mod tools;
mod ubifs;
mod wim;
mod windows;
mod xfs;
