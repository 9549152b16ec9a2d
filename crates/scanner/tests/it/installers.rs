//! Installers for Windows, and images for flash that are made of others.

use std::fs;

use crate::disks::pe;
use crate::made::*;
use crate::tools::*;

const PACKAGE: &str = r#"<?xml version="1.0"?><Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Name="Flow Service" Id="*" UpgradeCode="12345678-1234-1234-1234-111111111111" Language="1033" Version="2.7.1" Manufacturer="Orbis Medical">
<Package Id="*" InstallerVersion="200" Compressed="yes"/>
<Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Component Id="c" Guid="12345678-1234-1234-1234-222222222222">
<File Id="f" Name="x.jar" Source="x.jar" KeyPath="yes"/></Component></Directory>
<Feature Id="F" Level="1"><ComponentRef Id="c"/></Feature></Product></Wix>
"#;

#[test]
fn packages_of_windows_installer_are_opened() {
    let folder = Folder::new();
    let path = folder.0.path();
    // Larger than what lies in small sectors, which the other streams do.
    let large = zip(&[("filler.bin", &noise(9000)), ("x.jar", &jar())]);
    for (size, bytes) in [("small", jar()), ("large", large)] {
        fs::write(path.join("x.jar"), bytes).unwrap();
        fs::write(path.join("a.wxs"), PACKAGE).unwrap();
        let Some(()) = run(path, "wixl", &["-o", "a.msi", "a.wxs"]) else { return };
        let report = scan_image(&folder, "a.msi");
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{size}");
        let inside = if size == "small" { "" } else { "!/x.jar" };
        assert_eq!(
            folder.found(&report),
            ["a.msi Flow Service 2.7.1".to_owned(), format!("a.msi!/a.cab!/f{inside} log4j-core 2.1")]
        );
        assert_eq!(report.found[0].namespace.as_deref(), Some("Orbis Medical"));
        let bytes = fs::read(path.join("a.msi")).unwrap();
        assert_survives(&format!("{size}.msi"), &bytes, 4096);
        assert_survives(&format!("{size}-all.msi"), &bytes, bytes.len());
    }
}

#[test]
fn a_compound_file_that_leads_in_circles_has_an_end() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::write(path.join("x.jar"), jar()).unwrap();
    fs::write(path.join("a.wxs"), PACKAGE).unwrap();
    let Some(()) = run(path, "wixl", &["-o", "a.msi", "a.wxs"]) else { return };
    let whole = fs::read(path.join("a.msi")).unwrap();
    // Every entry of the first sector of the table leads to itself.
    let table = (u32::from_le_bytes(whole[76..80].try_into().unwrap()) as usize + 1) * 512;
    let mut circle = whole.clone();
    for at in 0..128_u32 {
        let place = table + at as usize * 4;
        circle[place..place + 4].copy_from_slice(&at.to_le_bytes());
    }
    let (folder, report) = scan_bytes("a.msi", &circle);
    let said = folder.not_scanned(&report);
    assert!(said[0].contains("a chain of sectors has no end"), "{said:?}");
    // The list of the table's own sectors leads to itself.
    let mut list = whole;
    list[68..72].copy_from_slice(&0_u32.to_le_bytes());
    list.resize(1 << 20, 0);
    let (folder, report) = scan_bytes("a.msi", &list);
    assert!(!folder.not_scanned(&report).is_empty());
}

#[test]
fn installers_of_other_kinds_are_said() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::write(path.join("x.jar"), jar()).unwrap();
    let script = "Name \"Flow Setup\"\nOutFile \"setup.exe\"\nVIProductVersion \"1.2.3.4\"\nVIAddVersionKey ProductName \"Flow Setup\"\nVIAddVersionKey ProductVersion \"1.2.3\"\nVIAddVersionKey FileVersion \"1.2.3.4\"\nVIAddVersionKey LegalCopyright \"x\"\nVIAddVersionKey FileDescription \"x\"\nSection\nSetOutPath $TEMP\nFile x.jar\nSectionEnd\n";
    fs::write(path.join("a.nsi"), script).unwrap();
    if run(path, "makensis", &["-V1", "a.nsi"]).is_some() {
        let report = scan_image(&folder, "setup.exe");
        let found = folder.found(&report);
        assert!(found.contains(&"setup.exe Flow Setup 1.2.3".to_owned()), "{found:?}");
        assert_eq!(
            folder.not_scanned(&report),
            ["setup.exe: the payload of an NSIS installer is not opened by this program"]
        );
    }
    for (at, mark, says) in [
        (600, &b"rDlPtS\xcd\xe6\xd7{\x0b*"[..], "Inno Setup"),
        (1024, b"InstallShield\0", "InstallShield"),
        (1030, b"ISSetupStream\0", "InstallShield"),
    ] {
        let mut program = pe();
        program.resize(2048, 0);
        program[at..at + mark.len()].copy_from_slice(mark);
        let (folder, report) = scan_bytes("setup.exe", &program);
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains(&format!("payload of an {says} installer")), "{said:?}");
    }
}

#[test]
fn cramfs_is_read() {
    let folder = Folder::new();
    root(&folder);
    let Some(()) = run(folder.0.path(), "mkfs.cramfs", &["root", "a.cramfs"]) else { return };
    assert_root(&folder, "a.cramfs", "");
    let image = fs::read(folder.0.path().join("a.cramfs")).unwrap();
    assert_survives("cramfs", &image, 16 << 10);
    // In firmware of no known kind.
    let (inside, report) = scan_bytes("flash.bin", &[&noise(5000)[..], &image].concat());
    assert_eq!(cores(&inside, &report).len(), 2, "{:?}", inside.not_scanned(&report));
    for (at, value, says) in [(9, 0x08, "blocks that are not packed"), (0, 0x28, "big-endian machine")] {
        let mut other = image.clone();
        other[at] = value;
        if at == 0 {
            other[..4].copy_from_slice(b"\x28\xcd\x3d\x45");
        }
        let (folder, report) = scan_bytes("other.cramfs", &other);
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
    }
}

#[test]
fn volumes_of_ubi_are_gone_into_whatever_file_system_they_hold() {
    let folder = Folder::new();
    let path = folder.0.path();
    root(&folder);
    let squashed = run(path, "mksquashfs", &["root", "root.sqsh", "-no-progress", "-quiet"]);
    let ubifs = ["-r", "root", "-m", "2048", "-e", "126976", "-c", "200", "-o", "data.ubifs"];
    if squashed.and_then(|()| run(path, "mkfs.ubifs", &ubifs)).is_none() {
        return;
    }
    let volumes = "[a]\nmode=ubi\nimage=root.sqsh\nvol_id=0\nvol_type=static\nvol_name=rootfs\n[b]\nmode=ubi\nimage=data.ubifs\nvol_id=3\nvol_type=dynamic\nvol_name=data\nvol_size=24MiB\n";
    fs::write(path.join("a.ini"), volumes).unwrap();
    run(path, "ubinize", &["-o", "a.ubi", "-m", "2048", "-p", "128KiB", "a.ini"]).unwrap();
    let report = scan_image(&folder, "a.ubi");
    assert_eq!(
        cores(&folder, &report),
        ["data", "rootfs"].map(|volume| [LONG, "srv/large.zip!/inner/second.jar"].map(|it| format!("a.ubi!/{volume}!/{it}"))).concat()
    );
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    // The blocks in another order, and one of them damaged.
    let image = fs::read(path.join("a.ubi")).unwrap();
    let (tables, blocks) = image.split_at(2 * (128 << 10));
    let turned: Vec<u8> = blocks.chunks(128 << 10).rev().flatten().copied().collect();
    fs::write(path.join("turned.ubi"), [tables, &turned].concat()).unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "turned.ubi")).len(), 4);
    let mut torn = image.clone();
    torn[2 * (128 << 10)] = 0;
    torn[2 * (128 << 10) + 2048] = 0;
    let (folder, report) = scan_bytes("torn.ubi", &torn);
    let said = folder.not_scanned(&report);
    assert!(said.iter().any(|it| it.contains("1 of its blocks are no blocks of UBI")), "{said:?}");
    assert_survives("ubi", &image[..512 << 10], 8192);
}
