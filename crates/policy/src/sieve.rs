//! Which rules cannot hold for a thing, told without asking Cedar.
//!
//! Somebody with a hundred roles has hundreds of rules, of which a few are about the agent at hand. What a rule's conditions compare is read
//! once; each decision then asks Cedar only about the rules that are left. A rule falls through only when Cedar would find it false without
//! an error: only conditions that are understood, and those before them too, are looked at, and a comparison with an attribute that every
//! thing of its kind has cannot err.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, PatternElem, Template, UnaryOp, Var};
use mc_domain::pattern::Pattern;

use crate::target::{Body, KubernetesAttributes};

/// Deeper than this nothing is read.
const DEPTH: usize = 100;

/// The conditions of a rule, as far as they are understood: each must hold.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    tests: Vec<Test>,
    /// Whether these are all conditions that the rule has.
    whole: bool,
}

/// How something whose attributes are not all known is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// As Cedar would come upon it: what stands behind it is not looked at.
    Stops,
    /// As something that may be either way.
    Either,
}

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
        let tests: Vec<Test> = policy.clauses().iter().map_while(read).collect();
        Self { whole: tests.len() == policy.clauses().len(), tests }
    }

    /// Whether the rule may hold for this thing.
    pub(crate) fn lets_through(&self, body: &Body) -> bool {
        all(&self.tests, &|name| value(body, name), Unknown::Stops) != Some(false)
    }

    /// Whether the rule holds for all requests of which this is known, for none of them, or for some.
    pub(crate) fn among(&self, requests: &Requests<'_>) -> Option<bool> {
        all(&self.tests, &|name| requests.value(name), Unknown::Either).filter(|holds| !holds || self.whole)
    }
}

/// Requests to an API server of which only a part is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Requests<'a> {
    /// To this cluster.
    To(&'a str),
    /// For the objects that this list or watch is over: in whatever namespace and of whatever name, where it asks for every one.
    Over(&'a KubernetesAttributes),
}

impl<'a> Requests<'a> {
    fn value(self, name: &str) -> Option<Value<'a>> {
        let request = match self {
            Self::To(cluster) => return (name == "cluster").then_some(Value::Text(cluster)),
            Self::Over(request) => request,
        };
        match name {
            "namespace" if request.every_namespace => None,
            "name" if request.every_name => None,
            "every_namespace" | "every_name" => None,
            _ => of_request(request, name),
        }
    }
}

/// What is known of a thing, by attribute.
type Look<'a, 'b> = &'b dyn Fn(&str) -> Option<Value<'a>>;

impl Test {
    /// Whether it holds; `None` when that is not known.
    fn holds(&self, look: Look<'_, '_>, unknown: Unknown) -> Option<bool> {
        match self {
            Self::Known(known) => Some(*known),
            Self::Not(test) => test.holds(look, unknown).map(|holds| !holds),
            Self::All(tests) => all(tests, look, unknown),
            Self::Any(tests) => until(tests, look, unknown, true),
            Self::Is(name, wanted) => text(look, name).map(|text| text == wanted),
            Self::Like(name, pattern) => text(look, name).map(|text| pattern.fits(text)),
            Self::Has(name, wanted) => set(look, name).map(|set| set.contains(wanted)),
            Self::Fits(name, pattern) => set(look, name).map(|set| set.iter().any(|text| pattern.fits(text))),
            Self::Yes(name) => match look(name)? {
                Value::Yes(yes) => Some(yes),
                Value::Text(_) | Value::Set(_) => None,
            },
        }
    }
}

fn all(tests: &[Test], look: Look<'_, '_>, unknown: Unknown) -> Option<bool> {
    until(tests, look, unknown, false)
}

/// Goes on until a test answers `wanted`, as Cedar's `||` (true) and `&&` (false) do.
fn until(tests: &[Test], look: Look<'_, '_>, unknown: Unknown, wanted: bool) -> Option<bool> {
    let mut every_known = true;
    for test in tests {
        match test.holds(look, unknown) {
            Some(holds) if holds == wanted => return Some(wanted),
            Some(_) => {}
            None if unknown == Unknown::Stops => return None,
            None => every_known = false,
        }
    }
    every_known.then_some(!wanted)
}

fn text<'a>(look: Look<'a, '_>, name: &str) -> Option<&'a str> {
    match look(name)? {
        Value::Text(text) => Some(text),
        Value::Set(_) | Value::Yes(_) => None,
    }
}

fn set<'a>(look: Look<'a, '_>, name: &str) -> Option<&'a [String]> {
    match look(name)? {
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
        (Body::Kubernetes(request), _) => return of_request(request, name),
        (Body::Other { name, .. }, "name") => Value::Text(name),
        _ => return None,
    })
}

fn of_request<'a>(request: &'a KubernetesAttributes, name: &str) -> Option<Value<'a>> {
    Some(match name {
        "cluster" => Value::Text(&request.cluster),
        "namespace" => Value::Text(&request.namespace),
        "every_namespace" => Value::Yes(request.every_namespace),
        "api_group" => Value::Text(&request.api_group),
        "resource" => Value::Text(&request.resource),
        "subresource" => Value::Text(&request.subresource),
        "verb" => Value::Text(&request.verb),
        "name" => Value::Text(&request.name),
        "every_name" => Value::Yes(request.every_name),
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
    use crate::target::AgentAttributes;

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
    #[test]
    fn what_a_rule_says_of_a_whole_cluster() {
        let holds = |conditions: &str, cluster: &str| {
            let policy = Policy::from_str(&format!("permit (principal, action, resource) {conditions};")).expect("a policy");
            Sieve::of(policy.to_pst().expect("readable").body()).among(&Requests::To(cluster))
        };
        let app = "when { resource.namespace like \"app-*\" } when { resource.cluster like \"dev-*\" || resource.cluster == \"lab\" }";
        for (cluster, expected) in [("dev-1", None), ("lab", None), ("prod", Some(false))] {
            assert_eq!(holds(app, cluster), expected, "{cluster}");
        }
        assert_eq!(holds("", "prod"), Some(true));
        assert_eq!(holds("when { resource.cluster == \"prod\" }", "prod"), Some(true));
        assert_eq!(holds("when { resource.cluster == \"prod\" } when { context.address == \"x\" }", "prod"), None);
        assert_eq!(
            holds("when { context.address == \"x\" } when { resource.cluster == \"prod\" }", "dev"),
            None,
            "what comes behind is not read"
        );
    }

    #[test]
    fn what_a_rule_says_of_a_list() {
        let over = |every_namespace: bool, namespace: &str, resource: &str| KubernetesAttributes {
            cluster: "dev".to_owned(),
            namespace: namespace.to_owned(),
            every_namespace,
            resource: resource.to_owned(),
            verb: "list".to_owned(),
            every_name: true,
            ..KubernetesAttributes::default()
        };
        let conditions = "when { resource.resource == \"pods\" } when { resource.namespace like \"app-*\" || resource.every_namespace }";
        let policy = Policy::from_str(&format!("forbid (principal, action, resource) {conditions};")).expect("a policy");
        let sieve = Sieve::of(policy.to_pst().expect("readable").body());
        let judged = |request: &KubernetesAttributes| sieve.among(&Requests::Over(request));
        assert_eq!(judged(&over(true, "", "pods")), None, "of some namespaces it holds");
        assert_eq!(judged(&over(false, "app-1", "pods")), Some(true));
        assert_eq!(judged(&over(false, "web", "pods")), None, "every_namespace is of the question, not of an object: it is not known");
        assert_eq!(judged(&over(true, "", "secrets")), Some(false));
    }
}
