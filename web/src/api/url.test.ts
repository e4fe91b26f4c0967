import { describe, expect, it } from "vitest";
import { safeNext, searchParse, searchText } from "./url";

describe("what the URL says", () => {
  it("is read back as it was written", () => {
    const search = { status: "offline,degraded", tag: "team:payments", q: "a b" };
    expect(searchText(search)).toBe("?status=offline,degraded&tag=team:payments&q=a+b");
    expect(searchParse(searchText(search).slice(1))).toEqual(search);
  });

  it("leaves out what is not set and what it does not know", () => {
    expect(searchText({ q: undefined, sort: "" })).toBe("");
    expect(searchParse("q=x&evil=1&tab=")).toEqual({ q: "x" });
  });
});

describe("where a login leads", () => {
  it("is never another site", () => {
    for (const bad of [undefined, "", "https://evil", "//evil", "/\\evil", "javascript:alert(1)", "/login", "/setup"])
      expect(safeNext(bad)).toBe("/");
    expect(safeNext("/agents?status=offline")).toBe("/agents?status=offline");
  });
});
