// All agents, as rows: read page by page at the start, then kept true by live events. Lists, tiles, the palette and the rail read here.
import { useSyncExternalStore } from "react";
import { api, ask } from "./client";
import type { EventItem, Live } from "./live";
import { Rows } from "./rows";
import type { Agent, AgentStats, FleetCounts } from "./types";

const PAGE = 500;
const HISTORY_STEP_MS = 5 * 60_000;
const HISTORY_POINTS = 12;

export const agents = new Rows<Agent>();

/** Ids that events touched since the reading began: an older page must not overwrite them. */
let touched: Set<string> | null = null;
let generation = 0;

/** Reads all agents anew. Rows on the page stay until the newer ones are here. */
export async function agentsLoad(): Promise<void> {
  const mine = ++generation;
  touched = new Set();
  const seen = new Set<string>();
  agents.setLoading({ phase: agents.size > 0 ? "ready" : "loading", error: null });
  try {
    let cursor: string | undefined;
    do {
      const page = await ask(api.GET("/api/v1/agents", { params: { query: { limit: PAGE, ...(cursor ? { cursor } : {}) } } }));
      if (mine !== generation) return;
      for (const agent of page.items) seen.add(agent.id);
      const newer: Set<string> = touched ?? new Set();
      agents.apply(page.items.filter((agent) => !newer.has(agent.id)).map((agent) => [agent.id, agent] as const));
      agents.setLoading({ loaded: seen.size, total: page.total });
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    for (const id of touched) if (agents.get(id)) seen.add(id);
    agents.retain(seen);
    agents.setLoading({ phase: "ready" });
  } catch (error) {
    if (mine === generation) agents.setLoading({ phase: agents.size > 0 ? "ready" : "failed", error: error as Error });
  } finally {
    if (mine === generation) touched = null;
  }
}

interface Bucket {
  start: number;
  sum: number;
  count: number;
}
const buckets = new Map<string, Bucket>();

/** An agent with fresh figures; every five minutes its sparkline moves on by one point. */
export function withStats(agent: Agent, stats: AgentStats, now: number, known: Map<string, Bucket> = buckets): Agent {
  const next: Agent = { ...agent };
  if (stats.cpu_percent !== undefined) next.cpu_percent = stats.cpu_percent ?? undefined;
  if (stats.memory_used_bytes !== undefined) next.memory_used_bytes = stats.memory_used_bytes ?? undefined;
  if (stats.memory_total_bytes !== undefined) next.memory_total_bytes = stats.memory_total_bytes ?? undefined;
  if (typeof stats.cpu_percent !== "number") return next;
  const start = now - (now % HISTORY_STEP_MS);
  const bucket = known.get(agent.id);
  if (bucket && bucket.start === start) {
    bucket.sum += stats.cpu_percent;
    bucket.count += 1;
  } else {
    if (bucket) next.cpu_history = [...agent.cpu_history, bucket.sum / bucket.count].slice(-HISTORY_POINTS);
    known.set(agent.id, { start, sum: stats.cpu_percent, count: 1 });
  }
  return next;
}

/** Lets the feed keep the rows true. */
export function agentsFollow(live: Live): void {
  live.onFresh(() => void agentsLoad());
  live.on("agent_changed", (items) => {
    const rows = items.map((item) => item.data as Agent);
    for (const row of rows) touched?.add(row.id);
    agents.apply(rows.map((row) => [row.id, row] as const));
  });
  live.on("agent_removed", (items) => {
    const ids = items.map((item) => (item.data as { id: string }).id);
    for (const id of ids) {
      touched?.add(id);
      buckets.delete(id);
    }
    agents.apply([], ids);
  });
  live.on("agent_stats", (items: EventItem[]) => {
    const now = Date.now();
    const changes = new Map<string, Agent>();
    for (const item of items) {
      const stats = item.data as AgentStats;
      const row = changes.get(stats.id) ?? agents.get(stats.id);
      if (row) changes.set(stats.id, withStats(row, stats, now));
    }
    agents.apply(changes);
  });
}

let counts: FleetCounts = { total: 0, online: 0, degraded: 0, offline: 0, stopped: 0 };
const statuses = new Map<string, Agent["status"]>();
const countWatchers = new Set<() => void>();

agents.watchBatches(({ changed, removed }) => {
  const next = { ...counts };
  let differs = false;
  for (const id of [...changed, ...removed]) {
    const before = statuses.get(id);
    const after = agents.get(id)?.status;
    if (before === after) continue;
    differs = true;
    if (before) {
      next[before] -= 1;
      next.total -= 1;
    }
    if (after) {
      next[after] += 1;
      next.total += 1;
      statuses.set(id, after);
    } else {
      statuses.delete(id);
    }
  }
  if (!differs) return;
  counts = next;
  for (const watcher of countWatchers) watcher();
});

const watchCounts = (watcher: () => void): (() => void) => {
  countWatchers.add(watcher);
  return () => countWatchers.delete(watcher);
};

/** How many agents are in each state, live. */
export function useFleetCounts(): FleetCounts {
  return useSyncExternalStore(watchCounts, () => counts);
}

/** The agent with that name or id, if the store has it. */
export function agentFind(nameOrId: string): Agent | undefined {
  const byId = agents.get(nameOrId);
  if (byId) return byId;
  for (const agent of agents.values()) if (agent.name === nameOrId) return agent;
  return undefined;
}
