// A live terminal: a screen with a session at its other end, a guard before several lines are pasted, and a way back when it has ended.
import { RotateCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Ending } from "../../api/kube/channels";
import { type Program, Session } from "../../api/kube/session";
import { Button } from "../button";
import { Confirm } from "../confirm";
import { cx } from "../cx";
import { plural } from "../format";
import { Mark } from "../status";
import { type Screen, screenOpen } from "./screen";

type Phase = { at: "connecting" } | { at: "open" } | { at: "ended"; how: Ending | null };

function endWords(how: Ending | null): string {
  if (how === null) return "The connection was lost. What ran there may still run.";
  if (how.code === 0) return "Ended.";
  if (how.code !== null) return `Ended with exit code ${how.code}.`;
  return how.text;
}

interface Props {
  program: Program;
  title: string;
  shown: boolean;
}

export function ShellPane({ program, title, shown }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen | null>(null);
  const session = useRef<Session | null>(null);
  const [phase, setPhase] = useState<Phase>({ at: "connecting" });
  const [round, setRound] = useState(0);
  const [paste, setPaste] = useState<string | null>(null);

  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const made = screenOpen(parent, { label: `Terminal ${title}` });
    screen.current = made;
    made.fit();
    const { term } = made;
    const typed = term.onData((text) => session.current?.send(text));
    const sized = term.onResize(({ cols, rows }) => session.current?.resize(cols, rows));
    term.attachCustomKeyEventHandler((event) => {
      // Ctrl+C stays the shell's; with Shift it copies, as terminals do.
      if (event.type === "keydown" && event.ctrlKey && event.shiftKey && event.code === "KeyC") {
        event.preventDefault();
        if (term.hasSelection()) void navigator.clipboard.writeText(term.getSelection()).catch(() => undefined);
        return false;
      }
      // The browser pastes; the guard below hears of it.
      return !(event.ctrlKey && event.shiftKey && event.code === "KeyV");
    });
    const guard = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!/[\r\n]./s.test(text)) return;
      event.preventDefault();
      event.stopPropagation();
      setPaste(text);
    };
    parent.addEventListener("paste", guard, true);
    const observer = new ResizeObserver(() => made.fit());
    observer.observe(parent);
    return () => {
      observer.disconnect();
      parent.removeEventListener("paste", guard, true);
      typed.dispose();
      sized.dispose();
      made.dispose();
      screen.current = null;
    };
  }, [title]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each round is a session of its own
  useEffect(() => {
    const term = screen.current?.term;
    if (!term) return;
    setPhase({ at: "connecting" });
    const opened = new Session(program, term.cols, term.rows, {
      onOpen: () => setPhase({ at: "open" }),
      onData: (data) => term.write(data),
      onEnd: (how) => setPhase({ at: "ended", how }),
    });
    session.current = opened;
    return () => {
      opened.close();
      session.current = null;
    };
  }, [program, round]);

  useEffect(() => {
    if (!shown) return;
    screen.current?.fit();
    screen.current?.term.focus();
  }, [shown]);

  const ended = phase.at === "ended" ? phase.how : undefined;
  return (
    <div className={cx("flex min-h-0 flex-1 flex-col", !shown && "hidden")}>
      <div className="flex min-h-0 flex-1 bg-panel pt-2 pl-3">
        {/* What is measured has no padding of its own. */}
        <div ref={host} className="min-h-0 min-w-0 flex-1 overflow-hidden" />
      </div>
      {phase.at !== "open" && (
        <div role="status" className="flex min-h-9 shrink-0 items-center gap-2.5 border-line border-t px-3 py-1 text-ink2 text-xs">
          {phase.at === "connecting" ? (
            <>
              <Mark tone="busy" /> Connecting…
            </>
          ) : (
            <>
              <span className={ended && ended.code === 0 ? "text-idle" : "text-warn"}>
                <Mark tone={ended && ended.code === 0 ? "idle" : "warn"} />
              </span>
              <span className="min-w-0 flex-1 break-words">{endWords(ended ?? null)}</span>
              <Button
                size="sm"
                icon={<RotateCw size={13} aria-hidden />}
                onClick={() => {
                  setRound(round + 1);
                  screen.current?.term.focus();
                }}
              >
                Start again
              </Button>
            </>
          )}
        </div>
      )}
      {paste !== null && (
        <Confirm
          title={`Paste ${plural(paste.trimEnd().split(/\r\n|\r|\n/).length, "line")}?`}
          verb="Paste"
          calm
          onGo={async () => screen.current?.term.paste(paste)}
          onClose={() => {
            setPaste(null);
            screen.current?.term.focus();
          }}
        >
          <p>A shell runs each line as soon as it is pasted.</p>
          <pre className="mt-2 max-h-48 overflow-auto rounded-lg border border-line bg-bg p-2.5 font-mono text-ink text-xs">
            {paste.slice(0, 4_000)}
          </pre>
        </Confirm>
      )}
    </div>
  );
}
