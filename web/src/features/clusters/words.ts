// States of clusters and of what is in them, in words and tones.
import type { Cell } from "../../api/kube/types";
import type { Cluster } from "../../api/types";
import type { Tone, Words } from "../../ui/status";

const HEALTH: Record<Cluster["status"], Words> = {
  online: { tone: "ok", word: "Online" },
  degraded: { tone: "warn", word: "Degraded" },
  unreachable: { tone: "bad", word: "Unreachable" },
  offline: { tone: "bad", word: "Offline" },
};

export function healthWords(cluster: Pick<Cluster, "status">): Words {
  return HEALTH[cluster.status];
}

/** What is not well, in a line; empty when all is. */
export function troubleWords(cluster: Cluster): string {
  if (cluster.status === "offline") return "its agent is not connected";
  if (cluster.trouble) return cluster.trouble;
  const parts: string[] = [];
  const { nodes } = cluster;
  if (nodes && nodes.ready < nodes.all) parts.push(`${nodes.all - nodes.ready} of ${nodes.all} nodes not ready`);
  for (const { kind, ready, all } of cluster.workloads) {
    if (ready < all) parts.push(`${all - ready} of ${all} ${kind} not ready`);
  }
  return parts.join(", ");
}

export function workloadSum(cluster: Cluster): { ready: number; all: number } {
  return cluster.workloads.reduce((sum, each) => ({ ready: sum.ready + each.ready, all: sum.all + each.all }), { ready: 0, all: 0 });
}

const GOOD = new Set(["running", "ready", "active", "bound", "available", "true", "healthy", "deployed", "approved,issued"]);
const REST = new Set(["completed", "succeeded", "complete", "released", "suspended"]);
const BAD = /error|fail|crash|backoff|evicted|oom|notready|unknown|invalid|lost|unhealthy|deadline/i;
const STATE_COLUMNS = new Set(["status", "phase", "state", "health", "condition"]);

/** How a cell of a state's column looks; null for every other column. */
export function cellTone(column: string, cell: Cell): Tone | null {
  const name = column.toLowerCase();
  const text = String(cell ?? "");
  if (name === "ready") {
    const parts = /^(\d+)\/(\d+)$/.exec(text);
    if (!parts) return null;
    return Number(parts[1]) < Number(parts[2]) ? "warn" : Number(parts[2]) === 0 ? "idle" : "ok";
  }
  if (!STATE_COLUMNS.has(name) || text === "" || text === "<none>") return null;
  const low = text.toLowerCase();
  if (GOOD.has(low)) return "ok";
  if (REST.has(low)) return "idle";
  return BAD.test(low.replaceAll(" ", "")) ? "bad" : "warn";
}

/** `True`, `False` and `Unknown` of a condition, which say different things of different conditions. */
export function conditionTone(type: string, status: string): Tone {
  if (status === "Unknown") return "warn";
  const isTrouble = /pressure|failure|failed|unavailable|degraded|stalled|dangling|notready/i.test(type);
  if (status === "True") return isTrouble ? "bad" : "ok";
  return isTrouble ? "ok" : "warn";
}
