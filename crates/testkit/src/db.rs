//! Databases for tests: fresh, empty, gone afterwards.
//!
//! A SQLite one is a temporary folder. A PostgreSQL one is a new database in the server that `MC_TEST_POSTGRES_URL` names; without that
//! variable, in a private server that all tests of a run share and that ends with the run. [`Cluster`] is a private server of one test's own,
//! to stop and start at will. The programs of PostgreSQL come from the system's packages.

use std::{
    ffi::OsStr,
    fs::{self, File, Permissions},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::parent_id,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use mc_domain::id::RequestId;
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// A database for one test.
#[derive(Debug)]
pub struct Db {
    dir: TempDir,
    server: Option<Named>,
}

/// A database in a server.
#[derive(Debug)]
struct Named {
    server_url: String,
    name: String,
    url: String,
}

impl Db {
    /// SQLite in a folder of its own.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn sqlite() -> Result<Self> {
        Ok(Self { dir: tempfile::Builder::new().prefix("mc-test-").tempdir()?, server: None })
    }

    /// A new database in the PostgreSQL server of this run.
    ///
    /// # Errors
    /// When there is no server and none can be started.
    pub fn postgres() -> Result<Self> {
        let server_url = shared_server()?;
        let name = format!("mc_test_{}", RequestId::new().0.simple());
        run(Command::new("createdb").arg(format!("--maintenance-db={server_url}")).arg(&name))?;
        let url = with_database(&server_url, &name)?;
        let mut db = Self::sqlite()?;
        db.server = Some(Named { server_url, name, url });
        Ok(db)
    }

    /// The URL of a PostgreSQL database; `None` for SQLite.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.server.as_ref().map(|named| named.url.as_str())
    }

    /// Runs SQL past the server whose data directory this is, as somebody with the database in their hands would; answers how many rows changed.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn execute(&self, data_dir: &Path, sql: &'static str) -> Result<u64> {
        match self.url() {
            Some(url) => {
                let mut connection = PgConnection::connect(url).await?;
                Ok(sqlx::query(sql).execute(&mut connection).await?.rows_affected())
            }
            None => {
                let file = SqliteConnectOptions::new().filename(data_dir.join("mission-control.db"));
                let mut connection = SqliteConnection::connect_with(&file).await?;
                let changed = sqlx::query(sql).execute(&mut connection).await?.rows_affected();
                connection.close().await?;
                Ok(changed)
            }
        }
    }

    /// Everything in the PostgreSQL database as text; `None` for SQLite, whose files can be read.
    ///
    /// # Errors
    /// When PostgreSQL does not give it.
    pub fn dump(&self) -> Result<Option<String>> {
        self.url().map(|url| run(Command::new(find("pg_dump")?).arg(url))).transpose()
    }

    /// A data directory of the test's own.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        if let Some(named) = &self.server {
            let maintenance = format!("--maintenance-db={}", named.server_url);
            // What is left behind goes with the server.
            let _ = run(Command::new("dropdb").args(["--force", "--if-exists"]).arg(maintenance).arg(&named.name));
        }
    }
}

/// A private PostgreSQL server on a Unix socket; it stops when dropped.
#[derive(Debug)]
pub struct Cluster {
    dir: TempDir,
}

impl Cluster {
    /// Makes a server and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("mc-pg-").tempdir()?;
        make_server(dir.path())?;
        Ok(Self { dir })
    }

    /// The URL of its only database.
    #[must_use]
    pub fn url(&self) -> String {
        server_url(self.dir.path())
    }

    /// Stops it as an operator in a hurry would: connections are cut, what was committed stays.
    ///
    /// # Errors
    /// When it was not running.
    pub fn stop(&self) -> Result<()> {
        stop_server(self.dir.path())
    }

    /// Starts it again after [`Cluster::stop`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&self) -> Result<()> {
        start_server(self.dir.path())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        let _ = self.stop();
    }
}

/// The server of this run, started by whichever test comes first.
fn shared_server() -> Result<String> {
    #[expect(clippy::disallowed_methods, reason = "tests have no config.rs; this is the one variable they read")]
    if let Ok(url) = std::env::var("MC_TEST_POSTGRES_URL") {
        return Ok(url);
    }
    // The test runner is the parent of every test process, so its id names the run.
    let runner = parent_id();
    let dir = std::env::temp_dir().join(format!("mc-pg-run-{runner}"));
    fs::create_dir_all(&dir)?;
    let lock = File::create(dir.join("lock"))?;
    lock.lock()?;
    if !dir.join("ready").exists() {
        make_server(&dir)?;
        stop_with(runner, &dir)?;
        File::create(dir.join("ready"))?;
    }
    Ok(server_url(&dir))
}

/// Leaves a small process behind that stops the server, and removes its folder, once the test runner has ended.
fn stop_with(runner: u32, dir: &Path) -> Result<()> {
    const WATCH: &str = r#"while kill -0 "$1" 2>/dev/null; do sleep 1; done; dir="$2"; shift 2; "$@"; rm -rf "$dir""#;
    let stop = stop_command(dir)?;
    Command::new("setsid")
        .args(["sh", "-c", WATCH, "sh", &runner.to_string()])
        .arg(dir)
        .arg(stop.get_program())
        .args(stop.get_args())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("setsid (package util-linux) is missing")?;
    Ok(())
}

fn make_server(dir: &Path) -> Result<()> {
    fs::set_permissions(dir, Permissions::from_mode(0o711))?;
    if is_root()? {
        let owner = |flag: &str| -> Result<u32> { Ok(run(Command::new("id").args([flag, "postgres"]))?.trim().parse()?) };
        chown(dir, Some(owner("-u")?), Some(owner("-g")?))?;
    }
    let mut initdb = as_postgres("initdb")?;
    initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(dir.join("data"));
    run(&mut initdb)?;
    start_server(dir)
}

fn start_server(dir: &Path) -> Result<()> {
    let socket = dir.display();
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories='{socket}' -c unix_socket_permissions=0700 -c fsync=off -c max_connections=300"
    );
    let mut start = as_postgres("pg_ctl")?;
    start.arg("start").arg("-w").args(["-t", "60", "-o", &options, "-D"]).arg(dir.join("data")).arg("-l").arg(dir.join("server.log"));
    // The server inherits what it is given here: a pipe would keep the test's output open for as long as it runs.
    let status = start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        bail!("PostgreSQL does not start: {}", fs::read_to_string(dir.join("server.log")).unwrap_or_default());
    }
    Ok(())
}

fn stop_server(dir: &Path) -> Result<()> {
    run(&mut stop_command(dir)?).map(drop)
}

fn stop_command(dir: &Path) -> Result<Command> {
    let mut stop = as_postgres("pg_ctl")?;
    stop.args(["stop", "-w", "-m", "fast", "-D"]).arg(dir.join("data"));
    Ok(stop)
}

/// The socket's folder takes the place of the host name.
fn server_url(dir: &Path) -> String {
    format!("postgres://postgres@{}/postgres", dir.display().to_string().replace('/', "%2F"))
}

fn with_database(url: &str, name: &str) -> Result<String> {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let (server, _) = address.rsplit_once('/').context("MC_TEST_POSTGRES_URL has no database name")?;
    Ok(query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}")))
}

/// PostgreSQL refuses to run as root: then its packages' own user runs it.
fn as_postgres(program: &str) -> Result<Command> {
    let program = find(program)?;
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    Ok(command)
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.trim() == "0")
}

/// The newest server program: Debian keeps each version in a folder of its own, outside the path.
fn find(program: &str) -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).and_then(|name| name.parse::<u32>().ok());
    let newest = versions.map(|entry| entry.path()).max_by_key(version).map(|path| path.join("bin").join(program));
    let found = newest.filter(|path| path.exists()).or_else(|| in_path(program));
    found.with_context(|| format!("{program} is missing: install postgresql"))
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.exists())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{} is missing", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", command.get_program().display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_takes_its_place_in_the_url() {
        let url = with_database("postgres://u@h:1/postgres?sslmode=disable", "mine").expect("a URL");
        assert_eq!(url, "postgres://u@h:1/mine?sslmode=disable");
        assert_eq!(with_database("postgres://u@h/x", "mine").expect("a URL"), "postgres://u@h/mine");
    }
}
