// Spans of time that people choose from, in seconds.

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** `8 hours`, `30 days`: the largest unit that divides it. */
export function durationWords(seconds: number): string {
  const say = (value: number, unit: string) => `${value} ${unit}${value === 1 ? "" : "s"}`;
  if (seconds % DAY === 0 && seconds >= DAY) return say(seconds / DAY, "day");
  if (seconds % HOUR === 0 && seconds >= HOUR) return say(seconds / HOUR, "hour");
  if (seconds >= 60) return say(Math.round(seconds / 60), "minute");
  return say(seconds, "second");
}

function options(seconds: readonly number[]): readonly (readonly [string, string])[] {
  return seconds.map((each) => [String(each), durationWords(each)] as const);
}

export const TOKEN_SPANS = options([DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY]);
export const INVITE_SPANS = options([DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY]);
export const ACCESS_SPANS = options([900, 1_800, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY]);
export const ASSIGNMENT_SPANS = [["", "No end"] as const, ...options([HOUR, 8 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY])];
