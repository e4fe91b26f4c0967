// An access request in words.
import type { AccessRequest } from "../../api/types";
import { actionWords, type Words } from "../../ui/status";

export const STATE: Record<AccessRequest["state"], Words> = {
  pending: { tone: "warn", word: "Waiting" },
  approved: { tone: "ok", word: "Granted" },
  denied: { tone: "bad", word: "Denied" },
  cancelled: { tone: "idle", word: "Taken back" },
  expired: { tone: "idle", word: "Expired" },
  ended: { tone: "idle", word: "Ended" },
};

/** `the role operator`, `Agent restart on agent db-1`. */
export function wishWords(request: Pick<AccessRequest, "role" | "action" | "resource" | "resource_kind" | "resource_name">): string {
  if (request.role) return `the role ${request.role}`;
  const what = actionWords(request.action ?? "");
  return request.resource
    ? `${what} on ${(request.resource_kind ?? "").replaceAll("_", " ")} ${request.resource_name ?? request.resource}`
    : what;
}

/** Whether what was granted holds now. */
export function holds(request: AccessRequest): boolean {
  return request.state === "approved" && (!request.expires_at || Date.parse(request.expires_at) > Date.now());
}
