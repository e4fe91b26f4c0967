//! Reading Cedar text: parsed, bounded, validated against the schema, and looked through for what a role must not say.

use std::str::FromStr as _;

use cedar_policy::{Policy, PolicyId, PolicySet, PrincipalConstraint, ValidationMode};
use mc_domain::role_form::{CEDAR_MAX, RULES_MAX};
use miette::Diagnostic;

use crate::{
    problem::Problem,
    schema,
    tree::{self, Uses},
};

/// The deepest that a role's text nests: what nests deeply costs stack, whoever reads it. A chain of `||` nests as deep as it is long; the
/// longest that the form makes has one for each pattern of a list.
const DEPTH_MAX: usize = 100;

/// A policy that was read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) policy: Policy,
    pub(crate) uses: Uses,
}

/// Whether what is suspect, such as letters that look like others, is a problem: when a text is saved it is, when it is loaded it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspect {
    Refused,
    Taken,
}

/// Reads the policies of a text, in order. Their ids are the role's name with their number.
pub(crate) fn read(role: &str, text: &str, suspect: Suspect) -> Result<Vec<Read>, Vec<Problem>> {
    bounded(text).map_err(|problem| vec![problem])?;
    with_stack(|| parse(role, text, suspect))
}

/// Runs `work` with the stack that Cedar's parser and validator need for the deepest text that is let in; a server's worker has less.
pub(crate) fn with_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(8 << 20, 16 << 20, work)
}

fn parse(role: &str, text: &str, suspect: Suspect) -> Result<Vec<Read>, Vec<Problem>> {
    let set = PolicySet::from_str(text).map_err(|errors| {
        errors
            .iter()
            .map(|error| Problem::new(line(text, error), format!("this is not Cedar: {}", told(error, &error.to_string()))))
            .collect::<Vec<_>>()
    })?;
    let mut problems = Vec::new();
    if set.num_of_templates() > 0 {
        problems.push(Problem::new("cedar", "slots such as ?resource have no meaning in a role: name the thing, or leave it out"));
    }
    if set.num_of_policies() == 0 {
        problems.push(Problem::new("cedar", "has no policy: write at least one permit or forbid"));
    }
    if set.num_of_policies() > RULES_MAX {
        problems.push(Problem::new("cedar", format!("has {} policies, at most {RULES_MAX} fit in a role", set.num_of_policies())));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut read = Vec::new();
    for index in 0..set.num_of_policies() {
        let number = index + 1;
        let Some(policy) = set.policy(&PolicyId::new(format!("policy{index}"))) else { continue };
        match one(policy.new_id(PolicyId::new(format!("{role}/{number}"))), number) {
            Ok(policy) => read.push(policy),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(validate(text, &read, suspect));
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

fn bounded(text: &str) -> Result<(), Problem> {
    if text.len() > CEDAR_MAX {
        return Err(Problem::new("cedar", format!("is {} bytes long, at most {CEDAR_MAX} fit", text.len())));
    }
    if nests_deeply(text) {
        return Err(Problem::new("cedar", "is too involved: use lists and patterns, or make several policies of one"));
    }
    Ok(())
}

/// Whether brackets or operators nest deeper than is good, looked at from outside: strings and comments are skipped, the rest is counted.
fn nests_deeply(text: &str) -> bool {
    // Operators at each level of brackets, and since the last one that joins conditions.
    let (mut levels, mut run) = (vec![0_usize], 0_usize);
    let mut depth = 0_usize;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            b'/' if bytes.peek() == Some(&b'/') => while bytes.next().is_some_and(|byte| byte != b'\n') {},
            b'(' | b'[' | b'{' => {
                levels.push(run + 1);
                depth += run + 1;
                run = 0;
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(levels.pop().unwrap_or(0));
                run = 0;
            }
            b'|' | b'&' if bytes.peek() == Some(&byte) => {
                depth += 1;
                run = 0;
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
            }
            b'i' if bytes.peek() == Some(&b'f') => run += 1,
            b'=' | b'<' | b'>' | b'!' | b'+' | b'-' | b'*' | b'.' => run += 1,
            b';' => (levels, depth, run) = (vec![0], 0, 0),
            _ => {}
        }
        if depth + run > DEPTH_MAX {
            return true;
        }
    }
    false
}

fn one(policy: Policy, number: usize) -> Result<Read, Problem> {
    let at = || format!("policy {number}");
    if policy.principal_constraint() != PrincipalConstraint::Any {
        return Err(Problem::new(at(), "a role does not name who has it: write principal alone, and assign the role"));
    }
    let body = policy.to_pst().map_err(|error| Problem::new(at(), format!("cannot be looked through: {error}")))?;
    let uses = tree::uses(body.body());
    if uses.unknown_patterns {
        return Err(Problem::new(
            at(),
            "tag_matches and group_matches can only be asked by .contains(\"pattern\") with the pattern written out",
        ));
    }
    for pattern in uses.tags.iter().chain(&uses.groups) {
        pattern.parse::<mc_domain::pattern::Pattern>().map_err(|error| Problem::new(at(), format!("{pattern:?}: {error}")))?;
    }
    Ok(Read { policy, uses })
}

fn validate(text: &str, read: &[Read], suspect: Suspect) -> Vec<Problem> {
    let validator = match schema::validator() {
        Ok(validator) => validator,
        Err(error) => return vec![Problem::new("cedar", format!("the schema is broken: {error}"))],
    };
    let set = match PolicySet::from_policies(read.iter().map(|read| read.policy.clone())) {
        Ok(set) => set,
        Err(error) => return vec![Problem::new("cedar", error.to_string())],
    };
    let result = validator.validate(&set, ValidationMode::Strict);
    let errors = result.validation_errors().map(|error| Problem::new(line(text, error), told(error, &error.to_string())));
    let warnings = result
        .validation_warnings()
        .filter(|_| suspect == Suspect::Refused)
        .map(|warning| Problem::new(line(text, warning), told(warning, &warning.to_string())));
    errors.chain(warnings).collect()
}

/// The message with the advice that comes with it, if any.
fn told(error: &dyn Diagnostic, message: &str) -> String {
    match error.help() {
        Some(help) => format!("{message} ({help})"),
        None => message.to_owned(),
    }
}

/// `line 4`, of what the diagnostic points at.
fn line(text: &str, error: &dyn Diagnostic) -> String {
    let offset = error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    match offset.and_then(|offset| text.get(..offset)) {
        Some(before) => format!("line {}", before.matches('\n').count() + 1),
        None => "cedar".to_owned(),
    }
}
