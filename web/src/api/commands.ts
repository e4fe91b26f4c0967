// Commands under way and lately ended, live: rows, panels and the strip at the bottom show progress from here.
// Also the wish to act: any view calls `actionAsk`, and the one dialog of features/actions answers it.
import { useSyncExternalStore } from "react";
import { api, ask } from "./client";
import type { Live } from "./live";
import { Rows } from "./rows";
import type { Command, CommandAction } from "./types";

/** How long an ended command stays in its agent's row, in milliseconds. */
const SHOWN_DONE_MS = 6_000;
const SHOWN_FAILED_MS = 30_000;
const RECENT_MOST = 50;
const RANK: Record<Command["state"], number> = { sent: 0, running: 1, done: 2, failed: 2, timed_out: 2, cancelled: 2 };

/** The latest command of each agent, by agent id; gone some seconds after it ended. */
export const commandsByAgent = new Rows<Command>();

let recent: readonly Command[] = [];
const watchers = new Set<() => void>();
const expiry = new Map<string, ReturnType<typeof setTimeout>>();

export function commandOpen(command: Command): boolean {
  return command.state === "sent" || command.state === "running";
}

/** Takes in a command as the server now tells it. */
export function commandSeen(command: Command, justNow: boolean): void {
  const known = recent.find((each) => each.id === command.id);
  // An answer that was under way while an event said more must not turn the command back.
  if (known && RANK[known.state] > RANK[command.state]) return;
  const rest = recent.filter((known) => known.id !== command.id);
  recent = [command, ...rest].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, RECENT_MOST);
  for (const watcher of watchers) watcher();
  const shown = commandsByAgent.get(command.agent_id);
  if (shown && shown.id !== command.id && shown.created_at > command.created_at) return;
  if (!commandOpen(command) && !justNow) return;
  clearTimeout(expiry.get(command.agent_id));
  commandsByAgent.apply([[command.agent_id, command]]);
  if (commandOpen(command)) return;
  const keep = command.state === "done" ? SHOWN_DONE_MS : SHOWN_FAILED_MS;
  expiry.set(
    command.agent_id,
    setTimeout(() => {
      if (commandsByAgent.get(command.agent_id)?.id === command.id) commandsByAgent.apply([], [command.agent_id]);
    }, keep),
  );
}

async function load(): Promise<void> {
  const page = await ask(api.GET("/api/v1/commands", { params: { query: { open: true, limit: 100 } } }));
  const open = new Set(page.items.map((command) => command.id));
  // What was open here and is no longer open there ended while nobody listened: ask how.
  const lost = recent.filter((command) => commandOpen(command) && !open.has(command.id));
  for (const command of [...page.items].reverse()) commandSeen(command, true);
  for (const command of lost) {
    commandSeen(await ask(api.GET("/api/v1/commands/{id}", { params: { path: { id: command.id } } })), true);
  }
}

/** Lets the feed keep the commands true. */
export function commandsFollow(live: Live): void {
  // A failure here shows nowhere by itself: the feed's state says that the server is away, and the next connection loads again.
  live.onFresh(() => void load().catch(() => undefined));
  live.on("command_changed", (items) => {
    for (const item of items) commandSeen(item.data as Command, true);
  });
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** The newest commands, newest first. */
export function useRecentCommands(): readonly Command[] {
  return useSyncExternalStore(watch, () => recent);
}

export async function commandCancel(id: string): Promise<void> {
  commandSeen(await ask(api.POST("/api/v1/commands/{id}/cancel", { params: { path: { id } } })), true);
}

/** What somebody wants done, to which agents (by id). */
export interface ActionWish {
  action: CommandAction;
  agents: string[];
}

let wish: ActionWish | null = null;
const wishWatchers = new Set<() => void>();

/** Opens the confirmation for an action on these agents; `null` closes it. */
export function actionAsk(next: ActionWish | null): void {
  wish = next;
  for (const watcher of wishWatchers) watcher();
}

const watchWish = (watcher: () => void): (() => void) => {
  wishWatchers.add(watcher);
  return () => wishWatchers.delete(watcher);
};

export function useActionWish(): ActionWish | null {
  return useSyncExternalStore(watchWish, () => wish);
}

/** Forgets everything, at logout. */
export function commandsClear(): void {
  for (const timer of expiry.values()) clearTimeout(timer);
  expiry.clear();
  recent = [];
  commandsByAgent.clear();
  actionAsk(null);
  for (const watcher of watchers) watcher();
}
