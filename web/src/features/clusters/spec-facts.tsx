// The facts of common kinds. A kind that is not here has its YAML.
import type { KubeObject } from "../../api/kube/types";
import type { Fact } from "../../ui/facts";

interface Spec {
  replicas?: number;
  strategy?: { type?: string };
  updateStrategy?: { type?: string };
  selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
  template?: { spec?: { containers?: { image?: string }[] } };
  type?: string;
  clusterIP?: string;
  ports?: { port?: number; targetPort?: number | string; nodePort?: number; protocol?: string; name?: string }[];
  schedule?: string;
  suspend?: boolean;
  unschedulable?: boolean;
  storageClassName?: string;
  accessModes?: string[];
  capacity?: Record<string, string>;
  rules?: { host?: string }[];
}

interface NodeStatus {
  nodeInfo?: { kubeletVersion?: string; osImage?: string; architecture?: string; containerRuntimeVersion?: string };
  capacity?: Record<string, string>;
  addresses?: { type: string; address: string }[];
}

interface Replicas {
  replicas?: number;
  readyReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  desiredNumberScheduled?: number;
  numberReady?: number;
}

function pairs(labels: Record<string, unknown> | undefined): string {
  return Object.entries(labels ?? {})
    .filter(([, value]) => typeof value === "string")
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

function workload(spec: Spec, status: Replicas): Fact[] {
  const wanted = spec.replicas ?? status.desiredNumberScheduled;
  const ready = status.readyReplicas ?? status.numberReady ?? 0;
  const images = new Set((spec.template?.spec?.containers ?? []).flatMap((each) => (each.image ? [each.image] : [])));
  return [
    [
      "Replicas",
      wanted === undefined
        ? null
        : `${ready} of ${wanted} ready${status.updatedReplicas !== undefined ? `, ${status.updatedReplicas} up to date` : ""}`,
    ],
    ["Images", images.size > 0 ? [...images].join(", ") : null],
    ["Strategy", spec.strategy?.type ?? spec.updateStrategy?.type],
    ["Selector", pairs(spec.selector?.matchLabels)],
  ];
}

function service(spec: Spec): Fact[] {
  const port = (each: NonNullable<Spec["ports"]>[number]) =>
    `${each.name ? `${each.name} ` : ""}${each.port}${each.targetPort !== undefined && each.targetPort !== each.port ? ` → ${each.targetPort}` : ""}${each.nodePort ? ` (node ${each.nodePort})` : ""}/${each.protocol ?? "TCP"}`;
  return [
    ["Type", spec.type],
    ["Cluster IP", spec.clusterIP],
    ["Ports", spec.ports?.map(port).join(", ")],
    ["Selector", pairs(spec.selector)],
  ];
}

function node(spec: Spec, status: NodeStatus): Fact[] {
  const info = status.nodeInfo ?? {};
  return [
    ["Scheduling", spec.unschedulable ? "off (cordoned)" : null],
    ["Kubelet", info.kubeletVersion],
    ["System", [info.osImage, info.architecture].filter(Boolean).join(", ")],
    ["Runtime", info.containerRuntimeVersion],
    ["Capacity", ["cpu", "memory", "pods"].flatMap((key) => (status.capacity?.[key] ? [`${status.capacity[key]} ${key}`] : [])).join(", ")],
    ["Addresses", status.addresses?.map((each) => `${each.address} (${each.type})`).join(", ")],
  ];
}

export function specFacts(kind: string, object: KubeObject): Fact[] {
  const spec = (object.spec ?? {}) as Spec;
  const status = (object.status ?? {}) as Record<string, unknown>;
  const said = (key: string) => (typeof status[key] === "string" ? (status[key] as string) : null);
  switch (kind) {
    case "pods":
      return [
        ["Phase", said("phase")],
        ["Pod IP", said("podIP")],
      ];
    case "deployments.apps":
    case "statefulsets.apps":
    case "daemonsets.apps":
    case "replicasets.apps":
      return workload(spec, status as Replicas);
    case "cronjobs.batch":
      return [
        ["Schedule", spec.schedule],
        ["Suspended", spec.suspend ? "yes" : null],
      ];
    case "services":
      return service(spec);
    case "nodes":
      return node(spec, status as NodeStatus);
    case "namespaces":
      return [["Phase", said("phase")]];
    case "persistentvolumeclaims":
    case "persistentvolumes":
      return [
        ["Phase", said("phase")],
        ["Storage class", spec.storageClassName],
        ["Capacity", (status.capacity as Record<string, string> | undefined)?.storage ?? spec.capacity?.storage],
        ["Access", spec.accessModes?.join(", ")],
      ];
    case "ingresses.networking.k8s.io":
      return [["Hosts", spec.rules?.flatMap((each) => (each.host ? [each.host] : [])).join(", ")]];
    default:
      return [];
  }
}
