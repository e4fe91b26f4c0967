// The audit trail's filter as the URL says it, and whether a new entry passes it.
import type { AuditEntry } from "../../api/types";
import type { Search } from "../../api/url";

export const SPANS = [
  ["1h", "The last hour", 3_600_000],
  ["24h", "The last day", 86_400_000],
  ["7d", "The last 7 days", 604_800_000],
  ["30d", "The last 30 days", 2_592_000_000],
] as const;

export interface AuditFilter {
  q?: string;
  actor?: string;
  action?: string;
  result?: string;
  agent?: string;
  from?: string;
}

export function filterOf(search: Search, now: number): AuditFilter {
  const filter: AuditFilter = {};
  for (const key of ["q", "actor", "action", "result", "agent"] as const) {
    const value = search[key];
    if (value) filter[key] = value;
  }
  const span = SPANS.find(([value]) => value === search.range)?.[2];
  // To the minute, so that the same view asks the same question.
  if (span) filter.from = new Date(Math.floor((now - span) / 60_000) * 60_000).toISOString();
  return filter;
}

export function auditMatches(entry: AuditEntry, filter: AuditFilter): boolean {
  if (filter.actor && entry.actor !== filter.actor) return false;
  if (filter.action && entry.action !== filter.action) return false;
  if (filter.result && entry.result !== filter.result) return false;
  if (filter.agent && entry.resource !== filter.agent && entry.resource_id !== filter.agent) return false;
  if (!filter.q) return true;
  const text = [entry.actor, entry.action, entry.resource, entry.resource_id, entry.address, entry.reason, entry.detail, entry.request_id]
    .join("\n")
    .toLowerCase();
  return text.includes(filter.q.toLowerCase());
}
