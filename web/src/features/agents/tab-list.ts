// The tabs of an agent, in their order; the keys are what `?tab=` says.
export const AGENT_TABS = [
  ["overview", "Overview"],
  ["metrics", "Metrics"],
  ["logs", "Logs"],
  ["activity", "Activity"],
] as const;
