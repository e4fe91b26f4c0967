// The log of one agent, in the shared log view.
import { useWhyNot } from "../../api/me";
import type { Agent } from "../../api/types";
import { LogView } from "../../ui/log/log-view";
import { NotAllowed } from "../../ui/not-allowed";

export function TabLogs({ agent, compact = false }: { agent: Agent; compact?: boolean }) {
  const on = { kind: "agent", id: agent.id, name: agent.name };
  const denied = useWhyNot("agent_logs", on);
  if (denied) return <NotAllowed reason={denied} />;
  return <LogView base={`/api/v1/agents/${agent.id}/logs`} name={agent.name} compact={compact} denial={{ action: "agent_logs", on }} />;
}
