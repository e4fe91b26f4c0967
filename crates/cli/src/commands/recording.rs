//! `mc recordings`: sessions into containers as they were, or as they are. Logins are `mc sessions`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use mc_api::recording::Recording;
use mc_client::{Client, RecordingQuery};
use mc_domain::id::RecordingId;

use super::{bytes, collect, play};
use crate::{
    app::App,
    args::Page,
    failure::Failure,
    select::pick,
    table::{Cell, Table, Tone, text, whole},
    when,
};

/// `mc recordings …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Recordings {
    /// List recorded sessions, newest first: yours, or everybody's if you may
    List(List),
    /// Show one recorded session
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Play a recorded session in this terminal
    Play(Play),
    /// Write a recorded session as asciicast, version 2
    Download {
        /// Its id, or the beginning of it
        id: String,
        /// Write to this file instead of stdout
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// `mc recordings list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only of this cluster
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Only of this user
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    page: Page,
}

/// `mc recordings play`.
#[derive(Debug, Args)]
pub(crate) struct Play {
    /// Its id, or the beginning of it
    id: String,
    /// So many times as fast
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed, conflicts_with = "follow")]
    speed: f64,
    /// The longest pause, such as 2s
    #[arg(long, value_name = "DURATION", value_parser = when::parse_duration)]
    idle_limit: Option<Duration>,
    /// Watch a session that goes on, as it goes on
    #[arg(short, long)]
    follow: bool,
    /// Only what was printed, at once and as it was: for a file or another program
    #[arg(long, conflicts_with_all = ["speed", "idle_limit"])]
    raw: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|speed| (0.01..=1_000.0).contains(speed)).ok_or_else(|| "use a number between 0.01 and 1000".to_owned())
}

pub(crate) async fn run(app: &App, recordings: Recordings) -> Result<(), Failure> {
    let client = app.connect()?;
    match recordings {
        Recordings::List(list) => self::list(app, &client, &list).await,
        Recordings::Show { id } => {
            let recording = find(app, &client, &id).await?;
            app.out.value(&recording, || details(app, &recording))
        }
        Recordings::Play(wish) => {
            let recording = find(app, &client, &wish.id).await?;
            if !wish.raw && !app.environment.stdout_terminal {
                return Err(Failure::usage(
                    "a recording is played in a terminal: use --raw for what was printed, or `recordings download`".to_owned(),
                ));
            }
            let cast = client.recording_cast(recording.id, wish.follow).await?;
            let pace = (!wish.raw).then_some(play::Pace { speed: wish.speed, longest: wish.idle_limit, live: wish.follow });
            play::play(app, cast, pace).await
        }
        Recordings::Download { id, file } => {
            let recording = find(app, &client, &id).await?;
            app.save(client.recording_cast(recording.id, false).await?, file.as_deref()).await
        }
    }
}

async fn list(app: &App, client: &Client, list: &List) -> Result<(), Failure> {
    let found = collect(list.page, |cursor, limit| {
        let query = RecordingQuery { cluster: list.cluster.clone(), user: list.user.clone(), limit: Some(limit), cursor };
        client.recording_list(query)
    });
    let found = found.await?;
    app.out.value(&found, || app.out.render(&table(app, &found.items)))?;
    if found.next_cursor.is_some() {
        app.out.note(&format!("the newest {} shown; --all shows every one", found.items.len()));
    }
    Ok(())
}

/// The recording whose id begins like this.
async fn find(app: &App, client: &Client, given: &str) -> Result<Recording, Failure> {
    if let Ok(id) = given.parse::<RecordingId>() {
        return Ok(client.recording_show(id).await?);
    }
    let query = |cursor, limit| client.recording_list(RecordingQuery { limit: Some(limit), cursor, ..RecordingQuery::default() });
    let all = collect(Page { limit: 1, all: true }, query).await?.items;
    let id = |recording: &Recording| recording.id.to_string();
    pick("recording", given, all, id, id)?.ok_or_else(|| app.none_named("recording", given, "recordings list"))
}

fn table(app: &App, recordings: &[Recording]) -> Table {
    let now = app.now();
    let columns = [whole("ID"), whole("WHO"), whole("CLUSTER").optional(), whole("POD"), whole("BEGAN"), whole("LENGTH"), text("COMMAND")];
    let mut table = Table::new(columns);
    for recording in recordings {
        table.row([
            recording.id.to_string().into(),
            recording.user.as_str().into(),
            recording.cluster.as_str().into(),
            format!("{}/{}", recording.namespace, recording.pod).into(),
            when::ago(now, recording.started_at).into(),
            length(recording),
            command(recording).into(),
        ]);
    }
    table
}

fn length(recording: &Recording) -> Cell {
    match recording.ended_at {
        Some(end) => when::short(end.since(recording.started_at)).into(),
        None => Cell::new("live", Tone::Good),
    }
}

fn command(recording: &Recording) -> String {
    if recording.command.is_empty() { "(attached)".to_owned() } else { recording.command.join(" ") }
}

fn details(app: &App, recording: &Recording) -> String {
    let now = app.now();
    let mut table = Table::details();
    table.pair("Id", recording.id.to_string());
    table.pair("Who", recording.user.as_str());
    table.pair("Cluster", recording.cluster.as_str());
    table.pair("Pod", format!("{}/{}", recording.namespace, recording.pod));
    table.pair("Container", recording.container.as_str());
    table.pair("Command", command(recording));
    table.pair("Terminal", if recording.tty { format!("{}x{}", recording.cols, recording.rows) } else { "none".to_owned() });
    table.pair("Began", when::ago(now, recording.started_at));
    table.pair("Length", length(recording));
    table.pair("Ended", recording.ending.map(|ending| ending.as_str().replace('_', " ")).unwrap_or_default());
    table.pair("Exit code", recording.exit_code.map(|code| code.to_string()).unwrap_or_default());
    #[expect(clippy::cast_precision_loss, reason = "it is shown with three digits")]
    let size = bytes(recording.bytes as f64);
    table.pair("Size", if recording.truncated { format!("{size}, not all of it recorded") } else { size });
    table.pair("Request", recording.request_id.to_string());
    app.out.render(&table)
}
