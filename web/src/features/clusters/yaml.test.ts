import { describe, expect, it } from "vitest";
import { diff, diffAll } from "./diff";
import { yamlOf, yamlParse } from "./yaml-text";

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop", uid: "u", managedFields: [{ manager: "x" }] },
  data: { text: "a\nb\n", yes: "yes", number: "12" },
};

describe("YAML", () => {
  it("comes back as it went", () => {
    const text = yamlOf(object);
    expect(text).not.toContain("managedFields");
    expect(yamlOf(object, true)).toContain("managedFields");
    // What looks like another type stays text.
    expect(yamlParse(text, object).object?.data).toEqual(object.data);
  });

  it("says where it cannot be read", () => {
    expect(yamlParse("a: [1,\nb: 2", object).error).toMatch(/^Line \d: /);
    expect(yamlParse("- a", object).error).toMatch(/no object/);
  });

  it("stays the same object", () => {
    expect(yamlParse(yamlOf(object).replace("name: settings", "name: other"), object).error).toMatch(/stay what they are/);
  });
});

describe("a diff", () => {
  it("tells every line once", () => {
    const lines = diffAll("a\nb\nc", "a\nx\nc\nd");
    expect(lines.map((line) => `${line.kind} ${line.text}`)).toEqual(["same a", "gone b", "new x", "same c", "new d"]);
  });

  it.each([
    ["", "a"],
    ["a\nb\nc\nd", "d\nc\nb\na"],
    ["x\na\nb\nc\ny", "a\nb\nq\nc"],
  ])("rebuilds both texts from %j and %j", (before, after) => {
    const lines = diffAll(before, after);
    const side = (not: string) =>
      lines
        .filter((line) => line.kind !== not)
        .map((line) => line.text)
        .join("\n");
    expect(side("new")).toBe(before);
    expect(side("gone")).toBe(after);
  });

  it("skips what is alike, and is empty where nothing differs", () => {
    const many = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const lines = diff(many.join("\n"), many.with(15, "other").join("\n"));
    expect(lines.filter((line) => line.kind === "skip").map((line) => line.text)).toEqual(["12 lines alike", "11 lines alike"]);
    expect(lines).toHaveLength(10);
    expect(diff("a\nb", "a\nb")).toEqual([]);
  });
});
