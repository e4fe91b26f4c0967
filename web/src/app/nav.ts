// The places of the page: what the rail, the bottom bar, the palette and the "g" keys offer. Only what exists is here.
import { useMe } from "../api/me";

export interface Place {
  to: "/" | "/agents" | "/clusters" | "/approvals" | "/logs" | "/users" | "/invites" | "/roles" | "/tokens" | "/audit" | "/settings";
  name: string;
  group: string;
  /** The action a role needs to see it. */
  needs: string;
  /** Second key after `g`. */
  key: string;
}

const PLACES: readonly Place[] = [
  { to: "/", name: "Overview", group: "", needs: "overview_show", key: "o" },
  { to: "/agents", name: "Agents", group: "Fleet", needs: "agent_list", key: "a" },
  { to: "/clusters", name: "Clusters", group: "Infrastructure", needs: "kube_request", key: "c" },
  { to: "/approvals", name: "Approvals", group: "Operate", needs: "access_request_list", key: "p" },
  { to: "/logs", name: "Logs", group: "Operate", needs: "server_logs", key: "l" },
  { to: "/users", name: "Users", group: "Admin", needs: "user_list", key: "u" },
  { to: "/invites", name: "Invites", group: "Admin", needs: "invite_list", key: "i" },
  { to: "/roles", name: "Roles", group: "Admin", needs: "role_create", key: "r" },
  { to: "/tokens", name: "Tokens", group: "Admin", needs: "token_admin", key: "k" },
  { to: "/audit", name: "Audit", group: "Admin", needs: "audit_list", key: "t" },
  { to: "/settings", name: "Settings", group: "Admin", needs: "settings_show", key: "s" },
];

export function usePlaces(): readonly Place[] {
  const allowed = useMe()?.allowed ?? [];
  return PLACES.filter((place) => allowed.includes(place.needs));
}
