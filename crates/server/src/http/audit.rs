//! The audit trail: a page of it, and what proves it. Downloads of all of it are in `audit_export.rs`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use mc_api::{
    audit::{AuditEntry, AuditKey, BadKind, Checkpoint, FirstBad, Verification},
    list::List,
    problem::Problem,
};
use mc_app::audit::{entry::AuditFilter, proof::Verified};
use mc_domain::{audit, ctx::Ctx, time::Time};
use mc_trail::Kind;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    audit_export::{Format, export, export_proven},
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
    /// With `format=ndjson`: every line as it was sealed, with checkpoints, for `mc audit verify --file`. With a filter nothing can be proved.
    with_proof: Option<bool>,
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
    match (query.format.as_deref().unwrap_or("json"), query.with_proof.unwrap_or(false)) {
        ("ndjson", true) => return export_proven(http, &ctx, filter).await,
        (_, true) => return Err(Refusal::invalid("with_proof goes with format=ndjson")),
        ("json" | "", _) => {}
        ("csv", _) => return export(http, &ctx, filter, Format::Csv).await,
        ("ndjson", _) => return export(http, &ctx, filter, Format::Ndjson).await,
        ("json-file", _) => return export(http, &ctx, filter, Format::Json).await,
        (other, _) => return Err(Refusal::invalid(format!("{other:?} is no format: use json, csv, ndjson or json-file"))),
    }
    let size = limit(query.limit, 100, 500)?;
    let (entries, total) = http.app().audit_list(&ctx, &filter, size, parse_some(query.cursor.as_deref())?).await?;
    let full = u32::try_from(entries.len()).is_ok_and(|len| len == size);
    let next_cursor = entries.last().filter(|_| full).and_then(|entry| entry.seal.get()).map(|seal| seal.sequence.to_string());
    Ok(Json(List { items: entries.into_iter().map(AuditEntry::from).collect(), next_cursor, total }).into_response())
}

/// Check the whole audit trail: its chain, its checkpoints, its end.
#[utoipa::path(get, path = "/api/v1/admin/audit/verify", tag = "audit",
    responses((status = 200, body = Verification), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn audit_verify(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Verification>, Refusal> {
    Ok(Json(verification(http.app().audit_verify(&ctx).await?)))
}

fn verification(verified: Verified) -> Verification {
    let (text, report) = (verified.text(), verified.report);
    Verification {
        ok: report.bad.is_none(),
        entries: report.entries,
        first_sequence: report.first_sequence,
        last_sequence: report.last_sequence,
        segments: report.segments,
        checkpoints: report.checkpoints,
        covered_to: report.covered_to,
        text,
        first_bad: report.bad.map(|bad| FirstBad {
            sequence: bad.sequence,
            id: bad.id.map(|id| id.to_string()),
            at: bad.at_micros.map(Time::from_micros),
            kind: kind(bad.kind),
            text: bad.text,
        }),
        took_ms: u64::try_from(verified.took.as_millis()).unwrap_or(u64::MAX),
    }
}

const fn kind(kind: Kind) -> BadKind {
    match kind {
        Kind::Changed => BadKind::Changed,
        Kind::Missing => BadKind::Missing,
        Kind::Inserted => BadKind::Inserted,
        Kind::Reordered => BadKind::Reordered,
        Kind::Truncated => BadKind::Truncated,
        Kind::Checkpoint => BadKind::Checkpoint,
    }
}

/// Which checkpoints.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CheckpointQuery {
    /// Checkpoints a page: 1 to 500, default 100.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the audit trail's signed checkpoints, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit/checkpoints", tag = "audit", params(CheckpointQuery),
    responses((status = 200, body = List<Checkpoint>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn audit_checkpoints(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<CheckpointQuery>,
) -> Result<Json<List<Checkpoint>>, Refusal> {
    let size = limit(query.limit, 100, 500)?;
    let before: Option<audit::Sequence> = parse_some(query.cursor.as_deref())?;
    let (found, total) = http.app().audit_checkpoints(&ctx, size, before.map(|before| before.0)).await?;
    let full = u32::try_from(found.len()).is_ok_and(|len| len == size);
    let next_cursor = found.last().filter(|_| full).map(|last| last.number.to_string());
    Ok(Json(List { items: found.into_iter().map(checkpoint).collect(), next_cursor, total }))
}

fn checkpoint(found: mc_trail::Checkpoint) -> Checkpoint {
    Checkpoint {
        number: found.number,
        sequence: found.sequence,
        at: Time::from_micros(found.at_micros),
        hash: found.hash.to_string(),
        count: found.count,
        first_sequence: found.first_sequence,
        previous: found.previous.to_string(),
        first_bad: found.first_bad,
        key_id: found.key_id,
        signature: found.signature,
    }
}

/// Read the public key that the audit trail's checkpoints are checked with.
#[utoipa::path(get, path = "/api/v1/admin/audit/key", tag = "audit",
    responses((status = 200, body = AuditKey), (status = 403, body = Problem)))]
pub(crate) async fn audit_key(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<AuditKey>, Refusal> {
    let key = http.app().audit_key(&ctx)?;
    Ok(Json(AuditKey { key_id: key.id().to_owned(), public_key_pem: key.pem() }))
}
