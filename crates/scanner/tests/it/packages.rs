//! Files that say what is installed.

use crate::made::*;

#[test]
fn package_databases_are_read() {
    let status = b"Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl (3.0.11-1)\nVersion: 3.0.11-1~deb12u2\nDescription: SSL\n more\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
    let folder = Folder::new()
        .with("root/var/lib/dpkg/status", status)
        .with("root/etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n")
        .with(
            "alpine/lib/apk/db/installed",
            b"P:busybox\nV:1.36.1-r2\nA:x86_64\no:busybox\n\nP:ssl_client\nV:1.36.1-r2\no:busybox\n",
        )
        .with("alpine/etc/os-release", b"ID=alpine\nVERSION_ID=3.18.4\n");
    let report = folder.scan();
    let found = folder.found(&report);
    assert_eq!(
        found,
        [
            "alpine/etc/os-release alpine 3.18.4",
            "alpine/lib/apk/db/installed busybox 1.36.1-r2",
            "alpine/lib/apk/db/installed ssl_client 1.36.1-r2",
            "root/etc/os-release debian 12",
            "root/var/lib/dpkg/status libssl3 3.0.11-1~deb12u2",
        ]
    );
    let ssl = report.found.iter().find(|it| it.name == "libssl3").unwrap();
    assert_eq!(ssl.namespace.as_deref(), Some("debian"));
    let qualifiers = [("arch", "amd64"), ("upstream", "openssl@3.0.11-1"), ("distro", "debian-12")];
    assert_eq!(ssl.qualifiers, qualifiers.map(|(key, value)| (key, value.to_owned())));
    let client = report.found.iter().find(|it| it.name == "ssl_client").unwrap();
    assert!(client.qualifiers.contains(&("upstream", "busybox".to_owned())));
    assert!(client.qualifiers.contains(&("distro", "alpine-3.18.4".to_owned())));
}

#[test]
fn packages_that_are_half_installed_are_there() {
    let paragraph =
        |name: &str, state: &str| format!("Package: {name}\nStatus: install ok {state}\nVersion: 1.0\n\n");
    let there = ["unpacked", "half-configured", "half-installed", "triggers-awaited", "triggers-pending"];
    let status: String =
        there.iter().chain(&["not-installed", "config-files"]).map(|it| paragraph(it, it)).collect();
    let (folder, report) = scan_bytes("var/lib/dpkg/status", status.as_bytes());
    let found: Vec<&str> = report.found.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(found.len(), there.len(), "{:?}", folder.found(&report));
    assert!(there.iter().all(|it| found.contains(it)), "{found:?}");
}

#[test]
fn the_database_of_opkg_is_read() {
    let status = b"Package: busybox\nVersion: 1.36.1-1\nDepends: libc\nStatus: install user installed\nArchitecture: mips_24kc\n\nPackage: gone\nVersion: 1\nStatus: deinstall user not-installed\n";
    for place in ["usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status"] {
        let folder =
            Folder::new().with(place, status).with("etc/os-release", b"ID=openwrt\nVERSION_ID=23.05.2\n");
        let report = folder.scan();
        let found = report.found.iter().find(|it| it.name == "busybox").unwrap();
        assert_eq!((found.kind, found.version.as_deref()), ("opkg", Some("1.36.1-1")), "{place}");
        assert_eq!(report.found.len(), 2, "{:?}", folder.found(&report));
    }
}

#[test]
fn installed_packages_of_languages_are_read() {
    let folder = Folder::new()
        .with("app/node_modules/lodash/package.json", br#"{"name":"lodash","version":"4.17.20"}"#)
        .with("app/node_modules/@babel/core/package.json", br#"{"name":"@babel/core","version":"7.0.0"}"#)
        // A project's own file says what it wants, not what is there.
        .with("app/package.json", br#"{"name":"app","version":"1.0.0","dependencies":{"left-pad":"1"}}"#)
        .with(
            "site/Py_YAML.x-5.3.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: Py_YAML.x\nVersion: 5.3\n\nName: no\n",
        )
        .with("site/old.egg-info/PKG-INFO", b"Name: old\nVersion: 0.1\n");
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        [
            "app/node_modules/@babel/core/package.json core 7.0.0",
            "app/node_modules/lodash/package.json lodash 4.17.20",
            "site/Py_YAML.x-5.3.dist-info/METADATA py-yaml-x 5.3",
            "site/old.egg-info/PKG-INFO old 0.1",
        ]
    );
    assert_eq!(report.found[0].namespace.as_deref(), Some("@babel"));
}

#[test]
fn archives_of_java_are_known_by_pom_properties_else_by_their_manifest() {
    let pom = b"#Generated\ngroupId=commons-io\nartifactId=commons-io\nversion=2.11.0\n";
    let manifest = b"Manifest-Version: 1.0\r\nImplementation-Title: Some Thing\r\nImplementation-Version: 3.\r\n 2.1\r\n\r\nName: x/\r\nImplementation-Version: 9\r\n";
    let folder = Folder::new()
        .with(
            "commons-io.jar",
            &zip(&[
                ("META-INF/MANIFEST.MF", manifest),
                ("META-INF/maven/commons-io/commons-io/pom.properties", pom),
            ]),
        )
        .with("some-thing-3.2.1.jar", &zip(&[("META-INF/MANIFEST.MF", manifest)]))
        .with("plain-1.0.jar", &zip(&[("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n")]));
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        [
            "commons-io.jar commons-io 2.11.0",
            "plain-1.0.jar plain 1.0",
            "some-thing-3.2.1.jar some-thing 3.2.1"
        ]
    );
    assert_eq!(report.found[0].namespace.as_deref(), Some("commons-io"));
}

#[test]
fn archives_of_java_are_known_by_their_name_where_nothing_is_said_in_them() {
    let manifest = |text: &str| format!("Manifest-Version: 1.0\r\n{text}\r\n");
    let unfilled =
        manifest("Implementation-Title: ${project.name}\r\nImplementation-Version: ${version}\r\n");
    let empty = manifest("");
    let empty = [("META-INF/MANIFEST.MF", empty.as_bytes())];
    let folder = Folder::new()
        .with("commons-lang-2.6.jar", &zip(&[("a.txt", b"a")]))
        .with("log4j-1.2-api-2.14.1.jar", &zip(&empty))
        .with("hibernate-jpa-2.1-api-1.0.0.Final.jar", &zip(&empty))
        .with("guava-31.1-jre.jar", &zip(&[("META-INF/MANIFEST.MF", unfilled.as_bytes())]))
        .with("thing-1.0-beta-2.jar", &zip(&empty))
        .with("own.jar", &zip(&empty))
        .with("nothing.jar", &zip(&[("a.txt", b"a")]))
        .with("signed.apk", &zip(&empty));
    assert_eq!(
        folder.found(&folder.scan()),
        [
            "commons-lang-2.6.jar commons-lang 2.6",
            "guava-31.1-jre.jar guava 31.1-jre",
            "hibernate-jpa-2.1-api-1.0.0.Final.jar hibernate-jpa-2.1-api 1.0.0.Final",
            "log4j-1.2-api-2.14.1.jar log4j-1.2-api 2.14.1",
            "own.jar own ?",
            "thing-1.0-beta-2.jar thing 1.0-beta-2",
        ]
    );
}

#[test]
fn a_library_that_is_packed_into_an_archive_does_not_hide_the_archive() {
    let manifest = b"Manifest-Version: 1.0\r\nBundle-SymbolicName: com.example.xstream;singleton:=true\r\n";
    let guava = b"groupId=com.google.guava\nartifactId=guava\nversion=20.0\n";
    let pom = "META-INF/maven/com.google.guava/guava/pom.properties";
    let jar = zip(&[("META-INF/MANIFEST.MF", manifest), (pom, guava)]);
    let own = b"Manifest-Version: 1.0\r\nBundle-SymbolicName: com.google.guava\r\nBundle-Version: 20.0\r\n";
    let folder = Folder::new()
        .with("a/xstream-1.4.10.jar", &jar)
        .with("b/renamed.jar", &zip(&[("META-INF/MANIFEST.MF", own), (pom, guava)]));
    assert_eq!(
        folder.found(&folder.scan()),
        [
            "a/xstream-1.4.10.jar guava 20.0",
            "a/xstream-1.4.10.jar xstream 1.4.10",
            "b/renamed.jar guava 20.0",
        ]
    );
}

#[test]
fn pom_xml_is_read_where_there_is_nothing_beside_it() {
    let pom = b"<?xml version=\"1.0\"?>\n<!-- <version>0</version> -->\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>1.2.3</version></parent>\n<artifactId>pump</artifactId>\n<dependencies><dependency><groupId>x</groupId><version>9</version></dependency></dependencies>\n</project>";
    let properties = b"groupId=org.example\nartifactId=valve\nversion=2.0\n";
    let jar = zip(&[
        ("META-INF/maven/org.example/pump/pom.xml", pom),
        ("META-INF/maven/org.example/valve/pom.xml", pom),
        ("META-INF/maven/org.example/valve/pom.properties", properties),
    ]);
    let folder = Folder::new().with("pump.jar", &jar).with("src/pom.xml", pom);
    let report = folder.scan();
    assert_eq!(folder.found(&report), ["pump.jar pump 1.2.3", "pump.jar valve 2.0"]);
    assert_eq!(report.found[0].namespace.as_deref(), Some("org.example"));
    assert_eq!(report.found[0].evidence[0].shows, "pom.xml says 1.2.3");
}

#[test]
fn an_rpm_and_a_debian_package_name_themselves() {
    let control = b"Package: pump\nVersion: 2.1-3\nArchitecture: armhf\nDescription: x\n";
    let deb = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(&tar(&[("./control", control)])))]);
    let folder =
        Folder::new().with("pump.deb", &deb).with("pump.rpm", &rpm("pump", "1.0", "gzip", &gzip(&cpio(&[]))));
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        ["pump.deb!/control.tar.gz!/control.tar!/./control pump 2.1-3", "pump.rpm pump 1.0-1"]
    );
}

/// Packages of opkg are those of Debian in an archive of another kind, or of the same; their names tell.
#[test]
fn packages_of_opkg_are_not_debians() {
    let control =
        gzip(&tar(&[("./control", b"Package: pump\nVersion: 2.1-3\nArchitecture: armhf\n".as_slice())]));
    let older = gzip(&tar(&[("./debian-binary", b"2.0\n".as_slice()), ("./control.tar.gz", &control)]));
    let newer = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control)]);
    let folder = Folder::new().with("older.ipk", &older).with("newer.ipk", &newer).with("debian.deb", &newer);
    let mut kinds: Vec<_> =
        folder.scan().found.into_iter().map(|it| (folder.short(&it.place), it.kind)).collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            ("debian.deb!/control.tar.gz!/control.tar!/./control".to_owned(), "deb"),
            ("newer.ipk!/control.tar.gz!/control.tar!/./control".to_owned(), "opkg"),
            ("older.ipk!/older.ipk (expanded)!/./control.tar.gz!/control.tar!/./control".to_owned(), "opkg"),
        ]
    );
}

#[test]
fn packed_sources_and_environments_say_what_they_are() {
    let metadata = b"Metadata-Version: 1.1\nName: pump\nVersion: 1.0\n";
    let package = br#"{"name":"lodash","version":"4.17.20"}"#;
    let folder = Folder::new()
        .with("a/lib/python3/pump-1.0-py3.egg-info", metadata)
        .with("b/pump-1.0.tar.gz", &gzip(&tar(&[("pump-1.0/PKG-INFO", metadata)])))
        .with("c/lodash-4.17.20.tgz", &gzip(&tar(&[("lodash/package.json", package)])))
        .with("d/project.tar.gz", &gzip(&tar(&[("project-1.0/package.json", package)])))
        .with("e/conda-meta/numpy-1.21.0-py39.json", br#"{"name":"numpy","version":"1.21.0","build":"py39"}"#)
        .with("f/windows.zip", &zip(&[("app\\node_modules\\lodash\\package.json", package)]))
        .with("PKG-INFO", metadata);
    assert_eq!(
        folder.found(&folder.scan()),
        [
            "a/lib/python3/pump-1.0-py3.egg-info pump 1.0",
            "b/pump-1.0.tar.gz!/pump-1.0.tar!/pump-1.0/PKG-INFO pump 1.0",
            "c/lodash-4.17.20.tgz!/lodash-4.17.20.tar!/lodash/package.json lodash 4.17.20",
            "e/conda-meta/numpy-1.21.0-py39.json numpy 1.21.0",
            "f/windows.zip!/app/node_modules/lodash/package.json lodash 4.17.20",
        ]
    );
}

#[test]
fn java_runtimes_say_which_they_are() {
    let release = |text: &str| [text, "\nOS_NAME=\"Linux\"\n"].concat().into_bytes();
    let folder = Folder::new()
        .with(
            "a/jdk-11.0.12/release",
            &release("IMPLEMENTOR=\"Oracle Corporation\"\nJAVA_VERSION=\"11.0.12\""),
        )
        .with("b/openjdk/release", &release("IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"1.8.0_292\""))
        .with("c/java-pump/release", b"1.0\n");
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        ["a/jdk-11.0.12/release jdk 11.0.12", "b/openjdk/release openjdk 1.8.0_292"]
    );
    let cpes: Vec<&str> = report.found.iter().flat_map(|it| &it.cpes).map(String::as_str).collect();
    assert_eq!(
        cpes,
        [
            "cpe:2.3:a:oracle:jdk:11.0.12:*:*:*:*:*:*:*",
            "cpe:2.3:a:oracle:openjdk:1.8.0:update292:*:*:*:*:*:*",
            "cpe:2.3:a:oracle:openjdk:8:update292:*:*:*:*:*:*"
        ]
    );
}

#[test]
fn inventories_are_said_and_do_not_make_the_answer_incomplete() {
    let folder = Folder::new()
        .with("pump.cdx.json", br#"{"bomFormat":"CycloneDX"}"#)
        .with("opt/.spdx-nginx.spdx", b"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\n")
        .with("web/bom.json", br#"{"materials":[]}"#);
    let report = folder.scan();
    assert_eq!(report.found, []);
    let said = folder.not_scanned(&report);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|it| it.contains("it is an inventory (SBOM)")), "{said:?}");
    assert!(report.not_scanned.iter().all(|it| !it.reason.is_gap()));
}
