//! What can be told of a policy without asking Cedar: for which actions it holds always, never, or depending on the thing.
//!
//! Lists and "what could they do?" rest on this. Where it cannot tell it says [`Reach::Depends`], which is always safe: Cedar then decides
//! for each thing.

use std::sync::Arc;

use cedar_policy::pst::{ActionConstraint, BinaryOp, Clause, EntityOrSlot, Expr, Literal, ResourceConstraint, Template, UnaryOp, Var};
use mc_domain::action::{ALL, ActionInfo};

use crate::schema::{CALLER, type_name};

/// Whether a policy holds for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Never,
    Depends,
    Always,
}

/// Deeper than this nothing is told.
const DEPTH: usize = 200;

/// For each action of the table, whether the policy holds.
pub(crate) fn reach(policy: &Template) -> Box<[Reach]> {
    ALL.iter().map(|action| reach_of(policy, action)).collect()
}

fn reach_of(policy: &Template, action: &ActionInfo) -> Reach {
    let is = |uid: &cedar_policy::pst::EntityUID| uid.eid == action.name;
    let named = match &policy.action {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => is(uid),
        ActionConstraint::In(uids) => uids.iter().any(is),
    };
    if !named {
        return Reach::Never;
    }
    let scope = resource_scope(&policy.resource, action);
    let clauses = policy.clauses().iter().map(|clause| match clause {
        Clause::When(expr) => truth(expr, action, DEPTH),
        Clause::Unless(expr) => truth(expr, action, DEPTH).map(|known| !known),
    });
    let mut reach = Reach::Always;
    for known in std::iter::once(scope).chain(clauses) {
        match known {
            // What comes after a false part is not evaluated; what comes before it only decides whether it errs, which is no either way.
            Some(false) => return Reach::Never,
            None => reach = Reach::Depends,
            Some(true) => {}
        }
    }
    reach
}

fn resource_scope(constraint: &ResourceConstraint, action: &ActionInfo) -> Option<bool> {
    let kind = type_name(action.on);
    match constraint {
        ResourceConstraint::Any => Some(true),
        ResourceConstraint::Is(name) => Some(name.to_string() == kind),
        ResourceConstraint::IsIn(name, _) if name.to_string() != kind => Some(false),
        // Nothing is in anything here, so that `in` is `==`.
        ResourceConstraint::Eq(EntityOrSlot::Entity(uid)) | ResourceConstraint::In(EntityOrSlot::Entity(uid))
            if uid.ty.to_string() != kind =>
        {
            Some(false)
        }
        _ => None,
    }
}

/// The truth of `expr` for `action` on whatever it is done to; `None` when that depends.
fn truth(expr: &Expr, action: &ActionInfo, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Literal(Literal::Bool(known)) => Some(*known),
        Expr::UnaryOp { op: UnaryOp::Not, expr } => truth(expr, action, depth).map(|known| !known),
        Expr::BinaryOp { op: BinaryOp::And, left, right } => match truth(left, action, depth) {
            Some(false) => Some(false),
            Some(true) => truth(right, action, depth),
            // If the left errs the policy does not hold, and neither does it when the right is false.
            None => truth(right, action, depth).filter(|known| !known),
        },
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => match truth(left, action, depth)? {
            true => Some(true),
            false => truth(right, action, depth),
        },
        Expr::BinaryOp { op, left, right } => action_is(*op, left, right, action),
        Expr::Is { expr, entity_type, in_expr } => {
            let kind = match &**expr {
                Expr::Var(Var::Resource) => type_name(action.on),
                Expr::Var(Var::Principal) => CALLER,
                Expr::Var(Var::Action) => "Action",
                _ => return None,
            };
            let same = entity_type.to_string() == kind;
            (!same || in_expr.is_none()).then_some(same)
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            truth(if truth(cond, action, depth)? { then_expr } else { else_expr }, action, depth)
        }
        _ => None,
    }
}

/// `action == Action::"x"`, `action in [Action::"x", …]`.
fn action_is(op: BinaryOp, left: &Expr, right: &Expr, action: &ActionInfo) -> Option<bool> {
    let (Expr::Var(Var::Action), others) = (left, right) else { return None };
    let is = |expr: &Expr| match expr {
        Expr::Literal(Literal::EntityUID(uid)) => Some(uid.ty.to_string() == "Action" && uid.eid == action.name),
        _ => None,
    };
    match (op, others) {
        (BinaryOp::Eq, other) => is(other),
        (BinaryOp::NotEq, other) => is(other).map(|same| !same),
        (BinaryOp::In, Expr::Set(items)) => items.iter().map(|item| is(item)).try_fold(false, |found, same| same.map(|same| found || same)),
        (BinaryOp::In, other) => is(other),
        _ => None,
    }
}

/// What a policy's conditions use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Patterns that `tag_matches` is asked for.
    pub(crate) tags: Vec<String>,
    /// Patterns that `group_matches` is asked for.
    pub(crate) groups: Vec<String>,
    /// Whether `context` decides.
    pub(crate) context: bool,
    /// Whether `tag_matches` or `group_matches` is used other than by `.contains("…")`, where nobody could know the patterns beforehand.
    pub(crate) unknown_patterns: bool,
}

/// Walks the conditions of `policy`.
pub(crate) fn uses(policy: &Template) -> Uses {
    let mut uses = Uses::default();
    let mut open: Vec<Arc<Expr>> = policy
        .clauses()
        .iter()
        .map(|clause| match clause {
            Clause::When(expr) | Clause::Unless(expr) => Arc::clone(expr),
        })
        .collect();
    while let Some(expr) = open.pop() {
        match &*expr {
            Expr::Var(Var::Context) => uses.context = true,
            Expr::BinaryOp { op: BinaryOp::Contains | BinaryOp::ContainsAny | BinaryOp::ContainsAll, left, right }
                if uses.asked(left, right) => {}
            Expr::GetAttr { attr, .. } if is_matches(attr) => uses.unknown_patterns = true,
            Expr::UnaryOp { expr, .. } | Expr::GetAttr { expr, .. } | Expr::HasAttr { expr, .. } | Expr::Like { expr, .. } => {
                open.push(Arc::clone(expr))
            }
            Expr::BinaryOp { left, right, .. } => open.extend([Arc::clone(left), Arc::clone(right)]),
            Expr::Is { expr, in_expr, .. } => open.extend(std::iter::once(expr).chain(in_expr).map(Arc::clone)),
            Expr::IfThenElse { cond, then_expr, else_expr } => open.extend([cond, then_expr, else_expr].map(Arc::clone)),
            Expr::Set(items) => open.extend(items.iter().map(Arc::clone)),
            Expr::Record(fields) => open.extend(fields.values().map(Arc::clone)),
            Expr::Literal(_) | Expr::Var(_) | Expr::Slot(_) => {}
            // A kind of expression that this does not know: nothing is told of it, so it is not let in.
            _ => uses.unknown_patterns = true,
        }
    }
    uses
}

fn is_matches(attribute: &str) -> bool {
    matches!(attribute, "tag_matches" | "group_matches")
}

impl Uses {
    /// Notes the patterns of `resource.tag_matches.contains("…")`; whether it was that.
    fn asked(&mut self, left: &Expr, right: &Expr) -> bool {
        let Expr::GetAttr { expr, attr } = left else { return false };
        if !is_matches(attr) || !matches!(**expr, Expr::Var(Var::Resource)) {
            return false;
        }
        let list = if attr == "tag_matches" { &mut self.tags } else { &mut self.groups };
        let text = |expr: &Expr| match expr {
            Expr::Literal(Literal::String(text)) => Some(text.to_string()),
            _ => None,
        };
        let found: Option<Vec<String>> = match right {
            Expr::Set(items) => items.iter().map(|item| text(item)).collect(),
            other => text(other).map(|text| vec![text]),
        };
        match found {
            Some(found) => {
                list.extend(found);
                true
            }
            None => false,
        }
    }
}
