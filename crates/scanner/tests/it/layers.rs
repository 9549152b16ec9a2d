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
