// What the page reads of Kubernetes' own answers. Those belong to the API server, not to our OpenAPI document, and carry far more.

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface Meta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** Any object, as far as every object is alike. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: Meta;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown> & { conditions?: Condition[] };
  [part: string]: unknown;
}

export interface Column {
  name: string;
  type: string;
  format: string;
  description: string;
  /** 0: always shown; more: only where there is room. */
  priority: number;
}

export type Cell = string | number | boolean | null;

export interface TableRow {
  cells: Cell[];
  object: KubeObject;
}

/** A list as the API server wants it shown. */
export interface Table {
  kind: "Table";
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  columnDefinitions?: Column[] | null;
  rows?: TableRow[] | null;
}

export interface Status {
  kind: "Status";
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: { field?: string; message?: string; reason?: string }[] };
}

/** A kind of objects that a cluster has. */
export interface Kind {
  /** `pods`, `deployments.apps`: its name on the page and in addresses. */
  id: string;
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly string[];
  short: readonly string[];
  subresources: readonly string[];
}

/** One object of a kind; `namespace` is empty for what is in none. */
export interface Ref {
  namespace: string;
  name: string;
}
