//! What a page shows: its operators for text (ISO 32000-1, §9.3, §9.4), and forms within it (§8.10).

use std::collections::HashMap;
use std::rc::Rc;

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Number, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::{Page, Resources};

use super::font::Font;
use super::lines::{At, Lines};
use crate::WordsError;

/// Forms within one another at most.
const DEPTH: usize = 12;
/// Operators of a document at most: about a hundred for each line of three thousand full pages, ten times over.
const MOST_OPERATORS: u64 = 20_000_000;
/// States that are kept at once at most (§8.4.2 promises 28).
const MOST_STATES: usize = 512;

/// A transformation (§8.3.4): `[a b c d e f]`.
type Matrix = [f64; 6];
const SAME: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First the one, then the other.
fn then(one: Matrix, other: Matrix) -> Matrix {
    let ([a, b, c, d, e, f], [m, n, o, p, q, r]) = (one, other);
    [a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r]
}

/// What is known over a whole document.
#[derive(Default)]
pub(crate) struct Reading<'a> {
    fonts: HashMap<ObjectIdentifier, Rc<Font>>,
    unknown: u64,
    operators: u64,
    /// Forms that are open: none is shown within itself.
    open: Vec<ObjectIdentifier>,
    marker: std::marker::PhantomData<&'a ()>,
}

impl Reading<'_> {
    /// Letters of which nobody knows what they mean.
    pub(crate) fn unknown(&self) -> u64 {
        self.unknown
    }
}

/// The state of the text (§9.3.1), and where it is shown.
#[derive(Clone)]
struct State {
    page: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letters: f64,
    words: f64,
    scale: f64,
    leading: f64,
}

struct Shower<'r, 'l, 'd> {
    reading: &'r mut Reading<'d>,
    lines: &'l mut Lines,
    state: State,
    kept: Vec<State>,
    text: Matrix,
    line: Matrix,
}

/// Shows a page.
///
/// # Errors
/// [`WordsError::TooMuch`].
pub(crate) fn show(reading: &mut Reading<'_>, lines: &mut Lines, page: &Page<'_>) -> Result<(), WordsError> {
    let state =
        State { page: SAME, font: None, size: 0.0, letters: 0.0, words: 0.0, scale: 1.0, leading: 0.0 };
    let mut shower = Shower { reading, lines, state, kept: Vec::new(), text: SAME, line: SAME };
    shower.run(page.operations(), page.resources(), 0)
}

fn numbers(operands: &[&Object<'_>]) -> Vec<f64> {
    let number = |it: &&Object<'_>| match it {
        Object::Number(number) => Some(number.as_f64()),
        _ => None,
    };
    operands.iter().filter_map(number).filter(|it| it.is_finite()).collect()
}

fn matrix(operands: &[&Object<'_>]) -> Option<Matrix> {
    numbers(operands).try_into().ok()
}

impl Shower<'_, '_, '_> {
    fn run(
        &mut self,
        mut operations: UntypedIter<'_>,
        resources: &Resources<'_>,
        depth: usize,
    ) -> Result<(), WordsError> {
        while let Some(instruction) = operations.next() {
            self.reading.operators += 1;
            if self.reading.operators > MOST_OPERATORS {
                return Err(WordsError::TooMuch(format!("the PDF has more than {MOST_OPERATORS} operators")));
            }
            let operands: Vec<&Object<'_>> = instruction.operands().collect();
            let operator: &[u8] = instruction.operator;
            match operator {
                b"Do" => self.form(&operands, resources, depth)?,
                b"Tf" => self.choose(&operands, resources),
                b"Tj" | b"TJ" | b"'" | b"\"" => self.shows(operator, &operands)?,
                _ => self.sets(operator, &operands),
            }
        }
        Ok(())
    }

    /// Operators that set something.
    fn sets(&mut self, operator: &[u8], operands: &[&Object<'_>]) {
        let all = numbers(operands);
        let first = all.first().copied();
        match (operator, first) {
            (b"q", _) if self.kept.len() < MOST_STATES => self.kept.push(self.state.clone()),
            (b"Q", _) => {
                if let Some(state) = self.kept.pop() {
                    self.state = state;
                }
            }
            (b"cm", _) => {
                if let Some(it) = matrix(operands) {
                    self.state.page = then(it, self.state.page);
                }
            }
            (b"BT", _) => (self.text, self.line) = (SAME, SAME),
            (b"Tm", _) => {
                if let Some(it) = matrix(operands) {
                    (self.text, self.line) = (it, it);
                }
            }
            (b"Td" | b"TD", _) => {
                if let [x, y] = all[..] {
                    if operator == b"TD" {
                        self.state.leading = -y;
                    }
                    self.moves(x, y);
                }
            }
            (b"T*", _) => self.moves(0.0, -self.state.leading),
            (b"Tc", Some(it)) => self.state.letters = it,
            (b"Tw", Some(it)) => self.state.words = it,
            (b"Tz", Some(it)) => self.state.scale = it / 100.0,
            (b"TL", Some(it)) => self.state.leading = it,
            _ => {}
        }
    }

    fn moves(&mut self, x: f64, y: f64) {
        self.line = then([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    fn choose(&mut self, operands: &[&Object<'_>], resources: &Resources<'_>) {
        self.state.size = numbers(operands).first().copied().unwrap_or_default();
        self.state.font = None;
        let Some(Object::Name(name)) = operands.first() else { return };
        let Some(dict) = resources.fonts.get::<Dict<'_>>(name.as_ref() as &[u8]) else { return };
        // A font that stands in the resources themselves has no number of its own.
        let font = match resources.fonts.get_ref(name.as_ref() as &[u8]).map(ObjectIdentifier::from) {
            Some(id) => match self.reading.fonts.get(&id) {
                Some(known) => known.clone(),
                None => {
                    let font = Rc::new(Font::read(&dict));
                    self.reading.fonts.insert(id, font.clone());
                    font
                }
            },
            None => Rc::new(Font::read(&dict)),
        };
        self.state.font = Some(font);
    }

    fn shows(&mut self, operator: &[u8], operands: &[&Object<'_>]) -> Result<(), WordsError> {
        if operator == b"'" || operator == b"\"" {
            if let (b"\"", [words, letters]) = (operator, &numbers(operands)[..]) {
                (self.state.words, self.state.letters) = (*words, *letters);
            }
            self.moves(0.0, -self.state.leading);
        }
        match operands.last() {
            Some(Object::String(string)) => self.string(string.as_bytes()),
            Some(Object::Array(array)) => self.array(array),
            _ => Ok(()),
        }
    }

    fn array(&mut self, array: &Array<'_>) -> Result<(), WordsError> {
        for item in array.iter::<Object<'_>>() {
            match item {
                Object::String(string) => self.string(string.as_bytes())?,
                Object::Number(number) => self.back(&number),
                _ => {}
            }
        }
        Ok(())
    }

    /// A number between strings moves back by thousandths of the size (§9.4.3).
    fn back(&mut self, by: &Number) {
        let by = by.as_f64();
        if by.is_finite() {
            self.forward(-by / 1000.0 * self.state.size * self.state.scale);
        }
    }

    fn forward(&mut self, by: f64) {
        self.text = then([1.0, 0.0, 0.0, 1.0, by, 0.0], self.text);
    }

    fn at(&self) -> At {
        let [a, b, c, d, e, f] = then(self.text, self.state.page);
        // How high a letter is on the page; of a page that lies on its side the same.
        let size = self.state.size.abs() * (c.hypot(d)).max(a.hypot(b));
        // Letters that run up or down the page have their base line along it.
        if b.abs() > a.abs() { At { x: f * b.signum(), y: -e, size } } else { At { x: e, y: f, size } }
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), WordsError> {
        let Some(font) = self.state.font.clone() else { return Ok(()) };
        for code in font.codes(bytes) {
            let from = self.at();
            let blank = if code.blank { self.state.words } else { 0.0 };
            let wide = font.width(code.code) * self.state.size;
            self.forward((wide + self.state.letters + blank) * self.state.scale);
            let to = self.at();
            match font.meaning(code.code) {
                Some(shown) => self.lines.letter(&shown, from, to)?,
                None => {
                    self.reading.unknown += 1;
                    self.lines.letter("\u{fffd}", from, to)?;
                }
            }
        }
        Ok(())
    }

    fn form(
        &mut self,
        operands: &[&Object<'_>],
        resources: &Resources<'_>,
        depth: usize,
    ) -> Result<(), WordsError> {
        let Some(Object::Name(name)) = operands.first() else { return Ok(()) };
        let Some(stream) = resources.x_objects.get::<Stream<'_>>(name.as_ref() as &[u8]) else {
            return Ok(());
        };
        let subtype = stream.dict().get::<hayro_syntax::object::Name<'_>>("Subtype");
        let id = stream.obj_id();
        let is_form = subtype.is_some_and(|it| it.as_str() == "Form");
        if !is_form || depth >= DEPTH || self.reading.open.contains(&id) {
            return Ok(());
        }
        let Ok(content) = stream.decoded_data() else { return Ok(()) };
        let own = stream.dict().get::<Dict<'_>>("Resources").map(Resources::new);
        let kept = (self.state.clone(), self.text, self.line, std::mem::take(&mut self.kept));
        if let Some(it) = stream.dict().get::<Array<'_>>("Matrix") {
            let all: Vec<f64> = it.iter::<f64>().collect();
            if let Ok(it) = Matrix::try_from(all) {
                self.state.page = then(it, self.state.page);
            }
        }
        self.reading.open.push(id);
        let done = self.run(UntypedIter::new(&content), own.as_ref().unwrap_or(resources), depth + 1);
        self.reading.open.pop();
        (self.state, self.text, self.line, self.kept) = kept;
        done
    }
}
