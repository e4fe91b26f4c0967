//! From what the user typed to the thing that is meant: by name, by id, or by an unambiguous beginning of an id.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use mc_api::{
    agent::Agent,
    command::Command,
    invite::Invite,
    join_token::JoinToken,
    token::{Token, TokenState},
    user::User,
};
use mc_client::{AgentQuery, Client, CommandQuery, UserQuery};
use mc_domain::id::{AssignmentId, CommandId, TokenId};

use crate::{
    app::App,
    failure::{Exit, Failure},
};

/// The shortest beginning of an id that is taken for one.
const PREFIX_MIN: usize = 4;
/// Look-ups under way at once.
const AT_ONCE: usize = 8;

fn could_begin_an_id(text: &str) -> bool {
    (PREFIX_MIN..=36).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn ambiguous(noun: &str, given: &str, names: &[String]) -> Failure {
    Failure::usage(format!("{given} begins the ids of {} {noun}s ({}): type more of it", names.len(), names.join(", ")))
}

/// The one thing that `given` names among `things`.
pub(crate) fn pick<T>(
    noun: &str,
    given: &str,
    things: Vec<T>,
    id: impl Fn(&T) -> String,
    name: impl Fn(&T) -> String,
) -> Result<Option<T>, Failure> {
    let lower = given.to_ascii_lowercase();
    let exact = |thing: &T| name(thing) == given || id(thing) == lower;
    let wanted: fn(&str, &str) -> bool = |id, prefix| could_begin_an_id(prefix) && id.starts_with(prefix);
    if let Some(place) = things.iter().position(exact) {
        return Ok(things.into_iter().nth(place));
    }
    let mut begun: Vec<T> = things.into_iter().filter(|thing| wanted(&id(thing), &lower)).collect();
    if begun.len() > 1 {
        let names: Vec<String> = begun.iter().map(&name).collect();
        return Err(ambiguous(noun, given, &names));
    }
    Ok(begun.pop())
}

impl App {
    /// That there is no such thing.
    pub(crate) fn none_named(&self, noun: &str, given: &str, list: &str) -> Failure {
        Failure::new(Exit::NotFound, format!("no {noun} named {given}; `{} {list}` shows them", self.environment.program))
    }

    /// That there is no such agent.
    pub(crate) fn no_agent(&self, given: &str) -> Failure {
        self.none_named("agent", given, "agents list")
    }

    /// An agent as the server lists it.
    pub(crate) async fn agent(&self, client: &Client, given: &str) -> Result<Agent, Failure> {
        match client.agent_show(given).await {
            Ok(detail) => return Ok(detail.agent),
            Err(error) if error.is_not_found() || error.code() == Some("invalid") => {}
            Err(error) => return Err(error.into()),
        }
        if !could_begin_an_id(given) {
            return Err(self.no_agent(given));
        }
        let query = AgentQuery { q: Some(given.to_ascii_lowercase()), limit: Some(500), ..AgentQuery::default() };
        let found = client.agent_list(&query).await?.items;
        pick("agent", given, found, |agent| agent.id.to_string(), |agent| agent.name.clone())?.ok_or_else(|| self.no_agent(given))
    }

    /// Several agents, each once, in the order typed.
    pub(crate) async fn agents(&self, client: &Client, given: &[String]) -> Result<Vec<Agent>, Failure> {
        let found: Vec<Agent> = stream::iter(given.iter().map(|name| self.agent(client, name))).buffered(AT_ONCE).try_collect().await?;
        let mut once: Vec<Agent> = Vec::with_capacity(found.len());
        for agent in found {
            if !once.iter().any(|known| known.id == agent.id) {
                once.push(agent);
            }
        }
        Ok(once)
    }

    /// A user.
    pub(crate) async fn user(&self, client: &Client, given: &str) -> Result<User, Failure> {
        let mut query = UserQuery { limit: Some(500), ..UserQuery::default() };
        let mut users = Vec::new();
        loop {
            let page = client.user_list(&query).await?;
            users.extend(page.items);
            match page.next_cursor {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        pick("user", given, users, |user| user.id.to_string(), |user| user.username.clone())?
            .ok_or_else(|| self.none_named("user", given, "users list"))
    }

    /// A command. By a beginning of its id only among the newest ones.
    pub(crate) async fn command(&self, client: &Client, given: &str) -> Result<Command, Failure> {
        let missing =
            || Failure::new(Exit::NotFound, format!("no command {given}; `{} commands list` shows them", self.environment.program));
        if let Ok(id) = given.parse::<CommandId>() {
            return client.command_show(id).await.map_err(|error| if error.is_not_found() { missing() } else { error.into() });
        }
        let newest = client.command_list(&CommandQuery { limit: Some(500), ..CommandQuery::default() }).await?.items;
        pick("command", given, newest, |command| command.id.to_string(), |command| command.id.to_string())?.ok_or_else(missing)
    }

    /// An API token: one's own by name, anybody's by id when one may.
    pub(crate) async fn token(&self, client: &Client, given: &str) -> Result<Token, Failure> {
        let missing = || self.none_named("token", given, "tokens list");
        if let Ok(id) = given.parse::<TokenId>() {
            return client.token_show(id).await.map_err(|error| if error.is_not_found() { missing() } else { error.into() });
        }
        let tokens = client.token_list(false).await?.items;
        // Names may be given again: those that work come first, and must be one.
        let working: Vec<&Token> = tokens.iter().filter(|token| token.name == given && token.state == TokenState::Active).collect();
        match working.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let ids: Vec<String> = several.iter().map(|token| token.id.to_string()).collect();
                return Err(Failure::usage(format!("{} tokens are named {given}: use an id ({})", several.len(), ids.join(", "))));
            }
        }
        pick("token", given, tokens, |token| token.id.to_string(), |token| token.name.clone())?.ok_or_else(missing)
    }

    /// An invite.
    pub(crate) async fn invite(&self, client: &Client, given: &str) -> Result<Invite, Failure> {
        let invites = client.invite_list().await?.items;
        let missing = || Failure::new(Exit::NotFound, format!("no invite {given}; `{} invites list` shows them", self.environment.program));
        pick("invite", given, invites, |invite| invite.id.to_string(), |invite| invite.id.to_string())?.ok_or_else(missing)
    }

    /// A join token.
    pub(crate) async fn join_token(&self, client: &Client, given: &str) -> Result<JoinToken, Failure> {
        let tokens = client.join_token_list().await?.items;
        let missing =
            || Failure::new(Exit::NotFound, format!("no join token {given}; `{} join-tokens list` shows them", self.environment.program));
        pick("join token", given, tokens, |token| token.id.to_string(), |token| token.id.to_string())?.ok_or_else(missing)
    }
}

impl App {
    /// An assignment of a role.
    pub(crate) async fn assignment(&self, client: &Client, given: &str) -> Result<AssignmentId, Failure> {
        let missing =
            || Failure::new(Exit::NotFound, format!("no assignment {given}; `{} roles assignments` shows them", self.environment.program));
        let all = client.assignment_list(None, None).await?.items;
        let found = pick("assignment", given, all, |one| one.id.to_string(), |one| one.id.to_string())?;
        found.map(|one| one.id).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(given: &str) -> Result<Option<String>, Exit> {
        let things = vec![("0197c3a1-6f2e", "alpha"), ("0197c3a2-6f2e", "beta"), ("0198aaaa-6f2e", "0197c3")];
        let found = pick("agent", given, things, |thing| thing.0.to_owned(), |thing| thing.1.to_owned());
        found.map(|thing| thing.map(|thing| thing.1.to_owned())).map_err(|failure| failure.exit)
    }

    #[test]
    fn names_come_before_beginnings_of_ids() {
        assert_eq!(picked("alpha"), Ok(Some("alpha".into())));
        assert_eq!(picked("0197c3"), Ok(Some("0197c3".into())), "a name that looks like an id");
        assert_eq!(picked("0197C3A1"), Ok(Some("alpha".into())));
        assert_eq!(picked("0197c3a"), Err(Exit::Usage), "two ids begin so");
        assert_eq!(picked("019"), Ok(None), "too short to be meant");
        assert_eq!(picked("gamma"), Ok(None));
    }
}
