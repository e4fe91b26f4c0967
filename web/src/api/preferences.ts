// The user's preferences on the server, and bringing the page's look in line with them.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { lookShow, useLook } from "../ui/look";
import { api, ask } from "./client";
import { queryClient } from "./queries";
import type { Preferences } from "./types";

/** Grows when a change of ours begins to be sent, and when that has ended. */
let changes = 0;
/** Changes of ours that the server has not answered yet. */
let underWay = 0;

const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: async () => {
    const before = changes;
    const kept = await ask(api.GET("/api/v1/me/preferences"));
    // What was changed here while the server was asked is newer than its answer.
    return before === changes && underWay === 0 ? kept : useLook.getState().look;
  },
  staleTime: 60_000,
});

/** Under the shell: what the server keeps is shown, also when another browser changed it. */
export function usePreferencesShown(): void {
  const { data } = useQuery(preferencesQuery);
  useEffect(() => {
    if (data) lookShow(data);
  }, [data]);
}

let last: Promise<unknown> = Promise.resolve();

/** Shows the change at once and has the server keep it. Changes are sent one after the other, so that the last one stays. */
export function preferencesChange(change: Partial<Preferences>): Promise<void> {
  const before = useLook.getState().look;
  const wish = lookShow(change);
  changes += 1;
  underWay += 1;
  queryClient.setQueryData(preferencesQuery.queryKey, wish);
  const sent = last
    .catch(() => undefined)
    .then(() => ask(api.PUT("/api/v1/me/preferences", { body: wish, keepalive: true })))
    .then(
      () => undefined,
      (error: unknown) => {
        lookShow(before);
        queryClient.setQueryData(preferencesQuery.queryKey, before);
        throw error;
      },
    )
    .finally(() => {
      changes += 1;
      underWay -= 1;
    });
  last = sent;
  return sent;
}
