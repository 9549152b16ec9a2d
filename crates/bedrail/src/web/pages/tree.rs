//! The tree of components of a release: branches that lead to a weakness stand open, the others are fetched when asked
//! for, so that bills of materials with thousands of components stay quick.

use std::collections::{HashMap, HashSet, VecDeque};

use bedrail_app::releases::{ComponentMark, ReleaseSbom};
use bedrail_model::component::{Component, RelationKind};

use crate::web::tone::Tone;
use crate::web::viewer::texts;

/// Branches drawn on one page at most.
const DRAWN: usize = 400;
/// The deepest level drawn on one page; below it a link leads on.
const DEEPEST: usize = 24;

/// One component in the tree.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    /// Its name and version.
    pub(crate) title: String,
    /// What is said of it: colour and words.
    pub(crate) marks: Vec<(Tone, String)>,
    /// Whether it or something below it is marked.
    pub(crate) open: bool,
    /// Branches below, as far as they are drawn here.
    pub(crate) below: Vec<Branch>,
    /// How many stand below that are not drawn, and where they are.
    pub(crate) more: Option<(String, String)>,
}

impl Branch {
    /// The branch as HTML: a recursive template is not possible, so the list is written here, every text escaped.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        let mut out = String::new();
        self.write(&mut out).map_err(|_| askama::Error::Fmt)?;
        Ok(out)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        use std::fmt::Write;
        let title = shown(&self.title);
        let mut marks = String::new();
        for (tone, text) in &self.marks {
            let (class, code) = (tone.class(), tone.code());
            write!(
                marks,
                r##" <span class="mark {class}"><svg viewBox="0 0 16 16" aria-hidden="true"><use href="#s-{code}"/></svg>{}</span>"##,
                shown(text)
            )?;
        }
        if self.below.is_empty() && self.more.is_none() {
            return write!(out, r#"<li><span class="leaf">{title}</span>{marks}</li>"#);
        }
        let open = if self.open { " open" } else { "" };
        write!(out, "<li><details{open}><summary>{title}{marks}</summary><ul>")?;
        for branch in &self.below {
            branch.write(out)?;
        }
        if let Some((text, link)) = &self.more {
            let (text, link) = (shown(text), shown(link));
            write!(
                out,
                r##"<li class="leaf"><a href="{link}" hx-get="{link}" hx-select="#branches > li" hx-target="closest li" hx-swap="outerHTML">{text}</a></li>"##
            )?;
        }
        out.push_str("</ul></details></li>");
        Ok(())
    }
}

/// A text escaped as in templates.
fn shown(text: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = askama::filters::Escaper::write_escaped_str(&crate::web::escape::Page, &mut out, text);
    out
}

/// Name and version of a component.
pub(crate) fn title(component: &Component) -> String {
    match &component.version {
        Some(version) => format!("{} {version}", component.name),
        None => (texts().branch.no_version)(&component.name),
    }
}

/// The components below each one, in a tree: each stands where it is reached first from the top, level by level.
struct Tree<'a> {
    sbom: &'a ReleaseSbom,
    below: HashMap<u32, Vec<u32>>,
    top: Vec<u32>,
    /// Components that are marked or have a marked one below.
    leads: HashSet<u32>,
    release: &'a str,
    drawn: usize,
}

impl<'a> Tree<'a> {
    fn of(sbom: &'a ReleaseSbom, release: &'a str) -> Tree<'a> {
        let inventory = &sbom.inventory;
        let mut links: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut has_parent: HashSet<u32> = HashSet::new();
        let mut link = |from: u32, to: u32| {
            if from != to {
                links.entry(from).or_default().push(to);
                has_parent.insert(to);
            }
        };
        for (index, component) in inventory.components.iter().enumerate() {
            if let Some(parent) = component.parent {
                link(parent.0, index as u32);
            }
        }
        for relation in &inventory.relations {
            if matches!(relation.kind, RelationKind::DependsOn | RelationKind::Contains) {
                link(relation.from.0, relation.to.0);
            }
        }
        let all = 0..inventory.components.len() as u32;
        let subject = inventory.subject.map(|subject| subject.0);
        let roots: Vec<u32> =
            all.clone().filter(|index| !has_parent.contains(index) && Some(*index) != subject).collect();
        let (below, top) = first_reached(&links, subject, roots, all);
        let mut tree = Tree { sbom, below, top, leads: HashSet::new(), release, drawn: 0 };
        tree.find_leads();
        tree
    }

    /// Marks every component above a marked one.
    fn find_leads(&mut self) {
        let above: HashMap<u32, u32> =
            self.below.iter().flat_map(|(from, list)| list.iter().map(move |to| (*to, *from))).collect();
        for (index, mark) in self.sbom.marks.iter().enumerate() {
            let mut at = Some(index as u32).filter(|_| !mark.affected.is_empty());
            while let Some(index) = at {
                if !self.leads.insert(index) {
                    break;
                }
                at = above.get(&index).copied();
            }
        }
    }

    /// The branch of a component with what is drawn below it: all that leads to a mark, and one level of the rest.
    fn branch(&mut self, index: u32, depth: usize, whole: bool) -> Branch {
        self.drawn += 1;
        let component = &self.sbom.inventory.components[index as usize];
        let leads = self.leads.contains(&index);
        let children = self.below.get(&index).cloned().unwrap_or_default();
        let draw = (leads || whole) && depth < DEEPEST;
        let (mut below, mut left) = (Vec::new(), 0_u64);
        for child in children {
            let wanted = draw && (self.drawn < DRAWN || self.leads.contains(&child));
            if wanted && self.drawn < DRAWN * 4 {
                below.push(self.branch(child, depth + 1, false));
            } else {
                left += 1;
            }
        }
        let more = (left > 0).then(|| {
            let text = if below.is_empty() {
                (texts().branch.show_parts)(left)
            } else {
                (texts().branch.show_more)(left)
            };
            (text, format!("/releases/{}/components/{index}", self.release))
        });
        Branch {
            title: title(component),
            marks: marks(self.sbom.marks.get(index as usize)),
            open: leads,
            below,
            more,
        }
    }

    /// Marked branches first, then by name.
    fn sort(&self, indices: &mut [u32]) {
        indices.sort_by_key(|index| {
            (!self.leads.contains(index), self.sbom.inventory.components[*index as usize].name.to_lowercase())
        });
    }
}

type Forest = (HashMap<u32, Vec<u32>>, Vec<u32>);

/// Turns the graph into a forest, breadth first: from the subject, then from what nothing points at, then from
/// whatever is left (cycles that nothing leads into).
fn first_reached(
    links: &HashMap<u32, Vec<u32>>,
    subject: Option<u32>,
    roots: Vec<u32>,
    all: std::ops::Range<u32>,
) -> Forest {
    let (mut below, mut top): Forest = (HashMap::new(), Vec::new());
    let mut seen: HashSet<u32> = HashSet::new();
    for start in subject.into_iter().chain(roots).chain(all) {
        if !seen.insert(start) {
            continue;
        }
        if Some(start) != subject {
            top.push(start);
        }
        let mut queue = VecDeque::from([start]);
        while let Some(from) = queue.pop_front() {
            for to in links.get(&from).into_iter().flatten() {
                if seen.insert(*to) {
                    below.entry(from).or_default().push(*to);
                    queue.push_back(*to);
                }
            }
        }
    }
    if let Some(subject) = subject {
        let mut first = below.get(&subject).cloned().unwrap_or_default();
        first.append(&mut top);
        top = first;
    }
    (below, top)
}

fn marks(mark: Option<&ComponentMark>) -> Vec<(Tone, String)> {
    let Some(mark) = mark else { return Vec::new() };
    let mut marks = Vec::new();
    match mark.affected.as_slice() {
        [] => {}
        [one] => marks.push((Tone::Plan, one.clone())),
        [first, rest @ ..] => marks.push((Tone::Plan, (texts().branch.and_others)(first, rest.len()))),
    }
    if let Some(reason) = mark.not_assessed {
        marks.push((Tone::Unknown, reason.sentence().to_owned()));
    } else if !mark.cannot_tell.is_empty() {
        marks.push((Tone::Unknown, (texts().branch.untold)(mark.cannot_tell.len() as u64)));
    }
    marks
}

/// The whole tree as far as one page carries it, and what it shows in a sentence.
pub(crate) fn whole(sbom: &ReleaseSbom, release: &str) -> (Vec<Branch>, String) {
    let mut tree = Tree::of(sbom, release);
    let mut top = std::mem::take(&mut tree.top);
    tree.sort(&mut top);
    let lists: Vec<u32> = tree.below.keys().copied().collect();
    for index in lists {
        let mut children = tree.below.remove(&index).unwrap_or_default();
        tree.sort(&mut children);
        tree.below.insert(index, children);
    }
    let total = sbom.inventory.components.len() as u64;
    let mut branches = Vec::new();
    for index in top {
        if tree.drawn < DRAWN || tree.leads.contains(&index) {
            branches.push(tree.branch(index, 0, false));
        }
    }
    let marked = sbom.marks.iter().filter(|mark| !mark.affected.is_empty()).count() as u64;
    let mut reading = (texts().branch.reading)(total, marked);
    if (tree.drawn as u64) < total && tree.drawn >= DRAWN {
        reading.push_str(texts().branch.not_all);
    }
    (branches, reading)
}

/// What one component is made of, and how many parts did not fit.
pub(crate) fn below(sbom: &ReleaseSbom, index: u32, release: &str) -> (Vec<Branch>, usize) {
    let mut tree = Tree::of(sbom, release);
    let mut children = tree.below.get(&index).cloned().unwrap_or_default();
    tree.sort(&mut children);
    let mut left_out = 0;
    let mut branches = Vec::new();
    for child in children {
        if tree.drawn < DRAWN * 4 {
            branches.push(tree.branch(child, 1, false));
        } else {
            left_out += 1;
        }
    }
    (branches, left_out)
}

/// Components whose name, version or purl holds a text, as a flat list.
pub(crate) fn found(sbom: &ReleaseSbom, text: &str) -> (Vec<Branch>, String) {
    let wanted = text.to_lowercase();
    let holds = |value: &str| value.to_lowercase().contains(&wanted);
    let hits: Vec<usize> = sbom
        .inventory
        .components
        .iter()
        .enumerate()
        .filter(|(_, component)| holds(&title(component)) || component.purl.as_deref().is_some_and(holds))
        .map(|(index, _)| index)
        .collect();
    let branch = |index: &usize| Branch {
        title: title(&sbom.inventory.components[*index]),
        marks: marks(sbom.marks.get(*index)),
        open: false,
        below: Vec::new(),
        more: None,
    };
    let components = sbom.inventory.components.len() as u64;
    let reading = (texts().branch.matching)(hits.len() as u64, components, text);
    (hits.iter().take(DRAWN).map(branch).collect(), reading)
}
