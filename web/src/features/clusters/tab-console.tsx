// kubectl without a shell: a line becomes a list of words, the cluster's agent runs kubectl with them as the person who asks, and the output
// comes as it is written.
import { useQuery } from "@tanstack/react-query";
import { CircleStop, Eraser } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { consoleCancel, consoleClear, consoleRun, type Run, useConsole } from "../../api/kube/console";
import { errorText } from "../../api/problem";
import { terminalOpen } from "../../api/terminals";
import type { Cluster } from "../../api/types";
import { Button } from "../../ui/button";
import { cx } from "../../ui/cx";
import { took } from "../../ui/format";
import { plainText } from "../../ui/log/text";
import { Mark } from "../../ui/status";
import { complete } from "./complete";
import { kubectlWords, wantsTerminal } from "./quote";
import { kindsQuery } from "./use-list";

const EXAMPLES = ["get pods -A", "get nodes -o wide", "describe deployment", "top pods", "api-resources"];

export function TabConsole({ cluster }: { cluster: Cluster }) {
  const { runs } = useConsole(cluster.name);
  const scroller = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const atEnd = useRef(true);
  useEffect(() => input.current?.focus(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of output moves the end
  useLayoutEffect(() => {
    if (atEnd.current && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [runs]);
  return (
    <section aria-label="kubectl" className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-panel">
      <div
        ref={scroller}
        role="log"
        aria-label="Output of kubectl"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
        className="min-h-0 flex-1 overflow-auto px-4 py-3 focus-visible:outline-offset-[-2px]"
      >
        {runs.length === 0 && <Welcome cluster={cluster} onPick={(line) => input.current && put(input.current, line)} />}
        {runs.map((run) => (
          <RunView key={run.id} run={run} />
        ))}
      </div>
      <Prompt cluster={cluster} input={input} />
    </section>
  );
}

/** Puts a line into the prompt as if it were typed. */
function put(input: HTMLInputElement, line: string): void {
  input.focus();
  input.select();
  document.execCommand("insertText", false, line);
}

function Welcome({ cluster, onPick }: { cluster: Cluster; onPick: (line: string) => void }) {
  return (
    <div className="max-w-xl">
      <h2 className="font-semibold">kubectl in {cluster.name}</h2>
      <p className="mt-1 text-ink2">
        Runs beside the cluster, as you: your roles decide, and every command is in the audit trail. There is no shell around it, so no
        pipes and no files. ↑ brings earlier lines back, Tab completes.
      </p>
      <div className="mt-3 flex flex-wrap gap-1.5">
        {EXAMPLES.map((line) => (
          <button
            key={line}
            type="button"
            onClick={() => onPick(line)}
            className="h-7 rounded-full border border-line px-3 font-mono text-xs text-ink2 hover:border-edge hover:text-ink max-md:h-9"
          >
            {line}
          </button>
        ))}
      </div>
    </div>
  );
}

function RunView({ run }: { run: Run }) {
  const failed = run.error !== null || (run.code !== null && run.code !== 0);
  return (
    <article aria-label={`kubectl ${run.line}`} className="mb-4 font-mono text-xs leading-5 last:mb-0">
      <header className="flex items-start gap-2">
        <span aria-hidden="true" className="select-none text-accent">
          $
        </span>
        <span className="min-w-0 flex-1 whitespace-pre-wrap font-semibold [overflow-wrap:anywhere]">kubectl {run.line}</span>
        <span className="flex shrink-0 items-center gap-2 font-sans text-ink3">
          {run.took === null ? (
            <>
              <Mark tone="busy" size={11} />
              <Button size="sm" look="ghost" icon={<CircleStop size={13} aria-hidden />} onClick={() => consoleCancel(run.id)}>
                Cancel
              </Button>
            </>
          ) : (
            <>
              {run.code !== null && (
                <span className={cx("inline-flex items-center gap-1.5", failed ? "text-bad" : "text-ink3")}>
                  <Mark tone={failed ? "bad" : "ok"} size={9} />
                  exit code {run.code}
                </span>
              )}
              {took(run.took)}
            </>
          )}
        </span>
      </header>
      {run.cut && <div className="text-ink3">… the beginning is no longer kept</div>}
      <div className="overflow-x-auto">
        {run.output.map((piece) => (
          <pre key={piece.key} className={cx("whitespace-pre", piece.stream === "stderr" && "text-warn")}>
            {plainText(piece.text.replace(/\n$/, ""))}
          </pre>
        ))}
      </div>
      {run.error && <div className="font-sans text-bad text-sm first-letter:uppercase">{errorText(run.error)}</div>}
    </article>
  );
}

function Prompt({ cluster, input }: { cluster: Cluster; input: RefObject<HTMLInputElement | null> }) {
  const { runs, history } = useConsole(cluster.name);
  const { data: kinds } = useQuery(kindsQuery(cluster.name));
  const [asked, setAsked] = useState(false);
  const [line, setLine] = useState("");
  const [back, setBack] = useState(0);
  const [wrong, setWrong] = useState<string | null>(null);
  // Tab pressed before the kinds have come is answered when they have.
  useEffect(() => {
    if (!asked || !kinds) return;
    setAsked(false);
    setLine((typed) => complete(typed, kinds) ?? typed);
  }, [asked, kinds]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { words, error } = kubectlWords(line);
    if (words === null) {
      setWrong(error);
      return;
    }
    if (words.length === 0) return;
    if (wantsTerminal(words)) terminalOpen({ kind: "kubectl", cluster: cluster.name, command: words });
    else consoleRun(cluster.name, line.trim().replace(/^(kubectl|k)\s+/, ""), words);
    setLine("");
    setBack(0);
    setWrong(null);
  };
  const recall = (to: number) => {
    const place = Math.min(Math.max(to, 0), history.length);
    setBack(place);
    setLine(place === 0 ? "" : (history.at(-place) ?? ""));
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    const running = runs.findLast((run) => run.took === null);
    if (event.key === "ArrowUp") recall(back + 1);
    else if (event.key === "ArrowDown" && back > 0) recall(back - 1);
    else if (event.key === "Tab" && !event.shiftKey) {
      if (kinds) {
        const next = complete(line, kinds);
        if (next === null) return;
        setLine(next);
      } else if (line) setAsked(true);
      else return;
    } else if (event.ctrlKey && event.key === "c" && running && getSelection()?.isCollapsed !== false) consoleCancel(running.id);
    else if (event.ctrlKey && event.key === "l") consoleClear(cluster.name);
    else return;
    event.preventDefault();
  };
  return (
    <form onSubmit={submit} className="shrink-0 border-line border-t bg-bg">
      {wrong && (
        <div role="alert" id="console-wrong" className="px-4 pt-2 text-bad text-xs">
          {wrong}
        </div>
      )}
      <div className="flex items-center gap-2 px-4 py-2 font-mono text-sm focus-within:shadow-[inset_0_2px_0_var(--accent)]">
        <label htmlFor="console-line" className="select-none text-accent">
          kubectl
        </label>
        <input
          ref={input}
          id="console-line"
          value={line}
          onChange={(event) => {
            setLine(event.target.value);
            setAsked(false);
            setWrong(null);
          }}
          onKeyDown={keys}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? "console-wrong" : undefined}
          placeholder="get pods -n default"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          className="h-8 min-w-0 flex-1 bg-transparent outline-none focus-visible:outline-none max-md:h-10 max-md:text-base"
        />
        <Button type="submit" size="sm" look="primary" reason={line.trim() === "" ? "Write a command first." : null} className="font-sans">
          Run
        </Button>
        <Button
          size="sm"
          look="ghost"
          aria-label="Clear the output"
          title="Clear the output (Ctrl L)"
          icon={<Eraser size={14} aria-hidden />}
          onClick={() => consoleClear(cluster.name)}
        />
      </div>
    </form>
  );
}
