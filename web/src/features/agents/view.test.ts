import { describe, expect, it, vi } from "vitest";
import { Rows } from "../../api/rows";
import type { Agent } from "../../api/types";
import { filtered, queryOf, sortAfterClick } from "./filter";
import { nextIndex } from "./keys";
import { type AgentQuery, AgentView } from "./view";

const NOW = Date.parse("2026-01-01T12:00:00Z");

function agent(id: string, part: Partial<Agent> = {}): Agent {
  return {
    id,
    name: `agent-${id}`,
    kind: "host",
    status: "online",
    status_detail: "",
    status_since: "2026-01-01T00:00:00.000Z",
    hostname: "host.lan",
    version: "0.1.0",
    tags: [],
    workload_state: "none",
    workload_title: "",
    connected: true,
    cpu_history: [],
    ...part,
  };
}

const query = (search: Parameters<typeof queryOf>[0] = {}): AgentQuery => queryOf(search, new Set());

function rig(rows: Agent[], search: Parameters<typeof queryOf>[0] = {}) {
  const store = new Rows<Agent>();
  store.apply(rows.map((row) => [row.id, row] as const));
  const view = new AgentView(store, query(search), () => NOW);
  store.watchBatches(view.take);
  return { store, view, ids: () => view.snapshot().ids };
}

describe("the list of agents", () => {
  it("filters by every facet", () => {
    const rows = [
      agent("1", { status: "offline", connected: false, last_seen_at: "2026-01-01T11:58:00Z", tags: ["prod"] }),
      agent("2", { kind: "openclaw", version: "0.2.0", tags: ["prod", "edge"] }),
      agent("3", { status: "degraded", hostname: "FRA-3", connected: false, last_seen_at: "2025-12-01T00:00:00Z" }),
    ];
    const shown = (search: Parameters<typeof queryOf>[0]) => rig(rows, search).ids();
    expect(shown({ status: "offline,degraded" })).toEqual(["1", "3"]);
    expect(shown({ kind: "openclaw" })).toEqual(["2"]);
    expect(shown({ tag: "prod" })).toEqual(["1", "2"]);
    expect(shown({ version: "0.2.0" })).toEqual(["2"]);
    expect(shown({ seen: "5m" })).toEqual(["1", "2"]);
    expect(shown({ q: "fra" })).toEqual(["3"]);
    expect(shown({ q: "prod agent-1" })).toEqual(["1"]);
    expect(shown({ status: "nonsense" })).toEqual(["1", "2", "3"]);
  });

  it("shows agents that only the server could find", () => {
    const store = new Rows<Agent>();
    store.apply([["1", agent("1")]]);
    const view = new AgentView(store, queryOf({ q: "0197c3a1" }, new Set(["1"])), () => NOW);
    expect(view.snapshot().ids).toEqual(["1"]);
  });

  it("is the same after any changes as if it were sorted anew", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    const statuses = ["online", "offline", "degraded", "stopped"] as const;
    const random_agent = (id: string) =>
      agent(id, {
        name: `n${Math.floor(random() * 50)}`,
        status: statuses[Math.floor(random() * 4)],
        cpu_percent: Math.floor(random() * 100),
        tags: random() < 0.5 ? ["a"] : [],
      });
    for (const search of [{}, { sort: "-cpu" }, { sort: "status", tag: "a" }, { status: "offline" }]) {
      const { store, ids } = rig(
        Array.from({ length: 200 }, (_, id) => random_agent(String(id))),
        search,
      );
      for (let round = 0; round < 40; round += 1) {
        const changed = Array.from({ length: 1 + Math.floor(random() * 30) }, () => String(Math.floor(random() * 220)));
        store.apply(
          changed.map((id) => [id, random_agent(id)] as const),
          [String(Math.floor(random() * 220))],
        );
        expect(ids()).toEqual(new AgentView(store, query(search), () => NOW).snapshot().ids);
      }
    }
  });

  it("holds still under the pointer and takes everything in afterwards", () => {
    const { store, view, ids } = rig([agent("1"), agent("2"), agent("3")], { sort: "-cpu" });
    const before = ids();
    view.hold(true);
    store.apply([["3", agent("3", { cpu_percent: 99 })]], ["1"]);
    expect(ids()).toBe(before);
    expect(view.snapshot().waiting).toBe(2);
    view.hold(false);
    expect(ids()).toEqual(["3", "2"]);
    expect(view.snapshot().waiting).toBe(0);
  });

  it("does not render the list for a change that moves no row", () => {
    const { store, view } = rig([agent("1"), agent("2")]);
    const watcher = vi.fn();
    view.subscribe(watcher);
    store.apply([["1", agent("1", { cpu_percent: 50 })]]);
    expect(watcher).not.toHaveBeenCalled();
  });
});

describe("a click on a column", () => {
  it("begins with the largest for figures and the first for words", () => {
    expect(sortAfterClick({}, "cpu")).toBe("-cpu");
    expect(sortAfterClick({ sort: "-cpu" }, "cpu")).toBe("cpu");
    expect(sortAfterClick({}, "name")).toBe("-name");
    expect(sortAfterClick({ sort: "-name" }, "name")).toBeUndefined();
  });
});

describe("the filter in the URL", () => {
  it("knows when it narrows", () => {
    expect(filtered({ sort: "-cpu", agent: "x" })).toBe(false);
    expect(filtered({ tag: "prod" })).toBe(true);
  });
});

describe("keys in the list", () => {
  it("move within it", () => {
    expect(nextIndex("j", -1, 3, 10)).toBe(0);
    expect(nextIndex("j", 2, 3, 10)).toBe(2);
    expect(nextIndex("k", 0, 3, 10)).toBe(0);
    expect(nextIndex("PageDown", 0, 100, 10)).toBe(10);
    expect(nextIndex("End", 0, 100, 10)).toBe(99);
    expect(nextIndex("q", 0, 100, 10)).toBeNull();
    expect(nextIndex("j", 0, 0, 10)).toBeNull();
  });
});
