// What a log view shows and how it gets there: following live, paused while somebody reads, or looking at an earlier time. Lines that come
// in between two frames of the screen are taken in together, so that ten thousand a second cost one render a frame.

import { jitter } from "../../api/live";
import { logFollow, logLines } from "../../api/log-stream";
import type { LogLevel, LogLine } from "../../api/types";
import { LogBuffer } from "./buffer";

const TAIL = 500;
/** After a loss more is asked for, so that a short one leaves no gap. */
const TAIL_AGAIN = 5_000;
const PAGE = 1_000;

export interface LogFilter {
  level?: LogLevel | undefined;
  q?: string | undefined;
}

/** `history`: an earlier time is shown and nothing is followed. */
export type LogMode = "follow" | "paused" | "history";

export interface LogState {
  mode: LogMode;
  phase: "loading" | "open" | "waiting" | "failed";
  error: Error | null;
  length: number;
  /** Lines that came while paused. */
  held: number;
  /** Whether older lines may exist. */
  older: boolean;
  loadingOlder: boolean;
  /** Grows with each change, so that a view renders again. */
  version: number;
}

/** What the feed needs of its surroundings; tests pass their own. */
export interface LogDeps {
  follow: typeof logFollow;
  lines: typeof logLines;
  /** Runs the work before the next frame. */
  frame: (work: () => void) => void;
  random: () => number;
  /** Older lines cannot be had. */
  noPast?: boolean;
}

export const BROWSER: LogDeps = {
  follow: logFollow,
  lines: logLines,
  // A hidden page gets no frames; then once a second is enough.
  frame: (work) => void (document.visibilityState === "visible" ? requestAnimationFrame(work) : setTimeout(work, 1_000)),
  random: Math.random,
};

export class LogFeed {
  readonly buffer: LogBuffer;
  private readonly base: string;
  private readonly filter: LogFilter;
  private readonly deps: LogDeps;
  private incoming: LogLine[] = [];
  private readonly held: LogBuffer;
  private framed = false;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private state: LogState = {
    mode: "follow",
    phase: "loading",
    error: null,
    length: 0,
    held: 0,
    older: false,
    loadingOlder: false,
    version: 0,
  };
  private readonly watchers = new Set<() => void>();

  constructor(base: string, filter: LogFilter, deps: LogDeps = BROWSER, most?: number) {
    this.base = base;
    this.filter = filter;
    this.deps = deps;
    this.buffer = new LogBuffer(most);
    this.held = new LogBuffer(most);
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): LogState => this.state;

  private set(change: Partial<LogState>): void {
    this.state = { ...this.state, ...change, length: this.buffer.length, held: this.held.length, version: this.state.version + 1 };
    for (const watcher of this.watchers) watcher();
  }

  private asked(): { level?: LogLevel; q?: string } {
    return { ...(this.filter.level ? { level: this.filter.level } : {}), ...(this.filter.q ? { q: this.filter.q } : {}) };
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  /** Follows from the newest lines, forgetting what is shown. */
  start(): void {
    this.stop();
    this.buffer.clear();
    this.held.clear();
    this.incoming = [];
    this.failures = 0;
    this.set({ mode: "follow", phase: "loading", error: null, older: !this.deps.noPast });
    void this.run(TAIL);
  }

  private async run(tail: number): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    try {
      await this.deps.follow(
        this.base,
        { lines: tail, ...this.asked() },
        abort.signal,
        () => this.set({ phase: "open", error: null }),
        (lines) => {
          this.failures = 0;
          this.take(lines);
        },
      );
      if (!abort.signal.aborted) this.again(null);
    } catch (error) {
      if (!abort.signal.aborted) this.again(error as Error);
    }
  }

  private again(error: Error | null): void {
    const fatal =
      error !== null && "status" in error && Number(error.status) >= 400 && Number(error.status) < 500 && Number(error.status) !== 429;
    this.set({ phase: fatal ? "failed" : "waiting", error });
    if (fatal) return;
    this.timer = setTimeout(() => void this.run(TAIL_AGAIN), jitter(this.failures++, this.deps.random));
  }

  private take(lines: LogLine[]): void {
    this.incoming.push(...lines);
    if (this.framed) return;
    this.framed = true;
    this.deps.frame(() => {
      this.framed = false;
      const all = this.incoming;
      this.incoming = [];
      if (this.state.mode === "history" || all.length === 0) return;
      if (this.state.mode === "paused") {
        const last = this.buffer.last?.seq ?? -1;
        this.held.push(all.filter((line) => line.seq > last));
      } else this.buffer.push(all);
      this.set({});
    });
  }

  /** Stops what is shown from moving; new lines wait. */
  pause(): void {
    if (this.state.mode === "follow") this.set({ mode: "paused" });
  }

  /** Shows what waited and follows again. */
  resume(): void {
    if (this.state.mode === "history") {
      this.start();
      return;
    }
    const waited: LogLine[] = [];
    for (let place = 0; place < this.held.length; place += 1) {
      const line = this.held.get(place);
      if (line) waited.push(line);
    }
    this.held.clear();
    this.buffer.push(waited);
    this.set({ mode: "follow" });
  }

  /** Reads older lines into the front. Returns how many came. */
  async loadOlder(): Promise<number> {
    const first = this.buffer.first;
    if (this.state.loadingOlder || !this.state.older || !first || this.buffer.full) return 0;
    this.set({ loadingOlder: true });
    try {
      const page = await this.deps.lines(this.base, { lines: PAGE, before: first.seq, ...this.asked() }, this.abort.signal);
      const came = this.buffer.prepend(page.items);
      this.set({ loadingOlder: false, older: page.more });
      return came;
    } catch (error) {
      this.set({ loadingOlder: false, error: error as Error });
      return 0;
    }
  }

  /** Shows the lines around a moment. Returns the `seq` of the first line that is not older, or null when there is none. */
  async jump(at: number): Promise<number | null> {
    this.stop();
    const abort = new AbortController();
    this.abort = abort;
    this.buffer.clear();
    this.held.clear();
    this.incoming = [];
    this.set({ mode: "history", phase: "loading", error: null, older: true });
    try {
      const seq = await this.findTime(at, abort.signal);
      const page = await this.deps.lines(this.base, { lines: PAGE, before: seq + PAGE / 2, ...this.asked() }, abort.signal);
      this.buffer.push(page.items);
      this.set({ phase: "open", older: page.more });
      return seq;
    } catch (error) {
      if (!abort.signal.aborted) this.set({ phase: "failed", error: error as Error });
      return null;
    }
  }

  /** The smallest place in the log that is not older than `at`, by halving: some twenty small questions for a week of lines. */
  private async findTime(at: number, signal: AbortSignal): Promise<number> {
    const newest = (await this.deps.lines(this.base, { lines: 1 }, signal)).items.at(-1);
    if (!newest || Date.parse(newest.at) < at) return (newest?.seq ?? 0) + 1;
    let low = 0;
    let high = newest.seq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const line = (await this.deps.lines(this.base, { lines: 1, before: middle + 1 }, signal)).items.at(-1);
      if (!line || Date.parse(line.at) < at) low = middle + 1;
      else high = Math.min(high - 1, line.seq);
    }
    return low;
  }

  /** While an earlier time is shown: reads the lines after it; at the end of the log it follows again. */
  async loadNewer(): Promise<void> {
    const last = this.buffer.last;
    if (this.state.mode !== "history" || this.state.loadingOlder || !last) return;
    this.set({ loadingOlder: true });
    try {
      const newest = (await this.deps.lines(this.base, { lines: 1, ...this.asked() }, this.abort.signal)).items.at(-1);
      if (newest && newest.seq > last.seq) this.buffer.push(await this.after(last.seq, newest.seq));
      this.set({ loadingOlder: false });
    } catch (error) {
      this.set({ loadingOlder: false, error: error as Error });
    }
  }

  /** The next lines after `seq`. The server reads backwards from a place, so the place is moved until it is neither empty nor too full. */
  private async after(seq: number, newest: number): Promise<LogLine[]> {
    let step = PAGE;
    for (;;) {
      const page = await this.deps.lines(
        this.base,
        { lines: PAGE, before: Math.min(seq + step, newest) + 1, ...this.asked() },
        this.abort.signal,
      );
      const lines = page.items.filter((line) => line.seq > seq);
      if (lines.length === 0 && seq + step < newest) step *= 4;
      else if (lines.length < PAGE || step <= PAGE) return lines;
      else step = Math.floor(step / 2);
    }
  }
}
