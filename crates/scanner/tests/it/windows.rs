//! What tells of Windows and of programs for it: version resources, hives of the registry, installers, volumes.

use std::fs;
use std::path::Path;

use bedrail_scanner::report::Confidence;

use crate::made::*;
use crate::tools::*;

const RESOURCE: &str = r#"1 VERSIONINFO
FILEVERSION 3,4,5,6
PRODUCTVERSION 3,4,0,0
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904b0"
    BEGIN
      VALUE "CompanyName", "Orbis Medical"
      VALUE "ProductName", "Flow Controller"
      VALUE "ProductVersion", "TEXT"
      VALUE "FileVersion", "3.4.5.6"
    END
  END
END
"#;

/// A library for Windows with a version resource, made by the assembler's tools.
fn library(path: &Path, machine: &str, version: &str) -> Option<Vec<u8>> {
    fs::write(path.join("a.rc"), RESOURCE.replace("TEXT", version)).unwrap();
    run(path, &format!("{machine}-w64-mingw32-windres"), &["--preprocessor=cat", "a.rc", "a.o"])?;
    run(path, &format!("{machine}-w64-mingw32-ld"), &["-shared", "-o", "a.dll", "a.o"])?;
    Some(fs::read(path.join("a.dll")).unwrap())
}

#[test]
fn programs_say_what_they_are_by_their_version_resource() {
    let folder = Folder::new();
    let path = folder.0.path();
    for (machine, said, version) in
        [("x86_64", "3.4 beta", "3.4"), ("i686", "3, 4, 1", "3.4.1"), ("x86_64", "Gold", "3.4.5.6")]
    {
        let Some(bytes) = library(path, machine, said) else { return };
        let (inside, report) = scan_bytes("flow.dll", &bytes);
        assert_eq!(inside.found(&report), [format!("flow.dll Flow Controller {version}")]);
        let found = &report.found[0];
        assert_eq!((found.kind, found.namespace.as_deref()), ("generic", Some("Orbis Medical")));
        assert_eq!((found.confidence, found.cpes.as_slice()), (Confidence::Fair, [].as_slice()));
        let shows = &found.evidence[0].shows;
        let all = format!(
            "rule version resource: ProductName \"Flow Controller\", ProductVersion \"{said}\", FileVersion \"3.4.5.6\", CompanyName \"Orbis Medical\", in numbers file 3.4.5.6, product 3.4.0.0 at byte "
        );
        assert!(shows.starts_with(&all), "{shows}");
        let at: usize = shows.rsplit(' ').next().unwrap().parse().unwrap();
        assert_eq!(&bytes[at + 6..at + 12], b"V\0S\0_\0");
        assert_survives("library.dll", &bytes, bytes.len());
    }
}

/// A hive with nothing but its root, and the descriptor that keys need.
fn empty_hive() -> Vec<u8> {
    let mut hive = vec![0; 8192];
    let mut put = |at: usize, bytes: &[u8]| hive[at..at + bytes.len()].copy_from_slice(bytes);
    let word = |value: u32| value.to_le_bytes();
    put(0, b"regf");
    for (at, value) in [(4, 1), (8, 1), (20, 1), (24, 5), (32, 1), (36, 0x20), (40, 4096), (44, 1)] {
        put(at, &word(value));
    }
    put(4096, b"hbin");
    put(4096 + 8, &word(4096));
    // The root: 88 bytes.
    let root = 4096 + 0x20;
    put(root, &word(-88_i32 as u32));
    put(root + 4, b"nk\x2c\0");
    for at in [28, 32, 40, 48] {
        put(root + 4 + at, &word(u32::MAX));
    }
    put(root + 4 + 44, &word(0x78));
    put(root + 4 + 72, &4_u16.to_le_bytes());
    put(root + 4 + 76, b"ROOT");
    // Its descriptor: 48 bytes; then what is free.
    let descriptor = 4096 + 0x78;
    put(descriptor, &word(-48_i32 as u32));
    put(descriptor + 4, b"sk");
    for (at, value) in [(4, 0x78), (8, 0x78), (12, 1), (16, 20)] {
        put(descriptor + 4 + at, &word(value));
    }
    put(descriptor + 24, &[1, 0, 4, 0x80]);
    put(4096 + 0xa8, &word(4096 - 0xa8));
    sum(&mut hive);
    hive
}

/// Makes the header's sum right.
fn sum(hive: &mut [u8]) {
    let words = hive[..508].chunks_exact(4);
    let sum = words.fold(0, |sum, word| sum ^ u32::from_le_bytes(word.try_into().unwrap()));
    hive[508..512].copy_from_slice(&sum.to_le_bytes());
}

/// The hive with what a text of `regedit` says.
fn hive(folder: &Folder, text: &str) -> Option<Vec<u8>> {
    let path = folder.0.path();
    fs::write(path.join("made.hive"), empty_hive()).unwrap();
    // Between keys it wants an empty line.
    let text = format!("Windows Registry Editor Version 5.00\n{}", text.replace('[', "\n["));
    fs::write(path.join("made.reg"), text).unwrap();
    run(path, "hivexregedit", &["--merge", "--prefix", "HIVE", "made.hive", "made.reg"])?;
    let mut hive = fs::read(path.join("made.hive")).unwrap();
    // What made it leaves the sum as it was.
    sum(&mut hive);
    Some(hive)
}

const WINDOWS_10: &str = r#"[HIVE\Microsoft]
[HIVE\Microsoft\Windows]
[HIVE\Microsoft\Windows\CurrentVersion]
[HIVE\Microsoft\Windows NT]
[HIVE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 IoT Enterprise LTSC 2021"
"EditionID"="IoTEnterpriseS"
"InstallationType"="Client"
"CurrentVersion"="6.3"
"CurrentBuild"="19044"
"CurrentBuildNumber"="19044"
"DisplayVersion"="21H2"
"UBR"=dword:00000fce
[HIVE\Microsoft\Windows\CurrentVersion\Component Based Servicing]
[HIVE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages]
[HIVE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages\Package_for_KB5005112~31bf3856ad364e35~amd64~~17763.2111.1.1]
"CurrentState"=dword:00000070
[HIVE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages\Package_for_KB5000000~31bf3856ad364e35~amd64~~17763.1.1.1]
"CurrentState"=dword:00000050
[HIVE\Microsoft\Windows\CurrentVersion\Uninstall]
[HIVE\Microsoft\Windows\CurrentVersion\Uninstall\{0A3072A6-FDF4-4B33-8D0D-7B61289DD7D0}]
"DisplayName"="Flow Service"
"DisplayVersion"="2.7.1"
"Publisher"="Orbis Medical"
[HIVE\Microsoft\Windows\CurrentVersion\Uninstall\AddressBook]
[HIVE\Wow6432Node]
[HIVE\Wow6432Node\Microsoft]
[HIVE\Wow6432Node\Microsoft\Windows]
[HIVE\Wow6432Node\Microsoft\Windows\CurrentVersion]
[HIVE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall]
[HIVE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall\Pump]
"DisplayName"=hex(1):48,00,f6,00,68,00,65,00,00,00
"#;

#[test]
fn a_hive_says_which_windows_it_is_and_what_is_installed() {
    let folder = Folder::new();
    let Some(bytes) = hive(&folder, WINDOWS_10) else { return };
    let (inside, report) = scan_bytes("Windows/System32/config/SOFTWARE", &bytes);
    assert_eq!(inside.not_scanned(&report), Vec::<String>::new());
    let place = "Windows/System32/config/SOFTWARE";
    let expected = [
        format!("{place} Flow Service 2.7.1"),
        format!("{place} Höhe ?"),
        format!("{place} Windows 10 IoT Enterprise LTSC 2021 21H2 10.0.19044.4046"),
    ];
    assert_eq!(inside.found(&report), expected);
    let [program, _, system] = &report.found[..] else { panic!() };
    assert_eq!(program.namespace.as_deref(), Some("Orbis Medical"));
    assert!(!program.is_system && system.is_system);
    assert_eq!(system.confidence, Confidence::High);
    assert_eq!(system.cpes, ["cpe:2.3:o:microsoft:windows_10_21h2:10.0.19044.4046:*:*:*:*:*:*:*"]);
    assert_eq!(system.remarks, ["the registry names 1 updates as installed: KB5005112"]);
    assert!(system.evidence[0].shows.contains("EditionID \"IoTEnterpriseS\""), "{:?}", system.evidence);
    assert_survives("SOFTWARE", &bytes, bytes.len());
}

#[test]
fn a_hive_that_was_not_closed_is_read_and_said() {
    let folder = Folder::new();
    let Some(bytes) = hive(&folder, WINDOWS_10) else { return };
    let mut open = bytes.clone();
    open[4] += 1;
    sum(&mut open);
    for (bytes, says) in [
        (open, "needs its transaction logs (.LOG1, .LOG2): it was not closed"),
        (bytes[..bytes.len() - 4096].to_vec(), "it is shorter than it says"),
    ] {
        let (folder, report) = scan_bytes("SOFTWARE", &bytes);
        let said = folder.not_scanned(&report);
        assert!(said.iter().any(|it| it.contains(says)), "{said:?}");
    }
    let mut log = bytes;
    log[28] = 6;
    let (folder, report) = scan_bytes("SOFTWARE.LOG1", &log);
    assert_eq!((report.found.len(), folder.not_scanned(&report).len()), (0, 0));
}

#[test]
fn names_of_windows_are_those_of_its_build() {
    let folder = Folder::new();
    let system = |name: &str, values: &str| {
        format!(
            "[HIVE\\Microsoft]\n[HIVE\\Microsoft\\Windows NT]\n[HIVE\\Microsoft\\Windows NT\\CurrentVersion]\n\"ProductName\"=\"{name}\"\n{values}"
        )
    };
    // Microsoft, Windows release information; NVD's dictionary.
    for (name, values, shown, cpe) in [
        (
            "Windows 7 Professional",
            "\"CurrentVersion\"=\"6.1\"\n\"CurrentBuildNumber\"=\"7601\"\n\"CSDVersion\"=\"Service Pack 1\"\n",
            "Windows 7 Professional 6.1.7601",
            Some("windows_7:-:sp1"),
        ),
        (
            "Windows 10 Pro",
            "\"CurrentVersion\"=\"6.3\"\n\"CurrentBuildNumber\"=\"22631\"\n\"DisplayVersion\"=\"23H2\"\n\"UBR\"=dword:00000001\n",
            "Windows 11 Pro 23H2 10.0.22631.1",
            Some("windows_11_23h2:10.0.22631.1:*"),
        ),
        (
            "Windows Server 2008 R2 Standard",
            "\"CurrentVersion\"=\"6.1\"\n\"CurrentBuildNumber\"=\"7601\"\n\"CSDVersion\"=\"Service Pack 1\"\n",
            "Windows Server 2008 R2 Standard 6.1.7601",
            Some("windows_server_2008:r2:sp1"),
        ),
        (
            "Windows Server 2019 Standard",
            "\"InstallationType\"=\"Server Core\"\n\"CurrentBuildNumber\"=\"17763\"\n\"ReleaseId\"=\"1809\"\n",
            "Windows Server 2019 Standard 1809 10.0.17763",
            Some("windows_server_2019:10.0.17763:*"),
        ),
        (
            "Windows 10 Pro Insider Preview",
            "\"CurrentBuildNumber\"=\"20161\"\n",
            "Windows 10 Pro Insider Preview 10.0.20161",
            None,
        ),
    ] {
        let Some(bytes) = hive(&folder, &system(name, values)) else { return };
        let (inside, report) = scan_bytes("SOFTWARE", &bytes);
        assert_eq!(inside.found(&report), [format!("SOFTWARE {shown}")]);
        let cpe = cpe.map(|it| format!("cpe:2.3:o:microsoft:{it}:*:*:*:*:*:*"));
        assert_eq!(report.found[0].cpes, Vec::from_iter(cpe), "{name}");
    }
}

#[test]
fn programs_of_one_user_are_found_in_their_hive() {
    let folder = Folder::new();
    let mut text = String::new();
    let mut key = "HIVE".to_owned();
    for name in ["Software", "Microsoft", "Windows", "CurrentVersion", "Uninstall"] {
        key = format!("{key}\\{name}");
        text.push_str(&format!("[{key}]\n"));
    }
    // More than one list of keys has room for: hives of Windows have lists of lists then.
    for at in 0..600 {
        text.push_str(&format!(
            "[{key}\\{at}]\n\"DisplayName\"=\"Tool {at}\"\n\"DisplayVersion\"=\"1.{at}\"\n"
        ));
    }
    let Some(bytes) = hive(&folder, &text) else { return };
    let (inside, report) = scan_bytes("NTUSER.DAT", &bytes);
    assert_eq!(inside.not_scanned(&report), Vec::<String>::new());
    assert_eq!(report.found.len(), 600);
    assert!(inside.found(&report).contains(&"NTUSER.DAT Tool 599 1.599".to_owned()));
}
