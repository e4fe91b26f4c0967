//! The command line: every command with its flags. What they do lives in `commands/`, the nouns' own flags too.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    agent, api_token, approval, audit, auth, cluster, command, completion, context, invite, join_token, kube, kubectl, log, provider,
    recording, role, session, user, why,
};

/// Mission Control from the command line.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "See and act on everything Mission Control watches",
    after_help = "Agents, users and commands are named by their name, their id, or the beginning of their id.\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not logged in, 4 forbidden, 5 not found, 6 unreachable;\n\
                  of kubectl: its own.",
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// How results are written
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT", help_heading = "Flags of every command")]
    pub(crate) output: Format,
    /// Which server, by the name it was given at login
    #[arg(long, global = true, value_name = "NAME", help_heading = "Flags of every command")]
    pub(crate) context: Option<String>,
    /// Write no colours, not even on a terminal
    #[arg(long, global = true, help_heading = "Flags of every command")]
    pub(crate) no_color: bool,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Yaml,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in to a server and remember it
    Login(auth::Login),
    /// Log out and forget the session
    Logout,
    /// Show the server, who is logged in, and how the agents are
    Status,
    /// Show the version of this program
    Version,
    /// Write the completion script for a shell
    Completion(completion::Completion),
    /// List, show, restart and otherwise look after agents
    #[command(visible_alias = "agent", subcommand)]
    Agents(agent::Agents),
    /// Read the logs of an agent, or of the server itself
    #[command(alias = "log", subcommand)]
    Logs(log::Logs),
    /// List and show Kubernetes clusters, and choose the one that kubectl speaks to
    #[command(visible_alias = "cluster", subcommand)]
    Clusters(cluster::Clusters),
    /// Run kubectl against a cluster
    #[command(visible_alias = "k")]
    Kubectl(kubectl::Kubectl),
    /// Let kubectl, helm, k9s and other Kubernetes clients reach your clusters
    #[command(subcommand)]
    Kube(kube::Kube),
    /// See what became of actions, and cancel them
    #[command(alias = "command", subcommand)]
    Commands(command::Commands),
    /// List and revoke the tokens that admit new agents
    #[command(alias = "join-token", subcommand)]
    JoinTokens(join_token::JoinTokens),
    /// Make, list, rotate and revoke the tokens that programs use
    #[command(alias = "token", subcommand)]
    Tokens(api_token::Tokens),
    /// List, add, change, disable and delete users
    #[command(alias = "user", subcommand)]
    Users(user::Users),
    /// Ask for access for a while, and decide what others ask for
    #[command(alias = "approval", subcommand)]
    Approvals(approval::Approvals),
    /// Let people make an account of their own
    #[command(alias = "invite", subcommand)]
    Invites(invite::Invites),
    /// List, add, change, test and remove the identity providers people log in by
    #[command(alias = "provider", subcommand)]
    Providers(provider::Providers),
    /// See where you are logged in, and end it there
    #[command(alias = "session", subcommand)]
    Sessions(session::Sessions),
    /// List, show, play and download recorded sessions into containers
    #[command(alias = "recording", subcommand)]
    Recordings(recording::Recordings),
    /// See, make and change roles, and give them to people
    #[command(alias = "role", subcommand)]
    Roles(role::Roles),
    /// Ask why you may do something, or may not
    Why(why::Why),
    /// Read or export the audit trail
    Audit(Box<audit::Audit>),
    /// List the servers you logged in to, and choose one
    #[command(alias = "context", subcommand)]
    Contexts(context::Contexts),
}

/// How a list is cut.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Page {
    /// Show at most this many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Show every one
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

impl Page {
    /// The most a server gives in one page.
    const PAGE_MAX: u32 = 500;

    /// How many to ask for next, when `have` are there; `None` when that is enough.
    pub(crate) fn next(self, have: usize) -> Option<u32> {
        if self.all {
            return Some(Self::PAGE_MAX);
        }
        let have = u32::try_from(have).unwrap_or(u32::MAX);
        self.limit.checked_sub(have).filter(|missing| *missing > 0).map(|missing| missing.min(Self::PAGE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_reads_well() {
        // Every command's help, so that a change of wording is seen.
        fn walk(command: &mut clap::Command, path: &str, all: &mut String) {
            all.push_str(&format!("==> {path} --help\n{}\n", command.render_long_help()));
            let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            for name in names {
                if let Some(sub) = command.find_subcommand_mut(&name) {
                    walk(sub, &format!("{path} {name}"), all);
                }
            }
        }
        let mut all = String::new();
        let mut command = Cli::command().name("mc").bin_name("mc").term_width(100);
        command.build();
        walk(&mut command, "mc", &mut all);
        insta::assert_snapshot!(all);
    }

    #[test]
    fn pages_stop_at_the_limit() {
        let page = Page { limit: 600, all: false };
        assert_eq!(page.next(0), Some(500));
        assert_eq!(page.next(500), Some(100));
        assert_eq!(page.next(600), None);
        assert_eq!(Page { limit: 1, all: true }.next(10_000), Some(500));
    }
}
