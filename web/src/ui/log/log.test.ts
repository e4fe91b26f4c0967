import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogQuery } from "../../api/log-stream";
import type { LogLine } from "../../api/types";
import { LogBuffer } from "./buffer";
import { type LogDeps, LogFeed } from "./feed";
import { plainText, splitMatch } from "./text";

const line = (seq: number, message = `line ${seq}`): LogLine => ({
  seq,
  at: new Date(seq * 1000).toISOString(),
  level: "info",
  source: "stdout",
  message,
});
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, place) => line(from + place));

describe("the bounded list of lines", () => {
  it("forgets the oldest past its bound and leaves out what it has", () => {
    const buffer = new LogBuffer(10);
    buffer.push(lines(1, 8));
    expect(buffer.push(lines(5, 14))).toBe(4);
    expect(buffer.length).toBe(10);
    expect(buffer.first?.seq).toBe(5);
    expect(buffer.get(9)?.seq).toBe(14);
  });

  it("stays right over many rounds", () => {
    const buffer = new LogBuffer(50);
    for (let round = 0; round < 200; round += 1) buffer.push(lines(round * 7 + 1, round * 7 + 7));
    expect(buffer.length).toBe(50);
    expect(Array.from({ length: 50 }, (_, place) => buffer.get(place)?.seq)).toEqual(
      Array.from({ length: 50 }, (_, place) => 1351 + place),
    );
  });

  it("takes older lines at the front as far as there is room", () => {
    const buffer = new LogBuffer(10);
    buffer.push(lines(10, 16));
    expect(buffer.prepend(lines(1, 12))).toBe(3);
    expect(buffer.first?.seq).toBe(7);
    expect(buffer.indexOf(10)).toBe(3);
  });
});

/** A log of `size` lines, served as the server does: the last lines that match, before a place. */
function rig(size: number) {
  const frames: (() => void)[] = [];
  let say: (lines: LogLine[]) => void = () => undefined;
  let end: () => void = () => undefined;
  const asked: LogQuery[] = [];
  const all = lines(1, size);
  const deps: LogDeps = {
    frame: (work) => void frames.push(work),
    random: () => 0,
    follow: (_base, query, _signal, onOpen, onLines) =>
      new Promise((resolve) => {
        asked.push(query);
        onOpen();
        say = onLines;
        end = resolve;
      }),
    lines: async (_base, query) => {
      const found = all.filter(
        (each) => (query.before === undefined || each.seq < query.before) && (!query.q || each.message.includes(query.q)),
      );
      const wanted = query.lines ?? 200;
      return { items: found.slice(-wanted), more: found.length > wanted };
    },
  };
  const feed = new LogFeed("/log", {}, deps, 5_000);
  const shown = () => Array.from({ length: feed.buffer.length }, (_, place) => feed.buffer.get(place)?.seq);
  const paint = () => {
    for (const work of frames.splice(0)) work();
  };
  return { feed, deps, asked, shown, paint, frames, say: (more: LogLine[]) => say(more), end: () => end() };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the log's feed", () => {
  it("takes in all that came between two frames at once", () => {
    const { feed, say, paint, frames, shown } = rig(0);
    feed.start();
    const renders = vi.fn();
    feed.subscribe(renders);
    for (let place = 0; place < 100; place += 1) say(lines(place * 10 + 1, place * 10 + 10));
    expect(frames).toHaveLength(1);
    expect(renders).not.toHaveBeenCalled();
    paint();
    expect(renders).toHaveBeenCalledTimes(1);
    expect(shown()).toHaveLength(1000);
  });

  it("does not move while paused and misses nothing afterwards", () => {
    const { feed, say, paint, shown } = rig(0);
    feed.start();
    say(lines(1, 3));
    paint();
    feed.pause();
    say(lines(4, 9));
    paint();
    expect(shown()).toEqual([1, 2, 3]);
    expect(feed.snapshot().held).toBe(6);
    feed.resume();
    expect(shown()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(feed.snapshot().held).toBe(0);
  });

  it("comes back after a loss without showing a line twice", async () => {
    const { feed, say, paint, end, asked, shown } = rig(0);
    feed.start();
    say(lines(1, 3));
    paint();
    end();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    say(lines(1, 5));
    paint();
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
  });

  it("reads older lines into the front", async () => {
    const { feed, say, paint, shown } = rig(3_000);
    feed.start();
    say(lines(2_501, 3_000));
    paint();
    expect(await feed.loadOlder()).toBe(1_000);
    expect(shown()[0]).toBe(1_501);
    await feed.loadOlder();
    await feed.loadOlder();
    expect(shown()[0]).toBe(1);
    expect(feed.snapshot().older).toBe(false);
  });

  it("finds a moment and reads on from there to the end", async () => {
    const { feed, shown } = rig(4_000);
    expect(await feed.jump(1_234_500)).toBe(1_235);
    expect(shown()).toContain(1_235);
    expect(shown().at(-1)).toBe(1_734);
    await feed.loadNewer();
    await feed.loadNewer();
    await feed.loadNewer();
    expect(shown().at(-1)).toBe(4_000);
    expect(new Set(shown()).size).toBe(shown().length);
  });

  it("knows a moment before the first line and one after the last", async () => {
    const { feed } = rig(100);
    expect(await feed.jump(0)).toBe(1);
    expect(await feed.jump(1_000_000)).toBe(101);
  });
});

describe("a line's text", () => {
  it("loses the terminal's colours", () => {
    expect(plainText("\u001b[31mred\u001b[0m \u001b]0;title\u0007x")).toBe("red x");
  });
  it("is cut at what was searched for, in any case", () => {
    expect(splitMatch("An error: ERROR", "error").map(({ part, hit }) => [part, hit])).toEqual([
      ["An ", false],
      ["error", true],
      [": ", false],
      ["ERROR", true],
    ]);
    expect(splitMatch("x", "")).toEqual([{ key: 0, part: "x", hit: false }]);
  });
});
