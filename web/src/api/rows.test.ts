import { describe, expect, it, vi } from "vitest";
import { Rows } from "./rows";

describe("a store of rows", () => {
  it("tells only those who watch a row that changed", () => {
    const rows = new Rows<{ n: number }>();
    const one = vi.fn();
    const two = vi.fn();
    rows.watchRow("1", one);
    rows.watchRow("2", two);
    rows.apply([["1", { n: 1 }]]);
    expect(one).toHaveBeenCalledTimes(1);
    expect(two).not.toHaveBeenCalled();
  });

  it("says once a batch what changed and what went, and nothing for the same row again", () => {
    const rows = new Rows<{ n: number }>();
    const row = { n: 1 };
    rows.apply([["1", row]]);
    const batches = vi.fn();
    rows.watchBatches(batches);
    rows.apply([["1", row]]);
    expect(batches).not.toHaveBeenCalled();
    rows.apply(
      [
        ["2", { n: 2 }],
        ["3", { n: 3 }],
      ],
      ["1", "nobody"],
    );
    expect(batches).toHaveBeenCalledTimes(1);
    const batch = batches.mock.calls[0]?.[0];
    expect([...batch.changed]).toEqual(["2", "3"]);
    expect([...batch.removed]).toEqual(["1"]);
  });

  it("keeps only what was read anew", () => {
    const rows = new Rows<number>();
    rows.apply([
      ["a", 1],
      ["b", 2],
    ]);
    rows.retain(new Set(["b"]));
    expect([...rows.entries()]).toEqual([["b", 2]]);
  });

  it("forgets watchers that left", () => {
    const rows = new Rows<number>();
    const watcher = vi.fn();
    rows.watchRow("a", watcher)();
    rows.apply([["a", 1]]);
    expect(watcher).not.toHaveBeenCalled();
  });
});
