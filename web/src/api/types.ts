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
export type Token = Schemas["Token"];
export type TokenForm = Schemas["TokenCreate"];
export type AuditKey = Schemas["AuditKey"];
export type Checkpoint = Schemas["Checkpoint"];
export type IdentitySettings = Schemas["IdentitySettings"];
export type Invite = Schemas["Invite"];
export type Login = Schemas["Login"];
export type PasswordVerdict = Schemas["PasswordJudgement"];
/** All of them: what is left out of a change stays out of the type of the change. */
export type Preferences = Required<Schemas["Preferences"]>;
export type Profile = Schemas["Profile"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];
export type Verification = Schemas["Verification"];
export type SecondFactor = Schemas["SecondFactor"];
export type TotpEnrolment = Schemas["TotpEnrolment"];
export type Passkey = Schemas["Passkey"];
export type MySecondFactor = Schemas["MeSecondFactor"];
export type StepUpBegin = Schemas["StepUpAsked"];
/** What a browser answers about a passkey; the document says only that it is an object. */
export type CredentialJson = Schemas["PasskeyLogin"]["credential"];
export type Provider = Schemas["Provider"];
export type ProviderButton = Schemas["ProviderButton"];
export type ProviderCheck = Schemas["ProviderCheck"];
export type ProviderForm = Schemas["ProviderForm"];
export type ProviderKind = Schemas["ProviderKind"];
export type RoleRule = Schemas["RoleRule"];
export type Identity = Schemas["Identity"];
export type ActionItem = Schemas["Action"];
export type Assignment = Schemas["RoleAssignment"];
export type Decision = Schemas["Decision"];
export type PastAnswer = Schemas["PastAnswer"];
export type RoleForm = Schemas["RoleForm"];
export type Rule = Schemas["Rule"];
export type WhatItem = Schemas["WhatItem"];
export type Cluster = Schemas["Cluster"];
export type Recording = Schemas["Recording"];
export type AccessRequest = Schemas["AccessRequest"];
/** The name of a role: a built-in one, or one that was made. */
export type Role = string;
/** A role with what it allows. */
export type RoleInfo = Schemas["Role"];

/** Fresh figures of an agent, the payload of `agent_stats` events. */
export interface AgentStats {
  id: string;
  cpu_percent?: number | null;
  memory_used_bytes?: number | null;
  memory_total_bytes?: number | null;
}

/** A page of a list. */
export interface List<T> {
  items: T[];
  next_cursor?: string | null;
  total: number;
}
