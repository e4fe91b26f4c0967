//! The audit trail: a page of it, or all of it as a download.

use std::fmt::Write;

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header;
use mc_api::{audit::AuditEntry, list::List, problem::Problem};
use mc_app::audit::entry::{AuditFilter, Export};
use mc_domain::{audit, ctx::Ctx};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Query, limit, parse_some},
};

/// Which entries, in which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AuditQuery {
    /// Part of the actor, resource, reason, detail or correlation id.
    q: Option<String>,
    /// The actor's name.
    actor: Option<String>,
    /// What was done, such as `login`.
    action: Option<String>,
    /// started, ok, failed or denied.
    result: Option<String>,
    /// Only what is about this agent, by id or name.
    agent: Option<String>,
    /// Not before (RFC 3339).
    from: Option<String>,
    /// Before (RFC 3339).
    to: Option<String>,
    /// Entries a page: 1 to 500, default 100.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `json` for a page; `csv`, `ndjson` or `json-file` for a download of everything that matches, oldest first.
    format: Option<String>,
}

impl AuditQuery {
    fn filter(&self, http: &Http, ctx: &Ctx) -> Result<AuditFilter, Refusal> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let result = given(&self.result)
            .map(|word| {
                audit::AuditResult::from_text(&word)
                    .ok_or_else(|| Refusal::invalid(format!("{word:?} is no result: use started, ok, failed or denied")))
            })
            .transpose()?;
        Ok(AuditFilter {
            q: given(&self.q),
            actor: given(&self.actor),
            action: given(&self.action),
            result,
            // A removed agent has only its id left.
            agent: given(&self.agent)
                .map(|agent| agent.parse().or_else(|_| http.app().agent_show(ctx, &agent).map(|view| view.agent.id)))
                .transpose()?,
            from: parse_some(self.from.as_deref())?,
            to: parse_some(self.to.as_deref())?,
        })
    }
}

/// Read the audit trail, newest first; or download it, oldest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = List<AuditEntry>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn audit_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Refusal> {
    let filter = query.filter(&http, &ctx)?;
    match query.format.as_deref().unwrap_or("json") {
        "json" | "" => {}
        "csv" => return export(http, &ctx, filter, Format::Csv).await,
        "ndjson" => return export(http, &ctx, filter, Format::Ndjson).await,
        "json-file" => return export(http, &ctx, filter, Format::Json).await,
        other => return Err(Refusal::invalid(format!("{other:?} is no format: use json, csv, ndjson or json-file"))),
    }
    let size = limit(query.limit, 100, 500)?;
    let (entries, total) = http.app().audit_list(&ctx, &filter, size, parse_some(query.cursor.as_deref())?).await?;
    let full = u32::try_from(entries.len()).is_ok_and(|len| len == size);
    let next_cursor = entries.last().filter(|_| full).map(|entry| entry.id.to_string());
    Ok(Json(List { items: entries.into_iter().map(AuditEntry::from).collect(), next_cursor, total }).into_response())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Ndjson,
    Json,
}

impl Format {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("csv", "text/csv; charset=utf-8"),
            Self::Ndjson => ("ndjson", "application/x-ndjson"),
            Self::Json => ("json", "application/json"),
        }
    }
}

/// Where an export is.
enum Stage {
    Begin(Export),
    Middle(Export),
    End,
}

async fn export(http: Http, ctx: &Ctx, filter: AuditFilter, format: Format) -> Result<Response, Refusal> {
    let (ending, content_type) = format.names();
    let export = http.app().audit_export(ctx, filter, ending).await?;
    let pages = stream::unfold((http, Stage::Begin(export)), move |(http, stage)| async move {
        let (mut export, first) = match stage {
            Stage::Begin(export) => (export, true),
            Stage::Middle(export) => (export, false),
            Stage::End => return None,
        };
        match http.app().audit_export_next(&mut export).await {
            Ok(Some(entries)) => Some((Ok(page(format, entries, first)), (http, Stage::Middle(export)))),
            Ok(None) => Some((Ok(tail(format, first)), (http, Stage::End))),
            // The connection is cut, so that a part is not taken for the whole.
            Err(error) => Some((Err(std::io::Error::other(error.to_string())), (http, Stage::End))),
        }
    });
    let name = format!("attachment; filename=\"audit-{}.{ending}\"", ctx.now.to_string().chars().take(10).collect::<String>());
    let headers = [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pages.fuse())).into_response())
}

fn page(format: Format, entries: Vec<audit::AuditEntry>, first: bool) -> Bytes {
    let mut out = if first { head(format) } else { String::new() };
    for (n, entry) in entries.into_iter().enumerate() {
        let entry = AuditEntry::from(entry);
        let json = || serde_json::to_string(&entry).unwrap_or_default();
        match format {
            Format::Csv => out.push_str(&csv(&entry)),
            Format::Ndjson => {
                out.push_str(&json());
                out.push('\n');
            }
            Format::Json => {
                out.push_str(if first && n == 0 { "\n" } else { ",\n" });
                out.push_str(&json());
            }
        }
    }
    out.into()
}

fn head(format: Format) -> String {
    match format {
        Format::Csv => "id,at,actor_kind,actor_id,actor,address,action,resource_kind,resource_id,resource,result,reason,detail,duration_ms,request_id\r\n",
        Format::Ndjson => "",
        Format::Json => "[",
    }
    .to_owned()
}

fn tail(format: Format, first: bool) -> Bytes {
    let mut out = if first { head(format) } else { String::new() };
    if format == Format::Json {
        out.push_str("\n]\n");
    }
    out.into()
}

/// One line of CSV by RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe in front.
fn csv(entry: &AuditEntry) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells = [
        entry.id.clone(),
        entry.at.to_string(),
        entry.actor_kind.as_str().to_owned(),
        text(&entry.actor_id),
        entry.actor.clone(),
        text(&entry.address),
        entry.action.clone(),
        text(&entry.resource_kind),
        text(&entry.resource_id),
        text(&entry.resource),
        entry.result.as_str().to_owned(),
        entry.reason.clone(),
        entry.detail.clone(),
        entry.duration_ms.map_or_else(String::new, |ms| ms.to_string()),
        entry.request_id.clone(),
    ];
    let mut line = String::new();
    for (n, cell) in cells.iter().enumerate() {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if formula { "'" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(line, "{}\"{guard}{}\"", if n == 0 { "" } else { "," }, cell.replace('"', "\"\""));
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use mc_domain::{actor::ActorKind, audit::AuditResult, time::Time};

    use super::*;

    #[test]
    fn csv_quotes_and_defuses_formulas() {
        let entry = AuditEntry {
            id: "i".into(),
            at: Time::default(),
            actor_kind: ActorKind::User,
            actor_id: None,
            actor: "=cmd()".into(),
            address: None,
            action: "login".into(),
            resource_kind: None,
            resource_id: None,
            resource: None,
            result: AuditResult::Ok,
            reason: "say \"hi\", twice".into(),
            detail: String::new(),
            duration_ms: Some(3),
            request_id: "r".into(),
        };
        let line = csv(&entry);
        assert!(line.contains("\"'=cmd()\""), "{line}");
        assert!(line.contains("\"say \"\"hi\"\", twice\""), "{line}");
        assert!(line.ends_with("\"3\",\"r\"\r\n"), "{line}");
    }
}
