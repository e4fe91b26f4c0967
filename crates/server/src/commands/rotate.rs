//! `mission-control rotate`: new keys for old ones. Servers that run notice within seconds; nothing needs to be restarted.

use clap::{Args, Subcommand};
use mc_app::rotation::Resealed;

use super::{Place, user};
use crate::out;

/// Replace keys without logging anybody out or losing agents.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The key that signs access tokens: what the old one signed is good until it ends
    Jwt(Place),
    /// The certificate authority: agents learn of the new one when they renew
    Ca {
        #[command(flatten)]
        place: Place,
        /// Even though agents may not have renewed since the last time
        #[arg(long)]
        again: bool,
    },
    /// The key that seals secrets at rest: everything is sealed anew; run it again if it was cut off
    Seal(Place),
    /// Show which authorities are trusted, and until when
    Status(Place),
}

impl RotateArgs {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            What::Jwt(place) => {
                let (app, ctx) = user::open(&place).await?;
                app.rotate_jwt(&ctx).await?;
                out::line("a new key signs access tokens; those that were given out stay good until they end");
            }
            What::Ca { place, again } => {
                let (app, ctx) = user::open(&place).await?;
                app.rotate_ca(&ctx, again).await?;
                out::line(&format!("the new authority's pin, for join commands and mc login: {}", app.ca().pin()));
                authorities(&app);
            }
            What::Seal(place) => {
                let (app, ctx) = user::open(&place).await?;
                sealed(app.rotate_seal(&ctx).await?)?;
            }
            What::Status(place) => {
                let (app, _) = user::open(&place).await?;
                out::line(&format!("authority: {}", app.ca().pin()));
                authorities(&app);
            }
        }
        Ok(())
    }
}

fn authorities(app: &mc_app::App) {
    let (now, life) = (app.now(), app.settings().certificate_life);
    for older in app.ca().older() {
        let ends = older.ends(life);
        let words =
            if ends > now { format!("agents may show its certificates until {ends}") } else { "no agent uses it any more".to_owned() };
        out::line(&format!("replaced {}: {}; {words}", older.retired, older.pin()));
    }
}

fn sealed(sum: Resealed) -> anyhow::Result<()> {
    out::line(&format!("{} secrets sealed with the new key", sum.done));
    if sum.broken > 0 {
        anyhow::bail!("{} secrets do not open with any key that is here: put the key that sealed them back and run this again", sum.broken);
    }
    out::line("the old key stays for an hour, for what is under way; a running server then removes it");
    Ok(())
}
