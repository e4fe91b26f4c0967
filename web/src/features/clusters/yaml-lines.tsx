// YAML to read, with the names of its fields set off; and what an edit changes in it.
import { type ReactNode, useState } from "react";
import { cx } from "../../ui/cx";
import { count } from "../../ui/format";
import type { DiffLine } from "./diff";

/** Longer texts are shown in part at first: each line is an element. */
const LINES_FIRST = 2_000;

function Text({ line }: { line: string }) {
  const found = /^(\s*(?:- )*)([^\s:#"'][^:#]*|"[^"]*"):(?=\s|$)/.exec(line);
  if (!found) return <>{line === "" ? "\u200b" : line}</>;
  return (
    <>
      {found[1]}
      <span className="text-accent">{found[2]}</span>
      <span className="text-ink3">:</span>
      {line.slice(found[0].length)}
    </>
  );
}

function Frame({ label, children }: { label: string; children: ReactNode }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      role="region"
      aria-label={label}
      className="min-h-0 flex-1 overflow-auto rounded-lg border border-line bg-bg py-2 font-mono text-xs leading-5 focus-visible:outline-offset-[-2px]"
    >
      {children}
    </pre>
  );
}

export function YamlLines({ text, label }: { text: string; label: string }) {
  const [all, setAll] = useState(false);
  const lines = text.replace(/\n$/, "").split("\n");
  const shown = all ? lines : lines.slice(0, LINES_FIRST);
  return (
    <Frame label={label}>
      {shown.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={at} className="flex pr-3">
          <span aria-hidden="true" className="w-11 shrink-0 select-none pr-3 text-right text-ink3">
            {at + 1}
          </span>
          <code className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">
            <Text line={line} />
          </code>
        </div>
      ))}
      {shown.length < lines.length && (
        <button type="button" onClick={() => setAll(true)} className="mx-3 my-1 text-accent hover:underline">
          Show the other {count(lines.length - shown.length)} lines
        </button>
      )}
    </Frame>
  );
}

const DIFF = {
  same: { look: "", sign: " " },
  gone: { look: "bg-bad-soft text-bad", sign: "-" },
  new: { look: "bg-ok-soft text-ok", sign: "+" },
  skip: { look: "text-ink3", sign: "…" },
};

export function DiffLines({ lines, label }: { lines: readonly DiffLine[]; label: string }) {
  return (
    <Frame label={label}>
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={at} className={cx("flex min-w-fit pr-3", DIFF[line.kind].look)}>
          <span className="w-7 shrink-0 select-none text-center">
            {DIFF[line.kind].sign}
            <span className="sr-only">{line.kind === "gone" ? " removed: " : line.kind === "new" ? " added: " : ""}</span>
          </span>
          <code className="whitespace-pre">{line.text === "" ? "\u200b" : line.text}</code>
        </div>
      ))}
    </Frame>
  );
}
