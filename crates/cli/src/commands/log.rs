//! `mc logs`: the last lines, live lines, or all of them.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use mc_api::log::LogLine;
use mc_client::{Client, Error, LogQuery, LogSource};
use mc_domain::log::LogLevel;

use crate::{
    app::App,
    commands::level_tone,
    failure::Failure,
    table::Tone,
    when::{Moment, parse_moment},
};

/// The most lines the server gives at once.
const LINES_MAX: i64 = 5_000;
/// Lines asked for again after a broken connection, so that none is missed.
const LINES_AGAIN: u32 = 1_000;
/// The first and the longest wait before a broken connection is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(15);

/// `mc logs …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Logs {
    /// Show the last lines, and with --follow every new one
    #[command(after_help = "With -o json and --follow, one JSON object a line.")]
    Tail(Tail),
    /// Write all lines that are kept as text
    Download(Download),
}

/// Which lines.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// An agent's name or id, or `server` for the server's own log
    #[arg(value_name = "AGENT|server")]
    source: String,
    /// Only this level and more serious ones
    #[arg(long, value_parser = PossibleValuesParser::new(LogLevel::ALL.map(LogLevel::as_str)))]
    level: Option<String>,
    /// Only lines with this text
    #[arg(short, long, value_name = "TEXT")]
    q: Option<String>,
    /// Only lines since then: a time, or an age such as 15m
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<Moment>,
}

/// `mc logs tail`.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    filter: Filter,
    /// How many lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=LINES_MAX))]
    lines: u32,
    /// Go on with every new line
    #[arg(short, long)]
    follow: bool,
}

/// `mc logs download`.
#[derive(Debug, Args)]
pub(crate) struct Download {
    #[command(flatten)]
    filter: Filter,
    /// Only the last so many lines
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LINES_MAX))]
    lines: Option<u32>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(crate) async fn run(app: &App, logs: Logs) -> Result<(), Failure> {
    let client = app.connect()?;
    match logs {
        Logs::Tail(tail) => {
            let (source, mut query) = chosen(app, &client, &tail.filter).await?;
            query.lines = Some(tail.lines);
            if tail.follow { follow(app, &client, &source, query).await } else { last(app, &client, &source, &query).await }
        }
        Logs::Download(download) => {
            let (source, mut query) = chosen(app, &client, &download.filter).await?;
            query.lines = download.lines;
            let body = client.logs_download(&source, &query).await?;
            app.save(body, download.file.as_deref()).await
        }
    }
}

async fn chosen(app: &App, client: &Client, filter: &Filter) -> Result<(LogSource, LogQuery), Failure> {
    let source = match filter.source.as_str() {
        "server" => LogSource::Server,
        given => LogSource::Agent(app.agent(client, given).await?.id.to_string()),
    };
    let query = LogQuery {
        level: filter.level.as_deref().and_then(LogLevel::from_any_spelling),
        q: filter.q.clone(),
        since: filter.since.map(|moment| moment.time(app.now())),
        ..LogQuery::default()
    };
    Ok((source, query))
}

async fn last(app: &App, client: &Client, source: &LogSource, query: &LogQuery) -> Result<(), Failure> {
    let lines = client.logs(source, query).await?;
    if lines.items.is_empty() && app.out.format == crate::args::Format::Table {
        app.out.note("no lines");
        return Ok(());
    }
    app.out.value(&lines, || lines.items.iter().map(|line| text(app, line)).collect::<Vec<_>>().join("\n"))
}

/// Follows for ever: a connection that breaks is opened again, and goes on after the last line seen.
async fn follow(app: &App, client: &Client, source: &LogSource, mut query: LogQuery) -> Result<(), Failure> {
    let mut newest: Option<i64> = None;
    let mut wait = RETRY_FIRST;
    let mut told = false;
    loop {
        match follow_once(app, client, source, &mut query, &mut newest, &mut wait, &mut told).await {
            Ok(()) => {}
            Err(Stop::Link(Error::Unreachable { server, reason })) => {
                if newest.is_none() && !told {
                    return Err(Error::Unreachable { server, reason }.into());
                }
            }
            Err(Stop::Link(error)) => return Err(error.into()),
            Err(Stop::Output(failure)) => return Err(failure),
        }
        if !told {
            app.out.note("the connection broke; trying again");
            told = true;
        }
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2).min(RETRY_LAST);
    }
}

enum Stop {
    Link(Error),
    Output(Failure),
}

async fn follow_once(
    app: &App,
    client: &Client,
    source: &LogSource,
    query: &mut LogQuery,
    newest: &mut Option<i64>,
    wait: &mut Duration,
    told: &mut bool,
) -> Result<(), Stop> {
    let mut stream = client.logs_follow(source, query).await.map_err(Stop::Link)?;
    if *told {
        app.out.note("connected again");
    }
    (*told, *wait) = (false, RETRY_FIRST);
    while let Some(line) = stream.next().await.map_err(Stop::Link)? {
        if newest.is_some_and(|newest| line.seq <= newest) {
            continue;
        }
        *newest = Some(line.seq);
        query.since = Some(line.at);
        query.lines = Some(LINES_AGAIN);
        app.out.item(&line, || text(app, &line)).map_err(Stop::Output)?;
    }
    Ok(())
}

fn text(app: &App, line: &LogLine) -> String {
    let time = app.out.tone(&line.at.to_string(), Tone::Muted);
    let level = app.out.tone(&format!("{:5}", line.level.as_str().to_uppercase()), level_tone(line.level));
    let source = if line.source == "stdout" { String::new() } else { app.out.tone(&format!("[{}] ", line.source), Tone::Muted) };
    format!("{time} {level} {source}{}", app.out.outside(&line.message))
}
