// A plain field for program text with the numbers of its lines beside it, kept in step while it scrolls. Tab leaves it, as in every field;
// Enter keeps the line's indentation.
import { type KeyboardEvent, useRef } from "react";
import { cx } from "./cx";

interface Props {
  text: string;
  label: string;
  onChange: (text: string) => void;
  maxLength?: number;
  className?: string;
}

export function CodeWriter({ text, label, onChange, maxLength, className }: Props) {
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split("\n").length;
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey) return;
    const { selectionStart, value } = event.currentTarget;
    const begin = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const indent = /^ +/.exec(value.slice(begin, selectionStart))?.[0];
    if (!indent) return;
    event.preventDefault();
    // What is written this way can be undone like what is typed.
    document.execCommand("insertText", false, `\n${indent}`);
  };
  return (
    <div
      className={cx(
        "flex min-h-40 flex-1 overflow-hidden rounded-lg border border-line bg-bg font-mono text-xs leading-5 focus-within:border-accent",
        className,
      )}
    >
      <div ref={gutter} aria-hidden="true" className="w-11 shrink-0 select-none overflow-hidden py-2 pr-3 text-right text-ink3">
        {Array.from({ length: lines }, (_, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={line}>{line + 1}</div>
        ))}
      </div>
      <textarea
        aria-label={label}
        value={text}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        wrap="off"
        {...(maxLength ? { maxLength } : {})}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={keys}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
        className="min-w-0 flex-1 resize-none overflow-auto whitespace-pre bg-transparent py-2 pr-3 outline-none"
      />
    </div>
  );
}
