// The first view: is everything well, what changed, what can be done about it.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus, Terminal } from "lucide-react";
import { agents, useFleetCounts } from "../../api/agents";
import { useWhyNot } from "../../api/me";
import { overviewQuery, statusQuery } from "../../api/queries";
import { useLoading } from "../../api/rows";
import type { FleetCounts } from "../../api/types";
import { Button } from "../../ui/button";
import { count, plural } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Failed, Skeleton, SkeletonRows } from "../../ui/states";
import { Attention } from "./attention";
import { Busiest } from "./busiest";
import { FleetHistory } from "./fleet-history";
import { Recent } from "./recent";
import { Tiles } from "./tiles";

export function OverviewPage() {
  useTitle("Overview");
  const denied = useWhyNot("overview_show");
  return denied ? <NotAllowed reason={denied} /> : <Overview />;
}

function Overview() {
  const overview = useQuery(overviewQuery);
  const status = useQuery(statusQuery);
  const live = useFleetCounts();
  const loading = useLoading(agents);
  // The store's counts are live; until it has read everything the server's answer is the better one.
  const counts = loading.phase === "ready" ? live : (overview.data?.fleet ?? live);
  const known = loading.phase === "ready" || overview.data !== undefined;

  if (overview.isError && !overview.data)
    return <Failed error={overview.error} what="The overview could not be read" onRetry={() => void overview.refetch()} />;
  if (known && counts.total === 0) return <FirstRun agentAddress={status.data?.agent_address} />;
  return (
    <ScrollPage>
      <PageHead title="Overview" sub={known ? <Verdict counts={counts} /> : undefined} />
      <Tiles counts={counts} overview={overview.data} status={status.data} />
      <div className="mt-4 grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_380px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Attention fallback={overview.data?.attention} />
          <Card title="The fleet over 24 hours" aside="agents by state">
            {overview.data ? <FleetHistory points={overview.data.history} now={counts} /> : <Skeleton className="m-3.5 h-36" />}
          </Card>
          <Busiest fallback={overview.data?.busiest} />
        </div>
        <Card title="What changed">{overview.data ? <Recent items={overview.data.recent} /> : <SkeletonRows rows={8} />}</Card>
      </div>
    </ScrollPage>
  );
}

function Verdict({ counts }: { counts: FleetCounts }) {
  const wrong = counts.offline + counts.degraded;
  return <span aria-live="polite">{wrong === 0 ? "All is well" : `${plural(wrong, "agent needs", "agents need")} attention`}</span>;
}

const STEPS = [
  ["Make the commands", "It carries a token that works once and the fingerprint of this server."],
  ["Paste it on the machine", "The agent gets its own certificate and dials out. No port is opened there."],
  ["See it here", "Its state, figures and logs arrive within seconds; restart it from this page."],
] as const;

function FirstRun({ agentAddress }: { agentAddress: string | undefined }) {
  const navigate = useNavigate();
  const denied = useWhyNot("join_token_create");
  return (
    <ScrollPage>
      <div className="mx-auto max-w-[640px] py-8 md:py-14">
        <h1 className="font-semibold text-2xl tracking-tight">Nothing to look after yet</h1>
        <p className="mt-2 text-base text-ink2">Join your first agent: a small program beside what you want to see, restart and hear.</p>
        <ol className="mt-6 divide-y divide-line2 rounded-xl border border-line bg-panel">
          {STEPS.map(([title, text], index) => (
            <li key={title} className="flex gap-3.5 px-4 py-3.5">
              <span className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-xs">
                {count(index + 1)}
              </span>
              <div>
                <h2 className="font-semibold">{title}</h2>
                <p className="text-ink2">{text}</p>
              </div>
            </li>
          ))}
        </ol>
        <div className="mt-5 flex flex-wrap items-center gap-3">
          <Button
            look="primary"
            className="h-10 px-4"
            reason={denied}
            icon={<Plus size={16} aria-hidden />}
            onClick={() => void navigate({ to: ".", search: (all) => ({ ...all, join: "1" }) })}
          >
            Join the first agent
          </Button>
          <span className="inline-flex items-center gap-2 text-ink3">
            <Terminal size={14} aria-hidden /> or <code className="font-mono text-xs">mc agents join-token</code>
          </span>
        </div>
        {agentAddress && (
          <p className="mt-4 text-ink3 text-xs">Agents dial {agentAddress}. This page fills by itself when the first one arrives.</p>
        )}
      </div>
    </ScrollPage>
  );
}
