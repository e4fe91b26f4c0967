// The search field of a list. It answers at once and writes its words to the URL a moment later, so that typing is never slowed.
import { Search, X } from "lucide-react";
import { type Ref, useEffect, useRef, useState } from "react";
import { cx } from "./cx";
import { INPUT } from "./field";

interface SearchBoxProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
  waitMs?: number;
  ref?: Ref<HTMLInputElement>;
}

export function SearchBox({ value, onChange, label, placeholder, className, waitMs = 120, ref }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const said = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    // The URL moved by itself (Back, a link): follow it, but never over what is being typed.
    if (value !== said.current) {
      said.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const say = (next: string, wait: number) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      said.current = next;
      onChange(next);
    }, wait);
  };
  return (
    <div className={cx("relative", className)}>
      <Search size={14} aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink3" />
      <input
        ref={ref}
        type="search"
        data-search
        aria-label={label}
        placeholder={placeholder ?? label}
        value={text}
        onChange={(event) => say(event.target.value, waitMs)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text) {
            event.stopPropagation();
            say("", 0);
          } else if (event.key === "Enter") say(text, 0);
        }}
        className={cx(INPUT, "h-8 w-full pr-8 pl-8 max-md:h-10 max-md:text-base [&::-webkit-search-cancel-button]:hidden")}
      />
      {text && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => say("", 0)}
          className="absolute top-1/2 right-1 grid size-6 -translate-y-1/2 place-items-center rounded-md text-ink3 hover:text-ink"
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}
