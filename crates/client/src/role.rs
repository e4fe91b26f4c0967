//! Roles, who has them, and what they allow.

use http::Method;
use mc_api::{
    list::List,
    role::{Action, Role, RoleChecked, RoleForm},
    role_assignment::{RoleAssignment, RoleAssignmentCreate},
    simulate::{Decision, PastAnswer, SimulatePast, SimulateWhat, SimulateWho, WhatAnswer, WhoAnswer},
};
use mc_domain::{id::AssignmentId, role::RoleName};

use crate::{Client, Result};

impl Client {
    /// All roles.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn role_list(&self) -> Result<List<Role>> {
        self.fetch(self.call(Method::GET, &["admin", "roles"])).await
    }

    /// One role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn role_show(&self, name: &str) -> Result<Role> {
        self.fetch(self.call(Method::GET, &["admin", "roles", name])).await
    }

    /// Makes a role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); `conflict` when the name is taken.
    pub async fn role_create(&self, form: &RoleForm) -> Result<Role> {
        self.fetch(self.call(Method::POST, &["admin", "roles"]).json(form)?).await
    }

    /// Changes a role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn role_update(&self, name: &str, form: &RoleForm) -> Result<Role> {
        self.fetch(self.call(Method::PUT, &["admin", "roles", name]).json(form)?).await
    }

    /// Deletes a role that nobody has.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn role_delete(&self, name: &str) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "roles", name])).await
    }

    /// Checks a role without saving it.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn role_check(&self, form: &RoleForm) -> Result<RoleChecked> {
        self.fetch(self.call(Method::POST, &["admin", "roles", "check"]).json(form)?).await
    }

    /// All actions there are.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn action_list(&self) -> Result<List<Action>> {
        self.fetch(self.call(Method::GET, &["admin", "actions"])).await
    }

    /// Who was given which role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn assignment_list(&self, role: Option<&RoleName>, subject: Option<&str>) -> Result<List<RoleAssignment>> {
        let query = vec![("role", role.map(ToString::to_string)), ("subject", subject.map(ToOwned::to_owned))];
        self.fetch(self.call(Method::GET, &["admin", "role-assignments"]).query(query)).await
    }

    /// Gives a role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn assignment_create(&self, request: &RoleAssignmentCreate) -> Result<RoleAssignment> {
        self.fetch(self.call(Method::POST, &["admin", "role-assignments"]).json(request)?).await
    }

    /// Takes a role away.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn assignment_remove(&self, id: AssignmentId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "role-assignments", &id.to_string()])).await
    }

    /// Why the caller may or may not do something.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_why(&self, action: &str, resource_kind: Option<&str>, resource: Option<&str>) -> Result<Decision> {
        let text = |text: Option<&str>| text.map(ToOwned::to_owned);
        let query = vec![("action", Some(action.to_owned())), ("resource_kind", text(resource_kind)), ("resource", text(resource))];
        self.fetch(self.call(Method::GET, &["why"]).query(query)).await
    }

    /// Who could do something.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn simulate_who(&self, request: &SimulateWho) -> Result<WhoAnswer> {
        self.fetch(self.call(Method::POST, &["admin", "simulate", "who"]).json(request)?).await
    }

    /// What a user could do.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn simulate_what(&self, request: &SimulateWhat) -> Result<WhatAnswer> {
        self.fetch(self.call(Method::POST, &["admin", "simulate", "what"]).json(request)?).await
    }

    /// Which past actions a changed role would have refused.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn simulate_past(&self, request: &SimulatePast) -> Result<PastAnswer> {
        self.fetch(self.call(Method::POST, &["admin", "simulate", "past"]).json(request)?).await
    }
}
