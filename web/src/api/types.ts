// Short names for the types of the OpenAPI document. Only this file knows what the generator calls them.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Agent = Schemas["Agent"];
export type AgentDetail = Schemas["AgentDetail"];
export type AgentKind = Schemas["AgentKind"];
export type AgentStatus = Schemas["AgentStatus"];
export type Fact = Schemas["Fact"];
export type WorkloadState = Schemas["WorkloadState"];
export type Activity = Schemas["Activity"];
export type RecentActivity = Schemas["RecentActivity"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditResult = Schemas["AuditResult"];
export type Command = Schemas["Command"];
export type CommandAction = Schemas["CommandAction"];
export type CommandState = Schemas["CommandState"];
export type BulkActionItem = Schemas["BulkActionItem"];
export type FleetCounts = Schemas["FleetCounts"];
export type FleetPoint = Schemas["FleetPoint"];
export type JoinToken = Schemas["JoinToken"];
export type JoinTokenCreated = Schemas["JoinTokenCreated"];
export type LogLevel = Schemas["LogLevel"];
export type LogLine = Schemas["LogLine"];
export type LoginAnswer = Schemas["LoginAnswer"];
export type Me = Schemas["Me"];
export type Metrics = Schemas["Metrics"];
export type MetricSeries = Schemas["MetricSeries"];
export type Overview = Schemas["Overview"];
export type Problem = Schemas["Problem"];
/** The name of a role: a built-in one, or one that was made. */
export type Role = User["role"];
export type User = Schemas["User"];

/** Fresh figures of an agent, the payload of `agent_stats` events. */
export interface AgentStats {
  id: string;
  cpu_percent?: number | null;
  memory_used_bytes?: number | null;
  memory_total_bytes?: number | null;
}
