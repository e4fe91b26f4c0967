// The person who is logged in, and why a button may not be pressed.
import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { meQuery } from "./queries";
import type { Me } from "./types";

const VERBS: Record<string, string> = {
  access_request_approve: "approve requests",
  access_request_cancel: "take requests back",
  access_request_create: "request access",
  access_request_deny: "deny requests",
  access_request_end: "end granted access",
  access_request_list: "see access requests",
  agent_activity: "see what happened to agents",
  agent_check: "have agents checked",
  agent_kill: "kill agents",
  agent_list: "see the agents",
  agent_logs: "read agents' logs",
  agent_metrics: "see agents' figures",
  agent_remove: "remove agents",
  agent_restart: "restart agents",
  agent_show: "look at agents",
  agent_update: "rename or tag agents",
  assignment_create: "give roles",
  assignment_list: "see who was given which role",
  assignment_remove: "take roles away",
  audit_checkpoints: "see the trail's checkpoints",
  audit_key: "read the trail's public key",
  audit_list: "read the audit trail",
  audit_verify: "verify the audit trail",
  command_cancel: "cancel actions",
  event_follow: "follow changes live",
  invite_create: "invite people",
  invite_list: "see the invites",
  invite_revoke: "revoke invites",
  join_token_create: "admit new agents",
  kube_request: "reach clusters",
  me_email_verify: "have your address verified",
  me_identity_link: "link accounts at identity providers",
  me_identity_unlink: "unlink accounts at identity providers",
  me_passkey_begin: "add passkeys",
  me_passkey_remove: "remove passkeys",
  me_passkey_rename: "rename passkeys",
  me_password: "change your password",
  me_preferences_update: "change how the page looks",
  me_recovery_codes: "make new recovery codes",
  me_session_end: "end your sessions",
  me_sessions: "see your sessions",
  me_sessions_end: "end your sessions",
  me_totp_begin: "set up an authenticator app",
  me_totp_remove: "remove your authenticator app",
  me_update: "change your profile",
  overview_show: "see the overview",
  provider_check: "check identity providers",
  provider_create: "add identity providers",
  provider_delete: "remove identity providers",
  provider_list: "see the identity providers",
  provider_update: "change identity providers",
  recording_admin: "see everybody's recorded sessions",
  recording_cast: "play recorded sessions",
  recording_list: "see recorded sessions",
  recording_show: "look at recorded sessions",
  role_create: "make roles",
  role_delete: "delete roles",
  role_list: "see the roles",
  role_show: "look at roles",
  role_update: "change roles",
  server_logs: "read the server's logs",
  settings_show: "see the settings",
  settings_update: "change the settings",
  simulate_past: "try changes against the past",
  simulate_what: "ask what others could do",
  simulate_who: "ask who could do something",
  token_admin: "see everybody's tokens",
  token_create: "make tokens",
  token_list: "see your tokens",
  token_revoke: "revoke tokens",
  token_rotate: "rotate tokens",
  token_show: "look at tokens",
  user_create: "make users",
  user_delete: "delete users",
  user_list: "see the users",
  user_reset_link: "make links for new passwords",
  user_second_factor_reset: "take second factors away",
  user_sessions: "see where others are logged in",
  user_sessions_end: "end the sessions of others",
  user_set_role: "give users another role",
  user_show: "look at users",
  user_update: "change users",
};

/** What an action would be done to. */
export interface Target {
  kind: string;
  id: string;
  name: string;
}

/** A refusal that can be explained: the page asks the server why, and offers to request access. */
export interface Denial {
  text: string;
  action: string;
  on?: Target | undefined;
}

/** Why something cannot be done: words, or a refusal that can be asked about. */
export type Reason = string | Denial | null | undefined;

export function reasonText(reason: Reason): string | null {
  return typeof reason === "string" ? reason : (reason?.text ?? null);
}

/** Views under the shell are only shown once `me` is known; before that nothing is allowed. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

/** Why `me` may not do `action`; null when it is allowed. */
export function whyNot(me: Me | undefined, action: string, on?: Target): Reason {
  if (!me) return "Checking what you may do…";
  if (me.allowed.includes(action)) return null;
  return { text: `Your role (${me.role}) may not ${VERBS[action] ?? "do this"}.`, action, on };
}

export function useWhyNot(action: string, on?: Target): Reason {
  return whyNot(useMe(), action, on);
}

export function useMay(action: string): boolean {
  return useMe()?.allowed.includes(action) ?? false;
}

interface Place {
  denial: Denial;
  /** Where on the screen the question was asked; the answer appears there. */
  rect: DOMRect;
}

const useAsked = create<{ asked: Place | null }>(() => ({ asked: null }));

/** Opens the explanation of a refusal at the element that was pressed. */
export function whyAsk(denial: Denial, at: Element): void {
  useAsked.setState({ asked: { denial, rect: at.getBoundingClientRect() } });
}

export function whyClose(): void {
  useAsked.setState({ asked: null });
}

export function useWhyAsked(): Place | null {
  return useAsked((state) => state.asked);
}

/** What access is asked for: a role, or one action on one thing (or on anything). */
export interface AccessWish {
  role?: string | undefined;
  action?: string | undefined;
  on?: Target | undefined;
}

const useWish = create<{ wish: AccessWish | null }>(() => ({ wish: null }));

/** Opens the dialog that requests access; null closes it. */
export function accessAsk(wish: AccessWish | null): void {
  useWish.setState({ wish });
}

export function useAccessWish(): AccessWish | null {
  return useWish((state) => state.wish);
}
