// kubectl as the cluster's agent runs it: one command, its output as it comes, its exit code at the end.
import { sessionFetch } from "../client";
import { LineSplitter } from "../log-stream";
import { problemOf } from "../problem";

export type ExecPiece = { stream: "stdout" | "stderr"; data: string } | { exit_code: number } | { error: string };

/** Runs `command` (without the word kubectl) and tells each piece. Resolves at the end; the last piece says how it ended. */
export async function kubectlRun(
  cluster: string,
  command: readonly string[],
  signal: AbortSignal,
  onPieces: (pieces: ExecPiece[]) => void,
): Promise<void> {
  const url = new URL(`/api/v1/clusters/${encodeURIComponent(cluster)}/exec`, location.origin);
  const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
  const response = await sessionFetch(new Request(url, { method: "POST", headers, body: JSON.stringify({ command }), signal }));
  if (!response.ok) throw problemOf(await response.json().catch(() => null), response);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const splitter = new LineSplitter();
  for (;;) {
    const { done, value } = await reader.read();
    const lines = splitter.push(done ? "\n" : value);
    if (lines.length > 0) onPieces(lines.map((line) => JSON.parse(line) as ExecPiece));
    if (done) return;
  }
}
