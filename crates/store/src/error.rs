//! What can go wrong with the database, in words for the rooms above.
//!
//! A text here may reach a user or a log: it names codes and constraints, never SQL, values or credentials.

use sqlx::error::ErrorKind;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another user or agent has the name.
    #[error("the name is taken: choose another")]
    NameTaken,
    /// Another user has the e-mail address.
    #[error("another user has this e-mail address")]
    EmailTaken,
    /// Every seat is taken.
    #[error("all seats are taken: disable a user, or raise the seat cap")]
    SeatsFull,
    /// The change would leave nobody who can administer.
    #[error("this is the last active admin: make another user an admin first")]
    LastAdmin,
    /// There is no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// Something else is in the way, said in words.
    #[error("{0}")]
    Conflict(&'static str),
    /// The database has no room left. Nothing of the change was kept.
    #[error("the database's disk is full: free some space, then try again")]
    Full,
    /// The database cannot be reached or does not answer; it may be back later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The key of the audit trail is not the one that the trail was written with, or cannot be read.
    #[error("{0}")]
    AuditKey(String),
    /// A newer program has written this database.
    #[error(
        "the database is at version {found}, this program knows versions up to {known}: start a program at least as new as the last one"
    )]
    Newer {
        /// Version of the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A bug, or a damaged database.
    #[error("the database refused: {0}")]
    Internal(String),
}

/// The conflict that a violated uniqueness becomes; callers that know which name it was say [`StoreError::NameTaken`] instead.
const DUPLICATE: &str = "this already exists";

impl StoreError {
    /// The same error, where a violated uniqueness can only mean a taken name.
    pub(crate) fn name_taken(self) -> Self {
        if self == Self::Conflict(DUPLICATE) { Self::NameTaken } else { self }
    }

    /// The same error, where a violated uniqueness can only mean a taken address.
    pub(crate) fn email_taken(self) -> Self {
        if self == Self::Conflict(DUPLICATE) { Self::EmailTaken } else { self }
    }

    /// A stored value that cannot be read as what it should be.
    pub(crate) fn unreadable(what: &'static str) -> Self {
        Self::Internal(format!("a stored {what} cannot be read"))
    }

    /// An operation that took longer than the store allows.
    pub(crate) fn too_slow() -> Self {
        Self::Unavailable("it did not answer in time".to_owned())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => match refusal.kind() {
                ErrorKind::UniqueViolation => Self::Conflict(DUPLICATE),
                ErrorKind::ForeignKeyViolation => Self::Conflict("it refers to something that does not exist"),
                _ => by_code(refusal.code().unwrap_or_default().as_ref()),
            },
            sqlx::Error::Io(error) => Self::Unavailable(error.kind().to_string()),
            sqlx::Error::PoolTimedOut => Self::Unavailable("no connection in time".to_owned()),
            sqlx::Error::PoolClosed => Self::Unavailable("it is closed".to_owned()),
            sqlx::Error::WorkerCrashed => Self::Unavailable("a connection ended".to_owned()),
            sqlx::Error::Tls(_) => Self::Unavailable("TLS failed: check the certificates and sslmode of DATABASE_URL".to_owned()),
            sqlx::Error::Protocol(_) => Self::Unavailable("the connection was cut in the middle of an answer".to_owned()),
            sqlx::Error::ColumnNotFound(column) => Self::Internal(format!("column {column} is missing")),
            sqlx::Error::ColumnDecode { index, .. } => Self::Internal(format!("column {index} cannot be read")),
            _ => Self::Internal("an unexpected answer".to_owned()),
        }
    }
}

/// Meaning of an SQLSTATE (PostgreSQL, five characters) or an extended result code (SQLite, a number).
fn by_code(code: &str) -> StoreError {
    if code.len() != 5 {
        return by_sqlite_code(code);
    }
    let unavailable = |text: &str| StoreError::Unavailable(text.to_owned());
    match (code, code.get(..2).unwrap_or_default()) {
        ("53100", _) => StoreError::Full,
        ("40001" | "40P01" | "55P03", _) => unavailable("it is busy: try again"),
        ("57014", _) => StoreError::too_slow(),
        ("25006", _) => unavailable("it takes no writes now"),
        ("3D000", _) => unavailable("there is no such database: create it, or correct DATABASE_URL"),
        ("42501", _) => unavailable("our user may not do this: make it the owner of the database"),
        (_, "28") => unavailable("it refuses our user or password: correct DATABASE_URL"),
        (_, "08" | "57" | "53" | "58") => unavailable(&format!("SQLSTATE {code}")),
        _ => StoreError::Internal(format!("SQLSTATE {code}")),
    }
}

fn by_sqlite_code(code: &str) -> StoreError {
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    match primary {
        5 | 6 => StoreError::Unavailable("it is busy: try again".to_owned()),
        8 => StoreError::Unavailable("its files are read-only: give the server's user the right to write them".to_owned()),
        10 => StoreError::Unavailable(format!("the disk reports an error (SQLite code {code})")),
        13 => StoreError::Full,
        14 => StoreError::Unavailable("its files cannot be opened: check the data directory and its owner".to_owned()),
        11 | 26 => StoreError::Internal("its file is damaged: restore a backup".to_owned()),
        _ => StoreError::Internal(format!("SQLite code {code}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_have_their_meaning() {
        assert_eq!(by_code("53100"), StoreError::Full);
        assert_eq!(by_code("13"), StoreError::Full);
        assert!(matches!(by_code("57P01"), StoreError::Unavailable(_)));
        assert!(matches!(by_code("517"), StoreError::Unavailable(_)), "a busy snapshot");
        assert!(matches!(by_code("28P01"), StoreError::Unavailable(_)));
        assert!(matches!(by_code("42P01"), StoreError::Internal(_)));
        assert!(matches!(by_code("1"), StoreError::Internal(_)));
    }

    #[test]
    fn io_errors_name_their_kind_and_no_path() {
        let error = sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "postgres://u:secret@h/d"));
        assert_eq!(StoreError::from(error).to_string(), "the database is not available: connection refused");
    }
}
