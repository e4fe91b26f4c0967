//! Downloads of the audit trail: everything that matches, streamed, so that memory stays the same whatever there is.

use std::fmt::Write;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header;
use mc_api::audit::AuditEntry;
use mc_app::audit::entry::{AuditFilter, Export};
use mc_domain::{audit, ctx::Ctx};

use super::{Http, problem::Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
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

/// Streams everything that matches, page by page.
///
/// # Errors
/// When the caller may not.
pub(super) async fn export(http: Http, ctx: &Ctx, filter: AuditFilter, format: Format) -> Result<Response, Refusal> {
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
    Ok(download(ctx, ending, content_type, Body::from_stream(pages.fuse())))
}

/// Streams everything with its proof.
///
/// # Errors
/// When the caller may not.
pub(super) async fn export_proven(http: Http, ctx: &Ctx, filter: AuditFilter) -> Result<Response, Refusal> {
    let export = http.app().audit_export_proven(ctx, filter).await?;
    let pages = stream::unfold((http, Some(export)), |(http, export)| async move {
        let mut export = export?;
        match http.app().audit_export_lines(&mut export).await {
            Ok(Some(lines)) => {
                let text: Result<String, _> = lines.iter().map(mc_trail::export::write).collect();
                Some((text.map(Bytes::from).map_err(std::io::Error::other), (http, Some(export))))
            }
            Ok(None) => None,
            // Without its last line the export says of itself that it was cut off.
            Err(error) => Some((Err(std::io::Error::other(error.to_string())), (http, None))),
        }
    });
    let (ending, content_type) = Format::Ndjson.names();
    Ok(download(ctx, ending, content_type, Body::from_stream(pages.fuse())))
}

fn download(ctx: &Ctx, ending: &str, content_type: &'static str, body: Body) -> Response {
    let name = format!("attachment; filename=\"audit-{}.{ending}\"", ctx.now.to_string().chars().take(10).collect::<String>());
    ([(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, name)], body).into_response()
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
        Format::Csv => "sequence,id,at,actor_kind,actor_id,actor,via,address,action,resource_kind,resource_id,resource,result,reason,detail,duration_ms,\
                        request_id,hash\r\n",
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
        entry.sequence.to_string(),
        entry.id.clone(),
        entry.at.to_string(),
        entry.actor_kind.as_str().to_owned(),
        text(&entry.actor_id),
        entry.actor.clone(),
        text(&entry.via),
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
        entry.hash.clone(),
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
            sequence: 7,
            hash: "h".into(),
            via: None,
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
        assert!(line.ends_with("\"3\",\"r\",\"h\"\r\n"), "{line}");
    }
}
