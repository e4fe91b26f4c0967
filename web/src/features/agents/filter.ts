// The list's filter and order as they stand in the URL.
import type { AgentKind, AgentStatus } from "../../api/types";
import type { Search } from "../../api/url";
import { type AgentQuery, SORT_KEYS, type SortKey } from "./view";

const STATUSES: readonly AgentStatus[] = ["offline", "degraded", "stopped", "online"];
export const KINDS: readonly AgentKind[] = ["host", "command", "systemd", "openclaw"];

export const SEEN: readonly (readonly [string, string, number])[] = [
  ["5m", "within 5 minutes", 300],
  ["1h", "within an hour", 3600],
  ["24h", "within a day", 86_400],
  ["7d", "within a week", 604_800],
];

export function listOf(text: string | undefined): string[] {
  return text ? text.split(",").filter(Boolean) : [];
}

export function textOf(values: readonly string[]): string | undefined {
  return values.length > 0 ? values.join(",") : undefined;
}

/** The query that a URL asks for; words it does not know are left out. */
export function queryOf(search: Search, also: ReadonlySet<string>): AgentQuery {
  const sort = search.sort ?? "name";
  const key = sort.replace(/^-/, "");
  return {
    q: search.q ?? "",
    status: listOf(search.status).filter((word): word is AgentStatus => (STATUSES as readonly string[]).includes(word)),
    kind: listOf(search.kind).filter((word): word is AgentKind => (KINDS as readonly string[]).includes(word)),
    tag: listOf(search.tag),
    version: listOf(search.version),
    seenWithin: SEEN.find(([value]) => value === search.seen)?.[2] ?? null,
    sort: (SORT_KEYS as readonly string[]).includes(key) ? (key as SortKey) : "name",
    descending: sort.startsWith("-"),
    also,
  };
}

export function filtered(search: Search): boolean {
  return Boolean(search.q || search.status || search.kind || search.tag || search.version || search.seen);
}

/** The `sort` that a click on a column asks for: figures begin with the largest, words with the first. */
export function sortAfterClick(search: Search, key: SortKey): string | undefined {
  const largestFirst = key === "cpu" || key === "memory" || key === "seen";
  const now = search.sort ?? "name";
  const first = largestFirst ? `-${key}` : key;
  const second = largestFirst ? key : `-${key}`;
  const next = now === first ? second : first;
  return next === "name" ? undefined : next;
}
