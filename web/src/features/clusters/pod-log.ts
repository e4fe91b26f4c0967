// The log of a container as the log view reads it. The API server has no places to come back to, so a line's place is its time in
// microseconds, moved on where two fall together; after a loss the lines since the last one are asked for again.
import { kubeFetch } from "../../api/kube/door";
import { objectPath } from "../../api/kube/paths";
import type { Ref } from "../../api/kube/types";
import { LineSplitter } from "../../api/log-stream";
import type { LogLevel, LogLine } from "../../api/types";
import { BROWSER, type LogDeps } from "../../ui/log/feed";

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };
/** As many as the view asks for at first. */
const LINES_FIRST = 500;

export interface LogWish {
  cluster: string;
  pod: Ref;
  container: string;
  /** The log of the run before the last restart. */
  previous: boolean;
}

const LEVEL = /\b(?:(trace)|(debug)|(warn(?:ing)?)|(error|fatal|panic|critical))\b/i;

/** How serious a line says it is, near its beginning. */
export function levelOf(text: string): LogLevel {
  // klog begins with the level's letter and the date: `E1122 19:31:07`.
  const letter = /^([IWEF])\d{4} /.exec(text)?.[1];
  if (letter) return letter === "I" ? "info" : letter === "W" ? "warn" : "error";
  const found = LEVEL.exec(text.slice(0, 120));
  if (!found) return "info";
  return found[1] ? "trace" : found[2] ? "debug" : found[3] ? "warn" : "error";
}

/** Microseconds of an RFC 3339 time with up to nine places; milliseconds are too coarse for a busy log. */
export function micros(at: string): number {
  const ms = Date.parse(at);
  const places = /\.(\d+)/.exec(at)?.[1] ?? "";
  return ms * 1000 + Number(places.padEnd(6, "0").slice(3, 6));
}

/** Makes lines of `TIME TEXT`, in growing places. */
export class PodLines {
  private last = 0;
  private readonly container: string;

  constructor(container: string) {
    this.container = container;
  }

  take(raw: string): LogLine {
    const space = raw.indexOf(" ");
    const at = space < 0 ? raw : raw.slice(0, space);
    const known = !Number.isNaN(Date.parse(at));
    const message = known ? raw.slice(space < 0 ? raw.length : space + 1) : raw;
    this.last = known ? Math.max(this.last + 1, micros(at)) : this.last + 1;
    return {
      seq: this.last,
      at: known ? at : new Date(this.last / 1000).toISOString(),
      level: levelOf(message),
      message,
      source: this.container,
    };
  }
}

/** A clean end is that of a container; when it is started again there is more to read. */
const AGAIN_MS = 5_000;

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}

/** The log view's source for one container. */
export function podLog({ cluster, pod, container, previous }: LogWish): LogDeps {
  const lines = new PodLines(container);
  let since: string | null = null;

  const read = async (
    tail: number,
    q: string | undefined,
    signal: AbortSignal,
    onOpen: () => void,
    onLines: (lines: LogLine[]) => void,
  ) => {
    const params = new URLSearchParams({ container, timestamps: "true" });
    params.set(previous ? "previous" : "follow", "true");
    if (since === null) params.set("tailLines", String(tail));
    else params.set("sinceTime", since);
    const response = await kubeFetch(cluster, `${objectPath(PODS, pod, "log")}?${params}`, { signal });
    onOpen();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    const splitter = new LineSplitter();
    const known = since;
    const find = q?.toLowerCase();
    for (;;) {
      const { done, value } = await reader.read();
      // Times are whole seconds in the question, so some lines come twice.
      const fresh = splitter.push(done ? "\n" : value).filter((line) => known === null || line.slice(0, line.indexOf(" ")) > known);
      const made = fresh.map((line) => lines.take(line));
      since = made.at(-1)?.at ?? since;
      const shown = find ? made.filter((line) => line.message.toLowerCase().includes(find)) : made;
      if (shown.length > 0) onLines(shown);
      if (done) return;
    }
  };

  return {
    ...BROWSER,
    noPast: true,
    follow: async (_base, { lines: tail = LINES_FIRST, q }, signal, onOpen, onLines) => {
      // The first reading of a view begins with the newest lines; one after a loss goes on where it was.
      if (tail <= LINES_FIRST) since = null;
      await read(tail, q, signal, onOpen, onLines);
      while (!signal.aborted) {
        await wait(previous ? 2 ** 30 : AGAIN_MS, signal);
        if (!signal.aborted) await read(tail, q, signal, onOpen, onLines);
      }
    },
    lines: async () => ({ items: [], more: false }),
  };
}
