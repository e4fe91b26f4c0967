//! Proof of authorisation.
//!
//! A [`Permitted`] value says: the gate allowed this actor this action on this thing. Functions that read or change anything take one,
//! so a path that forgot to ask does not compile. Only the gate (`mc-policy`) may call [`Permitted::grant`]; a lint refuses it
//! elsewhere.

use std::marker::PhantomData;

use crate::action::Action;

/// A thing, and the proof that `A` is allowed on it.
#[derive(Debug, Clone)]
pub struct Permitted<T, A: Action> {
    thing: T,
    action: PhantomData<fn() -> A>,
}

/// The whole fleet, as the thing an action on no single resource is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Everything;

impl<T, A: Action> Permitted<T, A> {
    /// Makes the proof. For the gate alone.
    #[must_use]
    pub const fn grant(thing: T) -> Self {
        Self { thing, action: PhantomData }
    }

    /// The thing.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.thing
    }

    /// The thing, giving up the proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.thing
    }

    /// The action's name, for the audit trail.
    #[must_use]
    pub const fn action_name(&self) -> &'static str {
        A::NAME
    }
}

impl<T, A: Action> std::ops::Deref for Permitted<T, A> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.thing
    }
}
