// The audit trail: who did what, on what, from where, with what result and why. Newest first, live, filtered in the URL, exportable.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, X } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import { live } from "../../api/feed";
import { useWhyNot } from "../../api/me";
import type { AuditEntry } from "../../api/types";
import type { Search } from "../../api/url";
import { Button, buttonClass } from "../../ui/button";
import { Facet } from "../../ui/facet";
import { count, plural } from "../../ui/format";
import { Menu, MenuItem } from "../../ui/menu";
import { FillPage, PageHead, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { AuditTable } from "./audit-table";
import { type AuditFilter, auditMatches, filterOf, SPANS } from "./filter";

const PAGE = 100;
/** New entries kept at the top before they are read from the server instead. */
const FRESH_MOST = 500;

interface Page {
  items: AuditEntry[];
  next_cursor?: string | null | undefined;
  total: number;
}

function useAudit(filter: AuditFilter) {
  const queries = useQueryClient();
  const key = useMemo(() => ["audit", filter], [filter]);
  const answer = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v1/admin/audit", {
          params: { query: { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ) as Promise<Page>,
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const [fresh, setFresh] = useState<AuditEntry[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter begins anew
  useEffect(() => setFresh([]), [key]);
  useEffect(
    () =>
      live.on("audit_appended", (items) => {
        const came = items.map((item) => item.data as AuditEntry).filter((entry) => auditMatches(entry, filter));
        if (came.length === 0) return;
        setFresh((now) => [...came.reverse(), ...now].slice(0, FRESH_MOST));
      }),
    [filter],
  );
  useEffect(() => live.onFresh(() => setFresh([])), []);
  const data = queries.getQueryData<InfiniteData<Page>>(key) ?? answer.data;
  const entries = useMemo(() => {
    const read = data?.pages.flatMap((page) => page.items) ?? [];
    const known = new Set(read.map((entry) => entry.id));
    return [...fresh.filter((entry) => !known.has(entry.id)), ...read];
  }, [data, fresh]);
  return {
    answer,
    entries,
    total: (data?.pages[0]?.total ?? 0) + entries.length - (data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0),
  };
}

function exportUrl(filter: AuditFilter, format: string): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...filter, format })) if (value) params.set(key, value);
  return `/api/v1/admin/audit?${params}`;
}

export function AuditPage() {
  useTitle("Audit");
  const denied = useWhyNot("audit_list");
  return denied ? <Empty title="Not for your role">{denied}</Empty> : <Audit />;
}

function Audit() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { q, actor, action, result, agent, range } = search;
  const filter = useMemo(() => filterOf({ q, actor, action, result, agent, range }, Date.now()), [q, actor, action, result, agent, range]);
  const { answer, entries, total } = useAudit(filter);
  const change = useCallback(
    (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true }),
    [navigate],
  );
  const narrowed = Object.keys(filter).length > 0;
  let body: ReactNode;
  if (answer.isPending) {
    body = (
      <div className="overflow-hidden rounded-xl border border-line bg-panel">
        <SkeletonRows rows={14} />
      </div>
    );
  } else if (answer.isError && entries.length === 0)
    body = <Failed error={answer.error} what="The audit trail could not be read" onRetry={() => void answer.refetch()} />;
  else if (entries.length === 0) body = <Nothing narrowed={narrowed} onClear={() => change(CLEARED)} />;
  else {
    body = (
      <AuditTable
        entries={entries}
        more={answer.hasNextPage}
        loadingMore={answer.isFetchingNextPage}
        onMore={() => void answer.fetchNextPage()}
        onPick={change}
        label={`Audit trail, ${count(total)} entries`}
      />
    );
  }
  return (
    <FillPage>
      <PageHead title="Audit" sub={answer.data ? `${plural(total, "entry", "entries")}${total >= 10_000 ? " or more" : ""}` : undefined}>
        <Export filter={filter} narrowed={narrowed} />
      </PageHead>
      <Filters search={search} onChange={change} />
      {body}
    </FillPage>
  );
}

const CLEARED: Partial<Search> = {
  q: undefined,
  actor: undefined,
  action: undefined,
  result: undefined,
  agent: undefined,
  range: undefined,
};

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  return (
    <div className="rounded-xl border border-line bg-panel">
      <Empty
        title={narrowed ? "No entry matches" : "Nothing here yet"}
        action={narrowed && <Button onClick={onClear}>Clear search and filters</Button>}
      >
        {narrowed ? "Try fewer filters or a longer time." : "Every login, connection and action leaves an entry here."}
      </Empty>
    </div>
  );
}

function Export({ filter, narrowed }: { filter: AuditFilter; narrowed: boolean }) {
  return (
    <Menu
      trigger={
        <button type="button" className={buttonClass()}>
          <Download size={14} aria-hidden />
          Export
        </button>
      }
    >
      {(["csv", "json", "ndjson"] as const).map((format) => (
        <MenuItem key={format} onClick={() => location.assign(exportUrl(filter, format))}>
          As {format.toUpperCase()}
          {narrowed ? ", with this filter" : ""}
        </MenuItem>
      ))}
    </Menu>
  );
}

const RESULTS = [
  { value: "ok", text: "Done" },
  { value: "failed", text: "Failed" },
  { value: "denied", text: "Denied" },
  { value: "started", text: "Started" },
];

function Filters({ search, onChange }: { search: Search; onChange: (part: Partial<Search>) => void }) {
  const { q, actor, action, result, agent, range } = search;
  return (
    <div className="mt-3.5 mb-3 flex flex-wrap items-center gap-2">
      <SearchBox
        value={q ?? ""}
        onChange={(next) => onChange({ q: next || undefined })}
        label="Search the audit trail"
        placeholder="Anything in an entry"
        className="w-56 shrink-0 max-md:w-full"
        waitMs={300}
      />
      <Facet label="Result" single options={RESULTS} chosen={result ? [result] : []} onChange={([next]) => onChange({ result: next })} />
      <Facet
        label="When"
        single
        options={SPANS.map(([value, text]) => ({ value, text }))}
        chosen={range ? [range] : []}
        onChange={([next]) => onChange({ range: next })}
      />
      {actor && <Chosen text={`Who: ${actor}`} onClear={() => onChange({ actor: undefined })} />}
      {action && <Chosen text={`What: ${action}`} onClear={() => onChange({ action: undefined })} />}
      {agent && <Chosen text={`Agent: ${agent}`} onClear={() => onChange({ agent: undefined })} />}
    </div>
  );
}

function Chosen({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <span className="inline-flex h-7 items-center gap-1 whitespace-nowrap rounded-full border border-accent bg-accent-soft pr-1 pl-3 text-accent max-md:h-9">
      {text}
      <button
        type="button"
        aria-label={`Clear ${text}`}
        onClick={onClear}
        className="grid size-5 place-items-center rounded-full hover:bg-panel"
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}
