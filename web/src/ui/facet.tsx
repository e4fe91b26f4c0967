// A filter with several values: a chip that says what is chosen, and a list of boxes with counts behind it.
import { Popover } from "@base-ui/react/popover";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { cx } from "./cx";
import { count } from "./format";

export interface FacetOption {
  value: string;
  text: string;
  count?: number | undefined;
}

interface FacetProps {
  label: string;
  options: FacetOption[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Only one value at a time. */
  single?: boolean;
}

const CHIP = "inline-flex h-7 max-md:h-9 max-w-64 items-center gap-1.5 whitespace-nowrap rounded-full border px-3 transition-colors";

export function Facet({ label, options, chosen, onChange, single = false }: FacetProps) {
  const [q, setQ] = useState("");
  const on = chosen.length > 0;
  const words = chosen.map((value) => options.find((option) => option.value === value)?.text ?? value);
  const shown = q ? options.filter((option) => option.text.toLowerCase().includes(q.toLowerCase())) : options;
  const toggle = (value: string) => {
    if (chosen.includes(value)) onChange(chosen.filter((each) => each !== value));
    else onChange(single ? [value] : [...chosen, value]);
  };
  return (
    <Popover.Root onOpenChange={(open) => open && setQ("")}>
      <Popover.Trigger
        className={cx(
          CHIP,
          on ? "border-accent bg-accent-soft text-accent" : "border-line bg-panel text-ink2 hover:border-edge hover:text-ink",
        )}
      >
        <span className="truncate">{on ? `${label}: ${words.join(", ")}` : label}</span>
        <ChevronDown size={13} aria-hidden className="shrink-0 opacity-70" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className="z-50">
          <Popover.Popup
            aria-label={label}
            className="pop flex max-h-80 w-60 flex-col rounded-xl border border-line bg-panel p-1 shadow-pop outline-none"
          >
            {options.length > 10 && (
              <input
                value={q}
                onChange={(event) => setQ(event.target.value)}
                aria-label={`Find in ${label}`}
                placeholder="Find"
                className="mx-1 mt-1 mb-1.5 h-8 shrink-0 rounded-lg border border-line bg-raise px-2"
              />
            )}
            {/* A fieldset does not shrink and scroll; what is around it does. */}
            <div className="min-h-0 flex-1 overflow-y-auto">
              <fieldset>
                <legend className="sr-only">{label}</legend>
                {shown.length === 0 && <div className="px-2.5 py-2 text-ink3">Nothing to choose from.</div>}
                {shown.map((option) => (
                  <label
                    key={option.value}
                    className="flex h-8 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 hover:bg-hover max-md:h-10"
                  >
                    <input
                      type={single ? "radio" : "checkbox"}
                      name={label}
                      checked={chosen.includes(option.value)}
                      onChange={() => toggle(option.value)}
                      className={cx("check", single && "!rounded-full")}
                    />
                    <span className="truncate">{option.text}</span>
                    {option.count !== undefined && <span className="ml-auto text-ink3 text-xs">{count(option.count)}</span>}
                  </label>
                ))}
              </fieldset>
            </div>
            {on && (
              <button type="button" onClick={() => onChange([])} className="mt-1 h-8 shrink-0 rounded-lg text-accent hover:bg-hover">
                Clear
              </button>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
