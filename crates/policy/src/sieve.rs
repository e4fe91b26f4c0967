//! Which rules cannot hold for a thing, told without asking Cedar.
//!
//! Somebody with a hundred roles has hundreds of rules, of which a few are about the agent at hand. What a rule's conditions compare is read
//! once; each decision then asks Cedar only about the rules that are left. A rule falls through only when Cedar would find it false without
//! an error: only conditions that are understood, and those before them too, are looked at, and a comparison with an attribute that every
//! thing of its kind has cannot err.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, PatternElem, Template, UnaryOp, Var};
use mc_domain::pattern::Pattern;

use crate::target::Body;

/// Deeper than this nothing is read.
const DEPTH: usize = 100;

/// The conditions of a rule, as far as they are understood: each must hold.
#[derive(Debug, Default)]
pub(crate) struct Sieve(Vec<Test>);

/// Something that is asked of a thing.
#[derive(Debug)]
enum Test {
    Known(bool),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
    /// A text attribute is this.
    Is(String, String),
    /// A text attribute is like this.
    Like(String, Pattern),
    /// A set attribute has this.
    Has(String, String),
    /// Something in the set attribute fits the pattern.
    Fits(String, Pattern),
    /// An attribute that is yes or no.
    Yes(String),
}

/// What a thing has under a name.
enum Value<'a> {
    Text(&'a str),
    Set(&'a [String]),
    Yes(bool),
}

impl Sieve {
    /// Reads the conditions of a policy, up to the first that is not understood.
    pub(crate) fn of(policy: &Template) -> Self {
        let read = |clause: &Clause| match clause {
            Clause::When(expr) => read(expr, DEPTH),
            Clause::Unless(expr) => read(expr, DEPTH).map(|test| Test::Not(Box::new(test))),
        };
        Self(policy.clauses().iter().map_while(read).collect())
    }

    /// Whether the rule may hold for this thing.
    pub(crate) fn lets_through(&self, body: &Body) -> bool {
        for test in &self.0 {
            match test.holds(body) {
                Some(true) => {}
                Some(false) => return false,
                // What comes behind is not looked at: before it there may be an error.
                None => return true,
            }
        }
        true
    }
}

impl Test {
    /// Whether it holds; `None` when the thing has no such attribute.
    fn holds(&self, body: &Body) -> Option<bool> {
        match self {
            Self::Known(known) => Some(*known),
            Self::Not(test) => test.holds(body).map(|holds| !holds),
            Self::All(tests) => first(tests, body, false),
            Self::Any(tests) => first(tests, body, true),
            Self::Is(name, wanted) => text(body, name).map(|text| text == wanted),
            Self::Like(name, pattern) => text(body, name).map(|text| pattern.fits(text)),
            Self::Has(name, wanted) => set(body, name).map(|set| set.contains(wanted)),
            Self::Fits(name, pattern) => set(body, name).map(|set| set.iter().any(|text| pattern.fits(text))),
            Self::Yes(name) => match value(body, name)? {
                Value::Yes(yes) => Some(yes),
                Value::Text(_) | Value::Set(_) => None,
            },
        }
    }
}

/// Goes on until a test answers `wanted`, as Cedar's `||` (true) and `&&` (false) do.
fn first(tests: &[Test], body: &Body, wanted: bool) -> Option<bool> {
    for test in tests {
        if test.holds(body)? == wanted {
            return Some(wanted);
        }
    }
    Some(!wanted)
}

fn text<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    match value(body, name)? {
        Value::Text(text) => Some(text),
        Value::Set(_) | Value::Yes(_) => None,
    }
}

fn set<'a>(body: &'a Body, name: &str) -> Option<&'a [String]> {
    match value(body, name)? {
        Value::Set(set) => Some(set),
        Value::Text(_) | Value::Yes(_) => None,
    }
}

fn value<'a>(body: &'a Body, name: &str) -> Option<Value<'a>> {
    Some(match (body, name) {
        (Body::Agent(agent), "id") => Value::Text(&agent.id),
        (Body::Agent(agent), "name") => Value::Text(&agent.name),
        (Body::Agent(agent), "kind") => Value::Text(&agent.kind),
        (Body::Agent(agent), "owner") => Value::Text(&agent.owner),
        (Body::Agent(agent), "tags" | "tag_matches") => Value::Set(&agent.tags),
        (Body::Agent(agent), "groups" | "group_matches") => Value::Set(&agent.groups),
        (Body::Kubernetes(request), "cluster") => Value::Text(&request.cluster),
        (Body::Kubernetes(request), "namespace") => Value::Text(&request.namespace),
        (Body::Kubernetes(request), "every_namespace") => Value::Yes(request.every_namespace),
        (Body::Kubernetes(request), "api_group") => Value::Text(&request.api_group),
        (Body::Kubernetes(request), "resource") => Value::Text(&request.resource),
        (Body::Kubernetes(request), "subresource") => Value::Text(&request.subresource),
        (Body::Kubernetes(request), "verb") => Value::Text(&request.verb),
        (Body::Kubernetes(request), "name") => Value::Text(&request.name),
        (Body::Kubernetes(request), "every_name") => Value::Yes(request.every_name),
        (Body::Other { name, .. }, "name") => Value::Text(name),
        _ => return None,
    })
}

fn read(expr: &Expr, depth: usize) -> Option<Test> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Literal(Literal::Bool(known)) => Some(Test::Known(*known)),
        Expr::UnaryOp { op: UnaryOp::Not, expr } => Some(Test::Not(Box::new(read(expr, depth)?))),
        Expr::BinaryOp { op: BinaryOp::And, left, right } => Some(Test::All(vec![read(left, depth)?, read(right, depth)?])),
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => Some(Test::Any(vec![read(left, depth)?, read(right, depth)?])),
        Expr::BinaryOp { op: BinaryOp::Eq, left, right } => Some(Test::Is(attribute(left)?, string(right)?)),
        Expr::BinaryOp { op: BinaryOp::NotEq, left, right } => Some(Test::Not(Box::new(Test::Is(attribute(left)?, string(right)?)))),
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } => contains(attribute(left)?, string(right)?),
        Expr::Like { expr, pattern } => Some(Test::Like(attribute(expr)?, like(pattern)?)),
        Expr::GetAttr { .. } => Some(Test::Yes(attribute(expr)?)),
        _ => None,
    }
}

fn contains(attribute: String, wanted: String) -> Option<Test> {
    match attribute.as_str() {
        "tags" | "groups" => Some(Test::Has(attribute, wanted)),
        "tag_matches" | "group_matches" => Some(Test::Fits(attribute, wanted.parse().ok()?)),
        _ => None,
    }
}

/// The name in `resource.name`.
fn attribute(expr: &Expr) -> Option<String> {
    match expr {
        Expr::GetAttr { expr, attr } if matches!(**expr, Expr::Var(Var::Resource)) => Some(attr.to_string()),
        _ => None,
    }
}

fn string(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(Literal::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn like(pattern: &[PatternElem]) -> Option<Pattern> {
    let mut text = String::new();
    for element in pattern {
        match element {
            PatternElem::Wildcard => text.push('*'),
            PatternElem::Char(c) => {
                if matches!(c, '*' | '\\') {
                    text.push('\\');
                }
                text.push(*c);
            }
        }
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use cedar_policy::Policy;

    use super::*;
    use crate::target::{AgentAttributes, KubernetesAttributes};

    fn passes(conditions: &str, body: &Body) -> bool {
        let policy = Policy::from_str(&format!("permit (principal, action, resource) {conditions};")).expect("a policy");
        Sieve::of(policy.to_pst().expect("readable").body()).lets_through(body)
    }

    #[test]
    fn only_what_is_surely_false_falls_through() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let agent = Body::Agent(AgentAttributes { name: "web-1".to_owned(), tags: texts(&["team:a", "eu"]), ..AgentAttributes::default() });
        for (conditions, expected) in [
            ("", true),
            ("when { resource.name == \"web-1\" }", true),
            ("when { resource.name == \"web-2\" }", false),
            ("when { resource.name != \"web-2\" }", true),
            ("unless { resource.name == \"web-1\" }", false),
            ("when { resource.name like \"web-*\" }", true),
            ("when { resource.name like \"db-*\" }", false),
            ("when { resource.name like \"web\\*1\" }", false),
            ("when { resource.name == \"db\" || resource.kind == \"\" }", true),
            ("when { resource.name == \"db\" || resource.kind == \"systemd\" }", false),
            ("when { resource.name == \"web-1\" && !(resource.kind == \"\") }", false),
            ("when { resource.tags.contains(\"eu\") }", true),
            ("when { resource.tags.contains(\"us\") }", false),
            ("when { resource.tag_matches.contains(\"team:*\") }", true),
            ("when { resource.tag_matches.contains(\"crew:*\") }", false),
            ("when { resource.group_matches.contains(\"*\") }", false),
            ("when { resource.name == \"web-1\" } when { resource.kind == \"x\" }", false),
            // What is not understood may hold, and what comes behind it is not looked at.
            ("when { context.address == \"x\" }", true),
            ("when { context.address == \"x\" } when { resource.name == \"db\" }", true),
            ("when { resource.name == \"db\" } when { context.address == \"x\" }", false),
            ("when { context.address == \"x\" || resource.name == \"db\" }", true),
            ("when { resource.unheard == \"x\" } when { resource.name == \"db\" }", true),
            ("when { resource.unheard == \"x\" && resource.name == \"db\" }", true),
        ] {
            assert_eq!(passes(conditions, &agent), expected, "{conditions}");
        }
        let every = Body::Kubernetes(KubernetesAttributes { every_namespace: true, ..KubernetesAttributes::default() });
        assert!(passes("when { resource.namespace == \"app\" || resource.every_namespace }", &every));
        assert!(!passes("when { resource.namespace == \"app\" || resource.every_name }", &every));
        assert!(passes("when { resource.name == \"x\" }", &Body::Everything));
    }
}
