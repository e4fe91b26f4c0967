// The user's preferences on the server, and bringing the page's look in line with them.

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { lookShow, useLook } from "../ui/look";
import { api, ask } from "./client";
import { preferencesQuery, queryClient } from "./queries";
import type { Preferences } from "./types";

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
    );
  last = sent;
  return sent;
}
