// A list of words or patterns: typed with Enter or a comma, offered while typing, removed one by one.
import { X } from "lucide-react";
import { type ReactNode, useId, useMemo, useState } from "react";
import { cx } from "./cx";

export interface Suggestion {
  value: string;
  note?: string;
}

interface Props {
  label: ReactNode;
  values: readonly string[];
  onChange: (values: string[]) => void;
  suggestions?: readonly Suggestion[];
  placeholder?: string;
  hint?: ReactNode;
  error?: string | undefined;
  mono?: boolean;
  disabled?: boolean;
}

const OFFERED = 8;

export function PatternField({
  label,
  values,
  onChange,
  suggestions = [],
  placeholder,
  hint,
  error,
  mono = false,
  disabled = false,
}: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const offered = useMemo(() => {
    const low = text.trim().toLowerCase();
    return suggestions
      .filter((each) => !values.includes(each.value) && (low === "" || `${each.value} ${each.note ?? ""}`.toLowerCase().includes(low)))
      .slice(0, OFFERED);
  }, [suggestions, values, text]);
  const add = (raw: string) => {
    const fresh = raw.split(/[\s,]+/).filter((each) => each && !values.includes(each));
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setText("");
    setAt(-1);
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const choosing = open && offered.length > 0;
    if (event.key === "Enter" || event.key === ",") {
      const chosen = choosing ? offered[at]?.value : undefined;
      if (!chosen && !text.trim()) return;
      event.preventDefault();
      add(chosen ?? text);
    } else if (event.key === "Backspace" && text === "" && values.length > 0) {
      onChange(values.slice(0, -1));
    } else if (choosing && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((at + step + offered.length) % offered.length);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  const list = open && offered.length > 0;
  return (
    <div className="relative flex flex-col gap-1">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      <div
        className={cx(
          "flex min-h-9 flex-wrap items-center gap-1 rounded-lg border px-1.5 py-1",
          disabled ? "bg-bg" : "bg-raise focus-within:border-accent hover:border-edge",
          error ? "border-bad-mark" : "border-line",
        )}
      >
        {values.map((value) => (
          <span
            key={value}
            className={cx(
              "inline-flex h-6 items-center gap-0.5 rounded-md pl-2 text-xs",
              disabled ? "bg-hover pr-2 text-ink2" : "bg-accent-soft text-accent",
              mono && "font-mono",
            )}
          >
            {value}
            {!disabled && (
              <button
                type="button"
                aria-label={`Remove ${value}`}
                onClick={() => onChange(values.filter((each) => each !== value))}
                className="grid size-6 place-items-center rounded-md hover:bg-hover"
              >
                <X size={11} aria-hidden />
              </button>
            )}
          </span>
        ))}
        <input
          id={id}
          value={text}
          disabled={disabled}
          role="combobox"
          aria-expanded={list}
          aria-controls={`${id}-list`}
          aria-activedescendant={list && at >= 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          aria-invalid={error ? true : undefined}
          aria-describedby={error || hint ? `${id}-note` : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={values.length === 0 ? placeholder : undefined}
          onChange={(event) => {
            const next = event.target.value;
            // A pasted list becomes its parts.
            if (next.includes(",")) {
              add(next);
              return;
            }
            setText(next);
            setOpen(true);
            setAt(-1);
          }}
          onFocus={() => setOpen(suggestions.length > 0)}
          onBlur={() => {
            setOpen(false);
            if (text.trim()) add(text);
          }}
          onKeyDown={onKeyDown}
          className={cx("h-6 min-w-24 flex-1 bg-transparent px-1 outline-none max-md:text-base", mono && "font-mono text-xs")}
        />
      </div>
      {list && (
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label="Suggestions"
          className="absolute top-full right-0 left-0 z-20 mt-1 max-h-64 overflow-y-auto rounded-xl border border-line bg-panel p-1 shadow-pop"
        >
          {offered.map((each, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input keeps the focus and its keys choose
            <div
              key={each.value}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              // The press must not take the focus from the input: its blur would close the list first.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => add(each.value)}
              className={cx(
                "flex cursor-pointer items-baseline gap-3 rounded-lg px-2.5 py-1.5",
                index === at ? "bg-accent-soft" : "hover:bg-hover",
              )}
            >
              <span className={cx("shrink-0", mono && "font-mono text-xs")}>{each.value}</span>
              {each.note && <span className="truncate text-ink3 text-xs">{each.note}</span>}
            </div>
          ))}
        </div>
      )}
      {(error || hint) && (
        <div id={`${id}-note`} className={cx("text-xs", error ? "text-bad" : "text-ink3")}>
          {error ?? hint}
        </div>
      )}
    </div>
  );
}
