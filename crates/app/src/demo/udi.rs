//! Unique device identifiers in GS1's form. The prefix 952 is the one that GS1 keeps for examples: no real device has it.

/// The check digit of a GTIN by GS1's rule (General Specifications, 7.9): digits weighted 3 and 1 from the right.
pub(super) fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    (10 - sum % 10) % 10
}

/// The identifier as a scanner shows it: item number, day of make, serial number.
pub(super) fn identifier(maker: &str, product: usize, made: jiff::civil::Date, serial: &str) -> String {
    let body = format!("1952{maker}{product:05}");
    let check = check_digit(&body);
    let (year, month, day) = (made.year() % 100, made.month(), made.day());
    format!("(01){body}{check}(11){year:02}{month:02}{day:02}(21){serial}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_follows_the_worked_example_of_gs1() {
        // GS1's own worked example: 629104150021 has check digit 3.
        assert_eq!(check_digit("629104150021"), 3);
    }

    #[test]
    fn an_item_number_has_fourteen_digits() {
        let udi = identifier("0101", 7, jiff::civil::date(2022, 3, 4), "VE1");
        assert_eq!(&udi[..4], "(01)");
        assert_eq!(udi.find("(11)"), Some(18));
        assert!(udi.ends_with("(11)220304(21)VE1"));
    }
}
