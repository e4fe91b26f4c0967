// All agents: search, facets, the live list, the bulk bar, and the side panel of the one that was clicked.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Server, X } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { agentFind, agents, agentsLoad, useFleetCounts } from "../../api/agents";
import { actionAsk } from "../../api/commands";
import { type Denial, useWhyNot, whyAsk } from "../../api/me";
import { useLoading } from "../../api/rows";
import type { FleetCounts } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Facet } from "../../ui/facet";
import { count } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { FillPage, PageHead, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { AgentTable } from "./agent-table";
import { BulkBar } from "./bulk-bar";
import { filtered, listOf, SEEN, sortAfterClick, textOf } from "./filter";
import { SidePanel } from "./side-panel";
import { useAgentView, useFacets } from "./use-view";
import type { SortKey } from "./view";

/** Wide enough for a list with a panel beside it. */
const BESIDE = "(min-width: 900px)";

export function AgentsPage() {
  useTitle("Agents");
  const denied = useWhyNot("agent_list");
  return denied ? <NotAllowed reason={denied} /> : <Agents />;
}

/** A key that may not do what it is for says why, beside the row it was pressed on. */
function explain(denial: Denial): void {
  const grid = document.activeElement;
  const row = grid?.getAttribute("aria-activedescendant");
  const at = (row && document.getElementById(row)) || grid;
  if (at) whyAsk(denial, at);
}

function Agents() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { view, state } = useAgentView(search);
  const loading = useLoading(agents);
  const noRestart = useWhyNot("agent_restart");
  const [selected, setSelected] = useState<ReadonlySet<string>>(() => new Set());
  const change = useCallback(
    (part: Partial<Search>, push = false) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: !push }),
    [navigate],
  );
  const openId = useOpenId(search.agent);
  const open = useCallback(
    (id: string, full: boolean) => {
      const name = agents.get(id)?.name ?? id;
      if (full || !matchMedia(BESIDE).matches) void navigate({ to: "/agents/$name", params: { name }, search: {} });
      else change({ agent: name, tab: undefined }, !search.agent);
    },
    [navigate, change, search.agent],
  );
  // Agents that were removed cannot stay selected.
  useEffect(
    () =>
      agents.watchBatches(({ removed }) => {
        if (removed.size > 0) setSelected((now) => new Set([...now].filter((id) => !removed.has(id))));
      }),
    [],
  );
  const restart = (ids: string[]) => {
    if (!noRestart) actionAsk({ action: "restart", agents: ids });
    else if (typeof noRestart === "object") explain(noRestart);
  };
  const sort = (search.sort ?? "name").replace(/^-/, "") as SortKey;

  let body: ReactNode;
  if (loading.phase === "failed")
    body = <Failed error={loading.error} what="The agents could not be read" onRetry={() => void agentsLoad()} />;
  else if (agents.size === 0 && loading.phase !== "ready") {
    body = (
      <div className="overflow-hidden rounded-xl border border-line bg-panel">
        <SkeletonRows rows={12} />
      </div>
    );
  } else if (agents.size === 0) body = <FirstAgent />;
  else if (state.ids.length === 0) body = <NoMatch onClear={() => change(CLEARED)} />;
  else {
    body = (
      <AgentTable
        view={view}
        state={state}
        sort={sort}
        descending={search.sort?.startsWith("-") ?? false}
        onSort={(key) => change({ sort: sortAfterClick(search, key) })}
        selected={selected}
        onSelected={setSelected}
        open={openId}
        mayRestart={!noRestart}
        onOpen={open}
        onEscape={() => (selected.size > 0 ? setSelected(new Set()) : change({ agent: undefined, tab: undefined }))}
        onRestart={restart}
      />
    );
  }

  return (
    <div
      className={
        search.agent ? "grid h-full min-h-0 md:grid-cols-[minmax(0,1fr)_400px] xl:grid-cols-[minmax(0,1fr)_440px]" : "h-full min-h-0"
      }
    >
      <FillPage className={search.agent ? "min-w-0 max-md:hidden" : undefined}>
        <Head shown={state.ids.length} narrowed={filtered(search)} />
        <Filters search={search} onChange={change} />
        {body}
        <BulkBar selected={selected} onClear={() => setSelected(new Set())} />
      </FillPage>
      {search.agent && (
        <SidePanel
          name={search.agent}
          tab={search.tab}
          onTab={(tab) => change({ tab: tab === "overview" ? undefined : tab })}
          onClose={() => change({ agent: undefined, tab: undefined, range: undefined })}
        />
      )}
    </div>
  );
}

const CLEARED: Partial<Search> = { q: undefined, status: undefined, kind: undefined, tag: undefined, version: undefined, seen: undefined };

/** The id of the agent that the URL names. */
function useOpenId(name: string | undefined): string | null {
  const { phase } = useLoading(agents);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name may be found only once the agents are here
  return useMemo(() => (name ? (agentFind(name)?.id ?? null) : null), [name, phase]);
}

function fleetWords(counts: FleetCounts): string {
  const parts = (["online", "degraded", "offline", "stopped"] as const).filter((state) => counts[state] > 0);
  return parts.map((state) => `${count(counts[state])} ${state}`).join(", ");
}

function Head({ shown, narrowed }: { shown: number; narrowed: boolean }) {
  const counts = useFleetCounts();
  const loading = useLoading(agents);
  const navigate = useNavigate();
  const denied = useWhyNot("join_token_create");
  const reading = loading.loaded < loading.total;
  return (
    <PageHead
      title="Agents"
      sub={
        <span aria-live="polite">
          {reading
            ? `reading ${count(loading.loaded)} of ${count(loading.total)}…`
            : narrowed
              ? `${count(shown)} of ${count(counts.total)}`
              : fleetWords(counts)}
        </span>
      }
    >
      <Button
        look="primary"
        reason={denied}
        icon={<Plus size={15} aria-hidden />}
        onClick={() => void navigate({ to: ".", search: (all: Search) => ({ ...all, join: "1" }) })}
      >
        Join an agent
      </Button>
    </PageHead>
  );
}

function Filters({ search, onChange }: { search: Search; onChange: (part: Partial<Search>) => void }) {
  const facets = useFacets();
  const counts = useFleetCounts();
  const status = [
    { value: "offline", text: "Offline", count: counts.offline },
    { value: "degraded", text: "Degraded", count: counts.degraded },
    { value: "stopped", text: "Stopped", count: counts.stopped },
    { value: "online", text: "Online", count: counts.online },
  ];
  return (
    <div className="mt-3.5 mb-3 flex flex-wrap items-center gap-2">
      <SearchBox
        value={search.q ?? ""}
        onChange={(q) => onChange({ q: q || undefined })}
        label="Search agents"
        placeholder="Name, host, tag, id, session"
        className="w-60 shrink-0 max-md:w-full"
      />
      <div className="flex items-center gap-2 max-md:-mx-3.5 max-md:overflow-x-auto max-md:px-3.5 max-md:py-0.5 md:flex-wrap">
        <Facet label="Status" options={status} chosen={listOf(search.status)} onChange={(chosen) => onChange({ status: textOf(chosen) })} />
        <Facet label="Kind" options={facets.kind} chosen={listOf(search.kind)} onChange={(chosen) => onChange({ kind: textOf(chosen) })} />
        <Facet label="Tag" options={facets.tag} chosen={listOf(search.tag)} onChange={(chosen) => onChange({ tag: textOf(chosen) })} />
        <Facet
          label="Last seen"
          single
          options={SEEN.map(([value, text]) => ({ value, text }))}
          chosen={listOf(search.seen)}
          onChange={(chosen) => onChange({ seen: textOf(chosen) })}
        />
        <Facet
          label="Version"
          options={facets.version}
          chosen={listOf(search.version)}
          onChange={(chosen) => onChange({ version: textOf(chosen) })}
        />
        {filtered(search) && (
          <Button look="ghost" size="sm" icon={<X size={14} aria-hidden />} onClick={() => onChange(CLEARED)}>
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

function FirstAgent() {
  const navigate = useNavigate();
  const denied = useWhyNot("join_token_create");
  return (
    <div className="rounded-xl border border-line bg-panel">
      <Empty
        icon={<Server size={20} aria-hidden />}
        title="No agents yet"
        action={
          <Button
            look="primary"
            reason={denied}
            icon={<Plus size={15} aria-hidden />}
            onClick={() => void navigate({ to: ".", search: { join: "1" } })}
          >
            Join the first agent
          </Button>
        }
      >
        An agent is a small program that runs beside what you want to look after. It dials out to here: no port is opened on its machine.
      </Empty>
    </div>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div className="rounded-xl border border-line bg-panel">
      <Empty title="No agent matches" action={<Button onClick={onClear}>Clear search and filters</Button>}>
        Nothing has all of these at once.
      </Empty>
    </div>
  );
}
