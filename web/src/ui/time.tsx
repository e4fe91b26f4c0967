// Times: relative in the text, exact on hover, in the user's time zone. One ticker serves the whole page, and a text renders again only
// when its words change.
import { useSyncExternalStore } from "react";
import { ago, span, spanLong } from "./format";

const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of watchers) each();
    }, 1000);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function current(): number {
  const fresh = Date.now();
  // Between ticks a time just received may lie ahead of the ticker; a second is never worth saying "in 1 s".
  if (fresh - now > 1000) now = fresh;
  return now;
}

let zone: string | undefined;
let formats = makeFormats();

function makeFormats() {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone } as const;
  return {
    exact: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long", timeZone: zone }),
    clock: new Intl.DateTimeFormat("en-GB", { ...parts, fractionalSecondDigits: 3 }),
    dayClock: new Intl.DateTimeFormat("en-GB", { ...parts, month: "short", day: "numeric" }),
  };
}

/** The zone in which times are written; empty or unknown: the browser's. */
export function timeZoneSet(name: string): void {
  const before = zone;
  try {
    zone = name ? new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone : undefined;
  } catch {
    zone = undefined;
  }
  if (zone !== before) formats = makeFormats();
}

export function exact(at: string | number): string {
  return formats.exact.format(new Date(at));
}

/** `05:31:07.123`. */
export function clock(at: string | number): string {
  return formats.clock.format(new Date(at));
}

/** `22 Nov, 05:31:07`. */
export function dayClock(at: string | number): string {
  return formats.dayClock.format(new Date(at));
}

interface AgoProps {
  at: string;
  /** `ago` says "12 min ago", `for` says "12 min", `long` says "2 h 12 min". */
  as?: "ago" | "for" | "long";
  className?: string;
}

export function Ago({ at, as = "ago", className }: AgoProps) {
  const ms = Date.parse(at);
  const text = useSyncExternalStore(subscribe, () => {
    const moment = current();
    if (as === "ago") return ago(Math.min(ms, ms > moment + 5_000 ? ms : moment), moment);
    return as === "for" ? span(moment - ms) : spanLong(moment - ms);
  });
  return (
    <time dateTime={at} title={exact(at)} className={className}>
      {text}
    </time>
  );
}

/** Seconds left until a moment, never below zero; for countdowns. */
export function useSecondsUntil(at: number | null): number {
  return useSyncExternalStore(subscribe, () => (at === null ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000))));
}

/** The present to the second, for the few views that compute with it. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(subscribe, () => Math.floor(current() / stepMs) * stepMs);
}
