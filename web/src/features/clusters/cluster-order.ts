// Which clusters the list shows, and in which order.
import type { Cluster } from "../../api/types";
import { workloadSum } from "./words";

export type ClusterSort = "health" | "name" | "version" | "nodes" | "workloads" | "requests" | "agent" | "seen" | "age";

export const CLUSTER_COLUMNS: readonly { key: ClusterSort; text: string; className: string }[] = [
  { key: "health", text: "Health", className: "col-health" },
  { key: "name", text: "Cluster", className: "col-name" },
  { key: "version", text: "Version", className: "col-version" },
  { key: "nodes", text: "Nodes", className: "col-nodes" },
  { key: "workloads", text: "Workloads", className: "col-workloads" },
  { key: "requests", text: "Req/min", className: "col-requests text-right" },
  { key: "agent", text: "Agent", className: "col-agent" },
  { key: "seen", text: "Seen", className: "col-seen text-right" },
  { key: "age", text: "Age", className: "col-age text-right" },
];

const RANK: Record<Cluster["status"], number> = { offline: 0, unreachable: 1, degraded: 2, online: 3 };
const LARGEST_FIRST: readonly ClusterSort[] = ["nodes", "workloads", "requests", "seen"];

export function clusterMatches(cluster: Cluster, q: string): boolean {
  const hay = `${cluster.name} ${cluster.version ?? ""} ${cluster.agent.name} ${cluster.status}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}

function value(cluster: Cluster, key: ClusterSort): string | number {
  switch (key) {
    case "health":
      return RANK[cluster.status];
    case "name":
      return cluster.name;
    case "version":
      return cluster.version ?? "";
    case "nodes":
      return cluster.nodes?.all ?? -1;
    case "workloads":
      return workloadSum(cluster).all;
    case "requests":
      return cluster.requests_per_minute;
    case "agent":
      return cluster.agent.name;
    case "seen":
      return Date.parse(cluster.last_seen_at);
    case "age":
      return -Date.parse(cluster.created_at);
  }
}

function keyOf(sort: string): ClusterSort {
  const key = sort.replace(/^-/, "");
  return CLUSTER_COLUMNS.find((column) => column.key === key)?.key ?? "name";
}

export function clusterOrder(clusters: readonly Cluster[], sort = "name"): Cluster[] {
  const key = keyOf(sort);
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...clusters].sort((a, b) => {
    const [x, y] = [value(a, key), value(b, key)];
    const order = typeof x === "string" ? x.localeCompare(String(y), "en", { numeric: true }) : x - Number(y);
    return order * sign || (a.name < b.name ? -1 : 1);
  });
}

/** What a click on a column asks for: figures begin with the largest, words with the first. */
export function sortAfter(now: string, key: ClusterSort): string | undefined {
  const first = LARGEST_FIRST.includes(key) ? `-${key}` : key;
  const other = first.startsWith("-") ? key : `-${key}`;
  const next = now === first ? other : first;
  return next === "name" ? undefined : next;
}
