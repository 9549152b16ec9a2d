//! Lock files in the forms that are seldom met.

use crate::made::*;

/// What a file names: `kind name-space name version`, sorted.
fn named(file: &str, bytes: &[u8]) -> Vec<String> {
    let (folder, report) = scan_bytes(file, bytes);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{file}");
    let line = |it: &bedrail_scanner::report::Found| {
        let (space, version) = (it.namespace.as_deref(), it.version.as_deref());
        format!("{} {} {} {}", it.kind, space.unwrap_or("-"), it.name, version.unwrap_or("?"))
    };
    let mut found: Vec<String> = report.found.iter().map(line).collect();
    found.sort();
    found
}

#[test]
fn every_form_of_pnpm_is_read() {
    let fifth = "lockfileVersion: 5.4\n\npackages:\n\n  /ts-jest/27.0.3_@babel+core@7.15.0:\n    resolution: {integrity: x}\n    dependencies:\n      name: 9.9.9\n      version: 8.8.8\n\n  /react-dom/16.4.1_react@16.8.0:\n    dev: true\n\n  /@babel/core/7.15.0:\n    dev: true\n\n  registry.example.org/is-odd/1.0.0:\n    dev: true\n\n  github.com/vuejs/vue-x/3a1b2c:\n    resolution: {tarball: https://codeload.github.com/x}\n    name: vue-x\n    version: 2.0.1\n    dev: true\n\n  file:packages/own:\n    resolution: {directory: packages/own, type: directory}\n    name: own\n    version: 1.0.0\n";
    assert_eq!(
        named("pnpm-lock.yaml", fifth.as_bytes()),
        [
            "npm - is-odd 1.0.0",
            "npm - react-dom 16.4.1",
            "npm - ts-jest 27.0.3",
            "npm - vue-x 2.0.1",
            "npm @babel core 7.15.0",
        ]
    );
    let sixth = "lockfileVersion: '6.0'\n\npackages:\n\n  ? /@angular/build@16.0.0(@angular/core@16.0.0)(typescript@5.0.4)\n  : resolution: {integrity: x}\n    dev: true\n\n  /a@1.0.0(b@2.0.0):\n    dev: false\n\n  vue@https://codeload.github.com/vuejs/vue/tar.gz/3a1b2c:\n    resolution: {tarball: https://codeload.github.com/x}\n    version: 2.7.0\n";
    assert_eq!(
        named("pnpm-lock.yaml", sixth.as_bytes()),
        ["npm - a 1.0.0", "npm - vue 2.7.0", "npm @angular build 16.0.0"]
    );
}

#[test]
fn aliases_of_npm_name_what_they_stand_for() {
    let yarn = "\"my-lodash@npm:lodash@4.17.20\":\n  version \"4.17.20\"\n\n\"core@npm:@babel/core@^7\":\n  version \"7.1.2\"\n";
    assert_eq!(named("yarn.lock", yarn.as_bytes()), ["npm - lodash 4.17.20", "npm @babel core 7.1.2"]);
    let npm = br#"{"lockfileVersion":1,"dependencies":{"my-lodash":{"version":"npm:lodash@4.17.20"},"core":{"version":"npm:@babel/core@7.1.2"}}}"#;
    assert_eq!(named("package-lock.json", npm), ["npm - lodash 4.17.20", "npm @babel core 7.1.2"]);
}

#[test]
fn replacements_of_go_hold_for_the_version_that_they_name() {
    let text = "module example.com/pump\n\nrequire(\n\texample.com/a/x v0.1.0\n\texample.com/a/y v0.2.0\n\texample.com/a/z v0.3.0\n)\nreplace example.com/a/x v0.2.0 => example.com/fork/x v0.2.1\nreplace (\n\texample.com/a/y v0.2.0 => example.com/fork/y v0.2.2\n\texample.com/a/z => ../z\n)\n";
    assert_eq!(
        named("go.mod", text.as_bytes()),
        [
            "golang example.com/a x v0.1.0",
            "golang example.com/a z v0.3.0",
            "golang example.com/fork y v0.2.2"
        ]
    );
}

#[test]
fn the_project_itself_is_no_package_of_pypi() {
    let text = "[[package]]\nname = \"pump\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n\n[[package]]\nname = \"part\"\nversion = \"0.2.0\"\nsource = { editable = \"packages/part\" }\n\n[[package]]\nname = \"six\"\nversion = \"1.15.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n";
    assert_eq!(named("uv.lock", text.as_bytes()), ["pypi - six 1.15.0"]);
}

#[test]
fn requirements_are_read_in_every_encoding() {
    let text = "django==2.2.1\r\nsix==1.15.0\r\n";
    let wide = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        [mark].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [wide(0xfeff, u16::to_le_bytes), wide(0xfeff, u16::to_be_bytes), marked] {
        assert_eq!(named("requirements.txt", &bytes), ["pypi - django 2.2.1", "pypi - six 1.15.0"]);
    }
}

#[test]
fn files_of_json_may_begin_with_a_mark_and_are_said_where_they_are_damaged() {
    let files: &[(&str, &str)] = &[
        ("package-lock.json", r#"{"packages":{"node_modules/b":{"version":"2.0.0"}}}"#),
        ("composer.lock", r#"{"packages":[{"name":"symfony/console","version":"v5.4.0"}]}"#),
        ("Pipfile.lock", r#"{"default":{"Django":{"version":"==2.2.1"}}}"#),
        ("packages.lock.json", r#"{"dependencies":{"net6.0":{"log4net":{"resolved":"2.0.8"}}}}"#),
        ("vendor/composer/installed.json", r#"[{"name":"symfony/console","version":"5.4.0"}]"#),
        ("pump.deps.json", r#"{"libraries":{"log4net/2.0.8":{"type":"package"}}}"#),
        ("node_modules/@babel/core/package.json", r#"{"name":"@babel/core","version":"7.0.0"}"#),
    ];
    for (file, text) in files {
        assert_eq!(named(file, format!("\u{feff}{text}").as_bytes()).len(), 1, "{file}");
        let (folder, report) = scan_bytes(file, &text.as_bytes()[..text.len() - 1]);
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains("is damaged or cut off"), "{file}: {said:?}");
    }
    // Packages test themselves with files that are wrong on purpose, and many things are called a manifest.
    let folder = Folder::new()
        .with("node_modules/resolve/test/malformed/package.json", b"{ \"main\"")
        .with("extension/manifest.json", b"// what it is\n{\"name\":\"x\"}");
    assert_eq!(folder.not_scanned(&folder.scan()), Vec::<String>::new());
}

#[test]
fn requirements_lie_in_files_of_other_names() {
    for file in
        ["requirements-dev.txt", "dev-requirements.txt", "requirements/prod.txt", "a/requirements/b.txt"]
    {
        assert_eq!(named(file, b"django==2.2.1\n"), ["pypi - django 2.2.1"], "{file}");
    }
    for file in ["requirements/deep/b.txt", "notes.txt", "myrequirements/b.txt"] {
        assert_eq!(named(file, b"django==2.2.1\n"), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn packages_of_old_projects_of_dotnet_and_its_runtime_are_named() {
    let config = b"<?xml version=\"1.0\"?>\n<packages>\n  <package id=\"log4net\" version=\"2.0.8\" targetFramework=\"net48\" />\n</packages>\n";
    assert_eq!(named("app/packages.config", config), ["nuget - log4net 2.0.8"]);
    let deps = br#"{"libraries":{"pump/1.0.0":{"type":"project"},"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.0":{"type":"runtimepack"}}}"#;
    assert_eq!(named("pump.deps.json", deps), ["nuget - Microsoft.NETCore.App.Runtime.linux-x64 6.0.0"]);
}
