//! Container images: what later layers hide is not in what runs.

use crate::made::*;

const LOWER: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const MIDDLE: &str = "2222222222222222222222222222222222222222222222222222222222222222";
const UPPER: &str = "3333333333333333333333333333333333333333333333333333333333333333";
const MANIFEST: &str = "4444444444444444444444444444444444444444444444444444444444444444";

fn status(version: &str) -> Vec<u8> {
    format!("Package: libssl3\nStatus: install ok installed\nVersion: {version}\n\nPackage: tar\nStatus: install ok installed\nVersion: 1.34\n").into_bytes()
}

/// Three layers: files, whiteouts of a file, of a folder and of everything in a folder, and a package that was renewed.
fn layers() -> [Vec<u8>; 3] {
    let jar = jar();
    let (old, new) = (status("3.0.1"), status("3.0.2"));
    let lower = [
        ("./app/kept.jar", jar.as_slice()),
        ("./app/removed.jar", &jar),
        ("./app/replaced.jar", &jar),
        ("./gone/deep/a.jar", &jar),
        ("./opaque/b.jar", &jar),
        ("./var/lib/dpkg/status", &old),
    ];
    let middle = [
        ("app/.wh.removed.jar", &b""[..]),
        (".wh.gone", b""),
        ("opaque/.wh..wh..opq", b""),
        ("opaque/new.jar", &jar),
    ];
    let upper = [("app/replaced.jar", &b"no jar any more"[..]), ("var/lib/dpkg/status", &new)];
    [tar(&lower), tar(&middle), tar(&upper)]
}

fn oci(layers: &[&str]) -> Vec<u8> {
    let layers: Vec<String> = layers.iter().map(|it| format!(r#"{{"digest":"sha256:{it}"}}"#)).collect();
    format!(r#"{{"schemaVersion":2,"layers":[{}]}}"#, layers.join(",")).into_bytes()
}

fn blob(digest: &str) -> String {
    format!("blobs/sha256/{digest}")
}

fn assert_view(folder: &Folder, report: &bedrail_scanner::report::Report) {
    let last = |it: &bedrail_scanner::report::Found| {
        format!("{} {}", it.place.name(), it.version.as_deref().unwrap_or("?"))
    };
    let mut found: Vec<String> = report.found.iter().map(last).collect();
    found.sort();
    assert_eq!(
        found,
        ["./app/kept.jar 2.1", "opaque/new.jar 2.1", "var/lib/dpkg/status 1.34", "var/lib/dpkg/status 3.0.2"]
    );
    let mut hidden: Vec<String> = report.hidden.iter().map(last).collect();
    hidden.sort();
    // `tar` is in the later layer as it was; the jars are hidden as copies of one that is still there.
    assert_eq!(hidden, ["./var/lib/dpkg/status 3.0.1"]);
    assert_eq!(folder.not_scanned(report), Vec::<String>::new());
}

#[test]
fn an_oci_layout_shows_what_runs_from_it() {
    let [lower, middle, upper] = layers();
    let folder = Folder::new()
        .with(&format!("image/{}", blob(LOWER)), &gzip(&lower))
        .with(&format!("image/{}", blob(MIDDLE)), &zstd(&middle))
        .with(&format!("image/{}", blob(UPPER)), &upper)
        .with(&format!("image/{}", blob(MANIFEST)), &oci(&[LOWER, MIDDLE, UPPER]));
    assert_view(&folder, &folder.scan());
    // The same in an archive, the manifest first and last.
    let manifest = oci(&[LOWER, MIDDLE, UPPER]);
    let (lower, names) = (gzip(&lower), [LOWER, MIDDLE, UPPER, MANIFEST].map(blob));
    let mut entries = vec![
        (names[0].as_str(), lower.as_slice()),
        (&names[1], &middle),
        (&names[2], &upper),
        (&names[3], &manifest),
    ];
    for _ in 0..2 {
        let (folder, report) = scan_bytes("image.tar", &tar(&entries));
        assert_view(&folder, &report);
        entries.reverse();
    }
}

#[test]
fn what_docker_saves_shows_what_runs_from_it() {
    let [lower, middle, upper] = layers();
    let manifest = br#"[{"Config":"c.json","RepoTags":["pump:1"],"Layers":["aa/layer.tar","bb/layer.tar","cc/layer.tar"]}]"#;
    let archive = tar(&[
        ("aa/layer.tar", &lower),
        ("bb/layer.tar", &middle),
        ("cc/layer.tar", &upper),
        ("manifest.json", manifest),
    ]);
    let (folder, report) = scan_bytes("image.tar", &archive);
    assert_view(&folder, &report);
}

#[test]
fn what_one_image_hides_and_another_shows_is_there() {
    let [lower, middle, _] = layers();
    let folder = Folder::new()
        .with(&blob(LOWER), &lower)
        .with(&blob(MIDDLE), &middle)
        .with(&blob(MANIFEST), &oci(&[LOWER, MIDDLE]))
        .with(&blob(UPPER), &oci(&[LOWER]));
    let report = folder.scan();
    assert_eq!(cores(&folder, &report).len(), 6, "{:?}", folder.found(&report));
    assert_eq!(report.hidden, []);
}

#[test]
fn layers_of_no_known_image_hide_nothing() {
    let [lower, middle, _] = layers();
    let folder =
        Folder::new().with(&blob(LOWER), &lower).with(&blob(MIDDLE), &middle).with("manifest.json", b"[{}]");
    let report = folder.scan();
    assert_eq!(cores(&folder, &report).len(), 6, "{:?}", folder.found(&report));
}

#[test]
fn a_layer_that_is_absent_or_cannot_be_read_is_said() {
    let [lower, middle, _] = layers();
    let folder = Folder::new()
        .with(&format!("image/{}", blob(LOWER)), &gzip(&lower))
        .with(&format!("image/{}", blob(UPPER)), b"this is no layer")
        .with(&format!("image/{}", blob(MANIFEST)), &oci(&[LOWER, MIDDLE, UPPER]));
    let said = folder.not_scanned(&folder.scan());
    assert_eq!(said.len(), 2, "{said:?}");
    for (said, layer) in said.iter().zip([MIDDLE, UPPER]) {
        let begin = format!("image/{}: the container image needs its layer {layer}", blob(MANIFEST));
        assert!(said.starts_with(&begin), "{said}");
    }
    // The second layer is the first one once more; the fourth is not there.
    let manifest =
        br#"[{"Config":"c.json","Layers":["aa/layer.tar","bb/layer.tar","cc/layer.tar","dd/layer.tar"]}]"#;
    let archive = [
        tar(&[("aa/layer.tar", &lower)])[..512 + lower.len().next_multiple_of(512)].to_vec(),
        crate::streams::link(b'2', "bb/layer.tar", "../aa/layer.tar"),
        tar(&[("cc/layer.tar", &middle), ("manifest.json", manifest)]),
    ]
    .concat();
    let (folder, report) = scan_bytes("image.tar", &archive);
    let said = folder.not_scanned(&report);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("image.tar!/manifest.json: the container image needs its layer dd"),
        "{said:?}"
    );
}

#[test]
fn signatures_and_stores_of_registries_lack_no_layer() {
    let signature = br#"{"schemaVersion":2,"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"sha256:00"}]}"#;
    let store = format!("registry/v2/blobs/sha256/44/{MANIFEST}/data");
    let folder = Folder::new().with(&blob(MANIFEST), signature).with(&store, &oci(&[LOWER]));
    assert_eq!(folder.not_scanned(&folder.scan()), Vec::<String>::new());
    let cut = &oci(&[LOWER])[..60];
    let (folder, report) = scan_bytes(&blob(MANIFEST), cut);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("the manifest of an image is damaged"), "{said:?}");
}

/// The distribution of each package: `name distribution`.
fn distributions(found: &[bedrail_scanner::report::Found]) -> Vec<String> {
    let packages = found.iter().filter(|it| !it.is_system);
    let mut all: Vec<String> = packages
        .map(|it| {
            let distro = it.qualifiers.iter().find(|(key, _)| *key == "distro");
            format!("{} {}", it.name, distro.map_or("?", |(_, distro)| distro))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn packages_belong_to_the_system_of_their_own_image() {
    let debian =
        tar(&[("etc/os-release", b"ID=debian\nVERSION_ID=12\n"), ("var/lib/dpkg/status", &status("3.0.1"))]);
    let renewed = tar(&[("var/lib/dpkg/status", &status("3.0.2"))]);
    let alpine = tar(&[("etc/os-release", b"ID=alpine\nVERSION_ID=3.18.4\n")]);
    let apk = tar(&[("lib/apk/db/installed", b"P:busybox\nV:1.36.1-r2\n")]);
    let none = tar(&[("var/lib/dpkg/status", b"Package: alone\nStatus: install ok installed\nVersion: 1\n")]);
    let manifest = br#"[{"Layers":["ab/layer.tar","cc/layer.tar"]},{"Layers":["aa/layer.tar","bb/layer.tar"]},{"Layers":["dd/layer.tar"]}]"#;
    let archive = tar(&[
        ("aa/layer.tar", &debian),
        ("ab/layer.tar", &alpine),
        ("bb/layer.tar", &renewed),
        ("cc/layer.tar", &apk),
        ("dd/layer.tar", &none),
        ("manifest.json", manifest),
    ]);
    let (_folder, report) = scan_bytes("images.tar", &archive);
    assert_eq!(
        distributions(&report.found),
        ["alone ?", "busybox alpine-3.18.4", "libssl3 debian-12", "tar debian-12"]
    );
    // Of the lower layer only what is not in the later one any more.
    assert_eq!(distributions(&report.hidden), ["libssl3 debian-12"]);
}

#[test]
fn packages_belong_to_the_root_that_they_lie_in() {
    let folder = Folder::new()
        .with("etc/os-release", b"ID=debian\nVERSION_ID=12\n")
        .with("var/lib/dpkg/status", &status("3.0.1"))
        .with("srv/roots/pump/etc/os-release", b"ID=alpine\nVERSION_ID=3.18.4\n")
        .with("srv/roots/pump/lib/apk/db/installed", b"P:busybox\nV:1.36.1-r2\n")
        // A system without its file: Debian's is above, and it is none of Debian.
        .with("srv/roots/pump2/lib/apk/db/installed", b"P:musl\nV:1.2.4-r2\n");
    let report = folder.scan();
    assert_eq!(
        distributions(&report.found),
        ["busybox alpine-3.18.4", "libssl3 debian-12", "musl ?", "tar debian-12"]
    );
}
