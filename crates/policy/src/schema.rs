//! The Cedar schema: which actions there are, what each is done to, and what rules can say of it. Made from the table of actions.

use std::{fmt::Write as _, str::FromStr as _, sync::LazyLock};

use cedar_policy::{Schema, Validator};
use mc_domain::action::{ALL, Kind};

use crate::target::seen_as;

/// The type of who asks. Roles are given to people and tokens, so rules do not name them.
pub(crate) const CALLER: &str = "Caller";

const AGENT: &str = "{
    id: String,
    name: String,
    kind: String,
    owner: String,
    tags: Set<String>,
    // Those patterns of the rules that one of the tags fits: resource.tag_matches.contains(\"team:*\")
    tag_matches: Set<String>,
    groups: Set<String>,
    group_matches: Set<String>,
}";

const KUBERNETES: &str = "{
    cluster: String,
    namespace: String,
    every_namespace: Bool,
    api_group: String,
    resource: String,
    subresource: String,
    verb: String,
    name: String,
    every_name: Bool,
}";

/// The name of a kind as a Cedar type.
pub(crate) const fn type_name(kind: Kind) -> &'static str {
    match seen_as(kind) {
        Kind::Everything => "Everything",
        Kind::Agent | Kind::Command => "Agent",
        Kind::Kubernetes => "Kubernetes",
        Kind::JoinToken => "JoinToken",
        Kind::User => "User",
        Kind::Invite => "Invite",
        Kind::Token => "Token",
        Kind::Role => "Role",
        Kind::Provider => "Provider",
        Kind::AccessRequest => "AccessRequest",
        Kind::Recording => "Recording",
    }
}

/// The schema as text, for people who write Cedar themselves.
pub fn schema_text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(write);
    &TEXT
}

fn write() -> String {
    let mut text = format!(
        "// Who asks: rules do not name people, roles are assigned to them.\nentity {CALLER};\n\n// What an action on no single thing is done to.\n"
    );
    for kind in Kind::ALL.into_iter().filter(|kind| seen_as(*kind) == *kind) {
        let _ = match kind {
            Kind::Everything => writeln!(text, "entity Everything;"),
            Kind::Agent => writeln!(text, "entity Agent = {AGENT};"),
            Kind::Kubernetes => writeln!(text, "entity Kubernetes = {KUBERNETES};"),
            kind => writeln!(text, "entity {} = {{ name: String }};", type_name(kind)),
        };
    }
    text.push_str(
        "\n// How it was asked: credential is \"session\", \"token\" or \"service\"; address is where from, empty when that is not known.\n\
         type How = { credential: String, address: String };\n\n",
    );
    for action in ALL {
        let (name, on) = (action.name, type_name(action.on));
        let _ = writeln!(text, "// {}\naction {name} appliesTo {{ principal: {CALLER}, resource: {on}, context: How }};", action.text);
    }
    text
}

/// The schema, and the validator over it. `Err` only if the table of actions does not make a schema, which a test rules out.
pub(crate) fn validator() -> Result<&'static Validator, &'static str> {
    static VALIDATOR: LazyLock<Result<Validator, String>> =
        LazyLock::new(|| Schema::from_str(schema_text()).map(Validator::new).map_err(|error| error.to_string()));
    VALIDATOR.as_ref().map_err(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_actions_makes_a_schema() {
        let validator = validator().expect("a schema");
        assert_eq!(validator.schema().actions().count(), ALL.len());
        let types = validator.schema().entity_types().filter(|name| name.to_string() != "Action").count();
        assert_eq!(types, Kind::ALL.len(), "every kind but commands, and who asks");
    }
}
