// The overview of one cluster: what is ready of what should be, its nodes, what it warns of, and how to reach it from a shell.
import { Link } from "@tanstack/react-router";
import { useMemo, useSyncExternalStore } from "react";
import type { TableRow } from "../../api/kube/types";
import type { Cluster } from "../../api/types";
import { CodeText } from "../../ui/code-text";
import { CopyButton } from "../../ui/copy";
import { Facts } from "../../ui/facts";
import { count } from "../../ui/format";
import { Card } from "../../ui/page";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";
import { EventList, useEvents } from "./object-events";
import { cellText, Order, shownColumns } from "./order";
import { Share } from "./share";
import { useLiveList } from "./use-list";
import { cellTone } from "./words";

const EVENTS_SHOWN = 12;
const NODES_SHOWN = 40;

export function TabOverview({ cluster }: { cluster: Cluster }) {
  const reachable = cluster.status !== "offline" && cluster.status !== "unreachable";
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_380px]">
      <div className="flex min-w-0 flex-col gap-4">
        <Workloads cluster={cluster} />
        {reachable ? (
          <>
            <Nodes cluster={cluster} />
            <Warnings cluster={cluster} />
          </>
        ) : (
          <Card>
            <Empty title={cluster.status === "offline" ? "The cluster's agent is away" : "The API server does not answer"}>
              {cluster.status === "offline"
                ? "Nodes and events are here again as soon as it is connected."
                : (cluster.trouble ?? "Its agent tries again by itself.")}
            </Empty>
          </Card>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <About cluster={cluster} />
        <Reach cluster={cluster} />
      </div>
    </div>
  );
}

const NAMES: Record<string, string> = { deployments: "Deployments", statefulsets: "Stateful sets", daemonsets: "Daemon sets" };

function Workloads({ cluster }: { cluster: Cluster }) {
  const tiles = [
    ...(cluster.nodes ? [{ kind: "nodes", id: "nodes", name: "Nodes", ...cluster.nodes }] : []),
    ...cluster.workloads.map((each) => ({ ...each, id: `${each.kind}.apps`, name: NAMES[each.kind] ?? each.kind })),
  ];
  if (tiles.length === 0) return null;
  return (
    <div className="grid grid-cols-2 gap-2.5 xl:grid-cols-4">
      {tiles.map((tile) => (
        <Link
          key={tile.kind}
          to="."
          search={{ tab: "resources", kind: tile.id }}
          className="rounded-xl border border-line bg-panel px-3.5 py-2.5 hover:border-edge"
        >
          <div className="text-ink2">{tile.name}</div>
          <div className="mt-0.5 mb-1 font-semibold text-xl">{count(tile.all)}</div>
          <Share ready={tile.ready} all={tile.all} what={tile.kind} className="text-xs" />
        </Link>
      ))}
    </div>
  );
}

function useTable(cluster: string, path: string) {
  const { list, state } = useLiveList({ cluster, path });
  const columns = useMemo(() => shownColumns(state.columns, false), [state.columns]);
  const order = useMemo(() => new Order(list.rows, { q: "", columns: [], sort: "" }), [list]);
  const { ids } = useSyncExternalStore(order.subscribe, order.snapshot);
  const rows = ids.map((id) => list.rows.get(id)).filter((row): row is TableRow => row !== undefined);
  return { columns, rows, state, retry: () => list.start() };
}

function Nodes({ cluster }: { cluster: Cluster }) {
  const { columns, rows, state, retry } = useTable(cluster.name, "/api/v1/nodes");
  const column = (key: string) => columns.find((each) => each.key === key);
  const all = (
    <Link to="." search={{ tab: "resources", kind: "nodes" }} className="text-accent hover:underline">
      All nodes
    </Link>
  );
  return (
    <Card title="Nodes" aside={all}>
      {state.phase === "failed" && <Failed error={state.error} what="The nodes could not be read" onRetry={retry} />}
      {state.phase === "loading" && rows.length === 0 && <SkeletonRows rows={3} className="h-9" />}
      {state.phase !== "failed" && state.phase !== "loading" && rows.length === 0 && <Empty title="No nodes">None that you may see.</Empty>}
      <ul aria-label="Nodes">
        {rows.slice(0, NODES_SHOWN).map((row) => {
          const status = column("status");
          const text = status ? cellText(row, status) : "";
          const tone = cellTone("status", text.startsWith("Ready,") ? "cordoned" : text) ?? "idle";
          const said = (key: string) => {
            const found = column(key);
            return found ? cellText(row, found) : "";
          };
          return (
            <li key={row.object.metadata.uid} className="flex min-h-9 items-center gap-3 border-line2 border-b px-3.5 py-1.5 last:border-0">
              <span className={`inline-flex w-24 shrink-0 items-center gap-1.5 ${TONE_TEXT[tone]}`}>
                <Mark tone={tone} size={10} />
                <span className="truncate" title={text}>
                  {text || "Unknown"}
                </span>
              </span>
              <Link
                to="."
                search={{ tab: "resources", kind: "nodes", object: row.object.metadata.name }}
                className="min-w-0 flex-1 truncate font-semibold hover:text-accent"
              >
                {row.object.metadata.name}
              </Link>
              <span className="truncate text-ink2 max-sm:hidden">{said("roles")}</span>
              <span className="shrink-0 text-ink2">{said("version")}</span>
              {row.object.metadata.creationTimestamp && (
                <Ago at={row.object.metadata.creationTimestamp} as="for" className="w-12 shrink-0 text-right text-ink3" />
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Warnings({ cluster }: { cluster: Cluster }) {
  const { events, state, retry } = useEvents({ cluster: cluster.name, namespace: "", fields: "type=Warning" });
  const all = (
    <Link to="." search={{ tab: "resources", kind: "events" }} className="text-accent hover:underline">
      All events
    </Link>
  );
  return (
    <Card title="Warnings" aside={all}>
      {state.phase === "failed" && <Failed error={state.error} what="The events could not be read" onRetry={retry} />}
      {state.phase === "loading" && events.length === 0 && <SkeletonRows rows={3} className="h-9" />}
      {state.phase !== "failed" && state.phase !== "loading" && events.length === 0 && (
        <p className="flex items-center gap-2 px-3.5 py-3 text-ink2">
          <span className="text-ok">
            <Mark tone="ok" size={10} />
          </span>
          The cluster warns of nothing.
        </p>
      )}
      <div className="px-3.5">
        <EventList events={events.slice(0, EVENTS_SHOWN)} withObject />
      </div>
    </Card>
  );
}

function About({ cluster }: { cluster: Cluster }) {
  return (
    <Card title="About">
      <Facts
        className="px-3.5 py-3"
        list={[
          ["Version", cluster.version],
          [
            "Agent",
            <Link key="agent" to="/agents/$name" params={{ name: cluster.agent.name }} search={{}} className="text-accent hover:underline">
              {cluster.agent.name}
            </Link>,
          ],
          ["Requests", `${count(cluster.requests_per_minute)} in the last minute`],
          ["Last seen", cluster.status === "offline" ? <Ago key="seen" at={cluster.last_seen_at} /> : "now"],
          ["Known for", <Ago key="age" at={cluster.created_at} as="long" />],
        ]}
      />
    </Card>
  );
}

function Reach({ cluster }: { cluster: Cluster }) {
  const login = `mc login ${location.origin}\nmc kube login --cluster ${cluster.name}\nkubectl --context mc-${cluster.name} get pods -A`;
  const short = `mc clusters use ${cluster.name}\nmc kubectl get pods -A`;
  return (
    <Card title="From your shell">
      <div className="flex flex-col gap-3 px-3.5 py-3">
        <p className="text-ink2">With your own kubectl, helm or k9s, as yourself:</p>
        <CodeText text={login} label="kubectl with a context" />
        <CopyButton text={login} size="sm" className="self-start" />
        <p className="text-ink2">Or without anything but mc:</p>
        <CodeText text={short} label="mc kubectl" />
        <CopyButton text={short} size="sm" className="self-start" />
      </div>
    </Card>
  );
}
