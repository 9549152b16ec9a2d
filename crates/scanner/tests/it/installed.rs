//! Databases of rpm, packages of Ruby, PHP and .NET, lock files.

use std::fs;

use bedrail_scanner::report::Confidence;

use crate::made::*;
use crate::tools::*;

#[test]
fn rpm_databases_of_real_rpm_are_read() {
    let folder = Folder::new();
    let path = folder.0.path();
    for (name, version) in [("pump-driver", "2.1"), ("openssl-libs", "3.0.7")] {
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: 4.el9\nSummary: x\nLicense: MIT\nVendor: Rocky Enterprise\nBuildArch: noarch\n%description\n{}\n%files\n",
            "a text that takes more than a page of the database ".repeat(300)
        );
        fs::write(path.join("a.spec"), spec).unwrap();
        let top = format!("_topdir {}", path.display());
        let Some(()) = run(path, "rpmbuild", &["-bb", "--quiet", "--define", &top, "a.spec"]) else { return };
    }
    let database = path.join("var/lib/rpm");
    fs::create_dir_all(&database).unwrap();
    let database = database.display().to_string();
    for package in
        ["RPMS/noarch/pump-driver-2.1-4.el9.noarch.rpm", "RPMS/noarch/openssl-libs-3.0.7-4.el9.noarch.rpm"]
    {
        let arguments = ["--dbpath", &database, "-i", "--justdb", "--nodeps", "--force-debian", package];
        run(path, "rpm", &arguments).unwrap();
    }
    let image = "var/lib/rpm/rpmdb.sqlite";
    let report = scan_image(&folder, image);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    assert_eq!(
        folder.found(&report),
        [format!("{image} openssl-libs 3.0.7-4.el9"), format!("{image} pump-driver 2.1-4.el9")]
    );
    assert_eq!(report.found[0].namespace.as_deref(), Some("rocky"));
    assert_eq!(report.found[0].confidence, Confidence::High);
    assert_database_survives("rpmdb.sqlite", &fs::read(path.join(image)).unwrap());
}

/// For `make fuzz`: its first byte names the reader.
fn keep_seed(path: &str, bytes: &[u8]) {
    if let Some(number) = bedrail_scanner::targets::installed_number(path) {
        crate::fuzzed::seed(Some("installed"), path, &[&[number], bytes].concat());
    }
}

/// The database cut off and changed at many places: every time there is an answer that says so, or all that was in it.
fn assert_database_survives(file: &str, bytes: &[u8]) {
    keep_seed(&format!("var/lib/rpm/{file}"), bytes);
    let folder = Folder::new();
    let put = |name: String, bytes: &[u8]| {
        let path = folder.0.path().join(name).join("var/lib/rpm");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(file), bytes).unwrap();
    };
    let step = (bytes.len().min(40_000) / 400).max(1);
    for at in (0..bytes.len().min(40_000)).step_by(step) {
        let mut changed = bytes.to_vec();
        changed[at] ^= 0xff;
        put(format!("changed-{at}"), &changed);
    }
    for cut in (1..bytes.len()).step_by((bytes.len() / 50).max(1)) {
        put(format!("cut-{cut}"), &bytes[..cut]);
    }
    let report = folder.scan();
    assert!(folder.not_scanned(&report).iter().all(|it| !it.contains("scanner broke")), "{file}");
    let is_told = |cut: &str| report.not_scanned.iter().any(|it| it.place.name().contains(cut));
    let is_whole = |cut: &str| report.found.iter().any(|it| it.place.name().contains(cut));
    for cut in (1..bytes.len()).step_by((bytes.len() / 50).max(1)) {
        let cut = format!("/cut-{cut}/");
        assert!(is_told(&cut) || is_whole(&cut), "{file} {cut}");
    }
}

/// A header of an rpm package as databases have it.
fn rpm_header(name: &str, version: &str) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, text) in [(1000_u32, name), (1001, version), (1002, "1"), (1022, "x86_64")] {
        for word in [tag, 6, u32::try_from(data.len()).unwrap(), 1] {
            index.extend(word.to_be_bytes());
        }
        data.extend(text.bytes().chain([0]));
    }
    [&4_u32.to_be_bytes()[..], &u32::try_from(data.len()).unwrap().to_be_bytes(), &index, &data].concat()
}

/// A hash database of Berkeley DB with one package whose header lies in two pages.
fn berkeley(header: &[u8]) -> Vec<u8> {
    const PAGE: usize = 512;
    let mut pages = vec![0; PAGE * 4];
    pages[12..16].copy_from_slice(&0x0006_1561_u32.to_le_bytes());
    pages[20..24].copy_from_slice(&512_u32.to_le_bytes());
    pages[32..36].copy_from_slice(&3_u32.to_le_bytes());
    let page = |pages: &mut Vec<u8>, number: usize, next: u32, count: u16, offset: u16, kind: u8| {
        let at = number * PAGE;
        pages[at + 16..at + 20].copy_from_slice(&next.to_le_bytes());
        pages[at + 20..at + 22].copy_from_slice(&count.to_le_bytes());
        pages[at + 22..at + 24].copy_from_slice(&offset.to_le_bytes());
        pages[at + 25] = kind;
    };
    page(&mut pages, 1, 0, 2, 400, 2);
    pages[PAGE + 26..PAGE + 30].copy_from_slice(&[0xf0, 1, 0xe0, 1]);
    pages[PAGE + 0x1f0] = 1; // the key
    pages[PAGE + 0x1e0] = 3; // a value in other pages
    pages[PAGE + 0x1e4] = 2;
    pages[PAGE + 0x1e8..PAGE + 0x1ec].copy_from_slice(&u32::try_from(header.len()).unwrap().to_le_bytes());
    let (first, second) = header.split_at(60);
    page(&mut pages, 2, 3, 1, 60, 7);
    page(&mut pages, 3, 0, 1, u16::try_from(second.len()).unwrap(), 7);
    pages[2 * PAGE + 26..2 * PAGE + 86].copy_from_slice(first);
    pages[3 * PAGE + 26..3 * PAGE + 26 + second.len()].copy_from_slice(second);
    pages
}

#[test]
fn the_older_rpm_database_is_read() {
    let bytes = berkeley(&rpm_header("bash", "4.2.46"));
    let folder = Folder::new().with("var/lib/rpm/Packages", &bytes);
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        ["var/lib/rpm/Packages bash 4.2.46-1"],
        "{:?}",
        folder.not_scanned(&report)
    );
    assert_database_survives("Packages", &bytes);
}

#[test]
fn the_database_of_suse_is_read() {
    let header = rpm_header("zypper", "1.14");
    let word = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    // A page of slots, of which the second is used; the blob begins with block 256 of sixteen bytes.
    let mut bytes = [&b"RpmP"[..], &word(0), &word(1), &word(1), &[0; 16]].concat();
    bytes.extend([&b"Slot"[..], &word(0), &word(0), &word(0)].concat());
    bytes.extend([&b"Slot"[..], &word(7), &word(256), &word(20)].concat());
    bytes.resize(4096, 0);
    bytes.extend([&b"BlbS"[..], &word(7), &word(1), &word(header.len()), &header].concat());
    let folder = Folder::new().with("usr/lib/sysimage/rpm/Packages.db", &bytes);
    let report = folder.scan();
    let expected = ["usr/lib/sysimage/rpm/Packages.db zypper 1.14-1"];
    assert_eq!(folder.found(&report), expected, "{:?}", folder.not_scanned(&report));
    assert_database_survives("Packages.db", &bytes);
}

#[test]
fn a_database_that_cannot_be_read_is_not_clean() {
    let folder =
        Folder::new().with("var/lib/rpm/rpmdb.sqlite", &noise(5000)).with("var/lib/rpm/Packages.db", b"RpmP");
    let report = folder.scan();
    assert_eq!(report.not_scanned.len(), 2, "{:?}", folder.not_scanned(&report));
}

#[test]
fn packages_of_ruby_php_and_net_are_read() {
    let gem = b"Gem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"2.2.3\"\nend\n";
    let composer = br#"{"packages":[{"name":"symfony/console","version":"v5.4.0"},{"name":"monolog/monolog","version":"2.3.5"}],"dev":true}"#;
    let deps =
        br#"{"libraries":{"pump/1.0.0":{"type":"project"},"Newtonsoft.Json/12.0.1":{"type":"package"}}}"#;
    let nuspec = b"<?xml version=\"1.0\"?><package><metadata minClientVersion=\"2\"><id>log4net</id><version>2.0.8</version></metadata></package>";
    let folder = Folder::new()
        .with("usr/lib/ruby/gems/3.0/specifications/rack-2.2.3.gemspec", gem)
        .with("src/rack.gemspec", gem)
        .with("www/vendor/composer/installed.json", composer)
        .with("app/pump.deps.json", deps)
        .with("log4net.2.0.8.nupkg", &zip(&[("log4net.nuspec", nuspec)]));
    let report = folder.scan();
    assert_eq!(
        folder.found(&report),
        [
            "app/pump.deps.json Newtonsoft.Json 12.0.1",
            "log4net.2.0.8.nupkg!/log4net.nuspec log4net 2.0.8",
            "usr/lib/ruby/gems/3.0/specifications/rack-2.2.3.gemspec rack 2.2.3",
            "www/vendor/composer/installed.json console 5.4.0",
            "www/vendor/composer/installed.json monolog 2.3.5",
        ]
    );
}

/// A file, its text, and what it names.
const LOCK_FILES: &[(&str, &str, &[&str])] = &[
    (
        "package-lock.json",
        r#"{"lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0"},"node_modules/@babel/core":{"version":"7.1.2"},"node_modules/a/node_modules/b":{"version":"2.0.0"},"node_modules/local":{"link":true}}}"#,
        &["npm - b 2.0.0", "npm @babel core 7.1.2"],
    ),
    (
        "npm-shrinkwrap.json",
        r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}},"git":{"version":"github:x/y"}}}"#,
        &["npm - a 1.0.0", "npm - b 2.0.0"],
    ),
    (
        "yarn.lock",
        "# yarn lockfile v1\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1.0\":\n  version \"7.1.2\"\n  dependencies:\n    lodash \"^4\"\n\nlodash@^4:\n  version \"4.17.20\"\n",
        &["npm - lodash 4.17.20", "npm @babel core 7.1.2"],
    ),
    (
        "berry/yarn.lock",
        "__metadata:\n  version: 6\n\n\"alias@npm:lodash@^4\":\n  version: 4.17.20\n  resolution: \"lodash@npm:4.17.20\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n",
        &["npm - lodash 4.17.20"],
    ),
    (
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n\npackages:\n\n  '@babel/core@7.1.2':\n    resolution: {integrity: x}\n\n  /lodash/4.17.20:\n    dev: false\n  /a@1.0.0(b@2.0.0):\n    dev: false\n\nsnapshots:\n\n  c@3.0.0:\n",
        &["npm - a 1.0.0", "npm - lodash 4.17.20", "npm @babel core 7.1.2"],
    ),
    (
        "poetry.lock",
        "[[package]]\nname = \"Py_YAML\"\nversion = \"5.3\"\n\n[package.dependencies]\nname = \"no\"\n\n[[package]]\nname = \"six\"\nversion = \"1.15.0\"\n",
        &["pypi - py-yaml 5.3", "pypi - six 1.15.0"],
    ),
    (
        "Pipfile.lock",
        r#"{"default":{"Django":{"version":"==2.2.1"}},"develop":{}}"#,
        &["pypi - django 2.2.1"],
    ),
    (
        "requirements.txt",
        "django==2.2.1 ; python_version > '3'\nflask>=1\nrequests[security] == 2.25.0 --hash=x\nsix==1.*\n# old==1.0\n",
        &["pypi - django 2.2.1", "pypi - requests 2.25.0"],
    ),
    (
        "Cargo.lock",
        "version = 3\n\n[[package]]\nname = \"pump\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"rustls\"\nversion = \"0.21.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
        &["cargo - rustls 0.21.0"],
    ),
    (
        "go.mod",
        "module example.com/pump\n\ngo 1.20\n\nrequire github.com/a/b v1.2.3 // indirect\n\nrequire (\n\tgolang.org/x/net v0.1.0\n)\n\nreplace golang.org/x/net => golang.org/x/net v0.2.0\n",
        &["golang github.com/a b v1.2.3", "golang golang.org/x net v0.2.0"],
    ),
    (
        "Gemfile.lock",
        "GEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.13.1-x86_64-linux)\n      racc (~> 1.4)\n    rack (2.2.3)\n\nDEPENDENCIES\n  rack\n",
        &["gem - nokogiri 1.13.1", "gem - rack 2.2.3"],
    ),
    (
        "composer.lock",
        r#"{"packages":[{"name":"symfony/console","version":"v5.4.0"}],"packages-dev":[{"name":"a/b","version":"dev-main"}]}"#,
        &["composer symfony console 5.4.0"],
    ),
    (
        "packages.lock.json",
        r#"{"version":1,"dependencies":{"net6.0":{"log4net":{"type":"Direct","resolved":"2.0.8"},"app":{"type":"Project"}}}}"#,
        &["nuget - log4net 2.0.8"],
    ),
    (
        "gradle.lockfile",
        "# written by Gradle\norg.apache.logging.log4j:log4j-core:2.14.1=runtimeClasspath\nempty=annotationProcessor\n",
        &["maven org.apache.logging.log4j log4j-core 2.14.1"],
    ),
];

#[test]
fn lock_files_name_what_was_to_be_installed() {
    for (file, text, expected) in LOCK_FILES {
        let folder = Folder::new().with(file, text.as_bytes());
        let report = folder.scan();
        let line = |it: &bedrail_scanner::report::Found| {
            format!(
                "{} {} {} {}",
                it.kind,
                it.namespace.as_deref().unwrap_or("-"),
                it.name,
                it.version.as_deref().unwrap()
            )
        };
        let mut found: Vec<String> = report.found.iter().map(line).collect();
        found.sort();
        assert_eq!(found, *expected, "{file}");
        for found in &report.found {
            assert_eq!(found.confidence, Confidence::Low, "{file}");
            assert!(found.evidence[0].shows.starts_with("named by the lock file"), "{file}");
        }
        // Cut off and changed anywhere they end in an answer.
        assert_survives_as(file, text.as_bytes());
    }
}

fn assert_survives_as(file: &str, bytes: &[u8]) {
    keep_seed(file, bytes);
    let mut random = Random(1);
    let mut folder = Folder::new();
    for at in 0..60 {
        let mut changed = bytes[..(random.next() % bytes.len() as u64) as usize].to_vec();
        for _ in 0..3 {
            if !changed.is_empty() {
                let place = (random.next() % changed.len() as u64) as usize;
                changed[place] = random.next() as u8;
            }
        }
        folder = folder.with(&format!("{at}/{file}"), &changed);
    }
    let said = folder.not_scanned(&folder.scan());
    assert!(said.iter().all(|it| !it.contains("scanner broke")), "{file}: {said:?}");
}
