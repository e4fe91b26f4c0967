// The person who is logged in, and why a button may not be pressed.
import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { meQuery } from "./queries";
import type { Me } from "./types";

const VERBS: Record<string, string> = {
  agent_restart: "restart agents",
  agent_kill: "kill agents",
  agent_check: "have agents checked",
  agent_update: "rename or tag agents",
  agent_remove: "remove agents",
  command_cancel: "cancel actions",
  join_token_create: "admit new agents",
  user_list: "see the users",
  user_create: "make users",
  invite_list: "see the invites",
  token_admin: "see everybody's tokens",
  role_list: "see the roles",
  role_create: "make roles",
  role_update: "change roles",
  role_delete: "delete roles",
  assignment_create: "give roles",
  simulate_who: "use the simulator",
  provider_list: "see the identity providers",
  settings_show: "see the settings",
  settings_update: "change the settings",
  audit_list: "read the audit trail",
  audit_verify: "verify the audit trail",
  server_logs: "read the server's logs",
  access_request_approve: "approve requests",
  access_request_deny: "deny requests",
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
