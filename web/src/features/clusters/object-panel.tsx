// One object beside the table, or alone: what it is, its YAML, its events, its log, and what can be done with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Maximize2, Minimize2, X } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useMemo } from "react";
import { kubeJson } from "../../api/kube/door";
import { listPath, objectPath } from "../../api/kube/paths";
import type { Kind, KubeObject, Ref } from "../../api/kube/types";
import { ApiError } from "../../api/problem";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Empty, Failed, Skeleton } from "../../ui/states";
import { TabPanel, Tabs } from "../../ui/tabs";
import { ObjectActions } from "./object-actions";
import { ObjectDetails } from "./object-details";
import { ObjectEvents } from "./object-events";
import { CLOSED } from "./tab-resources";
import { useLiveList } from "./use-list";

const ObjectYaml = lazy(() => import("./object-yaml").then((module) => ({ default: module.ObjectYaml })));
const PodLogs = lazy(() => import("./pod-logs").then((module) => ({ default: module.PodLogs })));

export function objectKey(cluster: string, kind: Kind, ref: Ref): readonly string[] {
  return ["kube-object", cluster, kind.id, ref.namespace, ref.name];
}

/** The object, read anew whenever the cluster says that it changed. */
function useObject(cluster: string, kind: Kind, target: Ref) {
  const client = useQueryClient();
  const key = useMemo(() => objectKey(cluster, kind, target), [cluster, kind, target]);
  const answer = useQuery({ queryKey: key, queryFn: () => kubeJson<KubeObject>(cluster, objectPath(kind, target)), staleTime: 5_000 });
  const { list } = useLiveList({
    cluster,
    path: listPath(kind, target.namespace),
    fields: `metadata.name=${target.name}`,
    whole: true,
    watchable: kind.verbs.includes("watch"),
  });
  useEffect(
    () =>
      list.rows.watchBatches(({ changed, removed }) => {
        for (const id of changed) {
          const seen = list.rows.get(id)?.object;
          const known = client.getQueryData<KubeObject>(key);
          if (!seen || known?.metadata.resourceVersion === seen.metadata.resourceVersion) continue;
          // The row carries the whole object; the kind and version are those of the list.
          client.setQueryData(key, known ? { apiVersion: known.apiVersion, kind: known.kind, ...seen } : undefined);
        }
        if (removed.size > 0) void client.invalidateQueries({ queryKey: key });
      }),
    [list, client, key],
  );
  return answer;
}

interface PanelProps {
  cluster: string;
  kinds: readonly Kind[];
  kind: Kind;
  target: Ref;
  search: Search;
  change: (part: Partial<Search>, push?: boolean) => void;
}

export function ObjectPanel({ cluster, kinds, kind, target, search, change }: PanelProps) {
  const place = `${target.namespace}/${target.name}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same object is the same target
  const ref = useMemo(() => target, [place]);
  const { data: object, error, refetch } = useObject(cluster, kind, ref);
  const gone = error instanceof ApiError && error.status === 404;
  const pod = kind.id === "pods";
  const tabs: [string, string][] = [
    ["details", "Details"],
    ["yaml", "YAML"],
    ["events", "Events"],
    ...(pod ? ([["logs", "Logs"]] as [string, string][]) : []),
  ];
  const view = tabs.find(([key]) => key === search.view)?.[0] ?? "details";
  const full = search.full === "1";
  const fill = (children: ReactNode) => <Suspense fallback={<Skeleton className="h-64" />}>{children}</Suspense>;
  return (
    <aside aria-label={`${kind.kind} ${ref.name}`} className="flex min-h-0 min-w-0 flex-col border-line border-l bg-panel">
      <div className="shrink-0 px-4 pt-3">
        <div className="flex items-start gap-1">
          <div className="min-w-0 flex-1">
            <div className="truncate text-ink3 text-xs">
              {kind.kind}
              {ref.namespace && (
                <>
                  {" in "}
                  <span className="text-ink2">{ref.namespace}</span>
                </>
              )}
            </div>
            <h2 className="break-all font-semibold text-lg leading-6 tracking-tight">{ref.name}</h2>
          </div>
          <Button
            look="ghost"
            size="sm"
            className="max-md:hidden"
            aria-label={full ? "Show the table beside it" : "Give it the whole view"}
            title={full ? "Show the table beside it" : "Give it the whole view"}
            icon={full ? <Minimize2 size={14} aria-hidden /> : <Maximize2 size={14} aria-hidden />}
            onClick={() => change({ full: full ? undefined : "1" })}
          />
          <Button
            look="ghost"
            size="sm"
            aria-label="Close the object"
            title="Close"
            icon={<X size={16} aria-hidden />}
            onClick={() => change(CLOSED)}
          />
        </div>
        {object && !gone && (
          <div className="mt-2.5">
            <ObjectActions cluster={cluster} kinds={kinds} kind={kind} object={object} onGone={() => change(CLOSED)} />
          </div>
        )}
      </div>
      {gone && (
        <Empty title="It is gone" action={<Button onClick={() => change(CLOSED)}>Close</Button>}>
          {kind.kind} {ref.name} was deleted, or is not for you to see.
        </Empty>
      )}
      {!object &&
        !gone &&
        (error ? (
          <Failed error={error} what={`${kind.kind} ${ref.name} could not be read`} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="m-4 h-64" />
        ))}
      {object && !gone && (
        <Tabs
          value={view}
          onChange={(next) => change({ view: next === "details" ? undefined : next, container: undefined, previous: undefined })}
          tabs={tabs}
          label={kind.kind}
          className="mt-1.5 flex-1"
          listClass="px-4"
        >
          <TabPanel value="details" className="overflow-y-auto p-4">
            <ObjectDetails cluster={cluster} kinds={kinds} kind={kind} object={object} change={change} />
          </TabPanel>
          <TabPanel value="yaml" className="flex flex-col p-4">
            {fill(<ObjectYaml cluster={cluster} kind={kind} object={object} />)}
          </TabPanel>
          <TabPanel value="events" className="overflow-y-auto px-4 py-2">
            <ObjectEvents cluster={cluster} object={object} />
          </TabPanel>
          {pod && (
            <TabPanel value="logs" className="flex flex-col p-3">
              {fill(<PodLogs cluster={cluster} pod={object} search={search} change={change} />)}
            </TabPanel>
          )}
        </Tabs>
      )}
    </aside>
  );
}
