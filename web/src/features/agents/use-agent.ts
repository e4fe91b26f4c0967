// One agent by name or id: the live row at once, everything else as soon as the server answers.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { agentFind, agents } from "../../api/agents";
import { agentQuery } from "../../api/queries";
import { useLoading, useRow } from "../../api/rows";
import type { Agent, AgentDetail } from "../../api/types";

export interface AgentLook {
  /** Row and detail in one: the row's live fields win. */
  agent: Agent | undefined;
  detail: AgentDetail | undefined;
  error: Error | null;
  retry: () => void;
}

export function useAgent(name: string): AgentLook {
  const answer = useQuery(agentQuery(name));
  const { phase } = useLoading(agents);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row may be found only once the agents are here
  const id = useMemo(() => answer.data?.id ?? agentFind(name)?.id ?? "", [answer.data?.id, name, phase]);
  const row = useRow(agents, id);
  return {
    agent: row ?? answer.data,
    detail: answer.data,
    error: answer.error,
    retry: () => void answer.refetch(),
  };
}
