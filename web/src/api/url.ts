// Views keep their filters, tabs and ranges in the URL as plain `key=value` pairs that people can read and edit.

export interface Search {
  /** `1`: the join dialog is open. */
  join?: string;
  next?: string;
  /** `1`: the session that was here has ended. */
  ended?: string;
  q?: string;
  status?: string;
  kind?: string;
  tag?: string;
  version?: string;
  seen?: string;
  sort?: string;
  /** The agent in the side panel, by name. */
  agent?: string;
  tab?: string;
  range?: string;
  level?: string;
  at?: string;
  actor?: string;
  action?: string;
  result?: string;
  from?: string;
  to?: string;
  role?: string;
  state?: string;
  user?: string;
  /** What is asked for in the simulator: a kind of thing, and its name. */
  on?: string;
  resource?: string;
  /** Why a login at an identity provider failed. */
  error?: string;
  /** Why a linking did. */
  sso_error?: string;
  /** `1`: a dialog that makes something new is open. */
  new?: string;
  request?: string;
  /** In a cluster's resources: the namespace, the labels that are asked for, the object that is open (`NAMESPACE/NAME`), what of it. */
  ns?: string;
  label?: string;
  object?: string;
  view?: string;
  /** `1`: the object fills the view. */
  full?: string;
  /** A pod's container, and `1`: its log before the last restart. */
  container?: string;
  previous?: string;
  /** The recording that is played. */
  recording?: string;
}

const KEYS: readonly (keyof Search)[] = [
  "join",
  "next",
  "ended",
  "q",
  "status",
  "kind",
  "tag",
  "version",
  "seen",
  "sort",
  "agent",
  "tab",
  "range",
  "level",
  "at",
  "actor",
  "action",
  "result",
  "from",
  "to",
  "role",
  "state",
  "user",
  "on",
  "resource",
  "error",
  "sso_error",
  "new",
  "request",
  "ns",
  "label",
  "object",
  "view",
  "full",
  "container",
  "previous",
  "recording",
];

export function searchParse(text: string): Search {
  const found: Search = {};
  const params = new URLSearchParams(text);
  for (const key of KEYS) {
    const value = params.get(key);
    if (value) found[key] = value;
  }
  return found;
}

export function searchText(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  // Commas, colons and slashes are allowed in a query and read better as they are.
  const text = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/** Where to go after a login: only a path of this page, never another site. */
export function safeNext(next: string | undefined): string {
  if (!next || !/^\/(?![/\\])/.test(next) || isPublicPath(next)) return "/";
  return next;
}

/** Whether a path is one of the views that need no login. */
export function isPublicPath(path: string): boolean {
  return /^\/(login|setup|forgot|reset|invite|verify)([/?#]|$)/.test(path);
}
