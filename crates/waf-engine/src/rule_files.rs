//! Which files a rule set is made of, and in which order.

use std::path::{Path, PathBuf};

/// A rule set whose files cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoFiles {
    #[error("{path}: cannot be read")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{0}: no file of rules (*.conf) in it")]
    Empty(PathBuf),
}

/// The files of a path, in the order of loading.
///
/// A file is itself. A tree of the Core Rule Set (a folder `rules` in it) is its setup (`crs-setup.conf`, else the example), plugins'
/// settings, plugins before, rules, plugins after, as its `INSTALL.md` says. Any other folder is its `*.conf` by name.
pub(crate) fn of(path: &Path) -> Result<Vec<PathBuf>, NoFiles> {
    let kind =
        std::fs::metadata(path).map_err(|source| NoFiles::Unreadable { path: path.to_owned(), source })?;
    if kind.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let rules = path.join("rules");
    let files = if rules.is_dir() { core_rule_set(path, &rules)? } else { list(path, ".conf")? };
    if files.is_empty() { Err(NoFiles::Empty(path.to_owned())) } else { Ok(files) }
}

fn core_rule_set(tree: &Path, rules: &Path) -> Result<Vec<PathBuf>, NoFiles> {
    let setup = ["crs-setup.conf", "crs-setup.conf.example"].map(|name| tree.join(name));
    let mut files: Vec<PathBuf> = setup.into_iter().find(|file| file.is_file()).into_iter().collect();
    let plugins = tree.join("plugins");
    let plugins = |ending: &str| if plugins.is_dir() { list(&plugins, ending) } else { Ok(Vec::new()) };
    files.extend(plugins("-config.conf")?);
    files.extend(plugins("-before.conf")?);
    files.extend(list(rules, ".conf")?);
    files.extend(plugins("-after.conf")?);
    Ok(files)
}

fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, NoFiles> {
    let unreadable = |source| NoFiles::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ending)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{NoFiles, of};

    #[test]
    fn files_come_in_the_order_of_the_core_rule_set() {
        let tree = tempfile::tempdir().unwrap();
        for name in [
            "crs-setup.conf.example",
            "plugins/a-after.conf",
            "plugins/a-before.conf",
            "plugins/a-config.conf",
            "rules/REQUEST-901.conf",
            "rules/RESPONSE-980.conf",
            "rules/REQUEST-900.conf.example",
            "rules/words.data",
        ] {
            let file = tree.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let names = |files: Vec<std::path::PathBuf>| -> Vec<String> {
            files.iter().map(|it| it.strip_prefix(tree.path()).unwrap().display().to_string()).collect()
        };
        let order = [
            "crs-setup.conf.example",
            "plugins/a-config.conf",
            "plugins/a-before.conf",
            "rules/REQUEST-901.conf",
            "rules/RESPONSE-980.conf",
            "plugins/a-after.conf",
        ];
        assert_eq!(names(of(tree.path()).unwrap()), order);
        std::fs::write(tree.path().join("crs-setup.conf"), "").unwrap();
        assert_eq!(names(of(tree.path()).unwrap())[0], "crs-setup.conf");
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(of(empty.path()), Err(NoFiles::Empty(_))));
        assert!(matches!(of(&empty.path().join("none")), Err(NoFiles::Unreadable { .. })));
    }
}
