// How a user stands, in a word with its tone.
import type { User } from "../../api/types";
import type { Words } from "../../ui/status";

export const STATUSES = [
  { value: "active", text: "Active" },
  { value: "disabled", text: "Disabled" },
  { value: "locked", text: "Locked" },
];

export function isLocked(user: User): boolean {
  return Boolean(user.locked_until) && Date.parse(user.locked_until ?? "") > Date.now();
}

export function userWords(user: User): Words {
  if (!user.active) return { tone: "idle", word: "Disabled" };
  if (isLocked(user)) return { tone: "bad", word: "Locked" };
  return { tone: "ok", word: "Active" };
}

/** The name people see; the login name where there is none. */
export function called(user: Pick<User, "display_name" | "username">): string {
  return user.display_name || user.username;
}
