// Binds the list's view to the store and to React.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { agents } from "../../api/agents";
import { api, ask } from "../../api/client";
import { useLoading } from "../../api/rows";
import type { Agent } from "../../api/types";
import type { Search } from "../../api/url";
import type { FacetOption } from "../../ui/facet";
import { KINDS, queryOf } from "./filter";
import { AgentView, type ViewState } from "./view";

/** How often an order by live figures is brought up to date. */
const LIVE_ORDER_MS = 2_000;
const NONE: ReadonlySet<string> = new Set();

/** Agents that match by their session's id, which rows do not carry: only the server can tell. */
function useServerMatches(q: string): ReadonlySet<string> {
  const asked = /^[0-9a-f-]{6,}$/i.test(q.trim()) ? q.trim() : "";
  const answer = useQuery({
    queryKey: ["agents", "search", asked],
    enabled: asked !== "",
    queryFn: ({ signal }) => ask(api.GET("/api/v1/agents", { params: { query: { q: asked, limit: 50 } }, signal })),
  });
  return useMemo(() => (asked && answer.data ? new Set(answer.data.items.map((agent) => agent.id)) : NONE), [asked, answer.data]);
}

export function useAgentView(search: Search): { view: AgentView; state: ViewState } {
  const { q, status, kind, tag, version, seen, sort } = search;
  const also = useServerMatches(q ?? "");
  const query = useMemo(
    () => queryOf({ q, status, kind, tag, version, seen, sort }, also),
    [q, status, kind, tag, version, seen, sort, also],
  );
  const [view] = useState(() => new AgentView(agents, query));
  useEffect(() => {
    view.setQuery(query);
    if (query.sort === "cpu" || query.sort === "memory" || query.sort === "seen") {
      // Figures change all the time: between two looks the order stands still.
      let changed = new Set<string>();
      const stop = agents.watchBatches((batch) => {
        if (batch.removed.size > 0) view.take({ changed: NONE, removed: batch.removed });
        for (const id of batch.changed) changed.add(id);
      });
      const timer = setInterval(() => {
        const batch = changed;
        changed = new Set();
        view.take({ changed: batch, removed: NONE });
      }, LIVE_ORDER_MS);
      return () => {
        stop();
        clearInterval(timer);
      };
    }
    return agents.watchBatches(view.take);
  }, [view, query]);
  return { view, state: useSyncExternalStore(view.subscribe, view.snapshot) };
}

export interface Facets {
  kind: FacetOption[];
  tag: FacetOption[];
  version: FacetOption[];
}

const KIND_WORDS: Record<Agent["kind"], string> = { host: "Host", command: "Command", systemd: "systemd unit", openclaw: "OpenClaw" };

function countFacets(): Facets {
  const kinds = new Map<string, number>();
  const tags = new Map<string, number>();
  const versions = new Map<string, number>();
  const add = (map: Map<string, number>, value: string) => map.set(value, (map.get(value) ?? 0) + 1);
  for (const agent of agents.values()) {
    add(kinds, agent.kind);
    add(versions, agent.version);
    for (const tag of agent.tags) add(tags, tag);
  }
  const options = (map: Map<string, number>): FacetOption[] =>
    [...map].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value, count]) => ({ value, text: value, count }));
  return {
    kind: KINDS.filter((kind) => kinds.has(kind)).map((kind) => ({ value: kind, text: KIND_WORDS[kind], count: kinds.get(kind) })),
    tag: options(tags).slice(0, 200),
    version: options(versions),
  };
}

/** The values there are, with how many agents have each; looked at anew every few seconds at most. */
export function useFacets(): Facets {
  const [facets, setFacets] = useState(countFacets);
  const { phase } = useLoading(agents);
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted anew once everything is read
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (wait: number) => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setFacets(countFacets());
      }, wait);
    };
    later(0);
    const stop = agents.watchBatches(() => later(3_000));
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [phase]);
  return facets;
}
