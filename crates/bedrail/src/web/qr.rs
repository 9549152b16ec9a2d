//! A QR code as SVG, drawn here: no image leaves the server, no script draws it.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around a code (ISO/IEC 18004 asks for four).
const QUIET: i32 = 4;

/// A text as a QR code for an authenticator app; `None` where it is too long for one.
pub(crate) fn svg(text: &str) -> Option<String> {
    svg_named(text, "QR code for the authenticator app")
}

/// A text as a QR code with a name of ours for who cannot see it; `None` where it is too long for one.
pub(crate) fn svg_named(text: &str, name: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{name}\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}
