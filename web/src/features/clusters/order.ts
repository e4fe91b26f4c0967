// Which rows of a table of objects are shown, and in which order. While somebody points at the table its order is held: rows change in
// place, what has gone is struck out, and what would come waits.
import type { Cell, Column, KubeObject, TableRow } from "../../api/kube/types";
import type { Rows } from "../../api/rows";

export interface Shown {
  /** Its heading, and the key by which the URL sorts. */
  name: string;
  key: string;
  /** The place in a row's cells; -1: the namespace. */
  cell: number;
  age: boolean;
}

/** `Last Seen` as `last-seen`. */
function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

/** The columns that are shown: those the server thinks always worth it, and the namespace where rows of several are mixed. */
export function shownColumns(columns: readonly Column[], withNamespace: boolean): Shown[] {
  const shown = columns.flatMap((column, cell) =>
    column.priority === 0 ? [{ name: column.name, key: keyOf(column.name), cell, age: column.name === "Age" }] : [],
  );
  if (withNamespace) shown.splice(Math.min(1, shown.length), 0, { name: "Namespace", key: "namespace", cell: -1, age: false });
  return shown;
}

export function cellText(row: TableRow, column: Shown): string {
  if (column.cell < 0) return row.object.metadata.namespace ?? "";
  const cell: Cell | undefined = row.cells[column.cell];
  return cell === null || cell === undefined || cell === "<none>" ? "" : String(cell);
}

/** What a cell sorts by: ages by the time itself, figures by their size, `1/3` and `5 (2m ago)` by their first figure. */
function sortValue(row: TableRow, column: Shown): string | number {
  if (column.age) return -Date.parse(row.object.metadata.creationTimestamp ?? "") || 0;
  const cell = column.cell < 0 ? undefined : row.cells[column.cell];
  if (typeof cell === "number") return cell;
  const text = cellText(row, column);
  const figure = /^(-?\d+(?:\.\d+)?)(?=$|[\s/%(])/.exec(text);
  return figure ? Number(figure[1]) : text.toLowerCase();
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  // Figures before words, as in a column that is mostly figures.
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return collator.compare(String(a), String(b));
}

function place(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

export interface OrderQuery {
  q: string;
  columns: readonly Shown[];
  sort: string;
}

/** The ids of the rows that match, in order. */
export function orderRows(rows: Rows<TableRow>, { q, columns, sort }: OrderQuery): string[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const key = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  const column = columns.find((each) => each.key === key) ?? columns[0];
  const found: { id: string; value: string | number; place: string }[] = [];
  for (const [id, row] of rows.entries()) {
    if (words.length > 0) {
      const hay = `${place(row.object)} ${columns.map((each) => (each.age ? "" : cellText(row, each))).join(" ")}`.toLowerCase();
      if (!words.every((word) => hay.includes(word))) continue;
    }
    found.push({ id, value: column ? sortValue(row, column) : "", place: place(row.object) });
  }
  found.sort((a, b) => compare(a.value, b.value) * sign || collator.compare(a.place, b.place));
  return found.map((each) => each.id);
}

export interface OrderState {
  ids: readonly string[];
  /** Rows that would come or go once the order is no longer held. */
  waiting: number;
}

/** How often the order follows a storm of changes. */
const EVERY_MS = 150;

export class Order {
  private readonly rows: Rows<TableRow>;
  private query: OrderQuery;
  private held = false;
  private state: OrderState;
  private readonly gone = new Map<string, TableRow>();
  private readonly last = new Map<string, TableRow>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(rows: Rows<TableRow>, query: OrderQuery) {
    this.rows = rows;
    this.query = query;
    this.state = { ids: orderRows(rows, query), waiting: 0 };
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    const stop = this.watchers.size === 1 ? this.rows.watchBatches(() => this.soon()) : null;
    if (stop) this.unwatch = stop;
    this.soon();
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size > 0) return;
      this.unwatch();
      clearTimeout(this.timer);
      this.timer = undefined;
    };
  };
  private unwatch: () => void = () => undefined;
  readonly snapshot = (): OrderState => this.state;

  /** The row as it last was, of one that has gone while the order is held. */
  ghost(id: string): TableRow | undefined {
    return this.gone.get(id);
  }

  setQuery(query: OrderQuery): void {
    this.query = query;
    this.publish(true);
  }

  hold(on: boolean): void {
    if (this.held === on) return;
    this.held = on;
    if (!on) this.publish(true);
  }

  /** Lets what waits come in, also while the order is held. */
  show(): void {
    this.publish(true);
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.publish(false);
    }, EVERY_MS);
  }

  private publish(now: boolean): void {
    const fresh = orderRows(this.rows, this.query);
    // An empty table has nothing that could jump.
    const still = this.held && !now && this.state.ids.length > 0;
    const ids = still ? this.state.ids : fresh;
    const waiting = still ? this.wait(fresh) : 0;
    if (!still) {
      this.gone.clear();
      this.last.clear();
    }
    for (const id of fresh) {
      const row = this.rows.get(id);
      if (row) this.last.set(id, row);
    }
    const same = ids.length === this.state.ids.length && ids.every((id, at) => id === this.state.ids[at]);
    if (same && waiting === this.state.waiting) return;
    this.state = { ids: same ? this.state.ids : ids, waiting };
    for (const watcher of this.watchers) watcher();
  }

  /** Remembers what has gone of the rows that still stand; how many would come or go. */
  private wait(fresh: readonly string[]): number {
    const there = new Set(fresh);
    const known = new Set(this.state.ids);
    this.gone.clear();
    for (const id of known) {
      const row = there.has(id) ? undefined : this.last.get(id);
      if (row) this.gone.set(id, row);
    }
    return this.gone.size + fresh.filter((id) => !known.has(id)).length;
  }
}

const CHAR = 7.1;
const SAMPLE = 200;

/** A grid for these columns: each as wide as what stands in it, the name takes what is left. */
export function gridColumns(rows: Rows<TableRow>, columns: readonly Shown[]): string {
  const widths = columns.map((column) => column.name.length + 2);
  let seen = 0;
  for (const row of rows.values()) {
    if (seen++ > SAMPLE) break;
    columns.forEach((column, at) => {
      if (!column.age) widths[at] = Math.max(widths[at] ?? 0, cellText(row, column).length);
    });
  }
  return columns
    .map((column, at) => {
      if (column.age) return "64px";
      const wide = Math.min(Math.round((widths[at] ?? 8) * CHAR) + 26, 300);
      return at === 0 ? `minmax(${Math.min(wide, 220)}px, 1.6fr)` : `minmax(${Math.min(wide, 110)}px, ${wide}px)`;
    })
    .join(" ");
}
