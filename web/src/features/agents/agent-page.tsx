// One agent on the whole page.
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { lazy, Suspense } from "react";
import { ApiError } from "../../api/problem";
import type { Search } from "../../api/url";
import { buttonClass } from "../../ui/button";
import { useTitle } from "../../ui/page";
import { Empty, Failed, Skeleton } from "../../ui/states";
import { TabPanel, Tabs } from "../../ui/tabs";
import { Actions, KindLine, StatusLine } from "./agent-head";
import { Timeline } from "./tab-activity";
import { AGENT_TABS } from "./tab-list";
import { TabLogs } from "./tab-logs";
import { TabOverview } from "./tab-overview";
import { Truth } from "./truth";
import { useAgent } from "./use-agent";

const TabMetrics = lazy(() => import("./tab-metrics").then((module) => ({ default: module.TabMetrics })));

function NoAgent({ name }: { name: string }) {
  return (
    <Empty
      title={`There is no agent ${name}`}
      action={
        <Link to="/agents" search={{}} className={buttonClass()}>
          To the agents
        </Link>
      }
    >
      It was renamed or removed, or is not for you to see.
    </Empty>
  );
}

export function AgentPage() {
  const { name = "" } = useParams({ strict: false });
  const { tab = "overview" } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { agent, detail, error, retry } = useAgent(name);
  useTitle(name);
  if (!agent) {
    const gone = error instanceof ApiError && error.status === 404;
    if (gone) return <NoAgent name={name} />;
    return error ? (
      <Failed error={error} what="The agent could not be read" onRetry={retry} denial={{ action: "agent_show" }} />
    ) : (
      <div className="p-5">
        <Skeleton className="h-7 w-60" />
        <Skeleton className="mt-4 h-24" />
        <Skeleton className="mt-4 h-64" />
      </div>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col overflow-y-auto md:overflow-hidden">
      <div className="shrink-0 px-5 pt-4 max-md:px-3.5">
        <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-1 text-ink3 text-xs">
          <Link to="/agents" search={{}} className="hover:text-ink">
            Agents
          </Link>
          <ChevronRight size={12} aria-hidden />
          <span>{agent.name}</span>
        </nav>
        <div className="grid items-start gap-x-6 gap-y-3 lg:grid-cols-[minmax(0,1fr)_auto]">
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h1 className="break-all font-semibold text-xl tracking-tight">{agent.name}</h1>
              <StatusLine agent={agent} />
            </div>
            <KindLine agent={agent} />
            <div className="mt-3 max-lg:hidden">
              <Truth agent={agent} detail={detail} />
            </div>
          </div>
          <div className="lg:min-w-[360px]">
            <Actions aside agent={agent} detail={detail} onRemoved={() => void navigate({ to: "/agents", search: {} })} />
          </div>
          <div className="lg:hidden">
            <Truth agent={agent} detail={detail} />
          </div>
        </div>
      </div>
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: ".", search: (all: Search) => ({ ...all, tab: next === "overview" ? undefined : next }) })}
        tabs={AGENT_TABS}
        label="Agent"
        className="mt-2 md:flex-1"
        listClass="px-5 max-md:px-3.5"
      >
        <TabPanel value="overview" className="p-5 max-md:p-3.5 md:overflow-y-auto">
          <TabOverview agent={agent} detail={detail} wide />
        </TabPanel>
        <TabPanel value="metrics" className="p-5 max-md:p-3.5 md:overflow-y-auto">
          <Suspense fallback={<Skeleton className="h-64" />}>
            <TabMetrics agent={agent} wide />
          </Suspense>
        </TabPanel>
        <TabPanel value="logs" className="flex flex-col p-5 max-md:h-[75dvh] max-md:p-3.5">
          <TabLogs agent={agent} />
        </TabPanel>
        <TabPanel value="activity" className="px-5 py-2 max-md:px-3.5 md:overflow-y-auto">
          <div className="max-w-[760px]">
            <Timeline agent={agent} limit={50} more />
          </div>
        </TabPanel>
      </Tabs>
    </div>
  );
}
