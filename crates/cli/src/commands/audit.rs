//! `mc audit`: who did what.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};
use mc_api::audit::AuditEntry;
use mc_client::{AuditFormat, AuditQuery, Client};
use mc_domain::{audit::AuditResult, id::AgentId};

use super::audit_verify::{self, Verify};
use crate::{
    app::App,
    args::Page,
    commands::{collect, note_cut},
    failure::Failure,
    table::{Cell, Column, Table, Tone, text, whole},
    when::{self, Moment, parse_moment},
};

/// `mc audit`, alone the same as `mc audit list`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List entries, newest first
    List(List),
    /// Say whether the trail is whole, or what is the first bad entry; exits with 1 when it is not
    ///
    /// The server checks every entry against its key, the chain, the signed checkpoints and what it remembers itself. With --file
    /// an export is checked here with the public key alone, without a server. docs/audit.md says what that proves.
    Verify(Verify),
    /// Write every entry that matches
    ///
    /// For a proof that can be checked without the server: mc audit export --format ndjson --with-proof --file trail.ndjson, then
    /// mc audit verify --file trail.ndjson --key public.pem
    Export(Export),
    /// Print the public key that the trail's checkpoints are signed for; keep it somewhere else
    Key,
    /// List signed checkpoints, newest first
    Checkpoints {
        #[command(flatten)]
        page: Page,
    },
}

/// Which entries.
#[derive(Debug, Args)]
struct Filter {
    /// Only what this user or agent did
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only this action, such as agent_restart or login
    #[arg(long)]
    action: Option<String>,
    /// Only what ended so
    #[arg(long, value_parser = PossibleValuesParser::new(RESULTS.map(AuditResult::as_str)))]
    result: Option<String>,
    /// Only what was done to this agent; of a removed one, give the id
    #[arg(long)]
    agent: Option<String>,
    /// Only entries with this text
    #[arg(short, long, value_name = "TEXT")]
    q: Option<String>,
    /// Only entries since then: a time, or an age such as 2h
    #[arg(long, visible_alias = "from", value_name = "TIME", value_parser = parse_moment)]
    since: Option<Moment>,
    /// Only entries until then
    #[arg(long, visible_alias = "to", value_name = "TIME", value_parser = parse_moment)]
    until: Option<Moment>,
}

const RESULTS: [AuditResult; 4] = [AuditResult::Started, AuditResult::Ok, AuditResult::Failed, AuditResult::Denied];

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    filter: Filter,
    /// How entries are written: with commas and a header, or as JSON objects, one a line or in one array
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// With --format ndjson: each entry as it was sealed, with checkpoints; leave filters out, or nothing can be proved
    #[arg(long)]
    with_proof: bool,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
    Json,
}

pub(crate) async fn run(app: &App, audit: Audit) -> Result<(), Failure> {
    if let Some(Verb::Verify(verify)) = &audit.verb
        && verify.is_offline()
    {
        return audit_verify::offline(app, verify);
    }
    let client = app.connect()?;
    match audit.verb {
        Some(Verb::Verify(_)) => audit_verify::online(app, &client).await,
        Some(Verb::Key) => {
            let key = client.audit_key().await?;
            app.out.said(&key, key.public_key_pem.trim_end())
        }
        Some(Verb::Checkpoints { page }) => checkpoints(app, &client, page).await,
        None => list(app, &client, &audit.list).await,
        Some(Verb::List(list)) => self::list(app, &client, &list).await,
        Some(Verb::Export(export)) => {
            let query = query(app, &client, &export.filter).await?;
            let format = match export.format {
                Format::Ndjson if export.with_proof => AuditFormat::Proof,
                _ if export.with_proof => return Err(Failure::usage("--with-proof goes with --format ndjson")),
                Format::Csv => AuditFormat::Csv,
                Format::Ndjson => AuditFormat::Ndjson,
                Format::Json => AuditFormat::Json,
            };
            app.save(client.audit_export(&query, format).await?, export.file.as_deref()).await
        }
    }
}

async fn query(app: &App, client: &Client, filter: &Filter) -> Result<AuditQuery, Failure> {
    let agent = match &filter.agent {
        // A removed agent is not found any more, but its entries are, by its id.
        Some(given) => Some(match given.parse::<AgentId>() {
            Ok(id) => id.to_string(),
            Err(_) => app.agent(client, given).await?.id.to_string(),
        }),
        None => None,
    };
    Ok(AuditQuery {
        q: filter.q.clone(),
        actor: filter.actor.clone(),
        action: filter.action.clone(),
        result: filter.result.clone(),
        agent,
        from: filter.since.map(|moment| moment.time(app.now())),
        to: filter.until.map(|moment| moment.time(app.now())),
        ..AuditQuery::default()
    })
}

async fn list(app: &App, client: &Client, list: &List) -> Result<(), Failure> {
    let query = query(app, client, &list.filter).await?;
    let found = collect(list.page, |cursor, limit| {
        let query = AuditQuery { cursor, limit: Some(limit), ..query.clone() };
        let client = client.clone();
        async move { client.audit_list(&query).await }
    })
    .await?;
    app.out.value(&found, || app.out.render(&table(app, &found.items)))?;
    note_cut(app, &found, "entries");
    Ok(())
}

async fn checkpoints(app: &App, client: &Client, page: Page) -> Result<(), Failure> {
    let found = collect(page, |cursor, limit| {
        let client = client.clone();
        async move { client.audit_checkpoints(Some(limit), cursor).await }
    })
    .await?;
    let now = app.now();
    let mut table = Table::new(CHECKPOINTS);
    for checkpoint in &found.items {
        table.row([
            checkpoint.number.to_string().as_str().into(),
            when::ago(now, checkpoint.at).into(),
            checkpoint.sequence.to_string().as_str().into(),
            checkpoint.count.to_string().as_str().into(),
            checkpoint.hash.as_str().into(),
            checkpoint.first_bad.map(|bad| format!("entry {bad} was bad")).unwrap_or_default().as_str().into(),
        ]);
    }
    app.out.value(&found, || app.out.render(&table))?;
    note_cut(app, &found, "checkpoints");
    Ok(())
}

const CHECKPOINTS: [Column; 6] = [whole("NUMBER"), whole("WHEN"), whole("UP TO"), whole("ENTRIES"), text("HASH"), text("NOTE").optional()];

const ENTRIES: [Column; 8] = [
    whole("WHEN"),
    text("WHO"),
    whole("ACTION"),
    text("ON"),
    whole("RESULT"),
    text("REASON").optional(),
    text("DETAIL").optional(),
    whole("FROM").optional(),
];

fn table(app: &App, entries: &[AuditEntry]) -> Table {
    let now = app.now();
    let mut table = Table::new(ENTRIES);
    for entry in entries {
        table.row([
            when::ago(now, entry.at).into(),
            entry.actor.as_str().into(),
            entry.action.as_str().into(),
            entry.resource.as_deref().or(entry.resource_id.as_deref()).unwrap_or_default().into(),
            Cell::new(entry.result.as_str(), tone(entry.result)),
            entry.reason.as_str().into(),
            entry.detail.as_str().into(),
            entry.address.as_deref().unwrap_or_default().into(),
        ]);
    }
    table
}

const fn tone(result: AuditResult) -> Tone {
    match result {
        AuditResult::Ok => Tone::Good,
        AuditResult::Failed => Tone::Bad,
        AuditResult::Denied => Tone::Warn,
        AuditResult::Started => Tone::Plain,
    }
}
