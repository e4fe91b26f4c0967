import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loginSearch, onSessionEnd, renew, sessionBegan, sessionForget, sessionSeen } from "./session";

const store = new Map<string, string>();
beforeEach(() => {
  store.clear();
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
    removeItem: (key: string) => store.delete(key),
  });
});
afterEach(() => {
  sessionForget();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const answer = (status: number) => new Response(JSON.stringify({ expires_in: 900 }), { status });

describe("renewing the session", () => {
  it("asks the server once for many refused requests", async () => {
    const fetch = vi.fn(async () => answer(200));
    vi.stubGlobal("fetch", fetch);
    expect(await Promise.all([renew(Date.now()), renew(Date.now()), renew(Date.now())])).toEqual([true, true, true]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("does not ask again when another tab has renewed since", async () => {
    const fetch = vi.fn(async () => answer(200));
    vi.stubGlobal("fetch", fetch);
    sessionBegan({ expires_in: 900 });
    expect(await renew(Date.now() - 5)).toBe(true);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("says that the session ended when the server says so, and not when the server is away", async () => {
    const ended = vi.fn();
    const stop = onSessionEnd(ended);
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => {
        throw new TypeError("failed to fetch");
      }),
    );
    expect(await renew(Date.now())).toBe(false);
    expect(ended).not.toHaveBeenCalled();
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => answer(401)),
    );
    expect(await renew(Date.now())).toBe(false);
    expect(ended).toHaveBeenCalledTimes(1);
    stop();
  });

  it("renews by itself before the token ends", async () => {
    const fetch = vi.fn(async () => answer(200));
    vi.stubGlobal("fetch", fetch);
    sessionBegan({ expires_in: 900 });
    await vi.advanceTimersByTimeAsync(839_000);
    expect(fetch).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe("what the login view is told", () => {
  const refused = () =>
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => answer(401)),
    );

  it("says that a session ended, and where to go on, until somebody logs in", async () => {
    refused();
    sessionBegan({ expires_in: 900 });
    await renew(Date.now() + 1);
    expect(loginSearch("/agents?q=x")).toEqual({ next: "/agents?q=x", ended: "1" });
    expect(loginSearch("/")).toEqual({ ended: "1" });
    sessionSeen();
    expect(loginSearch("/agents")).toEqual({ next: "/agents" });
  });

  it("says nothing of a session to who never had one or has left", async () => {
    refused();
    await renew(Date.now());
    expect(loginSearch("/agents")).toEqual({ next: "/agents" });
    sessionSeen();
    sessionForget();
    await renew(Date.now());
    expect(loginSearch("/agents")).toEqual({ next: "/agents" });
  });

  it("knows after a reload, and in a tab that did not log out itself", async () => {
    refused();
    store.set("mc.logged_in", "1");
    await renew(Date.now());
    expect(loginSearch("/")).toEqual({ ended: "1" });
    sessionSeen();
    store.clear();
    await renew(Date.now());
    expect(loginSearch("/")).toEqual({ ended: "1" });
  });
});
