import { afterEach, describe, expect, it, vi } from "vitest";
import type { TableRow } from "../../api/kube/types";
import { Rows } from "../../api/rows";
import { kindTitle } from "./kind-groups";
import { Order, orderRows, shownColumns } from "./order";
import { levelOf, micros, PodLines } from "./pod-log";
import { cellTone } from "./words";

const column = (name: string, priority = 0) => ({ name, type: "string", format: "", description: "", priority });
const columns = shownColumns([column("Name"), column("Restarts"), column("Age"), column("IP", 1)], true);

function row(name: string, restarts: string | number, born: string): readonly [string, TableRow] {
  return [name, { cells: [name, restarts, "5d"], object: { metadata: { name, namespace: "shop", uid: name, creationTimestamp: born } } }];
}

function filled(): Rows<TableRow> {
  const rows = new Rows<TableRow>();
  rows.apply([
    row("web-10", 3, "2026-01-03T00:00:00Z"),
    row("web-2", "12 (3m ago)", "2026-01-01T00:00:00Z"),
    row("db", 0, "2026-01-02T00:00:00Z"),
  ]);
  return rows;
}

describe("a table's order", () => {
  it("shows what is always worth it, and the namespace where several are mixed", () => {
    expect(columns.map((each) => each.key)).toEqual(["name", "namespace", "restarts", "age"]);
  });

  it.each([
    ["", ["db", "web-2", "web-10"]],
    ["-name", ["web-10", "web-2", "db"]],
    ["-restarts", ["web-2", "web-10", "db"]],
    ["age", ["web-10", "db", "web-2"]],
  ])("sorts by %j", (sort, ids) => {
    expect(orderRows(filled(), { q: "", columns, sort })).toEqual(ids);
  });

  it("finds every word anywhere", () => {
    expect(orderRows(filled(), { q: "shop WEB-1", columns, sort: "" })).toEqual(["web-10"]);
  });

  afterEach(() => vi.useRealTimers());

  it("stands still while it is held, and says what waits", () => {
    vi.useFakeTimers();
    const rows = filled();
    const order = new Order(rows, { q: "", columns, sort: "" });
    const stop = order.subscribe(() => undefined);
    vi.runAllTimers();
    order.hold(true);
    rows.apply([row("api", 0, "2026-01-04T00:00:00Z")], ["db"]);
    vi.runAllTimers();
    expect(order.snapshot()).toEqual({ ids: ["db", "web-2", "web-10"], waiting: 2 });
    expect(order.ghost("db")?.cells[0]).toBe("db");
    order.hold(false);
    expect(order.snapshot()).toEqual({ ids: ["api", "web-2", "web-10"], waiting: 0 });
    stop();
  });
});

describe("words", () => {
  it.each([
    ["Status", "Running", "ok"],
    ["Status", "CrashLoopBackOff", "bad"],
    ["Status", "NotReady", "bad"],
    ["Status", "Ready,SchedulingDisabled", "warn"],
    ["Status", "Pending", "warn"],
    ["Status", "Completed", "idle"],
    ["Ready", "1/2", "warn"],
    ["Ready", "2/2", "ok"],
    ["Name", "Running", null],
  ])("%s %s is %s", (name, cell, tone) => {
    expect(cellTone(name, cell)).toBe(tone);
  });

  it.each([
    ["Pod", "pods", "Pods"],
    ["HorizontalPodAutoscaler", "horizontalpodautoscalers", "Horizontal pod autoscalers"],
    ["Ingress", "ingresses", "Ingresses"],
    ["NetworkPolicy", "networkpolicies", "Network policies"],
    ["Endpoints", "endpoints", "Endpoints"],
    ["APIService", "apiservices", "API services"],
    ["CronTab", "crontabs", "Cron tabs"],
  ])("%s is called %s", (kind, plural, title) => {
    expect(kindTitle({ kind, plural })).toBe(title);
  });
});

describe("a container's log", () => {
  it("gives each line a place that grows, from its time", () => {
    expect(micros("2026-01-01T00:00:00.123456789Z") - micros("2026-01-01T00:00:00Z")).toBe(123_456);
    const lines = new PodLines("main");
    const first = lines.take("2026-01-01T00:00:00.5Z hello world");
    const second = lines.take("2026-01-01T00:00:00.5Z again");
    expect(first).toMatchObject({ message: "hello world", source: "main", at: "2026-01-01T00:00:00.5Z" });
    expect(second.seq).toBe(first.seq + 1);
    expect(lines.take("no time here").message).toBe("no time here");
  });

  it.each([
    ["E1122 19:31:07.1 bad", "error"],
    ['{"level":"warn","msg":"x"}', "warn"],
    ["DEBUG starting", "debug"],
    ["panic: out of memory", "error"],
    ["served /errors/list", "info"],
    ["hello", "info"],
  ])("%s is %s", (line, level) => {
    expect(levelOf(line)).toBe(level);
  });
});
