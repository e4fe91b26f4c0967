import { describe, expect, it } from "vitest";
import { withoutClosed } from "./activity";

describe("what happened", () => {
  it("leaves out beginnings that have an end, and keeps those that are still under way", () => {
    const items = [
      { action: "agent_restart", request_id: "1", result: "ok" as const },
      { action: "agent_restart", request_id: "1", result: "started" as const },
      { action: "agent_kill", request_id: "2", result: "started" as const },
      { action: "agent_check", request_id: "1", result: "started" as const },
    ];
    expect(withoutClosed(items).map((item) => `${item.action} ${item.result}`)).toEqual([
      "agent_restart ok",
      "agent_kill started",
      "agent_check started",
    ]);
  });
});
