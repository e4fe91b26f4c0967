// One cluster on the whole page: how it is, what is in it, kubectl, and what was recorded.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { useWhyNot } from "../../api/me";
import { ApiError } from "../../api/problem";
import { clusterQuery } from "../../api/queries";
import type { Cluster } from "../../api/types";
import type { Search } from "../../api/url";
import { buttonClass } from "../../ui/button";
import { cx } from "../../ui/cx";
import { NotAllowed } from "../../ui/not-allowed";
import { useTitle } from "../../ui/page";
import { Empty, Failed, Skeleton } from "../../ui/states";
import { Chip } from "../../ui/status";
import { TabPanel, Tabs } from "../../ui/tabs";
import { Ago } from "../../ui/time";
import { TabOverview } from "./tab-overview";
import { healthWords, troubleWords } from "./words";

const TabResources = lazy(() => import("./tab-resources").then((module) => ({ default: module.TabResources })));
const TabConsole = lazy(() => import("./tab-console").then((module) => ({ default: module.TabConsole })));
const TabSessions = lazy(() => import("./tab-sessions").then((module) => ({ default: module.TabSessions })));

const TABS = [
  ["overview", "Overview"],
  ["resources", "Resources"],
  ["console", "Console"],
  ["sessions", "Sessions"],
] as const;

/** What of the URL belongs to one tab, and is left behind with it. */
const OF_TABS: Partial<Search> = {
  kind: undefined,
  ns: undefined,
  label: undefined,
  q: undefined,
  sort: undefined,
  object: undefined,
  view: undefined,
  full: undefined,
  container: undefined,
  previous: undefined,
  recording: undefined,
  user: undefined,
};

export function ClusterPage() {
  const denied = useWhyNot("kube_request");
  return denied ? <NotAllowed reason={denied} /> : <OneCluster />;
}

function NoCluster({ name }: { name: string }) {
  return (
    <>
      <h1 className="sr-only">{name}</h1>
      <Empty
        title={`There is no cluster ${name}`}
        action={
          <Link to="/clusters" search={{}} className={buttonClass()}>
            To the clusters
          </Link>
        }
      >
        Its agent was removed or given another name for it, or it is not for you to see.
      </Empty>
    </>
  );
}

function Head({ cluster, small }: { cluster: Cluster; small: boolean }) {
  const { tone, word } = healthWords(cluster);
  const trouble = troubleWords(cluster);
  return (
    <>
      {small && <h1 className="sr-only md:hidden">{cluster.name}</h1>}
      <div className={cx("shrink-0 px-5 pt-4 max-md:px-3.5", small && "max-md:hidden")}>
        <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-1 text-ink3 text-xs">
          <Link to="/clusters" search={{}} className="hover:text-ink">
            Clusters
          </Link>
          <ChevronRight size={12} aria-hidden />
          <span>{cluster.name}</span>
        </nav>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="break-all font-semibold text-xl tracking-tight">{cluster.name}</h1>
          <Chip tone={tone}>{word}</Chip>
          <span className="min-w-0 text-ink3 text-xs">
            {cluster.version && `Kubernetes ${cluster.version}`}
            {cluster.status === "offline" && (
              <>
                {cluster.version && ", "}last seen <Ago at={cluster.last_seen_at} />
              </>
            )}
          </span>
          {trouble && cluster.status !== "offline" && <span className="basis-full text-ink2 first-letter:uppercase">{trouble}</span>}
        </div>
      </div>
    </>
  );
}

function OneCluster() {
  const { name = "" } = useParams({ strict: false });
  const { tab = "overview", object } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { data: cluster, error, refetch } = useQuery(clusterQuery(name));
  useTitle(name);
  if (!cluster) {
    if (error instanceof ApiError && error.status === 404) return <NoCluster name={name} />;
    if (error) return <Failed error={error} what="The cluster could not be read" onRetry={() => void refetch()} />;
    return (
      <div className="p-5">
        <Skeleton className="h-7 w-60" />
        <Skeleton className="mt-4 h-24" />
        <Skeleton className="mt-4 h-64" />
      </div>
    );
  }
  const fill = (children: ReactNode) => <Suspense fallback={<Skeleton className="m-5 h-64" />}>{children}</Suspense>;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {/* On a phone what is open needs the room. */}
      <Head cluster={cluster} small={object !== undefined || tab === "console"} />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ to: ".", search: (all: Search) => ({ ...all, ...OF_TABS, tab: next === "overview" ? undefined : next }) })
        }
        tabs={TABS}
        label="Cluster"
        className="mt-2 flex-1"
        listClass="px-5 max-md:px-3.5"
      >
        <TabPanel value="overview" className="overflow-y-auto p-5 max-md:p-3.5">
          <TabOverview cluster={cluster} />
        </TabPanel>
        <TabPanel value="resources" className="flex flex-col">
          {fill(<TabResources key={name} cluster={cluster} />)}
        </TabPanel>
        <TabPanel value="console" className="flex flex-col p-5 max-md:p-3.5">
          {fill(<TabConsole key={name} cluster={cluster} />)}
        </TabPanel>
        <TabPanel value="sessions" className="overflow-y-auto p-5 max-md:p-3.5">
          {fill(<TabSessions key={name} cluster={cluster} />)}
        </TabPanel>
      </Tabs>
    </div>
  );
}
