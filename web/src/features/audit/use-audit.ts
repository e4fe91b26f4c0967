// The entries that pass a filter: read page by page, with what happens meanwhile on top.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import { live } from "../../api/feed";
import type { AuditEntry } from "../../api/types";
import { type AuditFilter, auditMatches } from "./filter";

const PAGE = 100;
/** New entries kept at the top before they are read from the server instead. */
const FRESH_MOST = 500;

interface Page {
  items: AuditEntry[];
  next_cursor?: string | null | undefined;
  total: number;
}

export function useAudit(filter: AuditFilter) {
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

export function exportUrl(filter: AuditFilter, format: string): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...filter, format })) if (value) params.set(key, value);
  return `/api/v1/admin/audit?${params}`;
}
