// What the gate would say to requests in a cluster, asked many at once, so that buttons are greyed before they are pressed.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "../client";
import type { Reason } from "../me";
import type { Kind, Ref } from "./types";

export interface Wish {
  verb: string;
  api_group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

export interface Answer {
  allowed: boolean;
  partly: boolean;
  reason: string;
}

/** A wish about one object. */
export function wish(verb: string, kind: Pick<Kind, "group" | "plural">, ref: Ref, subresource = ""): Wish {
  return { verb, api_group: kind.group, resource: kind.plural, subresource, namespace: ref.namespace, name: ref.name };
}

export function checkQuery(cluster: string, items: readonly Wish[]) {
  return queryOptions({
    queryKey: ["cluster-check", cluster, items],
    queryFn: async () => {
      const body = { items: [...items] };
      return (await ask(api.POST("/api/v1/clusters/{name}/check", { params: { path: { name: cluster } }, body }))).items;
    },
    staleTime: 30_000,
    enabled: items.length > 0,
  });
}

/** For each wish, why it would be refused; null when it would not be. Until the answer is here nothing may be done. */
export function useChecks(cluster: string, items: readonly Wish[]): readonly Reason[] {
  const { data, error } = useQuery(checkQuery(cluster, items));
  return items.map((_, place) => {
    const answer = data?.[place];
    if (answer) return answer.allowed || answer.partly ? null : answer.reason || "Your role does not allow this in this cluster.";
    return error ? "Whether you may do this could not be asked." : "Checking what you may do…";
  });
}
