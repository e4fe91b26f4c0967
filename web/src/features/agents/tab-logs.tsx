// The log of one agent, in the shared log view.
import type { Agent } from "../../api/types";
import { LogView } from "../../ui/log/log-view";

export function TabLogs({ agent, compact = false }: { agent: Agent; compact?: boolean }) {
  return <LogView base={`/api/v1/agents/${agent.id}/logs`} name={agent.name} compact={compact} />;
}
