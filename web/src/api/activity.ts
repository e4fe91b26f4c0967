// What happened, without the beginnings whose end is there too: one line for one thing.
import type { Activity } from "./types";

/** Leaves out each `started` entry that another entry of the same action and request closes. */
export function withoutClosed<T extends Pick<Activity, "action" | "request_id" | "result">>(items: readonly T[]): T[] {
  const closed = new Set(items.filter((item) => item.result !== "started").map((item) => `${item.action} ${item.request_id}`));
  return items.filter((item) => item.result !== "started" || !closed.has(`${item.action} ${item.request_id}`));
}
