// Program text with the numbers of its lines, to read or to write.
import type { Ref } from "react";
import { cx } from "./cx";

export function CodeText({ text, label, className, ref }: { text: string; label: string; className?: string; ref?: Ref<HTMLPreElement> }) {
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <pre
      ref={ref}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      role="region"
      aria-label={label}
      className={cx(
        "overflow-auto rounded-lg border border-line bg-bg py-2 font-mono text-xs leading-5 focus-visible:outline-offset-[-2px]",
        className,
      )}
    >
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={index} className="flex pr-3">
          <span aria-hidden="true" className="sticky left-0 w-9 shrink-0 select-none bg-bg pr-3 text-right text-ink3">
            {index + 1}
          </span>
          <code className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{line === "" ? "\u200b" : line}</code>
        </div>
      ))}
    </pre>
  );
}
