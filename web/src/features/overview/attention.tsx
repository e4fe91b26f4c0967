// What is wrong, worst and longest first, each with the button that may mend it.
import { Link } from "@tanstack/react-router";
import { CircleCheck, RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { agents } from "../../api/agents";
import { actionAsk, commandsByAgent } from "../../api/commands";
import { useWhyNot } from "../../api/me";
import { useLoading, useRow } from "../../api/rows";
import type { Agent } from "../../api/types";
import { Button } from "../../ui/button";
import { count } from "../../ui/format";
import { Card } from "../../ui/page";
import { SkeletonRows } from "../../ui/states";
import { agentWords, Chip, commandDetail, commandWords } from "../../ui/status";
import { Ago } from "../../ui/time";
import { useThrottledBatches } from "./use-throttled";

const SHOWN = 12;
const RANK = { bad: 0, warn: 1, busy: 2, idle: 3, ok: 4 };

/** Agents that are not as they should be, worst first, then longest. */
export function attentionOf(all: Iterable<Agent>): Agent[] {
  const wrong = [...all].filter((agent) => agent.status === "offline" || agent.status === "degraded");
  return wrong.sort(
    (a, b) =>
      RANK[agentWords(a).tone] - RANK[agentWords(b).tone] ||
      (a.status_since < b.status_since ? -1 : a.status_since > b.status_since ? 1 : 0),
  );
}

export function Attention({ fallback }: { fallback: Agent[] | undefined }) {
  const { phase } = useLoading(agents);
  const [list, setList] = useState<Agent[]>(() => attentionOf(agents.values()));
  const tick = useThrottledBatches(400);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tick means that rows changed
  useEffect(() => setList(attentionOf(agents.values())), [tick, phase]);
  const shown = phase === "ready" ? list : (fallback ?? []);
  if (phase !== "ready" && !fallback) {
    return (
      <Card title="Needs attention">
        <SkeletonRows rows={3} className="h-14" />
      </Card>
    );
  }
  return (
    <Card
      title="Needs attention"
      aside={
        shown.length > SHOWN && (
          <Link to="/agents" search={{ status: "offline,degraded" }} className="text-accent hover:underline">
            All {count(shown.length)}
          </Link>
        )
      }
    >
      {shown.length === 0 ? (
        <div className="flex items-center gap-3 px-3.5 py-5 text-ink2">
          <CircleCheck size={20} className="text-ok-mark" aria-hidden />
          Every agent is linked and every workload is well.
        </div>
      ) : (
        <ul>
          {shown.slice(0, SHOWN).map((agent) => (
            <Item key={agent.id} first={agent} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Item({ first }: { first: Agent }) {
  const agent = useRow(agents, first.id) ?? first;
  const command = useRow(commandsByAgent, first.id);
  const denied = useWhyNot("agent_restart", { kind: "agent", id: first.id, name: first.name });
  const { tone, word } = command ? commandWords(command) : agentWords(agent);
  const detail = command ? commandDetail(command) : agent.status_detail;
  const reason =
    denied ??
    (!agent.connected
      ? "The agent is away. It can be restarted once it is linked."
      : agent.kind === "host"
        ? "This agent looks after its machine only."
        : null);
  return (
    <li className="flex min-h-14 items-center gap-3 border-line2 border-b px-3.5 py-2 last:border-0">
      <div className="w-[112px] shrink-0 max-sm:hidden">
        <Chip tone={tone}>{word}</Chip>
      </div>
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <Link to="/agents/$name" params={{ name: agent.name }} className="truncate font-semibold hover:underline">
            {agent.name}
          </Link>
          <span className="truncate text-ink3 text-xs max-sm:hidden">{agent.hostname}</span>
          <span className="shrink-0 sm:hidden">
            <Chip tone={tone}>{word}</Chip>
          </span>
        </div>
        <div className="flex items-center gap-2 text-ink2 text-xs">
          <span className="truncate" title={detail}>
            {detail || "not as it should be"}
          </span>
        </div>
      </div>
      <Ago at={agent.status_since} as="for" className="shrink-0 text-ink3" />
      {/* An agent that is away cannot be asked: the button would only say so. */}
      <span className="flex min-w-[92px] shrink-0 justify-end">
        {agent.connected ? (
          <Button
            size="sm"
            reason={reason}
            icon={<RotateCw size={14} aria-hidden />}
            onClick={() => actionAsk({ action: "restart", agents: [agent.id] })}
          >
            Restart
          </Button>
        ) : (
          <Link to="/agents/$name" params={{ name: agent.name }} search={{ tab: "activity" }} className="text-accent hover:underline">
            Look
          </Link>
        )}
      </span>
    </li>
  );
}
