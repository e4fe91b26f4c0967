import { describe, expect, it } from "vitest";
import { durationWords } from "./duration";

describe("spans to choose from", () => {
  it("are said in the largest unit that divides them", () => {
    expect([45, 900, 3_600, 7_200, 86_400, 604_800].map(durationWords)).toEqual([
      "45 seconds",
      "15 minutes",
      "1 hour",
      "2 hours",
      "1 day",
      "7 days",
    ]);
    expect(durationWords(90_000)).toBe("25 hours");
  });
});
