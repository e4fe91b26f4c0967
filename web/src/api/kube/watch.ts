// A list of objects that stays true: read once as the server's own table, then kept by a watch. When the watch ends it is begun again where
// it stopped; when the cluster has forgotten that place (410) everything is read anew, and rows that are still there do not blink.
import { jitter } from "../live";
import { LineSplitter } from "../log-stream";
import { Rows } from "../rows";
import { KubeError, kubeFetch, kubeJson } from "./door";
import type { Column, KubeObject, Status, Table, TableRow } from "./types";

const PAGE = 500;
/** How long the server lets one watch live. */
const WATCH_S = 290;
/** A kind that cannot be watched is read again as often. */
const POLL_MS = 20_000;
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: Table | Status | KubeObject;
}

/** What a batch of events does to the rows. */
export interface Change {
  upserts: Map<string, TableRow>;
  removals: Set<string>;
  resourceVersion: string | null;
  /** The place of the watch is forgotten: read anew. */
  expired: boolean;
  /** The server ended the watch with this. */
  failure: Status | null;
}

/** The row of an object where the server makes no tables. */
function plainRow(object: KubeObject): TableRow {
  return { cells: [object.metadata.name, object.metadata.creationTimestamp ?? ""], object };
}

export const PLAIN_COLUMNS: readonly Column[] = [
  { name: "Name", type: "string", format: "name", description: "", priority: 0 },
  { name: "Age", type: "string", format: "", description: "", priority: 0 },
];

function rowsOf(object: Table | KubeObject): TableRow[] {
  if (object.kind === "Table") return (object as Table).rows ?? [];
  return "metadata" in object && (object as KubeObject).metadata.uid ? [plainRow(object as KubeObject)] : [];
}

function versionOf(object: Table | KubeObject): string | null {
  if (object.kind === "Table") {
    const table = object as Table;
    // A bookmark carries its place in the object of its one row, an event in either.
    return table.rows?.at(-1)?.object?.metadata?.resourceVersion ?? table.metadata?.resourceVersion ?? null;
  }
  return (object as KubeObject).metadata?.resourceVersion ?? null;
}

export function reduce(events: readonly WatchEvent[]): Change {
  const change: Change = { upserts: new Map(), removals: new Set(), resourceVersion: null, expired: false, failure: null };
  for (const { type, object } of events) {
    if (type === "ERROR") {
      const status = object as Status;
      if (status.code === 410 || status.reason === "Expired" || status.reason === "Gone") change.expired = true;
      else change.failure = status;
      break;
    }
    const told = object as Table | KubeObject;
    change.resourceVersion = versionOf(told) ?? change.resourceVersion;
    if (type === "BOOKMARK") continue;
    for (const row of rowsOf(told)) {
      const id = row.object.metadata.uid;
      if (type === "DELETED") {
        change.upserts.delete(id);
        change.removals.add(id);
      } else {
        change.removals.delete(id);
        change.upserts.set(id, row);
      }
    }
  }
  return change;
}

/** A list where the server makes no tables. */
interface PlainList {
  kind: string;
  metadata: Table["metadata"];
  items?: KubeObject[];
}

interface Page {
  rows: readonly TableRow[];
  columns: readonly Column[];
  metadata: Table["metadata"];
}

function isTable(page: Table | PlainList): page is Table {
  return page.kind === "Table";
}

export interface ListState {
  phase: "loading" | "live" | "waiting" | "failed";
  error: Error | null;
  columns: readonly Column[];
  /** Objects still to be read, where the server knows. */
  remaining: number;
}

export interface ListQuery {
  cluster: string;
  path: string;
  labels: string;
  fields?: string;
  /** Whole objects in the rows rather than their metadata. */
  whole?: boolean;
  watchable: boolean;
}

/** What the list needs of its surroundings; tests pass their own. */
export interface ListDeps {
  json: typeof kubeJson;
  fetch: typeof kubeFetch;
  random: () => number;
}

const BROWSER: ListDeps = { json: kubeJson, fetch: kubeFetch, random: Math.random };

export class LiveList {
  readonly rows = new Rows<TableRow>();
  private readonly query: ListQuery;
  private readonly deps: ListDeps;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private place: string | null = null;
  private failures = 0;
  private state: ListState = { phase: "loading", error: null, columns: [], remaining: 0 };
  private readonly watchers = new Set<() => void>();

  constructor(query: ListQuery, deps: ListDeps = BROWSER) {
    this.query = query;
    this.deps = deps;
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): ListState => this.state;

  private set(change: Partial<ListState>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.watchers) watcher();
  }

  start(): void {
    this.stop();
    this.abort = new AbortController();
    this.failures = 0;
    this.place = null;
    if (this.state.phase === "failed") this.set({ phase: "loading", error: null });
    void this.run(this.abort.signal);
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  private url(more: Record<string, string>): string {
    const params = new URLSearchParams(more);
    if (this.query.labels) params.set("labelSelector", this.query.labels);
    if (this.query.fields) params.set("fieldSelector", this.query.fields);
    if (this.query.whole) params.set("includeObject", "Object");
    return `${this.query.path}?${params}`;
  }

  private async run(signal: AbortSignal): Promise<void> {
    try {
      if (this.place === null) await this.list(signal);
      if (signal.aborted) return;
      this.set({ phase: "live", error: null });
      if (!this.query.watchable) {
        this.place = null;
        this.timer = setTimeout(() => void this.run(signal), POLL_MS);
        return;
      }
      await this.watch(signal);
      // Ended by the server in peace: at once again, unless it does nothing but end.
      this.again(null, signal);
    } catch (error) {
      this.again(error as Error, signal);
    }
  }

  private again(error: Error | null, signal: AbortSignal): void {
    if (signal.aborted) return;
    const status = error instanceof KubeError ? error.status : 0;
    if (status === 410) this.place = null;
    const final = status >= 400 && status < 500 && ![408, 410, 429].includes(status);
    if (final) {
      this.set({ phase: "failed", error });
      return;
    }
    if (error && status !== 410) this.set({ phase: this.rows.size > 0 || this.state.columns.length > 0 ? "waiting" : "failed", error });
    const wait = jitter(this.failures++, this.deps.random);
    this.timer = setTimeout(() => void this.run(signal), wait);
  }

  private async page(next: string, signal: AbortSignal): Promise<Page> {
    const url = this.url({ limit: String(PAGE), ...(next ? { continue: next } : {}) });
    const page: Table | PlainList = await this.deps.json(this.query.cluster, url, { headers: { accept: TABLE }, signal });
    if (isTable(page)) return { rows: page.rows ?? [], columns: page.columnDefinitions ?? [], metadata: page.metadata };
    return { rows: (page.items ?? []).map(plainRow), columns: PLAIN_COLUMNS, metadata: page.metadata };
  }

  private async list(signal: AbortSignal): Promise<void> {
    const seen = new Set<string>();
    let next = "";
    let place: string | null = null;
    do {
      const { rows, columns, metadata } = await this.page(next, signal);
      if (signal.aborted) return;
      for (const row of rows) seen.add(row.object.metadata.uid);
      this.rows.apply(rows.map((row) => [row.object.metadata.uid, row] as const));
      next = metadata.continue ?? "";
      place = metadata.resourceVersion ?? null;
      this.set({ remaining: next ? (metadata.remainingItemCount ?? 1) : 0, ...(columns.length > 0 ? { columns } : {}) });
    } while (next);
    this.rows.retain(seen);
    this.place = place;
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const more = { watch: "1", allowWatchBookmarks: "true", timeoutSeconds: String(WATCH_S), resourceVersion: this.place ?? "" };
    const response = await this.deps.fetch(this.query.cluster, this.url(more), { headers: { accept: TABLE }, signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    const splitter = new LineSplitter();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      const lines = splitter.push(value);
      if (lines.length === 0) continue;
      const change = reduce(lines.map((line) => JSON.parse(line) as WatchEvent));
      this.rows.apply(change.upserts, change.removals);
      if (change.resourceVersion) this.place = change.resourceVersion;
      if (change.expired) throw new KubeError({ reason: "Expired" }, 410);
      if (change.failure) throw new KubeError(change.failure, change.failure.code ?? 500);
      this.failures = 0;
    }
  }
}
