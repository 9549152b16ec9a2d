//! Short numbers of items, for paper: eight digits of the id and a check digit (Luhn, ISO/IEC 7812-1 annex B), so that what is
//! typed back wrongly is refused rather than meant for another item.

use bedrail_model::ids::AlertItemId;
use bedrail_store::alerts::items;

use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Digits without the check digit.
const DIGITS: u32 = 8;

fn digits(id: AlertItemId) -> u64 {
    // The last eight bytes of a UUID of version 7 are drawn at random (RFC 9562, section 5.7).
    let [.., a, b, c, d, e, f, g, h] = *id.uuid().as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 10_u64.pow(DIGITS)
}

/// The digit that makes the sum a multiple of ten.
fn check_digit(number: u64) -> u64 {
    let (mut rest, mut sum, mut double) = (number, 0, true);
    while rest > 0 {
        let digit = (rest % 10) * if double { 2 } else { 1 };
        sum += if digit > 9 { digit - 9 } else { digit };
        rest /= 10;
        double = !double;
    }
    (10 - sum % 10) % 10
}

/// The number of an item: `123 456 782`.
pub fn of(id: AlertItemId) -> String {
    let number = digits(id);
    let all = number * 10 + check_digit(number);
    format!("{:03} {:03} {:03}", all / 1_000_000, all / 1_000 % 1_000, all % 1_000)
}

/// The digits that somebody typed; `None` where that is no number of ours.
fn typed(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|sign| !matches!(sign, ' ' | '-' | '.')).collect();
    let fits = digits.len() == DIGITS as usize + 1 && digits.bytes().all(|sign| sign.is_ascii_digit());
    let all: u64 = fits.then(|| digits.parse().ok()).flatten()?;
    (check_digit(all / 10) == all % 10).then_some(all / 10)
}

/// The item that somebody means by an id or a short number: an open one, or, where none has the number, a closed one.
///
/// # Errors
/// [`Error::Invalid`] for what is neither, or a number with a wrong digit; [`Error::NotFound`] where no item has the number;
/// [`Error::Conflict`] where two have it.
pub async fn find(ctx: &Context, actor: &Actor, text: &str) -> Result<AlertItemId, Error> {
    if let Ok(id) = text.trim().parse() {
        return Ok(id);
    }
    let number = typed(text).ok_or_else(|| Error::Invalid {
        message: "that is no number of an alert, or one of its digits is wrong".into(),
        hint: Some("it has nine digits, as on the printed list".into()),
    })?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let only = |ids: Vec<AlertItemId>| {
        let mut found = ids.into_iter().filter(|id| digits(*id) == number);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => {
                Err(Error::Conflict { message: "two alerts have this number: take it from the list".into() })
            }
            (found, _) => Ok(found),
        }
    };
    if let Some(id) = only(items::open_ids(&view).await?)? {
        return Ok(id);
    }
    only(items::closed_ids(&view).await?)?.ok_or_else(|| Error::not_found("an alert with this number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_and_a_wrong_digit_is_told() {
        let id: AlertItemId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let text = of(id);
        assert_eq!(typed(&text), Some(digits(id)), "{text}");
        let plain: String = text.chars().filter(char::is_ascii_digit).collect();
        for (at, sign) in plain.bytes().enumerate() {
            for other in b'0'..=b'9' {
                let mut wrong = plain.clone().into_bytes();
                wrong[at] = other;
                let wrong = String::from_utf8(wrong).unwrap();
                assert_eq!(typed(&wrong).is_some(), other == sign, "{wrong}");
            }
        }
        // The example of ISO/IEC 7812-1: 7992739871 has the check digit 3.
        assert_eq!(check_digit(7_992_739_871), 3);
        for odd in ["", "12345678", "1234567890", "12345678x", "\u{661}23456782"] {
            assert_eq!(typed(odd), None, "{odd}");
        }
    }
}
