//! Version strings by the table of rules, what programs were linked with, and images that stand inside of firmware.

use std::collections::BTreeSet;
use std::fs;

use bedrail_scanner::report::Found;

use crate::made::*;
use crate::tools::*;

/// A text as the component prints it, and the version in it; the program's own source is where each is from.
const TEXTS: &[(&str, &str, &str)] = &[
    ("busybox", "BusyBox v1.31.1 (2020-03-02 12:00:00 UTC)", "1.31.1"),
    ("openssl", "OpenSSL 1.0.2k-fips  26 Jan 2017", "1.0.2k-fips"),
    ("openssl", "OpenSSL 3.0.11 19 Sep 2023", "3.0.11"),
    ("openssl", "OpenSSL 1.1.1k  FIPS 25 Mar 2021", "1.1.1k"),
    ("linux", "Linux version 4.14.98-imx (builder@host) (gcc 7.3.0)", "4.14.98-imx"),
    ("dropbear", "SSH-2.0-dropbear_2019.78", "2019.78"),
    ("dropbear", "Dropbear server v2020.81 https://matt.ucc.asn.au/dropbear/dropbear.html", "2020.81"),
    ("dropbear", "Dropbear SSH client v2020.81 https://matt.ucc.asn.au/dropbear/dropbear.html", "2020.81"),
    ("musl", "musl libc (armhf)\0Version %s\0\x001.1.24", "1.1.24"),
    ("uclibc", "libuClibc-0.9.33.2.so", "0.9.33.2"),
    ("uclibc-ng", "libuClibc-1.0.40.so", "1.0.40"),
    ("glibc", "GNU C Library (Buildroot) stable release version 2.30.", "2.30"),
    ("u-boot", "U-Boot 2019.01-rc2 (Mar 12 2020 - 10:00:00 +0000)", "2019.01-rc2"),
    ("u-boot", "U-Boot SPL 2018.03 (Mar 12 2020)", "2018.03"),
    ("zlib", " deflate 1.2.11 Copyright 1995-2017 Jean-loup Gailly and Mark Adler ", "1.2.11"),
    ("zlib", " inflate 1.2.8 Copyright 1995-2013 Mark Adler ", "1.2.8"),
    ("dnsmasq", "dnsmasq-2.80", "2.80"),
    ("lighttpd", "lighttpd/1.4.53", "1.4.53"),
    ("nginx", "nginx/1.18.0", "1.18.0"),
    ("vxworks", "VxWorks 6.9", "6.9"),
    ("vxworks", "VxWorks version 5.5.1", "5.5.1"),
    (
        "threadx",
        "Copyright (c) 1996-2003 Express Logic Inc. * ThreadX ARM9/Green Hills Version G4.0b.4.0 *",
        "4.0b.4.0",
    ),
    ("threadx", "* ThreadX Cortex-M4/GNU Version 6.1.9 *", "6.1.9"),
    ("freertos", "FreeRTOS V8.2.3", "8.2.3"),
    ("freertos", "FreeRTOS Kernel V10.4.3", "10.4.3"),
    ("lwip", "Server: lwIP/2.0.3d (http://savannah.nongnu.org/projects/lwip)", "2.0.3d"),
    ("treck", "Treck TCP/IP Version 6.0.1.66", "6.0.1.66"),
    ("treck", "Copyright 1997-2010 By: Treck, Inc.", ""),
    ("vxworks", "Copyright 1984-2002 Wind River Systems, Inc.", ""),
    ("nucleus", "Nucleus PLUS - Integrator C/C++ - Version 1.11.24", "1.11.24"),
    ("nucleus", "Nucleus NET - Version 5.1.2", "5.1.2"),
    ("qnx", "QNX Neutrino 6.5.0", "6.5.0"),
    ("qnx", "QNX Software Systems", ""),
    ("curl", "libcurl/7.64.0", "7.64.0"),
    ("openssh", "OpenSSH_8.4p1 Debian-5", "8.4p1"),
    ("mosquitto", "mosquitto version %s starting\0\x002.0.11", "2.0.11"),
    ("sqlite", "SQLite format 3\0\x003.31.1", "3.31.1"),
    ("libpng", " libpng version 1.6.37 - April 14, 2019", "1.6.37"),
    ("wpa_supplicant", "wpa_supplicant v2.9", "2.9"),
    ("hostapd", "hostapd v%s\nUser space daemon\0\x002.9", "2.9"),
    ("expat", "expat_2.2.9", "2.2.9"),
    ("mbedtls", "mbed TLS 2.16.0", "2.16.0"),
    ("mbedtls", "Mbed TLS 3.4.0", "3.4.0"),
    ("libssh2", "SSH-2.0-libssh2_1.9.0", "1.9.0"),
    ("libssh", "SSH-2.0-libssh_0.8.7", "0.8.7"),
    ("miniupnpd", "MiniUPnPd/2.1", "2.1"),
    ("vsftpd", "vsftpd: version 3.0.3", "3.0.3"),
    ("libjpeg-turbo", "libjpeg-turbo version 2.0.4 (build 20200101)", "2.0.4"),
];

/// A program with texts in it.
fn program(texts: &[&str]) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x01\x01\x01\0".to_vec();
    bytes.resize(600, 0);
    for text in texts {
        bytes.extend(text.bytes().chain([0, 7, 0]));
    }
    bytes
}

fn strings(found: &[Found]) -> Vec<(&str, &str)> {
    let strings = found.iter().filter(|it| it.kind == "generic");
    strings.map(|it| (it.name.as_str(), it.version.as_deref().unwrap_or_default())).collect()
}

#[test]
fn every_rule_tells_what_it_is_for_and_no_other_does() {
    for (component, text, version) in TEXTS {
        let (_folder, report) = scan_bytes("program", &program(&[text]));
        assert_eq!(strings(&report.found), [(*component, *version)], "{text}");
        let shows = &report.found[0].evidence[0].shows;
        assert!(
            shows.starts_with(&format!("rule {component}: \"")) && shows.contains(" at byte "),
            "{shows}"
        );
        let cpe = &report.found[0].cpes[0];
        assert_eq!(cpe.replace("\\:", "").split(':').count(), 13, "{cpe}");
    }
    let tested: BTreeSet<&str> = TEXTS.iter().map(|(component, ..)| *component).collect();
    assert_eq!(tested, bedrail_scanner::rules().collect(), "a rule without a text here");
}

#[test]
fn what_only_looks_like_a_version_is_none() {
    let texts = [
        "BusyBox v%s (%s)",
        "OpenSSL 1.1.1",
        "OpenSSL 1.1.1d or newer is needed, get it in May",
        "Linux version %s (",
        "dnsmasq-2.80.tar.gz",
        "OpenSSH_2.*,OpenSSH_3.0*,OpenSSH_6.6.1*",
        "nginx/1.18.0 is old",
        " deflate 1.2.11 and others",
        "U-Boot 2019",
        "Nucleus NET - Version 3.sqlite",
        "ThreadX Version",
    ];
    let (_folder, report) = scan_bytes("program", &program(&texts));
    assert_eq!(strings(&report.found), Vec::<(&str, &str)>::new());
    // Two versions that it may be are none.
    let (_folder, report) =
        scan_bytes("program", &program(&["musl libc (armhf)", "\x001.1.24", "\x001.2.0"]));
    assert_eq!(strings(&report.found), [("musl", "")]);
}

#[test]
fn a_text_across_two_reads_is_found_once_with_its_place() {
    for shift in [1, 5, 12, 400] {
        let mut bytes = program(&[]);
        bytes.resize((1 << 20) - shift, 7);
        bytes.extend(b"BusyBox v1.31.1 (2020)");
        bytes.resize(3 << 20, 7);
        let (_folder, report) = scan_bytes("program", &bytes);
        assert_eq!(strings(&report.found), [("busybox", "1.31.1")], "{shift}");
        let place = format!("at byte {}", (1 << 20) - shift);
        assert!(report.found[0].evidence[0].shows.contains(&place), "{:?}", report.found[0].evidence);
    }
}

#[test]
fn a_string_of_a_program_that_a_package_brought_is_told_by_the_package() {
    let status =
        b"Package: libssl1.1\nSource: openssl\nStatus: install ok installed\nVersion: 1.1.1n-0+deb11u5\n";
    let library = program(&["OpenSSL 1.1.1n  15 Mar 2022"]);
    let folder = Folder::new()
        .with("root/var/lib/dpkg/status", status)
        .with("root/usr/lib/libcrypto.so.1.1", &library)
        // Somebody's own, and another version than the package's.
        .with("root/opt/pump/libcrypto.so.1.1", &library)
        .with("root/usr/lib/pump/helper", &program(&["OpenSSL 1.0.2k  26 Jan 2017"]))
        // No package manager there.
        .with("other/usr/lib/libcrypto.so.1.1", &library);
    let report = folder.scan();
    let places: Vec<String> =
        report.found.iter().filter(|it| !it.cpes.is_empty()).map(|it| folder.short(&it.place)).collect();
    assert_eq!(
        places,
        ["other/usr/lib/libcrypto.so.1.1", "root/opt/pump/libcrypto.so.1.1", "root/usr/lib/pump/helper"]
    );
}

#[test]
fn images_inside_of_firmware_are_found_where_they_stand() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    let options = ["root", "a.sqsh", "-comp", "xz", "-no-progress", "-quiet"];
    let Some(()) = run(path, "mksquashfs", &options) else { return };
    let mut kernel = program(&["Linux version 4.14.98 (builder@host)"]);
    kernel.resize(200_000, 9);
    for (what, packed, inner) in [
        ("gzip data", gzip(&kernel), "gzip data at byte 4096 (expanded)"),
        ("xz data", xz(&kernel), "xz data at byte 4096 (expanded)"),
        ("LZMA data", lzma(&kernel), "LZMA data at byte 4096 (expanded)"),
    ] {
        // A maker's own header, the kernel, the root.
        let mut firmware = b"MAKER\x01\x02\x03\0\0\0\0".to_vec();
        firmware.resize(4096, 0xff);
        firmware.extend(&packed);
        firmware.resize(firmware.len().next_multiple_of(65536), 0xff);
        let at = firmware.len();
        firmware.extend(fs::read(path.join("a.sqsh")).unwrap());
        firmware.extend(b"signature of the maker");
        fs::write(path.join("fw.bin"), firmware).unwrap();
        let report = scan_image(&folder, "fw.bin");
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{what}");
        let mut found = folder.found(&report);
        found.sort();
        let root = format!("fw.bin!/squashfs at byte {at}");
        let mut expected = [
            format!("fw.bin!/{what} at byte 4096!/{inner} linux 4.14.98"),
            format!("{root}!/etc/os-release debian 12"),
            format!("{root}!/{LONG} log4j-core 2.1"),
            format!("{root}!/srv/large.zip!/inner/second.jar log4j-core 2.1"),
            format!("{root}!/var/lib/dpkg/status libssl3 3.0.11-1"),
        ];
        expected.sort();
        assert_eq!(found, expected);
    }
}

pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = liblzma::stream::LzmaOptions::new_preset(6).unwrap();
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_file_that_was_asked_for_and_is_of_no_known_kind_is_not_clean() {
    let folder =
        Folder::new().with("update.dat", &noise(10_000)).with("notes.txt", b"text").with("empty.bin", b"");
    let said = folder.not_scanned(&scan_image(&folder, "update.dat"));
    assert_eq!(
        said,
        ["update.dat: a file of a kind that this program does not know is not opened by this program"]
    );
    for known in ["notes.txt", "empty.bin"] {
        assert_eq!(folder.not_scanned(&scan_image(&folder, known)), Vec::<String>::new(), "{known}");
    }
    // In a folder there are files of all kinds.
    assert_eq!(folder.not_scanned(&folder.scan()), Vec::<String>::new());
}

/// Two modules and one that was replaced, as Go writes them.
const MODULES: &str = "path\texample.com/pump\nmod\texample.com/pump\t(devel)\t\ndep\tgithub.com/a/b\tv1.2.3\th1:x=\ndep\tgolang.org/x/net\tv0.1.0\n=>\tgolang.org/x/net\tv0.2.0\th1:y=\nbuild\t-compiler=gc\n";

fn assert_go(name: &str, bytes: &[u8]) {
    let (_folder, report) = scan_bytes(name, bytes);
    let found: Vec<String> = report
        .found
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it.namespace.as_deref().unwrap_or("-"),
                it.name,
                it.version.as_deref().unwrap()
            )
        })
        .collect();
    assert_eq!(found, ["github.com/a b v1.2.3", "golang.org/x net v0.2.0", "- stdlib 1.20.3"], "{name}");
}

#[test]
fn modules_of_go_are_read_in_both_forms() {
    let modules = [&[0x30; 16][..], MODULES.as_bytes(), &[0xf9; 16]].concat();
    let varint =
        |value: usize| vec![u8::try_from(value & 0x7f).unwrap() | 0x80, u8::try_from(value >> 7).unwrap()];
    let mut inline = program(&[]);
    inline.resize(4096, 0);
    inline.extend(b"\xff Go buildinf:\x08\x02");
    inline.resize(4096 + 32, 0);
    inline.extend([vec![8], b"go1.20.3".to_vec(), varint(modules.len()), modules.clone()].concat());
    assert_go("inline", &inline);
    // Pointers: a program of 64 bits whose one segment is loaded to 0x400000.
    let mut pointed = b"\x7fELF\x02\x01\x01\0".to_vec();
    pointed.resize(64, 0);
    pointed[32] = 64;
    pointed[56] = 1;
    let word = |value: u64| value.to_le_bytes();
    pointed.extend(
        [
            &[1, 0, 0, 0, 5, 0, 0, 0][..],
            &word(0),
            &word(0x40_0000),
            &word(0x40_0000),
            &word(8192),
            &word(8192),
            &word(4096),
        ]
        .concat(),
    );
    pointed.resize(4096, 0);
    pointed.extend([&b"\xff Go buildinf:\x08\x00"[..], &word(0x40_1020), &word(0x40_1030)].concat());
    pointed.extend([word(0x40_1040), word(8), word(0x40_1048), word(modules.len() as u64)].concat());
    pointed.extend(b"go1.20.3");
    pointed.extend(&modules);
    pointed.resize(8192, 0);
    assert_go("pointed", &pointed);
    // What is damaged tells nothing, and breaks nothing.
    assert_survives("go", &pointed, 8192);
    assert_survives("go", &inline, inline.len());
}

#[test]
fn modules_that_a_folder_replaced_and_those_of_an_unreleased_go_are_read() {
    let modules = "path\texample.com/pump\nmod\texample.com/pump\t(devel)\t\ndep\texample.com/a/x\tv1.2.3\n=>\t../x\t(devel)\t\ndep\texample.com/a/y\tv0.1.0\th1:x\n";
    let version = "devel go1.24-abc1234 Thu Nov 7";
    let mut program = program(&[]);
    program.resize(4096, 0);
    program.extend(b"\xff Go buildinf:\x08\x02");
    program.resize(4096 + 32, 0);
    let length = |text: &str| -> Vec<u8> {
        vec![u8::try_from(text.len() & 0x7f).unwrap() | 0x80, u8::try_from(text.len() >> 7).unwrap()]
    };
    program.extend([&length(version)[..], version.as_bytes(), &length(modules), modules.as_bytes()].concat());
    let (folder, report) = scan_bytes("pump", &program);
    assert_eq!(folder.found(&report), ["pump stdlib ?", "pump x v1.2.3", "pump y v0.1.0"]);
    assert_eq!(
        report.found[1].remarks,
        ["its code was replaced by that of a folder, ../x, when it was built"]
    );
    assert!(report.found[0].remarks[0].contains("no release (devel go1.24-abc1234"), "{:?}", report.found[0]);
}

#[test]
fn modules_of_a_real_program_of_go_are_read() {
    let folder = Folder::new()
        .with("main.go", b"package main\nfunc main() { println(\"x\") }\n")
        .with("go.mod", b"module example.com/x\n");
    let go = ["/usr/local/go/bin/go", "/usr/bin/go"].into_iter().find(|it| std::path::Path::new(it).exists());
    let Some(go) = go else {
        println!("skipped: no Go");
        return;
    };
    for (system, file) in [("linux", "x.elf"), ("windows", "x.exe")] {
        let mut command = std::process::Command::new(go);
        command
            .current_dir(folder.0.path())
            .args(["build", "-o", file])
            .env("GOOS", system)
            .env("GOFLAGS", "-mod=mod");
        let built = command
            .env("GOTOOLCHAIN", "local")
            .env("GOCACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/go"))
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let report = scan_image(&folder, file);
        let stdlib: Vec<_> = report.found.iter().filter(|it| it.kind == "golang").collect();
        assert_eq!(stdlib.len(), 1, "{file}: {:?}", report.found);
        assert!(
            stdlib[0].name == "stdlib" && stdlib[0].version.as_ref().unwrap().starts_with("1."),
            "{stdlib:?}"
        );
    }
}

/// A program of 64 bits with one section.
fn with_section(name: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0".to_vec();
    bytes.resize(64, 0);
    let names = [&b"\0"[..], name.as_bytes(), b"\0.shstrtab\0"].concat();
    let (body_at, names_at) = (64, 64 + body.len());
    bytes.extend(body);
    bytes.extend(&names);
    let table = bytes.len() as u64;
    bytes[40..48].copy_from_slice(&table.to_le_bytes());
    bytes[58] = 64;
    bytes[60] = 3;
    bytes[62] = 2;
    let header = |name: u32, at: usize, length: usize| {
        let mut header = [0; 64];
        header[..4].copy_from_slice(&name.to_le_bytes());
        header[24..32].copy_from_slice(&(at as u64).to_le_bytes());
        header[32..40].copy_from_slice(&(length as u64).to_le_bytes());
        header
    };
    let second = u32::try_from(name.len() + 2).unwrap();
    bytes.extend([[0; 64], header(1, body_at, body.len()), header(second, names_at, names.len())].concat());
    bytes
}

#[test]
fn crates_of_a_rust_program_are_read() {
    let json = br#"{"packages":[
        {"name":"pump","version":"1.0.0","source":"local","root":true,"dependencies":[1]},
        {"name":"rustls","version":"0.21.0","source":"crates.io"},
        {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"}]}"#;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, json).unwrap();
    let bytes = with_section(".dep-v0", &encoder.finish().unwrap());
    let (folder, report) = scan_bytes("pump", &bytes);
    assert_eq!(folder.found(&report), ["pump rustls 0.21.0"]);
    assert_eq!(report.found[0].kind, "cargo");
    assert_survives("cargo-auditable", &bytes, bytes.len());
}
