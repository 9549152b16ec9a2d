//! One program for all targets: `BEDRAIL_FUZZ_TARGET` says which reader the bytes are for (`bedrail_scanner::targets`). Without it,
//! their names are printed.
#![no_main]

use std::sync::OnceLock;

use bedrail_scanner::targets;

static TARGET: OnceLock<String> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let Ok(target) = std::env::var("BEDRAIL_FUZZ_TARGET") else {
            targets::names().for_each(|name| println!("{name}"));
            std::process::exit(0);
        };
        TARGET.set(target).expect("set once");
    },
    |bytes: &[u8]| {
        let target = TARGET.get().map_or("", String::as_str);
        targets::read(target, bytes).expect("a target of that name");
    }
);
