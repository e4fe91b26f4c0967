// The door to clusters: the Kubernetes API itself, spoken to as the person who is logged in. A door token is good for one cluster and a
// quarter of an hour; it is kept in memory only and asked for anew before it ends.
import { api, ask } from "../client";
import { ApiError, unreachable } from "../problem";
import type { Status } from "./types";

/** A token that ends sooner is not begun with. */
const MARGIN_MS = 60_000;

interface Pass {
  token: string;
  /** By this clock, in milliseconds. */
  until: number;
}

const passes = new Map<string, Promise<Pass>>();

async function admit(cluster: string): Promise<Pass> {
  const asked = Date.now();
  const { token, expires_at } = await ask(api.POST("/api/v1/clusters/{name}/credentials", { params: { path: { name: cluster } } }));
  // A clock that is wrong here must not make every token look ended.
  const life = Math.max(Date.parse(expires_at) - asked, 2 * MARGIN_MS);
  return { token, until: asked + life };
}

/** A token for this cluster's door that holds a while yet. */
export async function doorToken(cluster: string): Promise<string> {
  const known = passes.get(cluster);
  if (known) {
    const pass = await known.catch(() => null);
    if (pass && pass.until - MARGIN_MS > Date.now()) return pass.token;
    if (passes.get(cluster) === known) passes.delete(cluster);
  }
  const fresh = passes.get(cluster) ?? admit(cluster);
  passes.set(cluster, fresh);
  try {
    return (await fresh).token;
  } catch (error) {
    if (passes.get(cluster) === fresh) passes.delete(cluster);
    throw error;
  }
}

/** Forgets every token, at logout. */
export function doorClear(): void {
  passes.clear();
}

/** A refusal by the door or by the API server behind it; `message` is what it says in words. */
export class KubeError extends ApiError {
  readonly reason: string;
  readonly causes: readonly string[];

  constructor(status: Partial<Status>, httpStatus: number, requestId = "") {
    super(
      { code: "kubernetes", status: httpStatus, detail: sentence(status, httpStatus), request_id: requestId },
      status.details?.retryAfterSeconds ?? null,
    );
    this.name = "KubeError";
    this.reason = status.reason ?? "";
    this.causes = (status.details?.causes ?? []).map((each) => [each.field, each.message].filter(Boolean).join(": "));
  }
}

const SAYS: Record<number, string> = {
  401: "The cluster's door does not know you any more. Load the page again.",
  403: "You may not do this in this cluster.",
  404: "There is no such thing in this cluster.",
  406: "This cannot be shown in part, and you may see only a part of it.",
  409: "Somebody changed it in the meantime.",
  410: "That is too long ago for the cluster to remember.",
  429: "The cluster has too much to do. Try again in a moment.",
  503: "The cluster cannot be reached.",
  504: "The cluster did not answer in time.",
};

function sentence(status: Partial<Status>, code: number): string {
  return status.message?.trim() || SAYS[code] || `The cluster refused (HTTP ${code}).`;
}

export async function kubeProblem(response: Response): Promise<KubeError> {
  const body: unknown = await response.json().catch(() => null);
  const status = typeof body === "object" && body !== null && "kind" in body && body.kind === "Status" ? (body as Status) : {};
  return new KubeError(status, response.status, response.headers.get("x-request-id") ?? "");
}

export function doorPath(cluster: string, path: string): string {
  return `/k8s/clusters/${encodeURIComponent(cluster)}${path}`;
}

/** `fetch` through the door; an answer that is no success is a [`KubeError`]. */
export async function kubeFetch(cluster: string, path: string, init: RequestInit = {}): Promise<Response> {
  const send = async (): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${await doorToken(cluster)}`);
    return fetch(doorPath(cluster, path), { ...init, headers, credentials: "omit", cache: "no-store" }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw unreachable();
    });
  };
  let response = await send();
  if (response.status === 401) {
    // The session it was made from has ended, or the server was started anew: a new one shows which.
    passes.delete(cluster);
    response = await send();
  }
  if (!response.ok) throw await kubeProblem(response);
  return response;
}

export async function kubeJson<T>(cluster: string, path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  return (await (await kubeFetch(cluster, path, { ...init, headers })).json()) as T;
}

/** Who changes objects from here, in their `managedFields`. */
export const FIELD_MANAGER = "mission-control-page";

export function kubeSend<T>(cluster: string, method: string, path: string, body: unknown, kind = "application/json"): Promise<T> {
  return kubeJson<T>(cluster, path, { method, headers: { "content-type": kind }, body: JSON.stringify(body) });
}

/** The protocol by which a browser's WebSocket carries its token. */
export function tokenProtocol(token: string): string {
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return `base64url.bearer.authorization.k8s.io.${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
