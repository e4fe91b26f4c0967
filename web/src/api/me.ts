// The person who is logged in, and why a button may not be pressed.
import { useQuery } from "@tanstack/react-query";
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
};

/** Views under the shell are only shown once `me` is known; before that nothing is allowed. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

/** Why `me` may not do `action`; null when it is allowed. */
export function whyNot(me: Me | undefined, action: string): string | null {
  if (!me) return "Checking what you may do…";
  if (me.allowed.includes(action)) return null;
  return `Your role (${me.role}) may not ${VERBS[action] ?? "do this"}. An admin can change it.`;
}

export function useWhyNot(action: string): string | null {
  return whyNot(useMe(), action);
}

export function useMay(action: string): boolean {
  return useMe()?.allowed.includes(action) ?? false;
}
