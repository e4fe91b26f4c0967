// One agent beside the list: the same parts as its full page, narrower.
import { Link } from "@tanstack/react-router";
import { Maximize2, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { ApiError } from "../../api/problem";
import { Button, buttonClass } from "../../ui/button";
import { Failed, Skeleton } from "../../ui/states";
import { TabPanel, Tabs } from "../../ui/tabs";
import { Actions, KindLine, StatusLine } from "./agent-head";
import { Timeline } from "./tab-activity";
import { AGENT_TABS } from "./tab-list";
import { TabLogs } from "./tab-logs";
import { TabOverview } from "./tab-overview";
import { Truth } from "./truth";
import { useAgent } from "./use-agent";

const TabMetrics = lazy(() => import("./tab-metrics").then((module) => ({ default: module.TabMetrics })));

interface PanelProps {
  name: string;
  tab: string | undefined;
  onTab: (tab: string) => void;
  onClose: () => void;
}

export function SidePanel({ name, tab = "overview", onTab, onClose }: PanelProps) {
  const { agent, detail, error, retry } = useAgent(name);
  return (
    <aside aria-label={`Agent ${name}`} className="flex h-full min-h-0 min-w-0 flex-col border-line border-l bg-panel">
      <div className="px-4 pt-4">
        <div className="flex items-center gap-1">
          <h2 className="min-w-0 flex-1 truncate font-semibold text-lg tracking-tight">{name}</h2>
          <Link
            to="/agents/$name"
            params={{ name }}
            search={tab === "overview" ? {} : { tab }}
            className={buttonClass("ghost", "sm", true)}
            aria-label="Open the full page"
            title="Open the full page"
          >
            <Maximize2 size={14} aria-hidden />
          </Link>
          <Button
            look="ghost"
            size="sm"
            aria-label="Close the panel"
            title="Close (Esc)"
            icon={<X size={16} aria-hidden />}
            onClick={onClose}
          />
        </div>
        {agent && (
          <div className="flex flex-col gap-2.5">
            <div className="flex flex-col gap-1">
              <KindLine agent={agent} />
              <StatusLine agent={agent} />
            </div>
            <Truth agent={agent} detail={detail} />
            <Actions agent={agent} detail={detail} onRemoved={onClose} />
          </div>
        )}
      </div>
      {!agent && !error && <Skeleton className="m-4 h-40" />}
      {!agent && error && (
        <Failed
          error={error}
          what={error instanceof ApiError && error.status === 404 ? `There is no agent ${name}` : "The agent could not be read"}
          onRetry={error instanceof ApiError && error.status === 404 ? undefined : retry}
          denial={{ action: "agent_show" }}
        />
      )}
      {agent && (
        <Tabs value={tab} onChange={onTab} tabs={AGENT_TABS} label="Agent" className="mt-2 flex-1" listClass="px-4">
          <TabPanel value="overview" className="overflow-y-auto p-4">
            <TabOverview agent={agent} detail={detail} />
          </TabPanel>
          <TabPanel value="metrics" className="overflow-y-auto p-4">
            <Suspense fallback={<Skeleton className="h-64" />}>
              <TabMetrics agent={agent} />
            </Suspense>
          </TabPanel>
          <TabPanel value="logs" className="flex flex-col p-3">
            <TabLogs agent={agent} compact />
          </TabPanel>
          <TabPanel value="activity" className="overflow-y-auto px-4 py-2">
            <Timeline agent={agent} limit={50} more />
          </TabPanel>
        </Tabs>
      )}
    </aside>
  );
}
