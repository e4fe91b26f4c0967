// What was run on the console of each cluster, while the page is open. Leaving the view ends nothing; its output is here on coming back.
import { create } from "zustand";
import { type ExecPiece, kubectlRun } from "./exec";

/** Of one command that much is kept, the newest. */
const KEEP = 512 * 1024;
const RUNS_MOST = 50;

export interface Run {
  id: number;
  line: string;
  /** Pieces in the order they came, joined where they are of one stream. */
  output: readonly { key: number; stream: "stdout" | "stderr"; text: string }[];
  cut: boolean;
  began: number;
  took: number | null;
  code: number | null;
  /** Why it did not run to its end. */
  error: Error | null;
}

interface Console {
  runs: readonly Run[];
  history: readonly string[];
}

const EMPTY: Console = { runs: [], history: [] };
const useStore = create<Record<string, Console>>(() => ({}));
const aborts = new Map<number, AbortController>();
let last = 0;
let keys = 0;

export function useConsole(cluster: string): Console {
  return useStore((all) => all[cluster] ?? EMPTY);
}

function set(cluster: string, change: (now: Console) => Console): void {
  useStore.setState((all) => ({ [cluster]: change(all[cluster] ?? EMPTY) }));
}

function setRun(cluster: string, id: number, change: (run: Run) => Run): void {
  set(cluster, (now) => ({ ...now, runs: now.runs.map((run) => (run.id === id ? change(run) : run)) }));
}

/** The run with more of its output; past the bound the oldest is forgotten. */
export function withPieces(run: Run, pieces: readonly ExecPiece[]): Run {
  const output = [...run.output];
  const next = { ...run };
  for (const piece of pieces) {
    if ("exit_code" in piece) next.code = piece.exit_code;
    else if ("error" in piece) next.error = new Error(piece.error);
    else {
      const end = output.at(-1);
      if (end && end.stream === piece.stream && end.text.length < 64 * 1024)
        output[output.length - 1] = { ...end, text: end.text + piece.data };
      else {
        keys += 1;
        output.push({ key: keys, stream: piece.stream, text: piece.data });
      }
    }
  }
  let size = output.reduce((sum, each) => sum + each.text.length, 0);
  while (size > KEEP && output.length > 1) {
    size -= output.shift()?.text.length ?? 0;
    next.cut = true;
  }
  return { ...next, output };
}

export function consoleRun(cluster: string, line: string, words: readonly string[]): void {
  last += 1;
  const id = last;
  const began = Date.now();
  const run: Run = { id, line, output: [], cut: false, began, took: null, code: null, error: null };
  set(cluster, ({ runs, history }) => ({
    runs: [...runs, run].slice(-RUNS_MOST),
    history: [...history.filter((each) => each !== line), line].slice(-200),
  }));
  const abort = new AbortController();
  aborts.set(id, abort);
  kubectlRun(cluster, words, abort.signal, (pieces) => setRun(cluster, id, (now) => withPieces(now, pieces)))
    .catch((error: unknown) => {
      const why = abort.signal.aborted ? new Error("Cancelled.") : (error as Error);
      setRun(cluster, id, (now) => ({ ...now, error: why }));
    })
    .finally(() => {
      aborts.delete(id);
      setRun(cluster, id, (now) => ({
        ...now,
        took: Date.now() - began,
        error: now.error ?? (now.code === null ? new Error("The connection ended before the command did.") : null),
      }));
    });
}

export function consoleCancel(id: number): void {
  aborts.get(id)?.abort();
}

export function consoleClear(cluster: string): void {
  set(cluster, (now) => ({ ...now, runs: now.runs.filter((run) => run.took === null) }));
}

/** At logout: what was read belongs to who has gone. */
export function consolesForget(): void {
  for (const abort of aborts.values()) abort.abort();
  useStore.setState({}, true);
}
