// State as colour, shape and word together: never colour alone. The shapes are the same everywhere: a disc is well, a triangle wants
// a look, a square is wrong, a ring is at rest, a spinner is under way.
import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import type { Agent, AuditResult, Command, CommandAction, Fact, LogLevel, WorkloadState } from "../api/types";
import { cx } from "./cx";

export type Tone = "ok" | "warn" | "bad" | "idle" | "busy";

const SHAPES: Record<Exclude<Tone, "busy">, ReactNode> = {
  ok: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  warn: <path d="M6 1.2 11.2 10.4H.8Z" fill="currentColor" />,
  bad: <rect x="1.8" y="1.8" width="8.4" height="8.4" rx="1.6" fill="currentColor" />,
  idle: <circle cx="6" cy="6" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.6" />,
};

export function Mark({ tone, size = 12 }: { tone: Tone; size?: number }) {
  if (tone === "busy") return <LoaderCircle size={size} strokeWidth={2.6} className="spin shrink-0" aria-hidden />;
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} className="shrink-0" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  );
}

const CHIP: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  idle: "bg-idle-soft text-idle",
  busy: "bg-accent-soft text-accent",
};
export const TONE_TEXT: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-idle",
  busy: "text-accent",
};

export function Chip({
  tone,
  children,
  title,
  className,
}: {
  tone: Tone;
  children: ReactNode;
  title?: string | undefined;
  className?: string;
}) {
  return (
    <span
      title={title}
      className={cx("inline-flex h-[22px] max-w-full items-center gap-1.5 rounded-full px-2 font-medium text-xs", CHIP[tone], className)}
    >
      <Mark tone={tone} size={11} />
      <span className="truncate">{children}</span>
    </span>
  );
}

export interface Words {
  tone: Tone;
  word: string;
}

const WORKLOAD: Record<WorkloadState, Words> = {
  none: { tone: "idle", word: "No workload" },
  starting: { tone: "warn", word: "Starting" },
  running: { tone: "ok", word: "Running" },
  restarting: { tone: "warn", word: "Restarting" },
  stopping: { tone: "warn", word: "Stopping" },
  stopped: { tone: "idle", word: "Stopped" },
  backoff: { tone: "warn", word: "Backing off" },
  crash_loop: { tone: "bad", word: "Crash loop" },
  zombie: { tone: "bad", word: "Zombie" },
  failed: { tone: "bad", word: "Failed" },
};

export function workloadWords(state: WorkloadState): Words {
  return WORKLOAD[state];
}

/** The one word for an agent. A connected agent whose workload is not well says what is wrong with it rather than "degraded". */
export function agentWords(agent: Pick<Agent, "status" | "status_detail" | "workload_state" | "connected">): Words {
  if (agent.status === "offline") return { tone: agent.status_detail.startsWith("said goodbye") ? "idle" : "bad", word: "Offline" };
  if (agent.status === "stopped") return { tone: "idle", word: "Stopped" };
  if (agent.status === "online") return { tone: "ok", word: "Online" };
  if (!agent.connected) return { tone: "warn", word: "Link lost" };
  const workload = WORKLOAD[agent.workload_state];
  return workload.tone === "ok" || workload.tone === "idle" ? { tone: "warn", word: "Degraded" } : workload;
}

const DOING: Record<CommandAction, string> = { restart: "Restarting", kill: "Killing", check: "Checking" };
export const ACTION_WORD: Record<CommandAction, string> = { restart: "Restart", kill: "Kill", check: "Check" };
const DONE: Record<CommandAction, string> = { restart: "Restarted", kill: "Killed", check: "Checked" };

/** A command in a word or two: `Restarting…`, `Restarted`, `Restart failed`. */
export function commandWords(command: Pick<Command, "action" | "state">): Words {
  switch (command.state) {
    case "sent":
    case "running":
      return { tone: "busy", word: `${DOING[command.action]}…` };
    case "done":
      return { tone: "ok", word: DONE[command.action] };
    case "failed":
      return { tone: "bad", word: `${ACTION_WORD[command.action]} failed` };
    case "timed_out":
      return { tone: "bad", word: `${ACTION_WORD[command.action]} timed out` };
    case "cancelled":
      return { tone: "idle", word: `${ACTION_WORD[command.action]} cancelled` };
  }
}

/** What is to be said beside that word: progress, result, or error. */
export function commandDetail(command: Pick<Command, "state" | "progress" | "result">): string {
  return command.state === "sent" ? "waiting for the agent" : command.state === "running" ? command.progress : command.result;
}

export const FACT_TONE: Record<Fact["state"], Tone> = { ok: "ok", waiting: "warn", bad: "bad", unknown: "idle" };

export function resultWords(result: AuditResult): Words {
  return {
    started: { tone: "busy" as const, word: "Started" },
    ok: { tone: "ok" as const, word: "Done" },
    failed: { tone: "bad" as const, word: "Failed" },
    denied: { tone: "warn" as const, word: "Denied" },
  }[result];
}

export const LEVEL_CLASS: Record<LogLevel, string> = {
  trace: "text-ink3",
  debug: "text-ink3",
  info: "text-ink2",
  warn: "text-warn",
  error: "text-bad",
};

/** What a refusal's entry says, in words: `rule default:deny` is the rule that holds where no role allows anything. */
export function refusalWords(detail: string): string {
  if (detail === "rule default:deny") return "refused: no role allows it";
  return detail.startsWith("rule ") ? `refused by the ${detail}` : detail;
}

/** `agent_restart` as words: `Agent restart`. */
export function actionWords(action: string): string {
  const text = action.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
