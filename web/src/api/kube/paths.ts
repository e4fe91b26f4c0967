// Addresses of the Kubernetes API, below a cluster's door.
import type { Kind, Ref } from "./types";

const part = encodeURIComponent;

/** `/apis/apps/v1`. */
export function groupPath(kind: Pick<Kind, "group" | "version">): string {
  return kind.group === "" ? `/api/${part(kind.version)}` : `/apis/${part(kind.group)}/${part(kind.version)}`;
}

/** The address of all objects of a kind, of one namespace or (empty) of every one. */
export function listPath(kind: Pick<Kind, "group" | "version" | "plural" | "namespaced">, namespace: string): string {
  const inside = kind.namespaced && namespace !== "" ? `/namespaces/${part(namespace)}` : "";
  return `${groupPath(kind)}${inside}/${part(kind.plural)}`;
}

/** The address of one object, or of a part of it such as `scale`. */
export function objectPath(kind: Pick<Kind, "group" | "version" | "plural" | "namespaced">, ref: Ref, sub = ""): string {
  return `${listPath(kind, ref.namespace)}/${part(ref.name)}${sub ? `/${sub}` : ""}`;
}

/** `default/web`, or `node-1` for what is in no namespace; neither part can hold a slash. */
export function refText(ref: Ref): string {
  return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
}

export function refParse(text: string): Ref {
  const slash = text.indexOf("/");
  return slash < 0 ? { namespace: "", name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** `apps/v1` and `v1` as group and version. */
export function apiVersionParse(text: string): { group: string; version: string } {
  const slash = text.indexOf("/");
  return slash < 0 ? { group: "", version: text } : { group: text.slice(0, slash), version: text.slice(slash + 1) };
}
