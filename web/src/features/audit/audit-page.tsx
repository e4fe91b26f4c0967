// The audit trail: who did what, on what, from where, with what result and why. Newest first, live, filtered in the URL, exportable.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, X } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
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

function useAudit(filter: AuditFilter, allowed: boolean) {
  const queries = useQueryClient();
  const key = useMemo(() => ["audit", filter], [filter]);
  const answer = useInfiniteQuery({
    queryKey: key,
    enabled: allowed,
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
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const denied = useWhyNot("audit_list");
  const { q, actor, action, result, agent, range } = search;
  const filter = useMemo(() => filterOf({ q, actor, action, result, agent, range }, Date.now()), [q, actor, action, result, agent, range]);
  const { answer, entries, total } = useAudit(filter, denied === null);
  const change = useCallback(
    (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true }),
    [navigate],
  );
  const narrowed = Boolean(q || actor || action || result || agent || range);
  const clear = () => change({ q: undefined, actor: undefined, action: undefined, result: undefined, agent: undefined, range: undefined });
  const save = (format: string) => location.assign(exportUrl(filter, format));
  if (denied) return <Empty title="Not for your role">{denied}</Empty>;
  return (
    <FillPage>
      <PageHead title="Audit" sub={answer.data ? `${plural(total, "entry", "entries")}${total >= 10_000 ? " or more" : ""}` : undefined}>
        <Menu
          trigger={
            <button type="button" className={buttonClass()}>
              <Download size={14} aria-hidden />
              Export
            </button>
          }
        >
          {(["csv", "json", "ndjson"] as const).map((format) => (
            <MenuItem key={format} onClick={() => save(format)}>
              As {format.toUpperCase()}
              {narrowed ? ", with this filter" : ""}
            </MenuItem>
          ))}
        </Menu>
      </PageHead>
      <div className="mt-3.5 mb-3 flex items-center gap-2 max-md:-mx-3.5 max-md:overflow-x-auto max-md:px-3.5 md:flex-wrap">
        <SearchBox
          value={q ?? ""}
          onChange={(next) => change({ q: next || undefined })}
          label="Search the audit trail"
          placeholder="Anything in an entry"
          className="w-56 shrink-0"
          waitMs={300}
        />
        <Facet
          label="Result"
          single
          options={[
            { value: "ok", text: "Done" },
            { value: "failed", text: "Failed" },
            { value: "denied", text: "Denied" },
            { value: "started", text: "Started" },
          ]}
          chosen={result ? [result] : []}
          onChange={([next]) => change({ result: next })}
        />
        <Facet
          label="When"
          single
          options={SPANS.map(([value, text]) => ({ value, text }))}
          chosen={range ? [range] : []}
          onChange={([next]) => change({ range: next })}
        />
        {actor && <Chosen text={`Who: ${actor}`} onClear={() => change({ actor: undefined })} />}
        {action && <Chosen text={`What: ${action}`} onClear={() => change({ action: undefined })} />}
        {agent && <Chosen text={`Agent: ${agent}`} onClear={() => change({ agent: undefined })} />}
      </div>
      {answer.isPending ? (
        <div className="overflow-hidden rounded-xl border border-line bg-panel">
          <SkeletonRows rows={14} />
        </div>
      ) : answer.isError && entries.length === 0 ? (
        <Failed error={answer.error} what="The audit trail could not be read" onRetry={() => void answer.refetch()} />
      ) : entries.length === 0 ? (
        <div className="rounded-xl border border-line bg-panel">
          <Empty
            title={narrowed ? "No entry matches" : "Nothing here yet"}
            action={narrowed && <Button onClick={clear}>Clear search and filters</Button>}
          >
            {narrowed ? "Try fewer filters or a longer time." : "Every login, connection and action leaves an entry here."}
          </Empty>
        </div>
      ) : (
        <AuditTable
          entries={entries}
          more={answer.hasNextPage}
          loadingMore={answer.isFetchingNextPage}
          onMore={() => void answer.fetchNextPage()}
          onPick={(part) => change(part)}
          label={`Audit trail, ${count(total)} entries`}
        />
      )}
    </FillPage>
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
