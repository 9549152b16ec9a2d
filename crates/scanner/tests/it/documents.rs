//! What is a document, and what is something to look into.

use std::io::Cursor;

use bedrail_scanner::is_document;

use crate::made::*;

#[test]
fn documents_are_told_from_what_holds_something() {
    let json = br#"{"bomFormat":"CycloneDX"}"#.as_slice();
    let documents = [
        json.to_vec(),
        gzip(json),
        bzip2(json),
        xz(json),
        zstd(json),
        b"SPDXVersion: SPDX-2.3\n".to_vec(),
        b":Name,Version\nS1,2\n".to_vec(),
        [&[0xff, 0xfe][..], b"<\0b\0"].concat(),
        zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]),
    ];
    for (at, bytes) in documents.iter().enumerate() {
        assert!(is_document(&mut Cursor::new(bytes)).unwrap(), "document {at}");
    }
    let others = [
        jar(),
        tar(&[("a", b"a")]),
        gzip(&tar(&[("a", b"a")])),
        xz(&tar(&[("a", b"a")])),
        gzip(&jar()),
        b"\x7fELF\x02\x01\x01\0\0\0".to_vec(),
        [b"#!/bin/sh\n".as_slice(), &jar()].concat(),
        b"\x1f\x8b\x08 and then nothing that gzip knows".to_vec(),
        // Firmware as text: Intel HEX, S-records.
        b":020000040800F2\n".to_vec(),
        b"S00600004844521B\r\nS9030000FC\r\n".to_vec(),
        gzip(b":020000040800F2\n:00000001FF\n"),
    ];
    for (at, bytes) in others.iter().enumerate() {
        assert!(!is_document(&mut Cursor::new(bytes)).unwrap(), "other {at}");
    }
}
