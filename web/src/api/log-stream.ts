// Reading a log: pages of lines, and lines as they are written (NDJSON over one long answer).
import { sessionFetch } from "./client";
import { problemOf } from "./problem";
import type { LogLevel, LogLine } from "./types";

/** Which lines: `before` is a line's `seq`, `since` an RFC 3339 time. */
export interface LogQuery {
  lines?: number;
  level?: LogLevel;
  q?: string;
  since?: string;
  before?: number;
}

/** The address of a log (`/api/v1/agents/ID/logs`, `/api/v1/logs`) with a query. */
export function logUrl(base: string, query: LogQuery, more: Record<string, string> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...query, ...more })) {
    if (value !== undefined && value !== "") search.set(key, String(value));
  }
  return `${base}?${search}`;
}

async function open(url: string, signal: AbortSignal): Promise<Response> {
  const response = await sessionFetch(new Request(new URL(url, location.origin), { signal, headers: { accept: "application/json" } }));
  if (!response.ok) throw problemOf(await response.json().catch(() => null), response);
  return response;
}

export async function logLines(base: string, query: LogQuery, signal: AbortSignal): Promise<{ items: LogLine[]; more: boolean }> {
  const response = await open(logUrl(base, query), signal);
  return (await response.json()) as { items: LogLine[]; more: boolean };
}

/** Splits a stream of text into whole lines. */
export class LineSplitter {
  private rest = "";

  push(text: string): string[] {
    const parts = (this.rest + text).split("\n");
    this.rest = parts.pop() ?? "";
    return parts.filter((part) => part !== "");
  }
}

/** Reads the last lines and then every new one until the signal ends it. Resolves when the server ends the stream. */
export async function logFollow(
  base: string,
  query: LogQuery,
  signal: AbortSignal,
  onOpen: () => void,
  onLines: (lines: LogLine[]) => void,
): Promise<void> {
  const response = await open(logUrl(base, query, { follow: "true" }), signal);
  onOpen();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const splitter = new LineSplitter();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = splitter.push(value).map((line) => JSON.parse(line) as LogLine);
    if (lines.length > 0) onLines(lines);
  }
}
