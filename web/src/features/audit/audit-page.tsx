// The audit trail: who did what, on what, from where, with what result and why. Newest first, live, filtered in the URL, exportable.
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Download, ShieldCheck } from "lucide-react";
import { type ReactNode, useCallback, useMemo } from "react";
import { useWhyNot } from "../../api/me";
import type { Search } from "../../api/url";
import { Button, buttonClass } from "../../ui/button";
import { count, plural } from "../../ui/format";
import { Menu, MenuItem } from "../../ui/menu";
import { NotAllowed } from "../../ui/not-allowed";
import { FillPage, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { AuditTable } from "./audit-table";
import { Checkpoints, PublicKey } from "./checkpoints";
import { type AuditFilter, filterOf } from "./filter";
import { Filters } from "./filters";
import { exportUrl, useAudit } from "./use-audit";
import { VerifyCard } from "./verify-card";

export function AuditPage() {
  useTitle("Audit");
  const denied = useWhyNot("audit_list");
  const { tab } = useSearch({ strict: false });
  if (denied) return <NotAllowed reason={denied} />;
  return tab === "proof" ? <Proof /> : <Audit />;
}

/** Whether the trail is whole, and what proves it. */
function Proof() {
  const navigate = useNavigate();
  return (
    <ScrollPage slim>
      <PageHead title="Proof of the audit trail">
        <Button onClick={() => void navigate({ to: "/audit", search: {} })}>Back to the entries</Button>
      </PageHead>
      <div className="mt-4 flex flex-col gap-4">
        <VerifyCard />
        <Checkpoints />
        <PublicKey />
      </div>
    </ScrollPage>
  );
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
        <Link to="/audit" search={{ tab: "proof" }} className={buttonClass()}>
          <ShieldCheck size={14} aria-hidden />
          Verify
        </Link>
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
