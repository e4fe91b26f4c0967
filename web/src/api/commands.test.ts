import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("./client", () => ({ api: {}, ask: (call: Promise<unknown>) => call }));

import { commandSeen, commandsByAgent, commandsClear } from "./commands";
import type { Command } from "./types";

const command = (part: Partial<Command>): Command => ({
  id: "c1",
  agent_id: "a1",
  agent_name: "one",
  action: "restart",
  reason: "",
  actor: "ada",
  state: "sent",
  progress: "",
  result: "",
  created_at: "2026-01-01T00:00:00.000Z",
  deadline: "2026-01-01T00:02:00.000Z",
  request_id: "r",
  ...part,
});

beforeEach(() => {
  vi.useFakeTimers();
  commandsClear();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the latest command of an agent", () => {
  it("is shown while it runs and a little longer, a failure longer than a success", () => {
    commandSeen(command({ state: "running" }), true);
    vi.advanceTimersByTime(60_000);
    expect(commandsByAgent.get("a1")?.state).toBe("running");
    commandSeen(command({ state: "done" }), true);
    expect(commandsByAgent.get("a1")?.state).toBe("done");
    vi.advanceTimersByTime(10_000);
    expect(commandsByAgent.get("a1")).toBeUndefined();
    commandSeen(command({ id: "c2", state: "failed" }), true);
    vi.advanceTimersByTime(10_000);
    expect(commandsByAgent.get("a1")?.state).toBe("failed");
  });

  it("never goes back to an earlier state", () => {
    commandSeen(command({ state: "done" }), true);
    commandSeen(command({ state: "sent" }), true);
    expect(commandsByAgent.get("a1")?.state).toBe("done");
  });

  it("gives way to a newer one only", () => {
    commandSeen(command({ id: "new", created_at: "2026-01-01T00:01:00.000Z" }), true);
    commandSeen(command({ id: "old", state: "done" }), true);
    expect(commandsByAgent.get("a1")?.id).toBe("new");
  });
});
