//! Sheets of paper, filled from the top.

use crate::fonts::Fonts;

/// Width of US Letter, in points.
pub(super) const WIDE: f32 = 612.0;
/// Its height.
pub(super) const TALL: f32 = 792.0;

/// Something on a sheet. Places are points from its upper left corner; those of text are its base line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// Text.
    Text { x: f32, y: f32, size: f32, bold: bool, words: String },
    /// A filled field.
    Field { x: f32, y: f32, wide: f32, tall: f32, grey: bool },
    /// The edge of a field.
    Edge { x: f32, y: f32, wide: f32, tall: f32 },
}

/// A sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) marks: Vec<Mark>,
    /// Headings: level, words, and how far down.
    pub(super) headings: Vec<(u8, String, f32)>,
}

/// Words of one weight.
pub(super) struct Words {
    pub(super) words: String,
    pub(super) bold: bool,
}

/// All sheets so far.
pub(super) struct Sheets {
    pub(super) letter: bool,
    margin: f32,
    top: f32,
    y: f32,
    sheets: Vec<Sheet>,
}

/// A small number of things as a length.
#[expect(clippy::cast_precision_loss, reason = "lines of a page are few")]
pub(super) fn count(number: usize) -> f32 {
    number as f32
}

impl Sheets {
    pub(super) fn new(letter: bool) -> Sheets {
        let (margin, top) = if letter { (72.0, 72.0) } else { (54.0, 66.0) };
        Sheets { letter, margin, top, y: top, sheets: vec![Sheet::default()] }
    }

    pub(super) fn done(self) -> Vec<Sheet> {
        self.sheets
    }

    /// The width that text has.
    pub(super) fn width(&self) -> f32 {
        WIDE - 2.0 * self.margin
    }

    /// The height that text has on an empty sheet.
    pub(super) fn tallest(&self) -> f32 {
        TALL - self.top - 60.0
    }

    pub(super) fn fits(&self, tall: f32) -> bool {
        self.y + tall <= self.top + self.tallest()
    }

    /// How many lines have room.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few lines, and not below zero"
    )]
    pub(super) fn lines_left(&self, leading: f32, around: f32) -> usize {
        ((self.top + self.tallest() - self.y - around) / leading).floor().max(0.0) as usize
    }

    pub(super) fn new_page(&mut self) {
        if self.y > self.top {
            self.sheets.push(Sheet::default());
            self.y = self.top;
        }
    }

    /// A new page where so much has no room.
    pub(super) fn keep(&mut self, tall: f32) {
        if !self.fits(tall) {
            self.new_page();
        }
    }

    /// Room, but none at the head of a page.
    pub(super) fn gap(&mut self, tall: f32) {
        if self.y > self.top {
            self.y += tall;
        }
    }

    pub(super) fn down(&mut self, tall: f32) {
        self.y += tall;
    }

    fn put(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.marks.push(mark);
        }
    }

    pub(super) fn heading(&mut self, level: u8, words: &str) {
        let y = self.y;
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.headings.push((level, words.to_owned(), y));
        }
    }

    /// Text on the line that begins here.
    pub(super) fn put_text(&mut self, words: &str, left: f32, size: f32, bold: bool) {
        self.put_text_below(words, left, size, size, bold);
    }

    /// Text whose base line is so far below.
    pub(super) fn put_text_below(&mut self, words: &str, left: f32, below: f32, size: f32, bold: bool) {
        if !words.is_empty() {
            let (x, y) = (self.margin + left, self.y + below);
            self.put(Mark::Text { x, y, size, bold, words: words.to_owned() });
        }
    }

    pub(super) fn cell(&mut self, left: f32, wide: f32, tall: f32, head: bool) {
        let (x, y) = (self.margin + left, self.y);
        if head {
            self.put(Mark::Field { x, y, wide, tall, grey: true });
        }
        self.put(Mark::Edge { x, y, wide, tall });
    }

    pub(super) fn bar(&mut self, left: f32, below: f32, wide: f32, tall: f32) {
        if wide > 0.0 {
            self.put(Mark::Field { x: self.margin + left, y: self.y + below, wide, tall, grey: false });
        }
    }

    pub(super) fn tick_box(&mut self, size: f32) {
        let (x, y) = (self.margin + 4.0, self.y + 1.5);
        self.put(Mark::Edge { x, y, wide: size - 1.0, tall: size - 1.0 });
    }

    /// A paragraph that begins so far from the left.
    pub(super) fn paragraph(&mut self, fonts: &Fonts, pieces: &[Words], size: f32, left: f32) {
        let leading = size * 1.35;
        let most = self.width() - left;
        for line in lines(fonts, pieces, size, most) {
            self.keep(leading);
            let mut x = left;
            for (words, bold) in line {
                self.put_text(&words, x, size, bold);
                x += fonts.letters(bold).width(&words, size);
            }
            self.y += leading;
        }
    }
}

type Line = Vec<(String, bool)>;

/// Words, each with the blank behind it, and `\n` alone.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, Some("\n")),
            None => (line, None),
        };
        line.split_inclusive(' ').chain(end)
    })
}

fn lines(fonts: &Fonts, pieces: &[Words], size: f32, most: f32) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut used = 0.0;
    let add = |words: &str, bold: bool, wide: f32, lines: &mut Vec<Line>, used: &mut f32| {
        *used += wide;
        let Some(line) = lines.last_mut() else { return };
        match line.last_mut() {
            Some((text, weight)) if *weight == bold => text.push_str(words),
            _ => line.push((words.to_owned(), bold)),
        }
    };
    for piece in pieces {
        let letters = fonts.letters(piece.bold);
        for part in parts(&piece.words) {
            if part == "\n" {
                lines.push(Vec::new());
                used = 0.0;
                continue;
            }
            let wide = letters.width(part, size);
            let bare = letters.width(part.trim_end(), size);
            if used > 0.0 && used + bare > most {
                lines.push(Vec::new());
                used = 0.0;
            }
            if bare <= most {
                add(part, piece.bold, wide, &mut lines, &mut used);
                continue;
            }
            // A word longer than the line is cut.
            for letter in part.chars() {
                let mut buffer = [0; 4];
                let letter = &*letter.encode_utf8(&mut buffer);
                let wide = letters.width(letter, size);
                if used + wide > most && used > 0.0 {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                add(letter, piece.bold, wide, &mut lines, &mut used);
            }
        }
    }
    lines
}

/// A text in lines of at most so much width.
pub(super) fn broken(fonts: &Fonts, text: &str, size: f32, bold: bool, most: f32) -> Vec<String> {
    let pieces = [Words { words: text.to_owned(), bold }];
    let line = |line: Line| line.into_iter().map(|(words, _)| words).collect::<String>();
    lines(fonts, &pieces, size, most.max(size)).into_iter().map(|it| line(it).trim_end().to_owned()).collect()
}
