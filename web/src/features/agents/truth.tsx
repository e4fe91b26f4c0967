// The separate liveness facts side by side: linked, process, port, ready, … each with its own state and age.
import type { Agent, AgentDetail, Fact } from "../../api/types";
import { Skeleton } from "../../ui/states";
import { FACT_TONE, Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";

const NAMES: Record<string, string> = { linked: "Linked", process: "Process", port: "Port", lock: "Lock", ready: "Ready", hello: "Hello" };

function FactBox({ fact }: { fact: Fact }) {
  const tone = FACT_TONE[fact.state];
  return (
    <div className="min-w-0 rounded-lg border border-line bg-panel px-2.5 py-1.5">
      <dt className={`flex items-center gap-1.5 font-semibold text-xs ${TONE_TEXT[tone]}`}>
        <Mark tone={tone} size={9} />
        {NAMES[fact.name] ?? fact.name}
        <span className="sr-only">: {fact.state}</span>
      </dt>
      <dd className="truncate text-ink2 text-xs" title={fact.detail || undefined}>
        {fact.detail || fact.state}
      </dd>
      <dd className="truncate text-2xs text-ink3">
        for <Ago at={fact.since} as="for" />
      </dd>
    </div>
  );
}

export function Truth({ agent, detail }: { agent: Agent; detail: AgentDetail | undefined }) {
  if (!detail) {
    return (
      <div className="grid grid-cols-[repeat(auto-fill,minmax(104px,1fr))] md:max-w-[900px] gap-1.5">
        {["a", "b", "c", "d"].map((key) => (
          <Skeleton key={key} className="h-[66px]" />
        ))}
      </div>
    );
  }
  return (
    <dl aria-label={`Liveness of ${agent.name}`} className="grid grid-cols-[repeat(auto-fill,minmax(104px,1fr))] md:max-w-[900px] gap-1.5">
      {detail.facts.map((fact) => (
        <FactBox key={fact.name} fact={fact} />
      ))}
    </dl>
  );
}
