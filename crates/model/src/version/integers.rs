//! Orders that are lists of whole numbers: R's and Haskell's. The list that ends first is lower, so `1.0` < `1.0.0`.

use super::Refusal;
use super::digits::{all_digits, put_number};

/// R, `base::numeric_version` and `utils::compareVersion`: numbers between `.` or `-`, which mean the same.
pub(super) fn write_cran(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    put_list(text, |byte| matches!(byte, b'.' | b'-'), out)
        .map_err(|()| "whole numbers separated by dots or hyphens")
}

/// Haskell, `Distribution.Version` of Cabal: numbers between dots, each without leading zeros and of at most nine digits.
/// The tags of old (`1.0-alpha`) are refused.
pub(super) fn write_hackage(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let sound = |number: &[u8]| number.len() <= 9 && (number.len() == 1 || !number.starts_with(b"0"));
    if !text.split(|&byte| byte == b'.').all(sound) {
        return Err("numbers of at most nine digits, without leading zeros");
    }
    put_list(text, |byte| byte == b'.', out).map_err(|()| "whole numbers separated by dots")
}

fn put_list(text: &[u8], separates: impl Fn(u8) -> bool, out: &mut Vec<u8>) -> Result<(), ()> {
    for number in text.split(|&byte| separates(byte)) {
        if !all_digits(number) {
            return Err(());
        }
        put_number(out, 0, number);
    }
    Ok(())
}
