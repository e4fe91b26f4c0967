import { describe, expect, it } from "vitest";
import { ago, bytes, measure, percent, plural, span, spanLong, took } from "./format";
import { agentNameFault, tagsFault, tagsOf } from "./names";
import { passwordFault, userNameFault } from "./password";
import { linePath } from "./sparkline";
import { agentWords, commandDetail, commandWords, refusalWords } from "./status";

describe("numbers", () => {
  it("are short and have their unit", () => {
    expect([bytes(0), bytes(1023), bytes(1536), bytes(8 * 2 ** 30), bytes(120 * 2 ** 30)]).toEqual([
      "0 B",
      "1.0 KB",
      "1.5 KB",
      "8.0 GB",
      "120 GB",
    ]);
    expect([percent(0), percent(0.4), percent(23.4), percent(100)]).toEqual(["0 %", "0.4 %", "23 %", "100 %"]);
    expect([measure(1.2, ""), measure(2, ""), measure(2048, "B/s"), measure(90, "s")]).toEqual(["1.2", "2", "2.0 KB/s", "1 min"]);
    expect([plural(1, "agent"), plural(1200, "agent")]).toEqual(["1 agent", "1,200 agents"]);
  });
});

describe("times", () => {
  it("are said in their largest unit", () => {
    expect([span(4_000), span(720_000), span(3 * 3_600_000), span(6 * 86_400_000)]).toEqual(["4 s", "12 min", "3 h", "6 d"]);
    expect(spanLong(6 * 86_400_000 + 4 * 3_600_000)).toBe("6 d 4 h");
    expect([took(340), took(4_200), took(123_000)]).toEqual(["340 ms", "4.2 s", "2 min 3 s"]);
    expect([ago(1_000, 1_500), ago(0, 720_000), ago(720_000, 0)]).toEqual(["now", "12 min ago", "in 12 min"]);
  });
});

describe("what is still to come", () => {
  it("is rounded, so that 8 hours just given end in 8 hours", () => {
    const ahead = (ms: number) => ago(ms, 0);
    const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
    expect([ahead(8 * hour - minute), ahead(90 * day - hour), ahead(30 * minute + 10_000), ahead(hour - 5_000), ahead(9_600)]).toEqual([
      "in 8 h",
      "in 90 d",
      "in 30 min",
      "in 1 h",
      "in 10 s",
    ]);
  });
});

describe("a refusal", () => {
  it("says which rule refused, or that none allows it", () => {
    expect([refusalWords("rule default:deny"), refusalWords("rule ops/2"), refusalWords("the link is not valid")]).toEqual([
      "refused: no role allows it",
      "refused by the rule ops/2",
      "the link is not valid",
    ]);
  });
});

describe("the one word for an agent", () => {
  const base = { status: "online", status_detail: "", workload_state: "running", connected: true } as const;
  it("says what is wrong rather than that something is", () => {
    expect(agentWords(base)).toEqual({ tone: "ok", word: "Online" });
    expect(agentWords({ ...base, status: "degraded", workload_state: "crash_loop" })).toEqual({ tone: "bad", word: "Crash loop" });
    expect(agentWords({ ...base, status: "degraded" })).toEqual({ tone: "warn", word: "Degraded" });
    expect(agentWords({ ...base, status: "degraded", connected: false })).toEqual({ tone: "warn", word: "Link lost" });
  });
  it("keeps a planned absence apart from a lost one", () => {
    expect(agentWords({ ...base, status: "offline", status_detail: "offline unexpectedly" }).tone).toBe("bad");
    expect(agentWords({ ...base, status: "offline", status_detail: "said goodbye: maintenance" }).tone).toBe("idle");
  });
});

describe("a command in words", () => {
  it("says where it is and how it ended", () => {
    expect(commandWords({ action: "restart", state: "running" }).word).toBe("Restarting…");
    expect(commandWords({ action: "kill", state: "timed_out" }).word).toBe("Kill timed out");
    expect(commandDetail({ state: "running", progress: "stopping", result: "" })).toBe("stopping");
    expect(commandDetail({ state: "failed", progress: "stopping", result: "exit code 1" })).toBe("exit code 1");
  });
});

describe("names and passwords", () => {
  it("are judged as the server judges them", () => {
    expect(userNameFault("ada")).toBeNull();
    expect(userNameFault("Ada")).not.toBeNull();
    expect(agentNameFault("web-1.lan")).toBeNull();
    expect(agentNameFault("-x")).not.toBeNull();
    expect(tagsOf("prod, team:payments prod")).toEqual(["prod", "team:payments"]);
    expect(tagsFault("ok Bad")).toContain("Bad");
    expect(passwordFault("alice", "short")).toContain("12");
    expect(passwordFault("alice", "x1".repeat(40))).toContain("72");
    expect(passwordFault("alice", "aaaaaaaaaaaaa")).not.toBeNull();
    expect(passwordFault("alice", "Alice-likes-tea")).not.toBeNull();
    expect(passwordFault("alice", "correct horse battery")).toBeNull();
  });
});

describe("a line of figures", () => {
  it("lifts the pen over gaps", () => {
    expect(linePath([0, null, 10], 12, 10, 10, 1)).toBe("M1.0 9.0M11.0 1.0");
    expect(linePath([1], 10, 10, 10)).toBe("");
  });
});
