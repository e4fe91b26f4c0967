// The list itself: only the rows in sight exist. It is one stop for the Tab key; inside, keys move, open and select.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef, useState } from "react";
import { cx } from "../../ui/cx";
import { plural } from "../../ui/format";
import { AgentRow } from "./agent-row";
import { nextIndex } from "./keys";
import type { AgentView, SortKey, ViewState } from "./view";

/** Below this width rows have two lines. */
const NARROW_PX = 560;
const ROW = 40;
const ROW_NARROW = 60;

export interface TableProps {
  view: AgentView;
  state: ViewState;
  sort: SortKey;
  descending: boolean;
  onSort: (key: SortKey) => void;
  selected: ReadonlySet<string>;
  onSelected: (selected: ReadonlySet<string>) => void;
  /** Id of the agent in the side panel. */
  open: string | null;
  mayRestart: boolean;
  onOpen: (id: string, full: boolean) => void;
  onEscape: () => void;
  onRestart: (ids: string[]) => void;
}

export function AgentTable(props: TableProps) {
  const { view, state, selected, onSelected, open, onOpen, onEscape, onRestart } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [width, setWidth] = useState(1000);
  const narrow = width < NARROW_PX;
  const anchor = useRef<string | null>(null);
  const ids = state.ids;
  const idsNow = useRef(ids);
  idsNow.current = ids;
  const height = narrow ? ROW_NARROW : ROW;
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    // A frame later is soon enough, and never blocks the scrolling itself.
    useFlushSync: false,
    estimateSize: () => height,
    getItemKey: (index) => ids[index] ?? index,
    // The bulk bar lies over the foot of the list.
    paddingEnd: selected.size > 0 ? 60 : 0,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are measured anew when their height changes
  useEffect(() => rows.measure(), [height]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => view.hold(false), [view]);

  const select = useCallback(
    (id: string, range: boolean) => {
      const next = new Set(selected);
      const from = range && anchor.current ? idsNow.current.indexOf(anchor.current) : -1;
      const to = idsNow.current.indexOf(id);
      if (from >= 0) for (const each of idsNow.current.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
      else if (!next.delete(id)) next.add(id);
      anchor.current = id;
      onSelected(next);
    },
    [selected, onSelected],
  );
  const press = useCallback(
    (id: string, event: MouseEvent) => {
      setActive(id);
      if (event.ctrlKey || event.metaKey || event.shiftKey) {
        // On the name the browser opens a tab or window of its own.
        if (!(event.target as HTMLElement).closest("a")) select(id, event.shiftKey);
      } else onOpen(id, event.detail > 1 || narrow);
    },
    [onOpen, select, narrow],
  );
  const move = (event: KeyboardEvent, to: number, id: string) => {
    event.preventDefault();
    setActive(id);
    rows.scrollToIndex(to, { align: "auto" });
    if (event.shiftKey && event.key.startsWith("Arrow")) onSelected(new Set([...selected, ...(active ? [active] : []), id]));
    else if (open) onOpen(id, false);
  };
  const act = (event: KeyboardEvent, id: string) => {
    if (event.key === "r") onRestart(selected.size > 0 ? [...selected] : [id]);
    else if (event.key === "Enter") onOpen(id, open === id || narrow);
    else if (event.key === "x" || event.key === " ") select(id, false);
    else return;
    event.preventDefault();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "a") return;
      event.preventDefault();
      onSelected(new Set(ids));
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 1);
    const to = nextIndex(event.key, active === null ? -1 : ids.indexOf(active), ids.length, page);
    const id = to === null ? undefined : ids[to];
    if (to !== null && id !== undefined) move(event, to, id);
    else if (event.key === "Escape") onEscape();
    else if (active !== null) act(event, active);
  };

  return (
    <div
      role="grid"
      aria-label="Agents"
      aria-rowcount={ids.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={active && ids.includes(active) ? `agent-${active}` : undefined}
      tabIndex={0}
      onKeyDown={keys}
      onFocus={() => setActive((now) => now ?? idsNow.current[0] ?? null)}
      className="agents-table relative flex min-h-0 flex-initial flex-col overflow-hidden rounded-xl border border-line bg-panel focus-visible:border-accent focus-visible:outline-none"
    >
      {!narrow && <Header {...props} ids={ids} />}
      <div
        ref={scroller}
        onPointerEnter={(event) => event.pointerType === "mouse" && view.hold(true)}
        onPointerLeave={() => view.hold(false)}
        className="min-h-0 flex-initial overflow-y-auto overflow-x-hidden"
        role="presentation"
      >
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const id = ids[item.index];
            return id === undefined ? null : (
              <AgentRow
                key={id}
                id={id}
                index={item.index}
                top={item.start}
                height={height}
                narrow={narrow}
                selected={selected.has(id)}
                active={active === id}
                open={open === id}
                mayRestart={props.mayRestart}
                onPress={press}
                onSelect={select}
              />
            );
          })}
        </div>
      </div>
      {state.waiting > 0 && (
        <button
          type="button"
          onClick={() => {
            view.hold(false);
            view.hold(true);
          }}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 h-8 rounded-full border border-line bg-raise px-3 font-medium text-accent shadow-pop hover:bg-hover"
        >
          {plural(state.waiting, "row")} changed place, show
        </button>
      )}
    </div>
  );
}

const COLUMNS: readonly { key: SortKey | null; text: string; className: string }[] = [
  { key: "status", text: "Status", className: "" },
  { key: "name", text: "Agent", className: "" },
  { key: "kind", text: "Kind", className: "col-kind" },
  { key: null, text: "Tags", className: "col-tags" },
  { key: "memory", text: "Memory", className: "col-memory justify-end" },
  { key: "cpu", text: "CPU", className: "col-cpu justify-end" },
  { key: null, text: "Last hour", className: "col-spark pl-4" },
  { key: "seen", text: "Seen", className: "justify-end pr-3" },
];

function Header({ ids, selected, onSelected, sort, descending, onSort }: TableProps & { ids: readonly string[] }) {
  const all = ids.length > 0 && selected.size >= ids.length && ids.every((id) => selected.has(id));
  return (
    <div role="rowgroup" className="shrink-0 border-line border-b">
      <div role="row" aria-rowindex={1} className="agent-grid h-[34px] items-center font-medium text-ink3 text-xs">
        <div role="columnheader" className="grid place-items-center">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label="Select all that match"
            checked={all}
            ref={(box) => {
              if (box) box.indeterminate = selected.size > 0 && !all;
            }}
            onChange={() => onSelected(all ? new Set() : new Set(ids))}
            className="check"
          />
        </div>
        {COLUMNS.map(({ key, text, className }) => (
          <div
            key={text}
            role="columnheader"
            aria-sort={key === sort ? (descending ? "descending" : "ascending") : undefined}
            className={cx("flex items-center", className)}
          >
            {key ? (
              <button
                type="button"
                tabIndex={-1}
                onClick={() => onSort(key)}
                className={cx("inline-flex items-center gap-1 whitespace-nowrap hover:text-ink", key === sort && "text-ink")}
              >
                {text}
                {key === sort && (descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
              </button>
            ) : (
              text
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
