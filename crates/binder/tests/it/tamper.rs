//! Every byte, cut, added, swapped: nothing passes.

use std::io::{Cursor, Read as _, Write as _};

use bedrail_binder::{Broken, Trust, verify};

use crate::{Key, binder, checked, entries, entry, right, sealed_by};

#[test]
fn every_byte_that_is_changed_is_found() {
    let good = binder();
    checked(&good).unwrap();
    for at in 0..good.len() {
        for bit in [0x01, 0x10, 0x80] {
            let mut zip = good.clone();
            zip[at] ^= bit;
            assert!(checked(&zip).is_err(), "byte {at} of {}", good.len());
        }
    }
}

#[test]
fn what_is_cut_off_added_or_put_in_is_found() {
    let good = binder();
    for length in 0..good.len() {
        assert!(checked(&good[..length]).is_err(), "cut at {length}");
    }
    for at in 0..=good.len() {
        let mut zip = good.clone();
        zip.insert(at, 0);
        assert!(checked(&zip).is_err(), "a byte put in at {at}");
    }
    let twice = [good.as_slice(), good.as_slice()].concat();
    assert!(checked(&twice).is_err());
}

/// The places of local headers, and where the directory begins.
fn places(zip: &[u8]) -> Vec<usize> {
    let marks =
        |mark: &'static [u8]| zip.windows(4).enumerate().filter(move |(_, it)| *it == mark).map(|(at, _)| at);
    let mut all: Vec<usize> = marks(b"PK\x03\x04").collect();
    all.extend(marks(b"PK\x01\x02").next());
    all
}

#[test]
fn files_that_are_swapped_or_taken_out_are_found() {
    let good = binder();
    let at = places(&good);
    assert_eq!(at.len(), 3 + 5 + 1);
    let part = |index: usize| &good[at[index]..at[index + 1]];
    let swapped = [&good[..at[1]], part(2), part(1), &good[at[3]..]].concat();
    assert_eq!(swapped.len(), good.len());
    assert!(checked(&swapped).is_err());
    let without = [&good[..at[1]], &good[at[2]..]].concat();
    assert!(checked(&without).is_err());
}

#[test]
fn the_report_names_the_file() {
    let good = binder();
    let at = places(&good);
    let cases = [(1, "documents/risk analysis.txt"), (2, "states.csv"), (4, "manifest.json"), (7, "key.pem")];
    for (index, name) in cases {
        let mut zip = good.clone();
        // The last byte of the file's data.
        zip[at[index + 1] - 2] ^= 1;
        let error = checked(&zip).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
    }
}

/// The same files, packed by another program.
fn packed_again() -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(binder())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut file = from.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_binder_packed_again_is_not_the_one_that_was_sealed() {
    let error = checked(&packed_again()).unwrap_err();
    assert!(matches!(error, Broken::Faults(_)), "{error}");
}

#[test]
fn contents_changed_and_sealed_again_by_others_have_another_key() {
    let mut changed = entries();
    changed[1] = entry("states.csv", "requirement,state\nsr-164-312-b,no\n");
    let (zip, _) = sealed_by(&Key::new(9), changed).unwrap();
    assert!(checked(&zip).is_err());
}

#[test]
fn what_is_no_binder_is_said() {
    for bytes in [&b""[..], b"PK", b"not a zip at all", &[0; 100]] {
        assert!(matches!(verify(bytes, Trust::Unknown, &right), Err(Broken::Faults(_))));
    }
    let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    other.write_all(b"x").unwrap();
    assert!(verify(other.finish().unwrap().into_inner().as_slice(), Trust::Unknown, &right).is_err());
}

#[test]
fn a_header_that_claims_gigabytes_is_refused_before_anything_is_unpacked() {
    let good = binder();
    let at = places(&good);
    let mut zip = good.clone();
    // The size of the file (offset 22 of its header): 4 GiB.
    zip[at[1] + 22..at[1] + 26].copy_from_slice(&[0xff; 4]);
    let error = checked(&zip).unwrap_err().to_string();
    assert!(error.contains("larger than any that is sealed"), "{error}");
    // One byte less than there is: what comes out is counted.
    let mut zip = good;
    zip[at[1] + 22] -= 1;
    assert!(checked(&zip).is_err());
}
