//! The software tree of a release with only its marked branches: the way from the release down to each component that is
//! affected or of which it cannot be told.

use super::{Drawing, fit};
use crate::web::tone::Tone;
use crate::web::viewer::texts;

/// A component that carries a mark.
#[derive(Debug, Clone)]
pub(crate) struct Branch<'a> {
    /// Names on the way down to it, its own last.
    pub(crate) path: &'a [String],
    /// Its mark.
    pub(crate) tone: Tone,
}

/// Rows drawn at most; the table holds the rest.
const ROWS: usize = 16;
/// Height of a row.
const ROW: f64 = 24.0;
/// How far a level stands in.
const STEP: f64 = 20.0;

/// A node of the tree, with the worst mark at or below it.
#[derive(Debug)]
struct Node<'a> {
    name: &'a str,
    tone: Tone,
    own: Option<Tone>,
    below: Vec<Node<'a>>,
}

/// Which of two marks asks for more.
const fn weight(tone: Tone) -> u8 {
    match tone {
        Tone::Act => 5,
        Tone::Plan => 4,
        Tone::Unknown => 3,
        Tone::Known => 2,
        Tone::Plain => 1,
        Tone::Good => 0,
    }
}

fn worse(a: Tone, b: Tone) -> Tone {
    if weight(b) > weight(a) { b } else { a }
}

fn insert<'a>(nodes: &mut Vec<Node<'a>>, path: &'a [String], tone: Tone) {
    let Some((name, rest)) = path.split_first() else { return };
    let at = nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        nodes.push(Node { name, tone, own: None, below: Vec::new() });
        nodes.len() - 1
    });
    let node = &mut nodes[at];
    node.tone = worse(node.tone, tone);
    if rest.is_empty() {
        node.own = Some(node.own.map_or(tone, |own| worse(own, tone)));
    } else {
        insert(&mut node.below, rest, tone);
    }
}

fn sort(nodes: &mut [Node<'_>]) {
    nodes.sort_by(|a, b| (weight(b.tone), a.name).cmp(&(weight(a.tone), b.name)));
    nodes.iter_mut().for_each(|node| sort(&mut node.below));
}

/// One line of the drawing.
struct Line<'a> {
    depth: usize,
    node: &'a Node<'a>,
    /// The row of the node above it; none for the first level, which hangs on the release.
    parent: usize,
}

fn lines<'a>(nodes: &'a [Node<'a>], depth: usize, parent: usize, out: &mut Vec<Line<'a>>) {
    for node in nodes {
        out.push(Line { depth, node, parent });
        let row = out.len();
        lines(&node.below, depth + 1, row, out);
    }
}

/// Draws the tree, the worst branches first; `None` where nothing is marked.
pub(crate) fn draw(release: &str, branches: &[Branch<'_>], width: f64, class: &str) -> Option<String> {
    let mut nodes = Vec::new();
    for branch in branches {
        insert(&mut nodes, branch.path, branch.tone);
    }
    if nodes.is_empty() {
        return None;
    }
    sort(&mut nodes);
    let mut all = Vec::new();
    lines(&nodes, 1, 0, &mut all);
    let left_out = all.len().saturating_sub(ROWS);
    all.truncate(ROWS);
    let rows = all.len() + 1 + usize::from(left_out > 0);
    let mut drawing =
        Drawing::new(width, ROW * rows as f64, &format!("branches {class}"), texts().device.branches);
    drawing.text("strong", 0.0, 17.0, fit(release, width));
    for (index, line) in all.iter().enumerate() {
        draw_line(&mut drawing, index + 1, line, width);
    }
    if left_out > 0 {
        let y = ROW * (rows - 1) as f64 + 17.0;
        drawing.text("soft", STEP, y, (texts().device.more_rows)(left_out as u64));
    }
    Some(drawing.finish())
}

fn draw_line(drawing: &mut Drawing, row: usize, line: &Line<'_>, width: f64) {
    // Deep ways stand in no further than half of the picture.
    let indent = |depth: usize| (STEP * depth as f64).min(width / 2.0);
    let (x, y) = (indent(line.depth), ROW * row as f64 + 12.0);
    let from = (indent(line.depth - 1) + 6.0, ROW * line.parent as f64 + 20.0);
    let class = format!("twig tone-{}", line.node.tone.code());
    drawing.path(&class, &format!("M{:.1} {:.1}V{y:.1}H{:.1}", from.0, from.1, x - 3.0));
    let mut text = x + 2.0;
    if let Some(own) = line.node.own {
        drawing.shape(own, text, y - 7.0, 13.0);
        text += 18.0;
    }
    let class = if line.node.own.is_some() { "strong" } else { "" };
    drawing.text(class, text, y + 5.0, fit(line.node.name, width - text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn branches_share_their_way_and_the_worst_comes_first() {
        let (a, b, c) = (path(&["gate", "zlib"]), path(&["gate", "log4j"]), path(&["ui", "<b>"]));
        let branches = [
            Branch { path: &a, tone: Tone::Unknown },
            Branch { path: &b, tone: Tone::Act },
            Branch { path: &c, tone: Tone::Plan },
        ];
        let svg = draw("Flow 300", &branches, 400.0, "").unwrap();
        assert_eq!(svg.matches(">gate<").count(), 1, "{svg}");
        let at = |text: &str| svg.find(text).unwrap_or_else(|| panic!("{text}: {svg}"));
        assert!(at(">gate<") < at(">log4j<") && at(">log4j<") < at(">zlib<") && at(">zlib<") < at(">ui<"));
        assert!(!svg.contains("<b>"), "{svg}");
    }

    #[test]
    fn a_tree_of_nothing_is_not_drawn_and_a_large_one_says_what_is_left_out() {
        assert_eq!(draw("Flow", &[], 400.0, ""), None);
        let paths: Vec<Vec<String>> = (0..40).map(|at| path(&[&format!("part-{at}")])).collect();
        let branches: Vec<Branch<'_>> = paths.iter().map(|path| Branch { path, tone: Tone::Plan }).collect();
        let svg = draw("Flow", &branches, 400.0, "").unwrap();
        assert!(svg.contains("and 24 rows more"), "{svg}");
    }
}
