//! Events in JSON, one after the other.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    object::{Object, Row, Table},
    value::{Value, past_blanks},
};
use crate::filter::{FilterError, OBJECT_MAX, Sight};

/// Lets through the events about what may be seen.
#[derive(Debug)]
pub(in crate::filter) struct JsonWatch<S> {
    sight: S,
    event: Value,
    /// Columns that came with an event that was left out: a server names them once, and the next table that passes needs them.
    columns: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl<S: Sight> JsonWatch<S> {
    pub(in crate::filter) fn new(sight: S) -> Self {
        Self { sight, event: Value::default(), columns: None }
    }

    pub(in crate::filter) fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        loop {
            if self.event.is_empty() {
                piece = past_blanks(piece);
                if piece.first().is_some_and(|first| *first != b'{') {
                    return Err(FilterError::Malformed("an event"));
                }
            }
            if piece.is_empty() {
                return Ok(());
            }
            if let Some(event) = self.event.take(&mut piece, OBJECT_MAX)? {
                self.event_out(&event, out)?;
            }
        }
    }

    pub(in crate::filter) fn finish(self) -> Result<(), FilterError> {
        if self.event.is_empty() { Ok(()) } else { Err(FilterError::Malformed("the last event is not complete")) }
    }

    fn event_out(&mut self, json: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        let event: Event<'_> = serde_json::from_slice(json).map_err(|_| FilterError::Malformed("an event"))?;
        let object = Object::read(event.object.get().as_bytes())?;
        let known = matches!(event.kind.as_str(), "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK");
        let bookmark = event.kind == "BOOKMARK";
        let passes = match event.kind.as_str() {
            "ERROR" if object.is_status() => true,
            _ if !known => return Err(FilterError::Unjudgeable("an event is of a kind that is not known")),
            _ if object.is_table() => return self.table_out(&event, bookmark, out),
            _ if bookmark && object.is_nameless() => true,
            _ => object.is_seen(&self.sight)?,
        };
        if passes { written(&event, out) } else { Ok(()) }
    }

    /// A table with the rows that may be seen, unless none is left. A bookmark has a row of nothing.
    fn table_out(&mut self, event: &Event<'_>, bookmark: bool, out: &mut Vec<u8>) -> Result<(), FilterError> {
        let mut table = Table::read(event.object)?;
        let mut rows = Vec::new();
        for json in table.rows.take().unwrap_or_default() {
            let row = Row::read(json.get().as_bytes())?;
            if (bookmark && row.object.as_ref().is_none_or(Object::is_nameless)) || row.is_seen(&self.sight)? {
                rows.push(json);
            }
        }
        if rows.is_empty() {
            if table.has_columns() {
                self.columns = table.columns.map(ToOwned::to_owned);
            }
            return Ok(());
        }
        let kept = self.columns.take();
        if !table.has_columns() {
            table.columns = kept.as_deref().or(table.columns);
        }
        table.rows = Some(rows);
        let object = serde_json::value::to_raw_value(&table).map_err(|_| FilterError::Malformed("a table"))?;
        written(&Event { kind: event.kind.clone(), object: &object }, out)
    }
}

fn written(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), FilterError> {
    serde_json::to_writer(&mut *out, event).map_err(|_| FilterError::Malformed("an event"))?;
    out.push(b'\n');
    Ok(())
}
