//! Numbers of any length as bytes that sort as the numbers do, and the small reading steps that the orders share.

/// How many first bytes, from the base up, [`put_number`] may write: the base itself to `base + NUMBER_SPAN - 1`.
pub(super) const NUMBER_SPAN: u8 = 32;

/// Appends a number: `base` plus the count of its digits without leading zeros, then the digits. A number that is
/// longer than its class has room for says so in the last class byte and gives its length in four bytes.
pub(super) fn put_number(out: &mut Vec<u8>, base: u8, digits: &[u8]) {
    let digits = strip_zeros(digits);
    if digits.len() < usize::from(NUMBER_SPAN - 1) {
        out.push(base + digits.len() as u8);
    } else {
        out.push(base + NUMBER_SPAN - 1);
        out.extend_from_slice(&(digits.len() as u32).to_be_bytes());
    }
    out.extend_from_slice(digits);
}

/// The digits without the zeros in front; of zero nothing is left.
pub(super) fn strip_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    &digits[zeros..]
}

/// Splits at the end of the bytes in front that `belongs` accepts.
pub(super) fn split_while(text: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|&&byte| belongs(byte)).count();
    text.split_at(length)
}

/// Splits the digits in front from the rest.
pub(super) fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    split_while(text, |byte| byte.is_ascii_digit())
}

/// Whether these are digits and nothing else, at least one.
pub(super) fn all_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether a number is above `largest`; both without leading zeros.
pub(super) fn exceeds(digits: &[u8], largest: &[u8]) -> bool {
    digits.len().cmp(&largest.len()).then(digits.cmp(largest)).is_gt()
}
