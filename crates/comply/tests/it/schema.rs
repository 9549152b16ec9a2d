//! As much of JSON Schema draft-07 as NIST's schemas of OSCAL use, for the tests alone. A keyword that is not known here fails
//! the test, so that nothing is passed over. (The usual crate turns on features of `serde_json` for the whole workspace, and
//! the tests would then run other code than the program.)

use std::cell::RefCell;
use std::collections::HashMap;

use regex_automata::meta::Regex;
use serde_json::Value;

/// A schema.
pub(crate) struct Schema {
    root: Value,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Schema {
    pub(crate) fn new(text: &str) -> Schema {
        Schema { root: serde_json::from_str(text).expect("a schema is JSON"), patterns: RefCell::default() }
    }

    /// What is wrong with a document: JSON pointers and keywords.
    pub(crate) fn faults(&self, document: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.root, document, "", &mut faults);
        faults
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let name = reference.strip_prefix("#/definitions/").expect("a definition");
                return self.check(&self.root["definitions"][name], value, place, faults);
            }
            None => schema.as_object().unwrap_or_else(|| panic!("{place}: {schema} is no schema")),
        };
        for (keyword, wanted) in schema {
            if !self.holds(keyword, wanted, schema, value, place, faults) {
                faults.push(format!("{place}: {keyword}"));
            }
        }
    }

    /// Whether a keyword holds. Faults below it are pushed by themselves.
    fn holds(
        &self,
        keyword: &str,
        wanted: &Value,
        schema: &serde_json::Map<String, Value>,
        value: &Value,
        place: &str,
        faults: &mut Vec<String>,
    ) -> bool {
        let any = |schemas: &Value| {
            let fits = |schema: &&Value| {
                let mut inner = Vec::new();
                self.check(schema, value, place, &mut inner);
                inner.is_empty()
            };
            schemas.as_array().expect("schemas").iter().filter(fits).count()
        };
        match keyword {
            // Said, not asked. `format` is asked by the pattern that stands beside each.
            "$schema" | "$id" | "$comment" | "definitions" | "title" | "description" | "contentEncoding" => {
                true
            }
            "format" => schema.contains_key("pattern") || wanted == "uri-reference",
            "type" => is(value, wanted.as_str().expect("one type")),
            "enum" => wanted.as_array().expect("values").contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().expect("a number")),
            "minItems" => {
                value.as_array().is_none_or(|all| all.len() as u64 >= wanted.as_u64().expect("a number"))
            }
            "pattern" => {
                let wanted = wanted.as_str().expect("a pattern");
                let mut patterns = self.patterns.borrow_mut();
                let pattern = patterns
                    .entry(wanted.to_owned())
                    .or_insert_with(|| Regex::new(wanted).expect("a pattern that can be read"));
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "required" => wanted.as_array().expect("names").iter().all(|name| {
                value.as_object().is_none_or(|object| object.contains_key(name.as_str().expect("a name")))
            }),
            "allOf" => any(wanted) == wanted.as_array().expect("schemas").len(),
            "anyOf" => any(wanted) > 0,
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.check(wanted, item, &format!("{place}/{index}"), faults);
                }
                true
            }
            "properties" => {
                for (name, item) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(name) {
                        self.check(schema, item, &format!("{place}/{name}"), faults);
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(wanted, false, "{place}: additionalProperties");
                let known = schema.get("properties");
                let unknown = |name: &String| known.and_then(|known| known.get(name)).is_none();
                !value.as_object().is_some_and(|object| object.keys().any(unknown))
            }
            other => panic!("{place}: the keyword {other} is not known here"),
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the type {other} is not known here"),
    }
}

#[test]
fn each_keyword_refuses_what_it_should() {
    for (schema, good, bad) in [
        (r#"{"type":"string"}"#, r#""a""#, "1"),
        (r#"{"enum":["a"]}"#, r#""a""#, r#""b""#),
        (r#"{"minimum":1}"#, "1", "0"),
        (r#"{"minItems":1}"#, "[0]", "[]"),
        (r#"{"pattern":"^\\p{L}+$"}"#, r#""é""#, r#""1""#),
        (r#"{"required":["a"]}"#, r#"{"a":1}"#, "{}"),
        (r#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#, "1", "1.5"),
        (r#"{"allOf":[{"type":"integer"},{"minimum":1}]}"#, "1", "0"),
        (r#"{"items":{"type":"integer"}}"#, "[1]", r#"[1,"a"]"#),
        (r#"{"properties":{"a":{"type":"integer"}}}"#, r#"{"a":1}"#, r#"{"a":"b"}"#),
        (r#"{"properties":{"a":{}},"additionalProperties":false}"#, r#"{"a":1}"#, r#"{"b":1}"#),
        (r##"{"definitions":{"x":{"type":"integer"}},"items":{"$ref":"#/definitions/x"}}"##, "[1]", "[true]"),
    ] {
        let check = |document: &str| Schema::new(schema).faults(&serde_json::from_str(document).unwrap());
        assert_eq!(check(good), Vec::<String>::new(), "{schema}");
        assert!(!check(bad).is_empty(), "{schema}");
    }
}
