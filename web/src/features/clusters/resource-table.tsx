// The objects of a kind: only the rows in sight exist, each renders again only when it changes. One stop for the Tab key; inside, keys
// move and open.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { refText } from "../../api/kube/paths";
import type { KubeObject, Ref, TableRow } from "../../api/kube/types";
import { type Rows, useRow } from "../../api/rows";
import { cx } from "../../ui/cx";
import { plural } from "../../ui/format";
import { Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";
import { cellText, gridColumns, type Order, type OrderState, type Shown } from "./order";
import { cellTone } from "./words";

const ROW = 36;
const ROW_NARROW = 56;
/** Below this width rows have two lines. */
const NARROW_PX = 620;

export function refOf(object: KubeObject): Ref {
  return { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
}

interface TableProps {
  rows: Rows<TableRow>;
  order: Order;
  state: OrderState;
  columns: readonly Shown[];
  label: string;
  sort: string;
  onSort: (key: string) => void;
  /** `NAMESPACE/NAME` of the object that is open. */
  open: string | undefined;
  onOpen: (ref: Ref) => void;
  onEscape: () => void;
}

/** The row to go to for a key, or null. */
function nextPlace(key: string, now: number, count: number, page: number): number | null {
  const last = count - 1;
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
    case "j":
      return Math.min(now + 1, last);
    case "ArrowUp":
    case "k":
      return Math.max(now - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return Math.min(now + page, last);
    case "PageUp":
      return Math.max(now - page, 0);
    default:
      return null;
  }
}

export function ResourceTable(props: TableProps) {
  const { rows, order, state, columns, label, open, onOpen, onEscape } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [width, setWidth] = useState(1000);
  const narrow = width < NARROW_PX;
  const height = narrow ? ROW_NARROW : ROW;
  const { ids } = state;
  // Columns are measured anew when there are more rows by a magnitude, not at each of them.
  const magnitude = Math.ceil(Math.log2(ids.length + 1));
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const grid = useMemo(() => gridColumns(rows, columns), [rows, columns, magnitude]);
  const items = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    // A frame later is soon enough, and never blocks the scrolling itself.
    useFlushSync: false,
    estimateSize: () => height,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are measured anew when their height changes
  useEffect(() => items.measure(), [height]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => order.hold(false), [order]);
  const press = useCallback(
    (id: string) => {
      setActive(id);
      const row = rows.get(id);
      if (row) onOpen(refOf(row.object));
    },
    [rows, onOpen],
  );
  const keys = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 1);
    const to = nextPlace(event.key, active === null ? -1 : ids.indexOf(active), ids.length, page);
    const id = to === null ? undefined : ids[to];
    if (to !== null && id !== undefined) {
      event.preventDefault();
      setActive(id);
      items.scrollToIndex(to, { align: "auto" });
    } else if (event.key === "Enter" && active !== null) press(active);
    else if (event.key === "Escape") onEscape();
  };
  const activeShown = active !== null && items.getVirtualItems().some((item) => ids[item.index] === active);
  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={ids.length + 1}
      aria-activedescendant={activeShown ? `object-${active}` : undefined}
      tabIndex={0}
      onKeyDown={keys}
      onFocus={() => setActive((now) => now ?? ids[0] ?? null)}
      onPointerEnter={() => order.hold(true)}
      onPointerLeave={() => order.hold(false)}
      className="relative flex min-h-0 flex-initial flex-col overflow-hidden rounded-xl border border-line bg-panel focus-visible:border-accent focus-visible:outline-none"
    >
      {/* Head and rows scroll sideways together. */}
      <div ref={scroller} className="min-h-0 flex-1 overflow-auto">
        {!narrow && <Header {...props} grid={grid} />}
        <div role="rowgroup" className="relative" style={{ height: items.getTotalSize() }}>
          {items.getVirtualItems().map((item) => {
            const id = ids[item.index];
            return id === undefined ? null : (
              <ResourceRow
                key={item.key}
                id={id}
                index={item.index}
                top={item.start}
                height={height}
                grid={narrow ? "" : grid}
                rows={rows}
                order={order}
                columns={columns}
                active={active === id}
                open={open}
                onPress={press}
              />
            );
          })}
        </div>
      </div>
      {state.waiting > 0 && (
        <button
          type="button"
          tabIndex={-1}
          onClick={() => order.show()}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 h-8 whitespace-nowrap rounded-full border border-line bg-raise px-3 font-medium text-accent shadow-pop hover:bg-hover"
        >
          {plural(state.waiting, "row")} came or went, show
        </button>
      )}
    </div>
  );
}

function Header({ columns, sort, onSort, grid }: TableProps & { grid: string }) {
  const key = sort.replace(/^-/, "") || columns[0]?.key;
  return (
    <div role="rowgroup" className="sticky top-0 z-10 min-w-fit border-line border-b bg-panel">
      <div
        role="row"
        aria-rowindex={1}
        className="grid h-[34px] min-w-fit items-center gap-x-3 px-3.5 font-medium text-ink3 text-xs"
        style={{ gridTemplateColumns: grid }}
      >
        {columns.map((column) => (
          <div
            key={column.key}
            role="columnheader"
            aria-sort={column.key === key ? (sort.startsWith("-") ? "descending" : "ascending") : undefined}
            className={cx("min-w-0", column.age && "text-right")}
          >
            <button
              type="button"
              tabIndex={-1}
              onClick={() => onSort(column.key)}
              className={cx("inline-flex max-w-full items-center gap-1 whitespace-nowrap hover:text-ink", column.key === key && "text-ink")}
            >
              <span className="truncate">{column.name}</span>
              {column.key === key &&
                (sort.startsWith("-") ? (
                  <ArrowDown size={12} aria-hidden className="shrink-0" />
                ) : (
                  <ArrowUp size={12} aria-hidden className="shrink-0" />
                ))}
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  index: number;
  top: number;
  height: number;
  /** Empty: two lines, where there is little room. */
  grid: string;
  rows: Rows<TableRow>;
  order: Order;
  columns: readonly Shown[];
  active: boolean;
  open: string | undefined;
  onPress: (id: string) => void;
}

const ResourceRow = memo(function ResourceRow({ id, index, top, height, grid, rows, order, columns, active, open, onPress }: RowProps) {
  const known = useRow(rows, id);
  const row = known ?? order.ghost(id);
  if (!row) return null;
  const isOpen = open !== undefined && open === refText(refOf(row.object));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for all its rows
    <div
      role="row"
      id={`object-${id}`}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      onClick={() => onPress(id)}
      className={cx(
        "absolute top-0 left-0 cursor-default border-line2 border-b px-3.5",
        grid ? "grid min-w-full items-center gap-x-3" : "flex w-full flex-col justify-center gap-0.5",
        isOpen ? "bg-accent-soft" : "hover:bg-hover",
        active && "shadow-[inset_2px_0_0_var(--accent)]",
        !known && "line-through opacity-55",
      )}
      style={{ height, transform: `translateY(${top}px)`, ...(grid ? { gridTemplateColumns: grid } : {}) }}
    >
      {grid ? <Wide row={row} columns={columns} /> : <Narrow row={row} columns={columns} />}
    </div>
  );
});

function CellText({ row, column, first }: { row: TableRow; column: Shown; first: boolean }) {
  const born = row.object.metadata.creationTimestamp;
  if (column.age) return born ? <Ago at={born} as="for" className="text-ink3" /> : <span className="text-ink3">–</span>;
  const text = cellText(row, column);
  if (first) return <span className="font-semibold">{text}</span>;
  const tone = cellTone(column.name, text);
  if (tone === null) return <span className="text-ink2">{text || <span className="text-ink3">–</span>}</span>;
  return (
    <span className={cx("inline-flex max-w-full items-center gap-1.5", TONE_TEXT[tone])}>
      <Mark tone={tone} size={10} />
      <span className="truncate">{text}</span>
    </span>
  );
}

function Wide({ row, columns }: { row: TableRow; columns: readonly Shown[] }) {
  return columns.map((column, at) => (
    <div
      key={column.key}
      role="gridcell"
      title={column.age ? undefined : cellText(row, column)}
      className={cx("min-w-0 truncate", column.age && "text-right")}
    >
      <CellText row={row} column={column} first={at === 0} />
    </div>
  ));
}

function Narrow({ row, columns }: { row: TableRow; columns: readonly Shown[] }) {
  const [name, ...rest] = columns;
  const state = ["status", "phase", "ready"].map((key) => rest.find((column) => column.key === key)).find(Boolean);
  const others = rest.filter((column) => column !== state && !column.age).slice(0, 3);
  const age = rest.find((column) => column.age);
  // A figure says nothing without its name.
  const said = (column: Shown) => {
    const text = cellText(row, column);
    return /^[\d/]+$/.test(text) ? `${column.name.toLowerCase()} ${text}` : text;
  };
  return (
    <>
      <div role="gridcell" className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 flex-1 truncate">{name && <CellText row={row} column={name} first />}</span>
        {state && <CellText row={row} column={state} first={false} />}
      </div>
      <div role="gridcell" className="flex min-w-0 items-center gap-2 text-ink3 text-xs">
        <span className="min-w-0 flex-1 truncate">{others.map(said).filter(Boolean).join(" · ")}</span>
        {age && <CellText row={row} column={age} first={false} />}
      </div>
    </>
  );
}
