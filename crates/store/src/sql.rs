//! Statements and rows that are the same for both engines.
//!
//! SQL is written once, with `$1`-style parameters that SQLite and PostgreSQL both read. Its text comes from string literals only; whatever
//! comes from outside is bound.

use std::{borrow::Cow, collections::HashSet, fmt::Write as _};

use mc_domain::{id::AgentId, time::Time};
use mc_trail::Digest;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    AssertSqlSafe, Decode, Postgres, Row as _, Sqlite, Type,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

use crate::{Engine, Store, error::StoreError};

/// The most rows bound into one statement: keeps the number of parameters under both engines' limits and each statement short.
pub(crate) const ROWS_MAX: usize = 500;

/// A value bound to a statement. The empty ones keep their type, which PostgreSQL wants to know.
#[derive(Clone)]
pub(crate) enum Value {
    /// A number, a truth or a time.
    Int(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An id.
    Id(Option<Uuid>),
}

macro_rules! values {
    ($($from:ty: |$value:ident| $to:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )+};
}

values! {
    i64: |value| Self::Int(Some(value));
    Option<i64>: |value| Self::Int(value);
    u32: |value| Self::Int(Some(i64::from(value)));
    bool: |value| Self::Int(Some(i64::from(value)));
    Time: |value| Self::Int(Some(value.as_micros()));
    Option<Time>: |value| Self::Int(value.map(Time::as_micros));
    &str: |value| Self::Text(Some(storable(value)));
    &String: |value| Self::Text(Some(storable(value)));
    String: |value| Self::Text(Some(storable(&value)));
    Option<&str>: |value| Self::Text(value.map(storable));
    Option<String>: |value| Self::Text(value.as_deref().map(storable));
    Vec<u8>: |value| Self::Bytes(value);
    Digest: |value| Self::Bytes(value.0.to_vec());
    Uuid: |value| Self::Id(Some(value));
    Option<Uuid>: |value| Self::Id(value);
}

/// PostgreSQL's text cannot hold NUL; so that both engines keep the same, neither does.
fn storable(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

/// One statement with its values.
pub(crate) struct Sql {
    text: Cow<'static, str>,
    /// The same with `?` for each [`Sql::value`]. SQLite searches for a numbered parameter among all others, which takes far too long
    /// when there are thousands.
    plain: Cow<'static, str>,
    /// Whether the text has numbers of its own, given by [`Sql::bind`].
    numbered: bool,
    values: Vec<Value>,
}

impl Sql {
    /// A statement whose parameters `$1`, `$2`, … are given by [`Sql::bind`] in that order.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), plain: Cow::Borrowed(text), numbered: false, values: Vec::new() }
    }

    /// The value of the next parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.numbered = true;
        self.values.push(value.into());
        self
    }

    /// More text.
    pub(crate) fn push(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self.plain.to_mut().push_str(text);
        self
    }

    /// A parameter with its value, here.
    pub(crate) fn value(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let place = self.values.len();
        // Writing to a String cannot fail.
        let _ = write!(self.text.to_mut(), "${place}");
        self.plain.to_mut().push('?');
        self
    }

    /// `($1,$2),($3,$4)`: one group a row, for `VALUES`.
    pub(crate) fn rows<const N: usize>(mut self, rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        for (place, row) in rows.into_iter().enumerate() {
            self = self.push(if place == 0 { "(" } else { ",(" });
            for (column, value) in row.into_iter().enumerate() {
                self = if column == 0 { self } else { self.push(",") };
                self = self.value(value);
            }
            self = self.push(")");
        }
        self
    }

    /// `$1,$2,$3`: for `IN (…)`.
    pub(crate) fn list(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        for (place, value) in values.into_iter().enumerate() {
            self = if place == 0 { self } else { self.push(",") };
            self = self.value(value);
        }
        self
    }

    /// Statements that were put together differ each time: keeping them prepared would only fill the cache.
    const fn worth_keeping(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    pub(crate) fn sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        let keep = self.worth_keeping();
        let text = if self.numbered { self.text } else { self.plain };
        let start = sqlx::query::<Sqlite>(AssertSqlSafe(text.into_owned())).persistent(keep);
        self.values.into_iter().fold(start, |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Id(value) => query.bind(value),
        })
    }

    pub(crate) fn postgres(self) -> Query<'static, Postgres, PgArguments> {
        let keep = self.worth_keeping();
        let start = sqlx::query::<Postgres>(AssertSqlSafe(self.text.into_owned())).persistent(keep);
        self.values.into_iter().fold(start, |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Id(value) => query.bind(value),
        })
    }
}

/// A row of either engine.
pub(crate) enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// The column's value.
    pub(crate) fn get<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// The column's number.
    pub(crate) fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// The column's number, not negative.
    pub(crate) fn count(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| StoreError::unreadable("count"))
    }

    /// The column's number, small and not negative.
    pub(crate) fn small(&self, column: &str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| StoreError::unreadable("count"))
    }

    /// The column's time.
    pub(crate) fn time(&self, column: &str) -> Result<Time, StoreError> {
        self.int(column).map(Time::from_micros)
    }

    /// The column's time, if it has one.
    pub(crate) fn time_maybe(&self, column: &str) -> Result<Option<Time>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Time::from_micros))
    }

    /// The column's text.
    pub(crate) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    /// The column's text as what it means.
    pub(crate) fn parse<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::unreadable(column))
    }

    /// The column's id.
    pub(crate) fn id(&self, column: &str) -> Result<Uuid, StoreError> {
        self.get(column)
    }

    /// The column's hash.
    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        Digest::try_from(self.get::<Vec<u8>>(column)?.as_slice()).map_err(|_| StoreError::unreadable(column))
    }

    /// The column's JSON as what it means.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| StoreError::unreadable(column))
    }
}

/// `thing` as JSON text.
pub(crate) fn json<T: Serialize>(thing: &T) -> Result<String, StoreError> {
    serde_json::to_string(thing).map_err(|_| StoreError::Internal("a value cannot be written as JSON".to_owned()))
}

impl Store {
    /// Adds the condition that the column is one of these ids, however many they are; nothing when every id will do.
    pub(crate) fn among(&self, sql: Sql, column: &'static str, only: Option<&HashSet<AgentId>>) -> Sql {
        let Some(only) = only else { return sql };
        let ids: Vec<String> = only.iter().map(|id| id.0.simple().to_string()).collect();
        // One value, because there are limits on how many a statement has. The words hold hexadecimal digits only.
        let list = if ids.is_empty() { "[]".to_owned() } else { format!("[\"{}\"]", ids.join("\",\"")) };
        let sql = sql.push(" AND ").push(column);
        match self.engine {
            Engine::Sqlite => sql.push(" IN (SELECT unhex(value) FROM json_each(").value(list).push("))"),
            Engine::Postgres => sql.push(" IN (SELECT value::uuid FROM json_array_elements_text(").value(list).push("::text::json))"),
        }
    }
}

/// A pattern for `LIKE … ESCAPE '!'` that finds `text` anywhere.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_in_order() {
        let sql =
            Sql::new("INSERT INTO t (a, b) VALUES ").rows([[Value::from(1_i64), Value::from("x")], [Value::from(2_i64), Value::from("y")]]);
        assert_eq!(sql.text, "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)");
        assert_eq!(sql.plain, "INSERT INTO t (a, b) VALUES (?,?),(?,?)");
        assert!(!sql.numbered);
        let sql = Sql::new("a = $1 AND b IN (").bind(1_i64).list([Value::from(2_i64), Value::from(3_i64)]).push(")");
        assert_eq!(sql.text, "a = $1 AND b IN ($2,$3)");
        assert_eq!(sql.values.len(), 3);
    }

    #[test]
    fn text_holds_no_nul_and_patterns_no_wildcards() {
        assert!(matches!(Value::from("a\0b"), Value::Text(Some(text)) if text == "a\u{fffd}b"));
        assert_eq!(anywhere("50%_!"), "%50!%!_!!%");
    }
}
