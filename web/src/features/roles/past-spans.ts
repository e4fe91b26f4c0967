// How far back the simulator looks.
const DAY = 86_400_000;

export const PAST_SPANS = [
  ["1d", "The last day"],
  ["7d", "The last 7 days"],
  ["30d", "The last 30 days"],
  ["90d", "The last 90 days"],
] as const;

export function pastFrom(span: string): string {
  return new Date(Date.now() - Number.parseInt(span, 10) * DAY).toISOString();
}
