// The kinds of a cluster in groups, as people look for them. What a cluster adds of its own stands last, by its API group.
import type { Kind } from "../../api/kube/types";

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [
    "Workloads",
    [
      "pods",
      "deployments.apps",
      "statefulsets.apps",
      "daemonsets.apps",
      "replicasets.apps",
      "jobs.batch",
      "cronjobs.batch",
      "horizontalpodautoscalers.autoscaling",
    ],
  ],
  [
    "Network",
    ["services", "ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io", "endpoints", "endpointslices.discovery.k8s.io"],
  ],
  ["Configuration", ["configmaps", "secrets", "resourcequotas", "limitranges", "poddisruptionbudgets.policy"]],
  ["Storage", ["persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"]],
  ["Cluster", ["nodes", "namespaces", "events", "customresourcedefinitions.apiextensions.k8s.io"]],
  [
    "Access",
    [
      "serviceaccounts",
      "roles.rbac.authorization.k8s.io",
      "rolebindings.rbac.authorization.k8s.io",
      "clusterroles.rbac.authorization.k8s.io",
      "clusterrolebindings.rbac.authorization.k8s.io",
    ],
  ],
];
/** Groups that Kubernetes brings itself although their names do not say so. */
const OWN = new Set(["", "apps", "batch", "autoscaling", "policy", "extensions"]);

export interface KindGroup {
  name: string;
  kinds: readonly Kind[];
}

/** `HorizontalPodAutoscaler` as `Horizontal pod autoscalers`, `Ingress` as `Ingresses`. */
export function kindTitle(kind: Pick<Kind, "kind" | "plural">): string {
  // Where the letters of the plural are those of the kind with an ending, the kind says where its words begin.
  const stem = [...kind.kind.toLowerCase()].findIndex((letter, at) => kind.plural[at] !== letter);
  const named = stem < 0 ? kind.kind + kind.plural.slice(kind.kind.length) : kind.kind.slice(0, stem) + kind.plural.slice(stem);
  const words = named
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ");
  return words.map((word, at) => (at === 0 || /^[A-Z]{2}/.test(word) ? word : word.toLowerCase())).join(" ");
}

export function kindGroups(kinds: readonly Kind[]): KindGroup[] {
  const left = new Map(kinds.map((kind) => [kind.id, kind]));
  const groups: KindGroup[] = [];
  for (const [name, ids] of GROUPS) {
    const found = ids.flatMap((id) => {
      const kind = left.get(id);
      left.delete(id);
      return kind ? [kind] : [];
    });
    if (found.length > 0) groups.push({ name, kinds: found });
  }
  // Events are in two groups with the same content.
  left.delete("events.events.k8s.io");
  const rest = [...left.values()];
  const own = rest.filter((kind) => OWN.has(kind.group) || kind.group.endsWith(".k8s.io"));
  const added = new Map<string, Kind[]>();
  for (const kind of rest) if (!own.includes(kind)) added.set(kind.group, [...(added.get(kind.group) ?? []), kind]);
  for (const [group, members] of [...added].sort()) groups.push({ name: group, kinds: members });
  if (own.length > 0) groups.push({ name: "More", kinds: own });
  return groups;
}
