import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EventItem, jitter, Live, QUIET_MS } from "./live";

class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  close() {
    this.closed = true;
  }
  lose(code = 1006) {
    this.onclose?.({ code });
  }
  hello(epoch: string, seq: number, resumed: boolean) {
    this.onopen?.();
    this.send({ type: "hello", epoch, seq, resumed });
  }
  send(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function rig(random = 0.5) {
  const sockets: FakeSocket[] = [];
  const welcome = vi.fn(async () => true);
  const live = new Live({
    open: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    url: () => "ws://server/events",
    random: () => random,
    now: Date.now,
    stillWelcome: welcome,
  });
  return { live, sockets, welcome, last: () => sockets.at(-1) as FakeSocket };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the live feed", () => {
  it("hands events over by kind and in order", () => {
    const { live, last } = rig();
    const seen: number[] = [];
    live.on("agent_changed", (items) => seen.push(...items.map((item) => item.seq)));
    live.start();
    last().hello("e", 1, false);
    const events: EventItem[] = [
      { seq: 2, kind: "agent_changed", data: {} },
      { seq: 3, kind: "user_changed", data: {} },
      { seq: 4, kind: "agent_changed", data: {} },
    ];
    last().send({ type: "events", seq: 4, events });
    expect(seen).toEqual([2, 4]);
    expect(live.snapshot().phase).toBe("live");
  });

  it("resumes where it stopped and reads anew only when the server cannot resume", async () => {
    const { live, sockets, last } = rig(0);
    const fresh = vi.fn();
    live.onFresh(fresh);
    live.start();
    expect(last().url).toBe("ws://server/events");
    last().hello("e", 7, false);
    expect(fresh).toHaveBeenCalledTimes(1);
    last().send({ type: "events", seq: 12, events: [] });
    last().lose();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
    expect(last().url).toBe("ws://server/events?since=e%3A12");
    last().hello("e", 12, true);
    expect(fresh).toHaveBeenCalledTimes(1);
    last().lose();
    await vi.advanceTimersByTimeAsync(0);
    last().hello("other", 3, false);
    expect(fresh).toHaveBeenCalledTimes(2);
  });

  it("waits between tries, and a nudge ends the wait", async () => {
    const { live, sockets, last } = rig(0.5);
    live.start();
    last().hello("e", 1, false);
    last().lose();
    await vi.advanceTimersByTimeAsync(200);
    expect(sockets).toHaveLength(1);
    expect(live.snapshot()).toMatchObject({ phase: "waiting", everLive: true });
    live.nudge();
    expect(sockets).toHaveLength(2);
    expect(live.snapshot().phase).toBe("connecting");
  });

  it("stops trying when the session is over, and only then", async () => {
    const { live, sockets, last, welcome } = rig(0);
    welcome.mockRejectedValueOnce(new Error("the server is away"));
    live.start();
    last().lose();
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(2);
    welcome.mockResolvedValueOnce(false);
    last().lose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
  });

  it("asks at once whether the session is over when the server says so, and goes on at once when only the token was", async () => {
    const { live, sockets, last, welcome } = rig(0.5);
    live.start();
    last().hello("e", 1, false);
    last().lose(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(welcome).toHaveBeenCalledTimes(1);
    expect(sockets).toHaveLength(2);
    // Told so again without a word in between, it waits like after any other loss.
    last().lose(4401);
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    last().hello("e", 1, true);
    welcome.mockResolvedValueOnce(false);
    last().lose(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(3);
  });

  it("counts a loss from its beginning, through every try", async () => {
    const { live, last } = rig(0.5);
    live.start();
    last().hello("e", 1, false);
    await vi.advanceTimersByTimeAsync(5_000);
    const lost = Date.now();
    for (let tries = 0; tries < 3; tries += 1) {
      last().lose();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(live.snapshot().since).toBe(lost);
    }
    last().hello("e", 1, true);
    expect(live.snapshot().since).toBe(Date.now());
  });

  it("notices a connection that died silently", async () => {
    const { live, sockets, last, welcome } = rig(0);
    live.start();
    last().hello("e", 1, false);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(welcome).toHaveBeenCalledTimes(1);
    expect(sockets).toHaveLength(1);
    welcome.mockRejectedValueOnce(new Error("no answer"));
    await vi.advanceTimersByTimeAsync(QUIET_MS + 1);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it("forgets its place when stopped", async () => {
    const { live, last } = rig(0);
    live.start();
    last().hello("e", 5, false);
    live.stop();
    expect(live.snapshot().phase).toBe("off");
    live.start();
    expect(last().url).toBe("ws://server/events");
  });
});

describe("the wait between tries", () => {
  it("stays between nothing and a bound that grows to 15 seconds", () => {
    expect(jitter(0, () => 0)).toBe(0);
    expect(jitter(0, () => 1)).toBe(500);
    expect(jitter(3, () => 1)).toBe(4_000);
    expect(jitter(99, () => 1)).toBe(15_000);
  });
});
