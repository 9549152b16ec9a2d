//! Walking a file system inside of an image: every regular file once, folders without end left out.

use std::collections::HashSet;

use crate::binary;
use crate::content::{Content, Window};
use crate::detect;
use crate::examine::{Examiner, HEAD};
use crate::java;
use crate::report::Reason;

/// Bytes of the paths of folders that wait: a Windows has 30 MB in all.
const MAX_WAITING: usize = 256 << 20;

/// What a name in a folder stands for. `N` is how the file system finds it again.
pub(super) enum Item<N> {
    Folder(N),
    File(N),
    /// A link, a device, a socket.
    Other,
}

/// Takes the entries of a folder; its error ends the listing.
pub(super) type Take<'t, N> = &'t mut dyn FnMut(&[u8], Item<N>) -> Result<(), Reason>;

/// What was wrong first; the rest goes on.
pub(super) struct Wrong(pub(super) Result<(), Reason>);

impl Wrong {
    /// Remembers it, or gives it back where it ends the whole file.
    pub(super) fn note(&mut self, outcome: Result<(), Reason>) -> Result<(), Reason> {
        match outcome {
            Err(reason) if reason.ends_file() => Err(reason),
            Err(reason) if self.0.is_ok() => {
                self.0 = Err(reason);
                Ok(())
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// A file system that can be read.
pub(super) trait FileSystem<'s> {
    /// A folder or a file.
    type Node;

    /// A number that no other folder or file has.
    fn identity(&self, node: &Self::Node) -> u64;

    /// Whether a file may have several names.
    fn is_shared(&self, _file: &Self::Node) -> bool {
        false
    }

    /// Whether the same bytes were looked at before, at a place of which this is another name.
    fn is_repeated(&self, _path: &[u8], _file: &Self::Node) -> bool {
        false
    }

    /// Hands out what is in a folder, without itself and the one above.
    ///
    /// # Errors
    /// What is wrong with the folder, or what the taker says.
    fn list(&self, folder: &Self::Node, take: Take<'_, Self::Node>) -> Result<(), Reason>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// Why they cannot be had.
    fn content(&self, file: &Self::Node) -> Result<Content<'s>, Reason>;
}

/// Looks at every file of a file system. What is wrong with a folder or a file is said of it, and the others go on.
pub(super) fn walk<'s, F: FileSystem<'s>>(
    system: &F,
    root: F::Node,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let mut seen_folders = HashSet::from([system.identity(&root)]);
    let mut seen_files = HashSet::new();
    let mut folders = vec![(Vec::new(), root)];
    let mut of_root = Ok(());
    let mut waiting = 0;
    while let Some((path, folder)) = folders.pop() {
        waiting -= path.len();
        // A folder may hold millions of entries that stand for nothing.
        examiner.meter.check_end()?;
        let listed = system.list(&folder, &mut |name, item| {
            let path = if path.is_empty() { name.to_vec() } else { [path.as_slice(), b"/", name].concat() };
            match item {
                Item::Folder(node) => {
                    examiner.meter.entry()?;
                    // A folder in itself has no end.
                    if seen_folders.insert(system.identity(&node)) {
                        if waiting + path.len() > MAX_WAITING {
                            return Err(too_many());
                        }
                        waiting += push(&mut folders, path, node, examiner)?;
                    }
                    Ok(())
                }
                Item::File(node) => {
                    // A name that says what the file is stands for itself; so does a file under names that say nothing.
                    let is_named = detect::by_path(&String::from_utf8_lossy(&path)).is_some();
                    let mut is_shared =
                        || system.is_shared(&node) && !seen_files.insert(system.identity(&node));
                    let is_known = !is_named && (is_shared() || system.is_repeated(&path, &node));
                    if is_known && !says_more(system, &path, &node) {
                        examiner.meter.entry()
                    } else {
                        file(system, &path, &node, examiner)
                    }
                }
                Item::Other => examiner.meter.entry(),
            }
        });
        match listed {
            // What is wrong with the root leaves the folders in it that were found.
            Err(reason) if path.is_empty() && !reason.ends_file() => of_root = Err(reason),
            Err(reason) => examiner.not_scanned(&String::from_utf8_lossy(&path), reason)?,
            Ok(()) => {}
        }
    }
    of_root
}

/// Whether a file that was looked at by another name says something by this one as well: a class, which is a part of what lies around it,
/// and what is looked into because of its name.
fn says_more<'s, F: FileSystem<'s>>(system: &F, path: &[u8], node: &F::Node) -> bool {
    let name = String::from_utf8_lossy(path);
    let head = system.content(node).ok().and_then(|content| content.up_to(0, HEAD).ok());
    head.is_none_or(|head| {
        java::is_class(&head)
            || super::by_name(&name, &head).is_some()
            || (!binary::is_program(&head) && binary::may_be_firmware(&name, &head, None))
    })
}

fn too_many() -> Reason {
    Reason::Damaged { kind: "folder", what: "more folders are in it than in any".to_owned() }
}

/// Returns the bytes of the path that wait now.
fn push<N>(
    folders: &mut Vec<(Vec<u8>, N)>,
    path: Vec<u8>,
    node: N,
    examiner: &mut Examiner<'_>,
) -> Result<usize, Reason> {
    let limit = examiner.meter.limits.name_length;
    if path.len() <= limit {
        let length = path.len();
        folders.push((path, node));
        return Ok(length);
    }
    let what = "its path is longer than any can be".to_owned();
    let cut = String::from_utf8_lossy(path.get(..limit).unwrap_or_default()).into_owned();
    examiner.not_scanned(&cut, Reason::Damaged { kind: "folder", what })?;
    Ok(0)
}

fn file<'s, F: FileSystem<'s>>(
    system: &F,
    path: &[u8],
    node: &F::Node,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    match system.content(node) {
        Ok(content) => examiner.entry(path, &mut Window::new(content)),
        Err(reason) => {
            examiner.meter.entry()?;
            examiner.not_scanned(&String::from_utf8_lossy(path), reason)
        }
    }
}
