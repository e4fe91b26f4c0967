// Shapes of what the server is about to serve; each goes as its generated type arrives.
import type { AuditEntry, LoginAnswer } from "./types";

// Second factor

// SSO

// Roles
export interface AgentSelector {
  names?: string[];
  tags?: string[];
  groups?: string[];
  kinds?: string[];
  owners?: string[];
}
export interface KubernetesSelector {
  clusters?: string[];
  namespaces?: string[];
  resources?: string[];
  verbs?: string[];
  names?: string[];
}
export interface Rule {
  effect: "allow" | "deny";
  actions: string[];
  agents?: AgentSelector | null;
  kubernetes?: KubernetesSelector | null;
}
export interface RoleForm {
  name: string;
  title?: string;
  description?: string;
  rules?: Rule[];
  cedar?: string | null;
  step_up?: boolean;
  version?: number | null;
}
export interface RoleInfo {
  name: string;
  title: string;
  description: string;
  built_in: boolean;
  rules: Rule[];
  cedar: string;
  by_hand: boolean;
  step_up: boolean;
  assignments: number;
  users: number;
  version: number;
  updated_at?: string | null;
  updated_by?: string | null;
}
export interface ActionItem {
  name: string;
  text: string;
  on: string;
  destructive: boolean;
  weakest: string;
}
export interface Assignment {
  id: string;
  role: string;
  subject: { kind: "user" | "token" | "group"; id: string; name: string };
  expires_at?: string | null;
  created_at: string;
  created_by: string;
  reason: string;
}
export interface Decision {
  allowed: boolean;
  rule: string;
  text: string;
  roles: { role: string; effect?: "allow" | "deny" | null; because: string }[];
}
export interface PastItem {
  entry: AuditEntry;
  before: boolean;
  after: boolean;
  rule: string;
}
export interface PastAnswer {
  checked: number;
  items: PastItem[];
}
export interface UserRef {
  id: string;
  username: string;
}
export interface WhoItem {
  user: UserRef;
  allowed: boolean;
  rule: string;
}
export interface WhatItem {
  action: string;
  on: string;
  allowed: "all" | "some" | "none";
  rule: string;
}

// Access requests
export interface AccessRequest {
  id: string;
  requester: { id: string; username: string };
  role?: string | null;
  action?: string | null;
  resource_kind?: string | null;
  resource?: string | null;
  resource_name?: string | null;
  reason: string;
  duration_seconds: number;
  state: "pending" | "approved" | "denied" | "cancelled" | "expired" | "ended";
  created_at: string;
  decided_at?: string | null;
  decided_by?: string | null;
  decision_reason?: string | null;
  expires_at?: string | null;
  ended_at?: string | null;
  may_decide: boolean;
}

export interface List<T> {
  items: T[];
  next_cursor?: string | null;
  total: number;
}

interface Says<T> {
  headers: { [name: string]: unknown };
  content: { "application/json": T };
}
type Params<P, Q> = { header?: never; cookie?: never } & ([P] extends [never] ? { path?: never } : { path: P }) & { query?: Q };
type Op<R, P = never, Q = never> = { parameters: Params<P, Q>; requestBody?: never; responses: { 200: Says<R> } };
type Send<B, R, P = never, Q = never> = {
  parameters: Params<P, Q>;
  requestBody: { content: { "application/json": B } };
  responses: { 200: Says<R> };
};
type Id = { id: string };
type Name = { name: string };
type Pg = { cursor?: string; limit?: number };

export interface NewPaths {
  "/api/v1/admin/roles": { get: Op<List<RoleInfo>>; post: Send<RoleForm, RoleInfo> };
  "/api/v1/admin/roles/{name}": { get: Op<RoleInfo, Name>; put: Send<RoleForm, RoleInfo, Name>; delete: Op<undefined, Name> };
  "/api/v1/admin/roles/check": { post: Send<RoleForm, { cedar: string; problems: { at: string; text: string }[] }> };
  "/api/v1/admin/actions": { get: Op<{ items: ActionItem[] }> };
  "/api/v1/admin/role-assignments": {
    get: Op<List<Assignment>, never, { role?: string; subject?: string }>;
    post: Send<{ role: string; subject_kind: string; subject: string; expires_in_seconds?: number; reason: string }, Assignment>;
  };
  "/api/v1/admin/role-assignments/{id}": { delete: Op<undefined, Id> };
  "/api/v1/why": { get: Op<Decision, never, { action: string; resource_kind?: string; resource?: string }> };
  "/api/v1/admin/simulate/who": { post: Send<{ action: string; resource_kind?: string; resource?: string }, { items: WhoItem[] }> };
  "/api/v1/admin/simulate/what": { post: Send<{ user: string }, { user: UserRef; roles: string[]; items: WhatItem[] }> };
  "/api/v1/admin/simulate/past": { post: Send<{ role?: RoleForm; deleted?: string; from?: string; limit?: number }, PastAnswer> };

  "/api/v1/access-requests": {
    get: Op<List<AccessRequest>, never, { state?: string; mine?: boolean } & Pg>;
    post: Send<
      { role?: string; action?: string; resource_kind?: string; resource?: string; reason: string; duration_seconds: number },
      AccessRequest
    >;
  };
  "/api/v1/access-requests/{id}": { get: Op<AccessRequest, Id> };
  "/api/v1/access-requests/{id}/approve": { post: Send<{ reason?: string; duration_seconds?: number }, AccessRequest, Id> };
  "/api/v1/access-requests/{id}/deny": { post: Send<{ reason: string }, AccessRequest, Id> };
  "/api/v1/access-requests/{id}/cancel": { post: Op<AccessRequest, Id> };
  "/api/v1/access-requests/{id}/end": { post: Op<AccessRequest, Id> };
}
