// Recorded terminals (asciicast v2): a head, then what came when. Parsed here, and told what to show at a moment.

export interface CastEvent {
  /** Seconds since the beginning. */
  at: number;
  kind: "o" | "i" | "r" | "m";
  data: string;
}

export interface Cast {
  columns: number;
  rows: number;
  /** When it was recorded, in milliseconds. */
  began: number | null;
  events: readonly CastEvent[];
  /** Seconds. */
  length: number;
}

/** Reads a recording. Lines that are none are left out: one that is still being written may end within a line. */
export function castParse(text: string): Cast {
  const [first = "", ...rest] = text.split("\n");
  let head: { version?: number; width?: number; height?: number; timestamp?: number };
  try {
    head = JSON.parse(first);
  } catch {
    throw new Error("This is no recording: its first line cannot be read.");
  }
  if (head.version !== 2 || !head.width || !head.height) throw new Error("This is a recording of a kind that cannot be played here.");
  const events: CastEvent[] = [];
  for (const line of rest) {
    if (line === "") continue;
    try {
      const [at, kind, data] = JSON.parse(line) as [number, CastEvent["kind"], string];
      if (Number.isFinite(at) && typeof data === "string") events.push({ at: Math.max(at, events.at(-1)?.at ?? 0), kind, data });
    } catch {
      // The last line of a recording that was broken off.
    }
  }
  const began = head.timestamp ? head.timestamp * 1000 : null;
  return { columns: head.width, rows: head.height, began, events, length: events.at(-1)?.at ?? 0 };
}

/** The same recording with no pause longer than `most` seconds. */
export function castShorten(cast: Cast, most: number | null): Cast {
  if (most === null) return cast;
  let saved = 0;
  let last = 0;
  const events = cast.events.map((event) => {
    saved += Math.max(0, event.at - last - most);
    last = event.at;
    return { ...event, at: event.at - saved };
  });
  return { ...cast, events, length: events.at(-1)?.at ?? 0 };
}

/** The size `120x40` of a resize, or null. */
export function castSize(data: string): [number, number] | null {
  const found = /^(\d+)x(\d+)$/.exec(data);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/** Where a recording is played to. */
export interface CastScreen {
  reset: (columns: number, rows: number) => void;
  write: (data: string) => void;
  resize: (columns: number, rows: number) => void;
}

/** Moves through a recording; whoever plays it says how far. */
export class CastPlayer {
  private place = 0;
  private at = 0;
  private readonly cast: Cast;
  private readonly screen: CastScreen;

  constructor(cast: Cast, screen: CastScreen) {
    this.cast = cast;
    this.screen = screen;
    screen.reset(cast.columns, cast.rows);
  }

  /** The moment that is shown, in seconds. */
  get now(): number {
    return this.at;
  }

  /** Shows the moment `at`. Going back begins anew, for a terminal cannot be undone. */
  show(at: number): void {
    if (at < this.at) {
      this.place = 0;
      this.screen.reset(this.cast.columns, this.cast.rows);
    }
    let text = "";
    const events = this.cast.events;
    for (let event = events[this.place]; event && event.at <= at; event = events[this.place]) {
      this.place += 1;
      if (event.kind === "o") text += event.data;
      const size = event.kind === "r" ? castSize(event.data) : null;
      if (!size) continue;
      this.screen.write(text);
      text = "";
      this.screen.resize(...size);
    }
    if (text) this.screen.write(text);
    this.at = Math.min(Math.max(at, 0), this.cast.length);
  }
}
