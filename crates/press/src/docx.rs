//! As DOCX (ECMA-376): the few parts that a document of text, tables and merge fields needs, packed in this order with a fixed date.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::tree::{Bars, Block, Document, Piece, Table, escaped};
use crate::{PressError, within_limits};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/><Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/><Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";

const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";

const PARTS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"header1.xml\"/><Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/></Relationships>";

/// Writes a document.
///
/// # Errors
/// [`PressError`].
pub fn docx(document: &Document) -> Result<Vec<u8>, PressError> {
    within_limits(document)?;
    let title = escaped(&document.title);
    let at = document.at.strftime("%Y-%m-%dT%H:%M:%SZ");
    let core = format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{title}</dc:title><dc:creator>{}</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified></cp:coreProperties>",
        escaped(&document.organisation)
    );
    let parts = [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        ("docProps/core.xml", core),
        ("word/_rels/document.xml.rels", PARTS.to_owned()),
        ("word/document.xml", body(document)),
        ("word/styles.xml", styles()),
        ("word/header1.xml", header(document)),
        ("word/footer1.xml", footer(document)),
    ];
    packed(&parts).map_err(|error| PressError::Writer { format: "DOCX", message: error.to_string() })
}

fn packed(parts: &[(&str, String)]) -> Result<Vec<u8>, zip::result::ZipError> {
    // The earliest date that a ZIP can hold, always the same.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, options)?;
        zip.write_all(HEAD.as_bytes())?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn styles() -> String {
    let mut all = String::new();
    let _ = write!(
        all,
        "<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:cs=\"Arial\"/><w:sz w:val=\"21\"/><w:lang w:val=\"en-US\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after=\"120\"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>"
    );
    for (id, name, size, level) in [
        ("Title", "Title", 40, None),
        ("Heading1", "heading 1", 30, Some(0)),
        ("Heading2", "heading 2", 26, Some(1)),
        ("Heading3", "heading 3", 23, Some(2)),
    ] {
        let level = level.map(|it| format!("<w:outlineLvl w:val=\"{it}\"/>")).unwrap_or_default();
        let _ = write!(
            all,
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:spacing w:before=\"240\" w:after=\"80\"/>{level}</w:pPr><w:rPr><w:b/><w:sz w:val=\"{size}\"/></w:rPr></w:style>"
        );
    }
    all.push_str("</w:styles>");
    all
}

fn run(words: &str, bold: bool) -> String {
    let look = if bold { "<w:rPr><w:b/></w:rPr>" } else { "" };
    let mut out = String::new();
    for (index, line) in words.split('\n').enumerate() {
        if index > 0 {
            out.push_str("<w:r><w:br/></w:r>");
        }
        let _ = write!(out, "<w:r>{look}<w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(line));
    }
    out
}

/// A merge field (ECMA-376 part 1, section 17.16.5.35). Names of ours are letters and `_`; others are left out of the instruction.
fn field(name: &str) -> String {
    let plain: String = name.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
    format!("<w:fldSimple w:instr=\" MERGEFIELD {plain} \"><w:r><w:t>«{plain}»</w:t></w:r></w:fldSimple>")
}

fn paragraph(look: &str, runs: &str) -> String {
    format!("<w:p>{look}{runs}</w:p>")
}

fn styled(id: &str, words: &str) -> String {
    paragraph(&format!("<w:pPr><w:pStyle w:val=\"{id}\"/></w:pPr>"), &run(words, false))
}

fn body(document: &Document) -> String {
    let mut out = String::new();
    if !document.letter {
        out.push_str(&styled("Title", &document.title));
    }
    for block in &document.blocks {
        match block {
            Block::Heading(level, words) => {
                // A letter has small headings.
                let level = if document.letter { 3 } else { (*level).clamp(1, 3) };
                out.push_str(&styled(&format!("Heading{level}"), words));
            }
            Block::Text(pieces) => {
                out.push_str(&paragraph("", &pieces.iter().map(piece).collect::<String>()));
            }
            Block::List(items) => items.iter().for_each(|item| out.push_str(&item_of("•", item))),
            Block::Ticks(items) => items.iter().for_each(|item| out.push_str(&item_of("☐", item))),
            Block::Table(it) => table(&mut out, it),
            Block::Bars(it) => table(&mut out, &as_table(it)),
            Block::Spans(it) => table(&mut out, &it.as_table()),
            Block::NewPage => out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
        }
    }
    let margin = if document.letter { 1440 } else { 1080 };
    format!(
        "<w:document {W}><w:body>{out}<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId2\"/><w:footerReference w:type=\"default\" r:id=\"rId3\"/><w:pgSz w:w=\"12240\" w:h=\"15840\"/><w:pgMar w:top=\"{margin}\" w:right=\"{margin}\" w:bottom=\"{margin}\" w:left=\"{margin}\" w:header=\"600\" w:footer=\"600\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    )
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Words(words) => run(words, false),
        Piece::Strong(words) => run(words, true),
        Piece::Field(name) => field(name),
        Piece::LineEnd => "<w:r><w:br/></w:r>".to_owned(),
    }
}

fn item_of(dot: &str, words: &str) -> String {
    let look = "<w:pPr><w:spacing w:after=\"60\"/><w:ind w:left=\"360\" w:hanging=\"360\"/></w:pPr>";
    paragraph(look, &format!("<w:r><w:t>{dot}</w:t><w:tab/></w:r>{}", run(words, false)))
}

fn as_table(bars: &Bars) -> Table {
    use crate::tree::Column;
    let row = |bar: &crate::tree::Bar| vec![bar.name.clone(), bar.words.clone()];
    Table {
        caption: bars.caption.clone(),
        columns: vec![Column::words("", 3.0), Column::number(bars.unit.clone(), 1.0)],
        rows: bars.bars.iter().map(row).collect(),
        empty: "–".to_owned(),
    }
}

fn table(out: &mut String, table: &Table) {
    out.push_str(&paragraph("<w:pPr><w:keepNext/></w:pPr>", &run(&table.caption, true)));
    if table.rows.is_empty() || table.columns.is_empty() {
        out.push_str(&paragraph("", &run(&table.empty, false)));
        return;
    }
    let all: f32 = table.columns.iter().map(|column| column.share.max(0.1)).sum();
    // Hundredths of the width, in twentieths of a point.
    #[expect(clippy::cast_possible_truncation, reason = "a width on paper")]
    let widths: Vec<i32> =
        table.columns.iter().map(|it| (it.share.max(0.1) / all * 10_080.0) as i32).collect();
    out.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>");
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"999999\"/>");
    }
    out.push_str("</w:tblBorders></w:tblPr><w:tblGrid>");
    for wide in &widths {
        let _ = write!(out, "<w:gridCol w:w=\"{wide}\"/>");
    }
    out.push_str("</w:tblGrid>");
    let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
    row(out, &heads, table, &widths, true);
    for cells in &table.rows {
        row(out, cells, table, &widths, false);
    }
    out.push_str("</w:tbl>");
    out.push_str(&paragraph("", ""));
}

fn row(out: &mut String, cells: &[String], table: &Table, widths: &[i32], head: bool) {
    let look = if head {
        "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
    } else {
        "<w:trPr><w:cantSplit/></w:trPr>"
    };
    let _ = write!(out, "<w:tr>{look}");
    for (index, (column, wide)) in table.columns.iter().zip(widths).enumerate() {
        let words = cells.get(index).map(String::as_str).unwrap_or_default();
        let shade = if head { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"ECECEC\"/>" } else { "" };
        let side = if column.number { "<w:jc w:val=\"right\"/>" } else { "" };
        let look = format!("<w:pPr><w:spacing w:after=\"0\"/>{side}</w:pPr>");
        let _ = write!(
            out,
            "<w:tc><w:tcPr><w:tcW w:w=\"{wide}\" w:type=\"dxa\"/>{shade}</w:tcPr>{}</w:tc>",
            paragraph(&look, &run(words, head))
        );
    }
    out.push_str("</w:tr>");
}

fn header(document: &Document) -> String {
    let words = match document.letter {
        true => String::new(),
        false => run(&format!("{} · {}", document.organisation, document.moment()), false),
    };
    format!("<w:hdr {W}>{}</w:hdr>", paragraph("", &words))
}

fn footer(document: &Document) -> String {
    let number = |instruction: &str| {
        format!("<w:fldSimple w:instr=\" {instruction} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>")
    };
    let mark = if document.mark.is_empty() { String::new() } else { format!("{} · ", document.mark) };
    let runs = format!("{}{}{}{}", run(&mark, false), number("PAGE"), run(" / ", false), number("NUMPAGES"));
    let look = "<w:pPr><w:jc w:val=\"right\"/></w:pPr>";
    format!("<w:ftr {W}>{}</w:ftr>", paragraph(look, &runs))
}
