//! Numbers of certificates: ten signs that say nothing of the person, and one by which a mistyped number is seen.

use sha2::{Digest as _, Sha256};

/// Crockford's signs: no I, L, O or U, which are read for others.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs before the check.
const LENGTH: usize = 10;
/// A prime, so that every single mistyped sign and every swap of neighbours changes the check.
const PRIME: u64 = 31;

fn check(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, |sum, value| (sum * 32 + value) % PRIME)
}

/// The number of a certificate, made of what it is about: `7K2M9-QX4TB-H`.
pub fn number(about: &[u8]) -> String {
    let digest = Sha256::digest(about);
    let values: Vec<u64> = digest.iter().take(LENGTH).map(|byte| u64::from(byte % 32)).collect();
    let sign = |value: u64| char::from(SIGNS[(value % 32) as usize]);
    let text: String = values.iter().map(|value| sign(*value)).collect();
    format!("{}-{}-{}", &text[..5], &text[5..], sign(check(values.into_iter())))
}

/// A number as it is kept, from what somebody typed; `None` where it cannot be one.
pub fn read(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let mut values = Vec::new();
    for sign in typed.chars().filter(|sign| !sign.is_whitespace() && *sign != '-') {
        let sign = match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        values.push(SIGNS.iter().position(|known| char::from(*known) == sign)? as u64);
    }
    let last = values.pop()?;
    if values.len() != LENGTH || check(values.iter().copied()) != last {
        return None;
    }
    let text: String = values.iter().map(|value| char::from(SIGNS[*value as usize])).collect();
    Some(format!("{}-{}-{}", &text[..5], &text[5..], char::from(SIGNS[last as usize])))
}
