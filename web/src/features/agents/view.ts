// Which agents the list shows and in which order. A batch of changes moves only the rows it touches (binary search), so that a live
// fleet of ten thousand costs well under a millisecond a batch. While somebody points at the list the order is held: rows change in
// place, and what would move waits.
import type { Batch, Rows } from "../../api/rows";
import type { Agent, AgentKind, AgentStatus } from "../../api/types";

export const SORT_KEYS = ["name", "status", "kind", "cpu", "memory", "seen"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface AgentQuery {
  q: string;
  status: readonly AgentStatus[];
  kind: readonly AgentKind[];
  tag: readonly string[];
  version: readonly string[];
  /** Seen within so many seconds. */
  seenWithin: number | null;
  sort: SortKey;
  descending: boolean;
  /** Agents that match `q` by something the rows do not carry. */
  also: ReadonlySet<string>;
}

const STATUS_RANK: Record<AgentStatus, number> = { offline: 0, degraded: 1, stopped: 2, online: 3 };

/** Whether an agent passes the filter. `words` are the lower-case words of `q`, each of which must be found. */
export function matches(agent: Agent, query: AgentQuery, words: readonly string[], now: number): boolean {
  if (query.status.length > 0 && !query.status.includes(agent.status)) return false;
  if (query.kind.length > 0 && !query.kind.includes(agent.kind)) return false;
  if (query.version.length > 0 && !query.version.includes(agent.version)) return false;
  if (query.tag.length > 0 && !query.tag.some((tag) => agent.tags.includes(tag))) return false;
  if (query.seenWithin !== null && !agent.connected) {
    const seen = agent.last_seen_at ? Date.parse(agent.last_seen_at) : 0;
    if (now - seen > query.seenWithin * 1000) return false;
  }
  if (words.length === 0 || query.also.has(agent.id)) return true;
  return words.every(
    (word) =>
      agent.name.includes(word) ||
      agent.hostname.toLowerCase().includes(word) ||
      agent.id.startsWith(word) ||
      agent.workload_title.toLowerCase().includes(word) ||
      agent.tags.some((tag) => tag.includes(word)),
  );
}

type Value = string | number;

function sortValue(agent: Agent, key: SortKey): Value {
  switch (key) {
    case "name":
      return agent.name;
    case "status":
      return STATUS_RANK[agent.status];
    case "kind":
      return agent.kind;
    case "cpu":
      return agent.connected ? (agent.cpu_percent ?? -1) : -1;
    case "memory":
      return agent.connected ? (agent.memory_used_bytes ?? -1) : -1;
    case "seen":
      return agent.connected ? Number.MAX_SAFE_INTEGER : agent.last_seen_at ? Date.parse(agent.last_seen_at) : 0;
  }
}

interface Place {
  value: Value;
  name: string;
  id: string;
}

/** What a list renders from. `ids` is replaced whenever it changes. */
export interface ViewState {
  ids: readonly string[];
  /** Rows that would come, go or move once the order is no longer held. */
  waiting: number;
}

/** Above this share of changed rows, sorting anew is cheaper than moving one by one. */
const REBUILD_SHARE = 8;

export class AgentView {
  private readonly rows: Rows<Agent>;
  private readonly now: () => number;
  private query: AgentQuery;
  private words: string[] = [];
  private order: Place[] = [];
  private readonly places = new Map<string, Place>();
  private readonly pending = new Set<string>();
  private held = false;
  private state: ViewState = { ids: [], waiting: 0 };
  private readonly watchers = new Set<() => void>();

  constructor(rows: Rows<Agent>, query: AgentQuery, now: () => number = Date.now) {
    this.rows = rows;
    this.query = query;
    this.now = now;
    this.setQuery(query);
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): ViewState => this.state;

  /** Filters and sorts everything anew. */
  setQuery(query: AgentQuery): void {
    this.query = query;
    this.words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
    this.rebuild();
  }

  /** Holds the order, or lets what waited come in. */
  hold(on: boolean): void {
    this.held = on;
    if (!on) this.flush();
  }

  readonly take = (batch: Batch): void => {
    for (const id of batch.changed) if (this.wouldMove(id)) this.pending.add(id);
    for (const id of batch.removed) if (this.places.has(id)) this.pending.add(id);
    if (this.pending.size === 0) return;
    // An empty list has nothing that could jump.
    if (this.held && this.order.length > 0) this.publish();
    else this.flush();
  };

  private compare(a: Place, b: Place): number {
    let order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
    if (this.query.descending) order = -order;
    if (order !== 0) return order;
    if (a.name !== b.name) return a.name < b.name ? -1 : 1;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  }

  private placeOf(id: string): Place | null {
    const agent = this.rows.get(id);
    if (!agent || !matches(agent, this.query, this.words, this.now())) return null;
    return { value: sortValue(agent, this.query.sort), name: agent.name, id };
  }

  private wouldMove(id: string): boolean {
    const before = this.places.get(id);
    const after = this.placeOf(id);
    if (!before || !after) return Boolean(before) !== Boolean(after) || this.pending.has(id);
    return before.value !== after.value || before.name !== after.name;
  }

  private find(place: Place): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.order[middle];
      if (at && this.compare(at, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private flush(): void {
    if (this.pending.size === 0) return;
    if (this.pending.size > 64 && this.pending.size * REBUILD_SHARE > this.order.length) {
      this.rebuild();
      return;
    }
    for (const id of this.pending) {
      const before = this.places.get(id);
      if (before) this.order.splice(this.find(before), 1);
      this.places.delete(id);
      const after = this.placeOf(id);
      if (!after) continue;
      this.order.splice(this.find(after), 0, after);
      this.places.set(id, after);
    }
    this.pending.clear();
    this.publish();
  }

  private rebuild(): void {
    this.pending.clear();
    this.places.clear();
    this.order = [];
    const now = this.now();
    for (const agent of this.rows.values()) {
      if (!matches(agent, this.query, this.words, now)) continue;
      const place = { value: sortValue(agent, this.query.sort), name: agent.name, id: agent.id };
      this.order.push(place);
      this.places.set(agent.id, place);
    }
    this.order.sort((a, b) => this.compare(a, b));
    this.publish();
  }

  private publish(): void {
    // While the order is held the same ids stand: only the number of waiting rows is new.
    const ids = this.held && this.pending.size > 0 ? this.state.ids : this.order.map((place) => place.id);
    this.state = { ids, waiting: this.pending.size };
    for (const watcher of this.watchers) watcher();
  }
}
