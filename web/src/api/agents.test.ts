import { beforeEach, describe, expect, it, vi } from "vitest";
import type { EventItem, Live } from "./live";
import type { Agent } from "./types";

const get = vi.hoisted(() => vi.fn());
vi.mock("./client", () => ({ api: { GET: get }, ask: (call: Promise<unknown>) => call }));

import { agentFind, agents, agentsFollow, agentsLoad, withStats } from "./agents";

function agent(part: Partial<Agent>): Agent {
  return {
    id: "1",
    name: "one",
    kind: "host",
    status: "online",
    status_detail: "",
    status_since: "2026-01-01T00:00:00.000Z",
    hostname: "one.lan",
    version: "0.1.0",
    tags: [],
    workload_state: "none",
    workload_title: "",
    connected: true,
    cpu_history: [],
    ...part,
  };
}

function feed() {
  const handlers = new Map<string, (items: EventItem[]) => void>();
  agentsFollow({
    on: (kind: string, handler: (items: EventItem[]) => void) => handlers.set(kind, handler),
    onFresh: () => () => undefined,
  } as unknown as Live);
  return (kind: string, data: unknown) => handlers.get(kind)?.([{ seq: 1, kind: kind as EventItem["kind"], data }]);
}

beforeEach(() => {
  agents.clear();
  get.mockReset();
});

describe("reading all agents", () => {
  it("goes through the pages and forgets who is gone", async () => {
    agents.apply([["gone", agent({ id: "gone" })]]);
    get.mockResolvedValueOnce({ items: [agent({ id: "1" })], next_cursor: "c", total: 2 });
    get.mockResolvedValueOnce({ items: [agent({ id: "2", name: "two" })], total: 2 });
    await agentsLoad();
    expect([...agents.values()].map((each) => each.id)).toEqual(["1", "2"]);
    expect(get.mock.calls[1]?.[1].params.query.cursor).toBe("c");
    expect(agents.loadingNow()).toMatchObject({ phase: "ready", loaded: 2, total: 2 });
  });

  it("does not overwrite what an event said meanwhile, nor bring back who was removed", async () => {
    const event = feed();
    get.mockImplementationOnce(async () => {
      event("agent_changed", agent({ id: "1", status: "offline" }));
      event("agent_changed", agent({ id: "3", name: "three" }));
      event("agent_removed", { id: "2" });
      return { items: [agent({ id: "1" }), agent({ id: "2" })], total: 2 };
    });
    await agentsLoad();
    expect(agents.get("1")?.status).toBe("offline");
    expect(agents.get("2")).toBeUndefined();
    expect(agents.get("3")?.name).toBe("three");
  });

  it("says what went wrong when nothing could be read", async () => {
    get.mockRejectedValueOnce(new Error("no database"));
    await agentsLoad();
    expect(agents.loadingNow()).toMatchObject({ phase: "failed", error: new Error("no database") });
  });
});

describe("fresh figures", () => {
  const MINUTE = 60_000;

  it("change the figures and leave the rest", () => {
    const next = withStats(agent({ cpu_percent: 1, tags: ["prod"] }), { id: "1", cpu_percent: 50, memory_used_bytes: 7 }, 0, new Map());
    expect(next).toMatchObject({ cpu_percent: 50, memory_used_bytes: 7, tags: ["prod"], cpu_history: [] });
  });

  it("move the sparkline on by the average of each five minutes", () => {
    const known = new Map();
    let row = agent({ cpu_history: Array.from({ length: 12 }, () => 1) });
    for (const [minute, cpu] of [
      [0, 10],
      [2, 30],
      [5, 90],
    ] as const)
      row = withStats(row, { id: "1", cpu_percent: cpu }, minute * MINUTE, known);
    expect(row.cpu_history).toHaveLength(12);
    expect(row.cpu_history.at(-1)).toBe(20);
  });
});

describe("finding an agent", () => {
  it("works by name and by id", () => {
    agents.apply([["1", agent({})]]);
    expect(agentFind("one")?.id).toBe("1");
    expect(agentFind("1")?.name).toBe("one");
    expect(agentFind("none")).toBeUndefined();
  });
});
