// Live lists of a cluster's objects, and its kinds, as components use them.
import { queryOptions } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { discover } from "../../api/kube/discovery";
import { type ListState, LiveList } from "../../api/kube/watch";

export function kindsQuery(cluster: string) {
  return queryOptions({
    queryKey: ["kinds", cluster],
    queryFn: () => discover(cluster),
    // Kinds come with custom resources, now and then.
    staleTime: 5 * 60_000,
  });
}

interface Wanted {
  cluster: string;
  path: string;
  labels?: string | undefined;
  fields?: string | undefined;
  whole?: boolean;
  watchable?: boolean;
}

/** A list that is followed while the component is shown. */
export function useLiveList({ cluster, path, labels = "", fields = "", whole = false, watchable = true }: Wanted): {
  list: LiveList;
  state: ListState;
} {
  const list = useMemo(
    () => new LiveList({ cluster, path, labels, fields, whole, watchable }),
    [cluster, path, labels, fields, whole, watchable],
  );
  useEffect(() => {
    list.start();
    return () => list.stop();
  }, [list]);
  return { list, state: useSyncExternalStore(list.subscribe, list.snapshot) };
}
