// The busiest agents by CPU, as bars. Who is in the list changes every ten seconds at most; the bars are live.
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { agents } from "../../api/agents";
import { useLoading, useRow } from "../../api/rows";
import type { Agent } from "../../api/types";
import { bytes, percent } from "../../ui/format";
import { Card } from "../../ui/page";
import { useThrottledBatches } from "./use-throttled";

const SHOWN = 6;

export function busiestOf(all: Iterable<Agent>, most: number): Agent[] {
  const busy = [...all].filter((agent) => agent.connected && typeof agent.cpu_percent === "number");
  return busy.sort((a, b) => (b.cpu_percent ?? 0) - (a.cpu_percent ?? 0)).slice(0, most);
}

export function Busiest({ fallback }: { fallback: Agent[] | undefined }) {
  const { phase } = useLoading(agents);
  const [list, setList] = useState<Agent[]>([]);
  const tick = useThrottledBatches(10_000);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tick means that rows changed
  useEffect(() => {
    if (phase === "ready") setList(busiestOf(agents.values(), SHOWN));
  }, [tick, phase]);
  const shown = phase === "ready" ? list : (fallback ?? []).slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <Card title="Busiest" aside="CPU, memory">
      <ul className="py-1">
        {shown.map((agent) => (
          <Bar key={agent.id} first={agent} />
        ))}
      </ul>
    </Card>
  );
}

function Bar({ first }: { first: Agent }) {
  const agent = useRow(agents, first.id) ?? first;
  const cpu = agent.cpu_percent ?? 0;
  const tone = cpu > 95 ? "bg-bad-mark" : cpu > 85 ? "bg-warn-mark" : "bg-accent";
  return (
    <li className="grid h-9 grid-cols-[minmax(0,200px)_minmax(0,1fr)_52px_72px] items-center gap-3 px-3.5 max-sm:grid-cols-[minmax(0,1fr)_72px_48px_64px]">
      <Link to="/agents/$name" params={{ name: agent.name }} className="truncate font-medium hover:underline">
        {agent.name}
      </Link>
      <div aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-line2">
        <div className={`h-full rounded-full transition-[width] duration-500 ${tone}`} style={{ width: `${Math.min(100, cpu)}%` }} />
      </div>
      <span className="text-right">{percent(cpu)}</span>
      <span className="text-right text-ink3">{typeof agent.memory_used_bytes === "number" ? bytes(agent.memory_used_bytes) : ""}</span>
    </li>
  );
}
