//! Looks for libmodsecurity. With it the shim is compiled and linked; without it the program says that it has no engine.

use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(modsecurity)");
    println!("cargo::rerun-if-changed=src/modsecurity/shim.cc");
    println!("cargo::rerun-if-changed=/usr/include/modsecurity/modsecurity.h");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    // 3.0.9 is the first that limits arguments and the depth of JSON.
    let probe = Command::new("pkg-config").args(["--cflags", "--libs", "modsecurity >= 3.0.9"]).output();
    let flags = match probe {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ if std::path::Path::new("/usr/include/modsecurity/modsecurity.h").exists() => {
            "-lmodsecurity".to_owned()
        }
        _ => {
            println!(
                "cargo::warning=libmodsecurity (>= 3.0.9) not found: bedrail-waf-engine will have no engine"
            );
            return;
        }
    };
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").file("src/modsecurity/shim.cc").warnings(false);
    for flag in flags.split_whitespace() {
        if let Some(folder) = flag.strip_prefix("-I") {
            build.include(folder);
        } else if let Some(folder) = flag.strip_prefix("-L") {
            println!("cargo::rustc-link-search=native={folder}");
        }
    }
    build.compile("bedrail_waf_shim");
    println!("cargo::rustc-link-lib=modsecurity");
    println!("cargo::rustc-cfg=modsecurity");
}
