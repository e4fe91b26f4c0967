// The command to paste, and the wait for who comes. The moment an agent arrives it stands here in green.
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { agents } from "../../api/agents";
import { live } from "../../api/feed";
import { useRow } from "../../api/rows";
import type { JoinToken } from "../../api/types";
import { Button, buttonClass } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { count } from "../../ui/format";
import { Notice } from "../../ui/states";
import { agentWords, Chip, Mark } from "../../ui/status";
import { Ago, useNow } from "../../ui/time";
import type { Wanted } from "./join-dialog";

/** Ids of agents that are new since the command was made and fit it, in the order of their arrival. */
function useArrivals(wanted: Wanted): string[] {
  const [known] = useState(() => new Set([...agents.values()].map((agent) => agent.id)));
  const [arrived, setArrived] = useState<string[]>([]);
  useEffect(
    () =>
      agents.watchBatches(({ changed }) => {
        const fresh = [...changed].filter((id) => {
          if (known.has(id)) return false;
          const agent = agents.get(id);
          if (!agent || (wanted.kind && agent.kind !== wanted.kind) || !wanted.tags.every((tag) => agent.tags.includes(tag))) return false;
          known.add(id);
          return true;
        });
        if (fresh.length > 0) setArrived((now) => [...now, ...fresh]);
      }),
    [known, wanted],
  );
  return arrived;
}

/** How many of these agents are linked, live. */
function useLinked(ids: readonly string[]): number {
  const watch = useCallback((watcher: () => void) => agents.watchBatches(watcher), []);
  return useSyncExternalStore(watch, () => ids.filter((id) => agents.get(id)?.connected).length);
}

/** How often the token was used, live. */
function useUsed(id: string): number {
  const [used, setUsed] = useState(0);
  useEffect(
    () =>
      live.on("join_token_changed", (items) => {
        for (const item of items) {
          const token = item.data as JoinToken;
          if (token.id === id) setUsed(token.used);
        }
      }),
    [id],
  );
  return used;
}

export function JoinWait({ wanted, onClose, onAgain }: { wanted: Wanted; onClose: () => void; onAgain: () => void }) {
  const { token, uses } = wanted;
  const arrived = useArrivals(wanted);
  const used = useUsed(token.id);
  const expired = useNow() >= Date.parse(token.expires_at);
  const linked = useLinked(arrived);
  const done = linked >= uses;
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={done ? (uses === 1 ? "The agent has joined" : "All agents have joined") : "Paste these on the machine"}
      description={
        done ? (
          "It is linked over mutual TLS and reports from now on."
        ) : (
          <>
            Admits {uses === 1 ? "one agent" : `${count(uses)} agents`}
            {expired ? (
              ", and has ended."
            ) : (
              <>
                {" "}
                and ends <Ago at={token.expires_at} />.
              </>
            )}{" "}
            The token is shown only now.
          </>
        )
      }
      footer={
        <>
          <Button onClick={onAgain}>{expired ? "Make a new command" : "Another one"}</Button>
          <Button look={done ? "primary" : "plain"} onClick={onClose}>
            {done ? "Done" : "Close"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {!done && (
          <ol className="flex flex-col gap-3">
            <Step
              number={1}
              title="Join"
              command={token.command}
              note={`Dials ${token.server}, pinned to ${token.ca_pin.slice(0, 19)}…`}
              hint={token.ca_pin}
            />
            <Step number={2} title="Start" command={runCommand(token.command)} note="As a service: mc-agent install" />
          </ol>
        )}
        {expired && !done && (
          <Notice tone="warn">
            The command has ended without {arrived.length > 0 ? "all of them" : "anybody"} using it. Make a new one.
          </Notice>
        )}
        <div aria-live="polite">
          {arrived.length > 0 ? (
            <ul className="flex flex-col gap-2">
              {arrived.map((id) => (
                <Arrival key={id} id={id} />
              ))}
            </ul>
          ) : (
            !expired && (
              <div className="flex items-center gap-2.5 rounded-xl border border-line border-dashed px-3.5 py-3 text-ink2">
                <span className="text-accent">
                  <Mark tone="busy" size={15} />
                </span>
                {used > 0 ? "Admitted. Waiting for its first words…" : "Waiting for the agent. This turns green by itself."}
              </div>
            )
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** The command that starts what `join` made ready: the same data directory. */
function runCommand(join: string): string {
  const dir = /--data-dir[ =](\S+)/.exec(join)?.[1];
  return dir ? `mc-agent run --data-dir ${dir}` : "mc-agent run";
}

function Step({ number, title, command, note, hint }: { number: number; title: string; command: string; note: string; hint?: string }) {
  return (
    <li className="overflow-hidden rounded-xl border border-line bg-bg">
      <div className="flex items-center gap-2.5 border-line border-b bg-panel px-3 py-1.5">
        <span className="grid size-5 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-2xs text-accent">
          {number}
        </span>
        <h3 className="font-semibold">{title}</h3>
        <span className="min-w-0 truncate text-ink3 text-xs" title={hint}>
          {note}
        </span>
        <CopyButton
          text={command}
          look={number === 1 ? "primary" : "plain"}
          size="sm"
          className="ml-auto"
          aria-label={`Copy the command to ${title.toLowerCase()}`}
        />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long command scrolls, and must do so by keyboard too
        tabIndex={0}
        data-testid={`command-${number}`}
        className="max-h-40 select-all overflow-auto whitespace-pre-wrap break-all p-3 font-mono text-xs leading-5"
      >
        {command}
      </pre>
    </li>
  );
}

function Arrival({ id }: { id: string }) {
  const agent = useRow(agents, id);
  if (!agent) return null;
  const { tone, word } = agent.connected ? agentWords(agent) : ({ tone: "warn", word: "Joined, not started yet" } as const);
  return (
    <li
      data-testid="arrival"
      className={`arrived flex items-center gap-3 rounded-xl border px-3.5 py-2.5 ${agent.connected ? "border-ok-mark bg-ok-soft" : "border-line"}`}
    >
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <span className="truncate font-semibold">{agent.name}</span>
          <Chip tone={tone} className="bg-panel">
            {word}
          </Chip>
        </div>
        <div className="truncate text-ink2 text-xs">
          {agent.hostname}, {agent.kind}
          {agent.workload_title && `, ${agent.workload_title}`}
        </div>
      </div>
      <Link to="/agents/$name" params={{ name: agent.name }} search={{}} className={buttonClass("plain", "sm")}>
        Open
      </Link>
    </li>
  );
}
