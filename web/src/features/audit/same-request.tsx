// The other entries of the same request, by its correlation id: one press of a button may leave several.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { api, ask } from "../../api/client";
import { live } from "../../api/feed";
import type { AuditEntry } from "../../api/types";
import { actionWords, Mark, resultWords, TONE_TEXT } from "../../ui/status";
import { clock } from "../../ui/time";

const MOST = 20;

export function SameRequest({ entry }: { entry: AuditEntry }) {
  const queries = useQueryClient();
  const answer = useQuery({
    queryKey: ["audit-request", entry.request_id],
    queryFn: () => ask(api.GET("/api/v1/admin/audit", { params: { query: { q: entry.request_id, limit: MOST } } })),
    enabled: entry.request_id !== "",
  });
  // What began may end while it is looked at.
  useEffect(
    () =>
      live.on("audit_appended", (items) => {
        if (!items.some((item) => (item.data as AuditEntry).request_id === entry.request_id)) return;
        void queries.invalidateQueries({ queryKey: ["audit-request", entry.request_id] });
      }),
    [queries, entry.request_id],
  );
  const others = (answer.data?.items ?? []).filter((each) => each.request_id === entry.request_id).reverse();
  if (others.length < 2) return null;
  return (
    <div className="mt-3 rounded-lg border border-line bg-panel">
      <div className="flex items-center gap-2 border-line2 border-b px-3 py-1.5 text-ink3 text-xs">
        All of this request
        <Link to="/audit" search={{ q: entry.request_id }} className="ml-auto text-accent hover:underline">
          Show alone
        </Link>
      </div>
      <ol aria-label="Entries of this request">
        {others.map((each) => {
          const { tone, word } = resultWords(each.result);
          const shape = each.result === "started" ? "idle" : tone;
          return (
            <li
              key={each.id}
              aria-current={each.id === entry.id || undefined}
              className="flex items-center gap-2.5 px-3 py-1 aria-[current]:font-medium"
            >
              <span className={TONE_TEXT[shape]}>
                <Mark tone={shape} size={9} />
                <span className="sr-only">{word}: </span>
              </span>
              <span>{actionWords(each.action)}</span>
              <span className="truncate text-ink3">{each.resource}</span>
              <span className="ml-auto font-mono font-normal text-ink3 text-xs">{clock(each.at)}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
