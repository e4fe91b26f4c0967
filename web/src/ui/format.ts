// Numbers and spans of time as people read them. Sizes are binary, as the tools of a machine show them.

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** `1.1 GB`; three figures at most. */
export function bytes(value: number): string {
  let unit = 0;
  let left = Math.abs(value);
  while (left >= 999.5 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  const text = left >= 99.5 || unit === 0 ? left.toFixed(0) : left >= 9.95 ? left.toFixed(1).replace(/\.0$/, "") : left.toFixed(1);
  return `${value < 0 ? "-" : ""}${text} ${UNITS[unit]}`;
}

/** `23 %`; below ten one decimal when it says something. */
export function percent(value: number): string {
  if (value > 0 && value < 0.95) return `${value.toFixed(1)} %`;
  return `${Math.round(value)} %`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 agent`, `3 agents`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A value in its metric's unit. */
export function measure(value: number, unit: string): string {
  if (unit === "%") return percent(value);
  if (unit === "B") return bytes(value);
  if (unit === "B/s") return `${bytes(value)}/s`;
  if (unit === "s") return span(value * 1000);
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
  return `${Number(text)}${unit ? ` ${unit}` : ""}`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its largest unit: `4 s`, `12 min`, `3 h`, `6 d`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / 1000)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min`;
  if (left < 2 * DAY) return `${Math.floor(left / HOUR)} h`;
  return `${count(Math.floor(left / DAY))} d`;
}

/** A span in its two largest units: `6 d 4 h`. */
export function spanLong(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / 1000)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min ${Math.floor((left % MINUTE) / 1000)} s`;
  if (left < DAY) return `${Math.floor(left / HOUR)} h ${Math.floor((left % HOUR) / MINUTE)} min`;
  return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
}

/** How long something took: `340 ms`, `4.2 s`, `2 min 3 s`. */
export function took(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return spanLong(ms);
}

/** A span that is still to come, rounded: what was given for 8 hours a minute ago ends in `8 h`. */
function spanAhead(ms: number): string {
  const half = ms < MINUTE - 500 ? 500 : ms < HOUR - MINUTE / 2 ? MINUTE / 2 : ms < 2 * DAY - HOUR / 2 ? HOUR / 2 : DAY / 2;
  return span(ms + half);
}

/** How long ago, or in how long: `now`, `12 min ago`, `in 6 d`. */
export function ago(at: number, now: number): string {
  const past = now - at;
  if (Math.abs(past) < 1_500) return "now";
  return past > 0 ? `${span(past)} ago` : `in ${spanAhead(-past)}`;
}
