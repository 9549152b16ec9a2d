//! Whatever the bytes, a reader answers.

use bedrail_formats::device_list::{self, Mapping};
use bedrail_formats::limits::Limits;
use bedrail_formats::sbom::FORMATS;
use bedrail_formats::transfer;
use proptest::prelude::*;

use crate::{fixtures, read};

fn documents() -> Vec<Vec<u8>> {
    let folders = FORMATS.iter().flat_map(|format| {
        ["good", "odd"].map(|kind| format!("{}-{}/{kind}", format.name, format.encoding).to_lowercase())
    });
    let files = folders.chain(["device-list/good".to_owned()]).flat_map(|folder| fixtures(&folder));
    files.map(|file| std::fs::read(file).expect("a fixture")).collect()
}

/// Read as everything there is; what was read must survive the way between processes, indices and all.
fn read_as_everything(bytes: &[u8]) {
    if let Ok(inventory) = read(bytes) {
        let mut moved = Vec::new();
        transfer::write(&inventory, &mut moved).expect("memory takes all");
        let back = transfer::read(moved.as_slice(), &Limits::default()).expect("what was written is read");
        assert!(back == inventory);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        for format in FORMATS {
            let _ = (format.sniff)(text);
            let _ = (format.parse)(text, &Limits::default());
        }
    }
    if let Ok(list) = device_list::read(bytes, &Mapping::default(), &Limits::default()) {
        let mut moved = Vec::new();
        device_list::transfer::write(&list, &mut moved).expect("memory takes all");
        let back = device_list::transfer::read(moved.as_slice(), &Limits::default());
        assert!(back.expect("what was written is read") == list);
    }
    let _ = device_list::transfer::read(bytes, &Limits::default());
    let _ = transfer::read(bytes, &Limits::default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn random_json_like_text_never_panics(text in r#"[\[\]{}":,a-f0-9<>/&;!\\ =\n]{0,200}"#) {
        read_as_everything(text.as_bytes());
    }

    #[test]
    fn mutated_documents_never_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..8),
    ) {
        let documents = documents();
        let mut bytes = documents[which.index(documents.len())].clone();
        for (at, byte, change) in changes {
            let at = at.index(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.truncate(at + 1); }
            }
        }
        read_as_everything(&bytes);
    }

    #[test]
    fn mutated_transfers_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let inventory = read(&documents()[0]).expect("a good document");
        let mut bytes = Vec::new();
        transfer::write(&inventory, &mut bytes).expect("memory takes all");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(inventory) = transfer::read(bytes.as_slice(), &Limits::default()) {
            for relation in &inventory.relations {
                let _ = (inventory.component(relation.from), inventory.component(relation.to));
            }
        }
    }
}
