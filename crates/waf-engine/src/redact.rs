//! What is kept of a match: the variable, and the shape of the value. The value stays here.

/// Characters kept of the name of a variable, and of a shape.
const NAME_LIMIT: usize = 80;
const SHAPE_LIMIT: usize = 48;

/// Variable and shape of the library's sentence: ``Matched "Operator `Rx' with parameter `…' against variable `ARGS:q'
/// (Value: `…' )``. The parameter is the rule's; variable and value hold what the client sent.
pub(crate) fn variable_and_shape(matched: &str) -> (String, String) {
    let Some((_, rest)) = matched.split_once("against variable `") else { return Default::default() };
    let (name, value) = rest.split_once("' (Value: `").unwrap_or((rest, ""));
    let value =
        value.strip_suffix("' )").or_else(|| value.rsplit_once('\'').map(|(it, _)| it)).unwrap_or(value);
    (variable(name), shape(value))
}

/// The name of a variable. The part after the colon is the client's: signs other than those of names become `…`.
fn variable(name: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "_-.:[]/*@".contains(sign);
    let mut kept = String::new();
    for sign in name.chars().take(NAME_LIMIT) {
        match (plain(sign), kept.ends_with('…')) {
            (true, _) => kept.push(sign),
            (false, false) => kept.push('…'),
            (false, true) => {}
        }
    }
    kept
}

/// Letters as `a`, digits as `0`, white space as one blank, other ASCII signs as they are, repetition dropped.
fn shape(value: &str) -> String {
    let mut kept = String::new();
    for sign in value.chars() {
        let class = match sign {
            '0'..='9' => '0',
            it if it.is_alphabetic() => 'a',
            it if it.is_whitespace() => ' ',
            it if it.is_ascii_graphic() => it,
            _ => '?',
        };
        if !kept.ends_with(class) {
            kept.push(class);
        }
        if kept.len() >= SHAPE_LIMIT {
            kept.push('…');
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::variable_and_shape;

    #[test]
    fn nothing_of_the_value_is_kept_but_its_shape() {
        for (matched, variable, shape) in [
            (
                "Matched \"Operator `Rx' with parameter `(?i)jndi' against variable `ARGS:q' (Value: `${jndi:ldap://host77/x}' )",
                "ARGS:q",
                "${a:a:/a0/a}",
            ),
            (
                "Matched \"Operator `Pm' with parameter `x' against variable `REQUEST_HEADERS:User-Agent' (Value: `nikto 2' )",
                "REQUEST_HEADERS:User-Agent",
                "a 0",
            ),
            (
                "Matched \"Operator `Ge' with parameter `5' against variable `TX:BLOCKING_INBOUND_ANOMALY_SCORE' (Value: `15' )",
                "TX:BLOCKING_INBOUND_ANOMALY_SCORE",
                "0",
            ),
            (
                "Matched \"Operator `Rx' with parameter `x' against variable `ARGS:Miller, Jan' (Value: `it's' )",
                "ARGS:Miller…Jan",
                "a'a",
            ),
            ("", "", ""),
        ] {
            assert_eq!(variable_and_shape(matched), (variable.to_owned(), shape.to_owned()), "{matched}");
        }
        let long = format!("against variable `A' (Value: `{}' )", "a1".repeat(100));
        assert!(variable_and_shape(&long).1.ends_with('…'));
    }
}
