//! What a token says, as texts: nested claims get dotted names, numbers and truths become words. Bounded in depth and number.

use mc_domain::provider::Claims;
use serde_json::{Map, Value};

/// The deepest nesting that is looked into.
const DEPTH: usize = 4;
/// The most values kept, over all claims.
const VALUES: usize = 5_000;
/// The longest value kept, in bytes.
const LONGEST: usize = 512;

/// The claims of a token's body.
pub(crate) fn flatten(body: &Map<String, Value>) -> Claims {
    let (mut claims, mut left) = (Claims::new(), VALUES);
    for (name, value) in body {
        put(&mut claims, name.clone(), value, DEPTH, &mut left);
    }
    claims
}

fn put(claims: &mut Claims, name: String, value: &Value, depth: usize, left: &mut usize) {
    match value {
        Value::Object(fields) if depth > 0 => {
            for (field, value) in fields {
                put(claims, format!("{name}.{field}"), value, depth - 1, left);
            }
        }
        Value::Array(values) if depth > 0 => {
            // An empty list is still a claim: "no groups" is not "nothing said about groups".
            claims.entry(name.clone()).or_default();
            for value in values {
                put(claims, name.clone(), value, 0, left);
            }
        }
        _ => {
            if let Some(text) = text(value).filter(|text| text.len() <= LONGEST && *left > 0) {
                *left -= 1;
                claims.entry(name).or_default().push(text);
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether Entra keeps this person's groups elsewhere, because they are too many for a token.
pub(crate) fn groups_elsewhere(body: &Map<String, Value>, groups_claim: &str) -> bool {
    let named = body.get("_claim_names").and_then(|names| names.get(groups_claim)).is_some();
    let has = body.get("hasgroups").is_some_and(|has| has == true || has == "true");
    named || has
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn nested_claims_have_dotted_names() {
        let claims = flatten(&body(
            r#"{"groups":["a","b"],"realm_access":{"roles":["boss"]},"level":3,"vip":true,"none":[],"odd":[["x"]],"x":null}"#,
        ));
        assert_eq!(claims.get("groups"), Some(&vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(claims.get("realm_access.roles"), Some(&vec!["boss".to_owned()]));
        assert_eq!(claims.get("level"), Some(&vec!["3".to_owned()]));
        assert_eq!(claims.get("vip"), Some(&vec!["true".to_owned()]));
        assert_eq!(claims.get("none"), Some(&Vec::new()));
        assert_eq!(claims.get("odd"), Some(&Vec::new()));
        assert_eq!(claims.get("x"), None);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let many: Vec<Value> = (0..20_000).map(|n| Value::from(n.to_string())).collect();
        let claims = flatten(&Map::from_iter([("groups".to_owned(), Value::from(many)), ("long".to_owned(), "x".repeat(9_999).into())]));
        assert_eq!(claims.get("groups").map(Vec::len), Some(VALUES));
        assert_eq!(claims.get("long"), None);
    }

    #[test]
    fn entra_says_that_the_groups_are_elsewhere() {
        assert!(groups_elsewhere(
            &body(r#"{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph"}}}"#),
            "groups"
        ));
        assert!(groups_elsewhere(&body(r#"{"hasgroups":true}"#), "groups"));
        assert!(!groups_elsewhere(&body(r#"{"groups":["a"],"_claim_names":{"roles":"src1"}}"#), "groups"));
    }
}
