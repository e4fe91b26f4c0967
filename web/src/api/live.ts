// The one live feed: a WebSocket whose events patch the stores. It resumes where it stopped (`since=EPOCH:SEQ`), says when it could not
// (then everything is read anew), and comes back after a loss with full-jitter waiting that never gives up.

export type EventKind =
  | "agent_changed"
  | "agent_removed"
  | "agent_stats"
  | "command_changed"
  | "audit_appended"
  | "cluster_changed"
  | "cluster_removed"
  | "join_token_changed"
  | "user_changed"
  | "role_changed"
  | "access_request_changed";

export interface EventItem {
  seq: number;
  kind: EventKind;
  data: unknown;
}

type Frame = { type: "hello"; epoch: string; seq: number; resumed: boolean } | { type: "events"; seq: number; events: EventItem[] };

/** How the feed stands. `waiting`: lost, another try comes at `retryAt`. */
export interface LiveState {
  phase: "off" | "connecting" | "live" | "waiting";
  /** Since when it is live, or is not. */
  since: number;
  retryAt: number | null;
  /** Whether this page was ever live: before that a loss is a failed start, not a loss. */
  everLive: boolean;
}

/** What the feed needs of its surroundings; tests pass their own. */
export interface LiveDeps {
  open: (url: string) => WebSocket;
  url: () => string;
  random: () => number;
  now: () => number;
  /** Asked after a connection that never opened: true when trying again makes sense. */
  stillWelcome: () => Promise<boolean>;
}

/** With this code the server closes the feed of a session, or of an access token, that has ended. */
const SESSION_ENDED = 4401;
const WAIT_FIRST_MS = 500;
const WAIT_MOST_MS = 15_000;
/** Without any frame for this long the server is asked whether it is still there: browsers do not show WebSocket pings. */
export const QUIET_MS = 45_000;

type Handler = (items: EventItem[]) => void;

/** Wait before the try after `failures` failures: anything between nothing and a bound that doubles. */
export function jitter(failures: number, random: () => number): number {
  return random() * Math.min(WAIT_MOST_MS, WAIT_FIRST_MS * 2 ** Math.min(failures, 10));
}

export class Live {
  private readonly deps: LiveDeps;
  private socket: WebSocket | null = null;
  private place: { epoch: string; seq: number } | null = null;
  private failures = 0;
  private opened = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private state: LiveState = { phase: "off", since: 0, retryAt: null, everLive: false };
  private readonly watchers = new Set<() => void>();
  private readonly handlers = new Map<EventKind, Set<Handler>>();
  private readonly freshHandlers = new Set<() => void>();

  constructor(deps: LiveDeps) {
    this.deps = deps;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): LiveState => this.state;

  /** Calls `handler` with the events of one kind, a frame's worth at a time. */
  on(kind: EventKind, handler: Handler): () => void {
    const set = this.handlers.get(kind) ?? new Set();
    this.handlers.set(kind, set.add(handler));
    return () => set.delete(handler);
  }

  /** Calls `handler` when everything must be read anew: at the first connection, and after a gap that could not be filled. */
  onFresh(handler: () => void): () => void {
    this.freshHandlers.add(handler);
    return () => this.freshHandlers.delete(handler);
  }

  start(): void {
    if (this.state.phase === "off") this.connect();
  }

  /** Ends the feed and forgets its place, at logout. */
  stop(): void {
    this.drop();
    this.place = null;
    this.failures = 0;
    this.set({ phase: "off", retryAt: null, everLive: false });
  }

  /** Tries at once instead of waiting: the network came back or somebody looks at the page again. */
  nudge(): void {
    if (this.state.phase === "waiting") this.connect();
  }

  private set(change: Partial<LiveState>): void {
    const lost = (phase: LiveState["phase"]) => phase === "connecting" || phase === "waiting";
    const phase = change.phase ?? this.state.phase;
    // Each try in between is part of the same loss.
    const same = phase === this.state.phase || (lost(phase) && lost(this.state.phase));
    const since = same ? this.state.since : this.deps.now();
    this.state = { ...this.state, ...change, since };
    for (const watcher of this.watchers) watcher();
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private connect(): void {
    this.drop();
    this.set({ phase: "connecting", retryAt: null });
    this.opened = false;
    const since = this.place ? `?since=${encodeURIComponent(`${this.place.epoch}:${this.place.seq}`)}` : "";
    const socket = this.deps.open(this.deps.url() + since);
    this.socket = socket;
    socket.onopen = () => {
      this.opened = true;
    };
    socket.onmessage = (message) => {
      if (this.socket === socket) this.receive(String(message.data));
    };
    socket.onclose = (event) => {
      if (this.socket === socket) void this.lost(event.code === SESSION_ENDED);
    };
  }

  private receive(text: string): void {
    this.listenForSilence();
    const frame = JSON.parse(text) as Frame;
    if (frame.type === "hello") {
      this.failures = 0;
      this.place = { epoch: frame.epoch, seq: frame.seq };
      this.set({ phase: "live", everLive: true });
      if (!frame.resumed) for (const handler of this.freshHandlers) handler();
      return;
    }
    if (frame.type !== "events") return;
    const kinds = new Map<EventKind, EventItem[]>();
    for (const item of frame.events) {
      const same = kinds.get(item.kind);
      if (same) same.push(item);
      else kinds.set(item.kind, [item]);
    }
    for (const [kind, items] of kinds) for (const handler of this.handlers.get(kind) ?? []) handler(items);
    if (this.place) this.place.seq = frame.seq;
  }

  private listenForSilence(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.deps.stillWelcome().then(
        () => this.listenForSilence(),
        () => void this.lost(),
      );
    }, QUIET_MS);
  }

  /** `over`: the server said that the session has ended. It may only be the token, so it is asked at once; asking renews what can be renewed. */
  private async lost(over = false): Promise<void> {
    this.drop();
    const wait = over && this.failures === 0 ? 0 : jitter(this.failures, this.deps.random);
    this.failures += 1;
    this.set({ phase: "waiting", retryAt: this.deps.now() + wait });
    if ((over || !this.opened) && !(await this.deps.stillWelcome().catch(() => true))) return;
    // A nudge may have connected, or a logout stopped the feed, while the question was under way.
    if (this.state.phase !== "waiting" || this.socket) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), Math.max(0, (this.state.retryAt ?? 0) - this.deps.now()));
  }
}
