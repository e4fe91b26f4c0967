import { describe, expect, it } from "vitest";
import { LineSplitter, logUrl } from "./log-stream";

describe("a stream of lines", () => {
  it("is split at its line ends wherever the pieces break", () => {
    const splitter = new LineSplitter();
    expect(splitter.push('{"a":1}\n{"b"')).toEqual(['{"a":1}']);
    expect(splitter.push(":2}")).toEqual([]);
    expect(splitter.push("\n\n{}\n")).toEqual(['{"b":2}', "{}"]);
  });
});

describe("the address of a log", () => {
  it("carries what is set", () => {
    expect(logUrl("/api/v1/logs", { lines: 5, q: "a&b" }, { follow: "true" })).toBe("/api/v1/logs?lines=5&q=a%26b&follow=true");
  });
});
