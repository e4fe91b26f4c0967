// What the cluster says of an object: its events, newest first, live.
import { useMemo, useSyncExternalStore } from "react";
import type { KubeObject, TableRow } from "../../api/kube/types";
import { cx } from "../../ui/cx";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Mark } from "../../ui/status";
import { Ago } from "../../ui/time";
import { Order } from "./order";
import { useLiveList } from "./use-list";

interface EventObject extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  involvedObject?: { kind?: string; namespace?: string; name?: string };
  series?: { count?: number; lastObservedTime?: string };
}

function seenAt(event: EventObject): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
}

export function useEvents({ cluster, namespace, fields }: { cluster: string; namespace: string; fields?: string }) {
  const path = namespace ? `/api/v1/namespaces/${encodeURIComponent(namespace)}/events` : "/api/v1/events";
  const { list, state } = useLiveList({ cluster, path, fields, whole: true });
  const order = useMemo(() => new Order(list.rows, { q: "", columns: [], sort: "" }), [list]);
  const { ids } = useSyncExternalStore(order.subscribe, order.snapshot);
  const events = useMemo(
    () =>
      ids
        .map((id) => list.rows.get(id))
        .filter((row): row is TableRow => row !== undefined)
        .map((row) => row.object as EventObject)
        .sort((a, b) => (seenAt(a) < seenAt(b) ? 1 : -1)),
    [ids, list],
  );
  return { events, state, retry: () => list.start() };
}

export function EventList({ events, withObject }: { events: readonly EventObject[]; withObject: boolean }) {
  return (
    <ul aria-label="Events">
      {events.map((event) => {
        const warn = event.type === "Warning";
        const times = event.series?.count ?? event.count ?? 1;
        const about = event.involvedObject;
        return (
          <li key={event.metadata.uid} className="flex items-start gap-2.5 border-line2 border-b py-2 last:border-0">
            <span className={cx("mt-1", warn ? "text-warn" : "text-idle")}>
              <Mark tone={warn ? "warn" : "idle"} size={10} />
            </span>
            <div className="min-w-0 flex-1">
              <div>
                <span className="font-medium">{event.reason}</span>
                <span className="sr-only">{warn ? ", a warning" : ""}</span>
                {times > 1 && <span className="text-ink3"> ×{times}</span>}
                {withObject && about && (
                  <span className="text-ink3">
                    {" "}
                    {about.kind} {about.namespace ? `${about.namespace}/` : ""}
                    {about.name}
                  </span>
                )}
              </div>
              <div className="text-ink2 text-xs [overflow-wrap:anywhere]">{event.message}</div>
            </div>
            {seenAt(event) && <Ago at={seenAt(event)} className="shrink-0 text-ink3 text-xs" />}
          </li>
        );
      })}
    </ul>
  );
}

export function ObjectEvents({ cluster, object }: { cluster: string; object: KubeObject }) {
  const { events, state, retry } = useEvents({
    cluster,
    namespace: object.metadata.namespace ?? "",
    fields: `involvedObject.uid=${object.metadata.uid}`,
  });
  if (state.phase === "failed") return <Failed error={state.error} what="The events could not be read" onRetry={retry} />;
  if (events.length > 0) return <EventList events={events} withObject={false} />;
  if (state.phase === "loading") return <SkeletonRows rows={3} />;
  return <Empty title="No events">The cluster keeps them for an hour or so; new ones appear here at once.</Empty>;
}
