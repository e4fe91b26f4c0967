// The places of the page: what the rail, the bottom bar, the palette and the "g" keys offer. Only what exists is here.
import { useMe } from "../api/me";

export interface Place {
  to: "/" | "/agents" | "/logs" | "/users" | "/audit";
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
  { to: "/logs", name: "Logs", group: "Operate", needs: "server_logs", key: "l" },
  { to: "/users", name: "Users", group: "Admin", needs: "user_list", key: "u" },
  { to: "/audit", name: "Audit", group: "Admin", needs: "audit_list", key: "t" },
];

export function usePlaces(): readonly Place[] {
  const allowed = useMe()?.allowed ?? [];
  return PLACES.filter((place) => allowed.includes(place.needs));
}
