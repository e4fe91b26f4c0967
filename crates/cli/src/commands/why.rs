//! `mc why`: why something is allowed, or is not.

use clap::Args;
use mc_api::{role::Effect, simulate::Decision};

use crate::{
    app::App,
    failure::{Exit, Failure},
    table::{Cell, Table, Tone, text, whole},
};

/// `mc why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The action's name, such as agent_restart; `mc roles actions` shows them
    action: String,
    /// On what, by id or name; left out: on no single thing
    resource: Option<String>,
    /// What kind of thing it is, when it is not the one the action is done to
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

/// Exits with 4 when it is not allowed, so that scripts can ask before they act.
pub(crate) async fn run(app: &App, why: &Why) -> Result<(), Failure> {
    let decision = app.connect()?.me_why(&why.action, why.kind.as_deref(), why.resource.as_deref()).await?;
    app.out.value(&decision, || words(app, &decision))?;
    if decision.allowed { Ok(()) } else { Err(Failure::told(Exit::Forbidden)) }
}

fn words(app: &App, decision: &Decision) -> String {
    let (word, tone) = if decision.allowed { ("allowed", Tone::Good) } else { ("denied", Tone::Bad) };
    let mut out = format!("{} by {}\n{}", app.out.tone(word, tone), app.out.outside(&decision.rule), app.out.outside(&decision.text));
    if !decision.roles.is_empty() {
        let mut table = Table::new([whole("ROLE"), whole("SAYS"), text("BECAUSE")]);
        for says in &decision.roles {
            let effect = match says.effect {
                Some(Effect::Allow) => Cell::new("allow", Tone::Good),
                Some(Effect::Deny) => Cell::new("deny", Tone::Bad),
                None => Cell::new("nothing", Tone::Muted),
            };
            table.row([says.role.as_str().into(), effect, says.because.as_str().into()]);
        }
        out.push_str("\n\n");
        out.push_str(&app.out.render(&table));
    }
    out
}
