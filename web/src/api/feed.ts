// Wires the live feed to the stores and to the question cache, once for the whole page.
import { agents, agentsFollow } from "./agents";
import { api, ask } from "./client";
import { commandsClear, commandsFollow } from "./commands";
import { consolesForget } from "./kube/console";
import { doorClear } from "./kube/door";
import { Live } from "./live";
import { ApiError } from "./problem";
import { queryClient } from "./queries";
import { sessionForget } from "./session";
import { terminalsClear } from "./terminals";
import type { Agent, Cluster, Command, List } from "./types";

async function stillWelcome(): Promise<boolean> {
  try {
    await ask(api.GET("/api/v1/auth/me", { signal: AbortSignal.timeout(8_000) }));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

export const live = new Live({
  open: (url) => new WebSocket(url),
  url: () => `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/api/v1/events`,
  random: Math.random,
  now: Date.now,
  stillWelcome,
});

/** Marks answers stale, at most once a second a key, so that a storm of events is not a storm of requests. */
const due = new Map<string, ReturnType<typeof setTimeout>>();
function stale(key: string[], waitMs = 1_000): void {
  const name = key.join("/");
  if (due.has(name)) return;
  due.set(
    name,
    setTimeout(() => {
      due.delete(name);
      void queryClient.invalidateQueries({ queryKey: key });
    }, waitMs),
  );
}

export function feedWire(): void {
  agentsFollow(live);
  commandsFollow(live);
  live.onFresh(() => {
    // The first connection finds nothing cached that could be stale; after a gap everything may be.
    if (live.snapshot().everLive) void queryClient.invalidateQueries();
  });
  live.on("agent_changed", (items) => {
    stale(["overview"]);
    for (const item of items) {
      const agent = item.data as Agent;
      stale(["agent", agent.id], 250);
      stale(["activity", agent.id]);
    }
  });
  live.on("agent_removed", () => stale(["overview"]));
  live.on("command_changed", (items) => {
    stale(["overview"]);
    for (const item of items) stale(["activity", (item.data as Command).agent_id]);
  });
  live.on("user_changed", () => {
    for (const key of ["users", "user"]) stale([key], 100);
  });
  live.on("role_changed", () => {
    for (const key of ["roles", "assignments", "me", "profile"]) stale([key], 100);
  });
  live.on("access_request_changed", () => {
    stale(["access-requests"], 100);
    // What was granted or ended changes what one may do.
    stale(["me"], 100);
    stale(["profile"], 100);
  });
  live.on("cluster_changed", (items) => {
    for (const item of items) {
      const cluster = item.data as Cluster;
      queryClient.setQueryData(["cluster", cluster.name], cluster);
      queryClient.setQueryData<List<Cluster>>(["clusters"], (list) => {
        if (!list) return list;
        const known = list.items.some((each) => each.name === cluster.name);
        const rows = known ? list.items.map((each) => (each.name === cluster.name ? cluster : each)) : [...list.items, cluster];
        return { ...list, items: rows, total: rows.length };
      });
    }
  });
  live.on("cluster_removed", () => {
    stale(["clusters"], 100);
    stale(["cluster"], 100);
  });
  live.on("join_token_changed", () => stale(["join-tokens"], 100));
  addEventListener("online", () => live.nudge());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") live.nudge();
  });
}

/** Forgets everything of the session that ended. */
export function feedClear(): void {
  live.stop();
  sessionForget();
  agents.clear();
  commandsClear();
  terminalsClear();
  consolesForget();
  doorClear();
  queryClient.getMutationCache().clear();
  // What the login view asks belongs to no session, and may be under way already.
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "login-providers" });
}
