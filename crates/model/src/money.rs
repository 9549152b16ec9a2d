//! Amounts of money: whole cents of a currency, so that sums are exact.

use std::fmt;
use std::str::FromStr;

/// A currency by its alphabetic code of ISO 4217: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// What an organisation counts in that chose nothing else.
    pub const USD: Currency = Currency(*b"USD");
}

impl Default for Currency {
    fn default() -> Currency {
        Currency::USD
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// A text that is no currency or no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// No currency.
    #[error("a currency is three letters such as USD or EUR (ISO 4217)")]
    Currency,
    /// No amount.
    #[error("an amount is written as 1250 or 1250.50, up to 999999999.99")]
    Amount,
}

impl FromStr for Currency {
    type Err = InvalidMoney;
    fn from_str(text: &str) -> Result<Currency, InvalidMoney> {
        let letters: [u8; 3] = text.trim().as_bytes().try_into().map_err(|_| InvalidMoney::Currency)?;
        let letters = letters.map(|letter| letter.to_ascii_uppercase());
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Currency(letters))
        } else {
            Err(InvalidMoney::Currency)
        }
    }
}

/// An amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Hundredths of the currency's unit.
    pub cents: u64,
    /// The currency.
    pub currency: Currency,
}

/// The largest amount, in cents: sums of millions of them fit.
pub const MOST_CENTS: u64 = 99_999_999_999;

/// The cents of an amount as people type it: `1250`, `1,250`, `1250.50`, `1,250.5`. Commas part thousands, a point the cents.
///
/// # Errors
/// [`InvalidMoney::Amount`] for anything else: a comma where cents would begin may mean either, so it is refused.
pub fn cents(text: &str) -> Result<u64, InvalidMoney> {
    let text = text.trim();
    let (units, hundredths) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = units.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = units.contains(',');
    let whole = groups.all(|group| group.len() == 3) && (!grouped || (1..=3).contains(&first.len()));
    let digits: String = units.chars().filter(|letter| *letter != ',').collect();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole || digits.is_empty() || !plain(&digits) || !plain(hundredths) || hundredths.len() > 2 {
        return Err(InvalidMoney::Amount);
    }
    if text.contains('.') && hundredths.is_empty() {
        return Err(InvalidMoney::Amount);
    }
    let units: u64 = digits.parse().map_err(|_| InvalidMoney::Amount)?;
    let part: u64 = format!("{hundredths:0<2}").parse().map_err(|_| InvalidMoney::Amount)?;
    let all = units.checked_mul(100).and_then(|cents| cents.checked_add(part));
    all.filter(|cents| *cents <= MOST_CENTS).ok_or(InvalidMoney::Amount)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = (self.cents / 100).to_string();
        for (at, digit) in units.chars().enumerate() {
            if at > 0 && (units.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02} {}", self.cents % 100, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them_and_nothing_is_guessed() {
        for (text, expected) in [
            ("1250", Some(125_000)),
            (" 1,250.5 ", Some(125_050)),
            ("0.07", Some(7)),
            ("1,234,567", Some(123_456_700)),
            ("999999999.99", Some(MOST_CENTS)),
            ("1000000000", None),
            ("1250,50", None),
            ("12,50", None),
            ("1,25,000", None),
            ("1.250", None),
            ("1.", None),
            (".5", None),
            ("-3", None),
            ("1e3", None),
            ("١٢", None),
            ("", None),
        ] {
            assert_eq!(cents(text).ok(), expected, "{text}");
        }
        let money = Money { cents: 123_456_705, currency: "eur".parse().unwrap() };
        assert_eq!(money.to_string(), "1,234,567.05 EUR");
        assert!("EURO".parse::<Currency>().is_err() && "€".parse::<Currency>().is_err());
    }
}
