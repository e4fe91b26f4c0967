import { describe, expect, it } from "vitest";
import { draftLike, draftOf, formOf, problemsAt, roleNameFault, ruleWords } from "./draft";

const ROLE = {
  name: "deployers",
  title: "Deployers",
  description: "",
  built_in: false,
  rules: [{ effect: "allow" as const, actions: ["agent_*"], agents: { names: [], tags: ["prod"] } }],
  cedar: "permit(…);",
  by_hand: false,
  step_up: true,
  assignments: 0,
  users: 0,
  version: 3,
};

describe("a role while it is written", () => {
  it("comes back as it was", () => {
    const form = formOf(draftOf(ROLE));
    expect(form).toMatchObject({ name: "deployers", step_up: true, version: 3, rules: ROLE.rules });
    expect(form).not.toHaveProperty("cedar");
  });
  it("leaves out selectors that select nothing", () => {
    const draft = draftOf({ ...ROLE, rules: [{ effect: "deny", actions: ["*"], agents: { names: [] }, kubernetes: {} }] });
    expect(formOf(draft).rules).toEqual([{ effect: "deny", actions: ["*"] }]);
  });
  it("is Cedar text alone when that was written by hand", () => {
    const form = formOf(draftOf({ ...ROLE, by_hand: true }));
    expect(form.cedar).toBe("permit(…);");
    expect(form.rules).toEqual([]);
  });
  it("is a new one when it is the likeness of another", () => {
    const form = formOf(draftLike(ROLE));
    expect(form.name).toBe("deployers-copy");
    expect(form).not.toHaveProperty("version");
  });
});

describe("what the server complains of", () => {
  const problems = [
    { at: "rules[1].agents.tags[0]", text: "no tag" },
    { at: "rules[10].actions", text: "no action" },
    { at: "name", text: "taken" },
  ];
  it("is found at its place", () => {
    expect(problemsAt(problems, "rules[1].agents.tags")).toBe("no tag");
    expect(problemsAt(problems, "rules[1]")).toBe("no tag");
    expect(problemsAt(problems, "rules[10].actions")).toBe("no action");
    expect(problemsAt(problems, "title")).toBeUndefined();
  });
});

describe("words", () => {
  it("say a rule as a sentence", () => {
    expect(ruleWords({ effect: "deny", actions: ["agent_kill"], agents: { tags: ["prod"], names: ["db-*"] } })).toBe(
      "May never agent_kill, on agents named db-* tagged prod",
    );
    expect(ruleWords({ effect: "allow", actions: [] })).toBe("May …");
  });
  it("judge names as the server does", () => {
    expect(roleNameFault("night-shift")).toBeNull();
    expect(roleNameFault("Night")).not.toBeNull();
    expect(roleNameFault("9lives")).not.toBeNull();
  });
});
