import { describe, expect, it } from "vitest";
import { complete } from "./complete";
import { kubectlWords, splitWords, wantsTerminal } from "./quote";

describe("a line of the console", () => {
  it.each([
    ["get pods", ["get", "pods"]],
    ["  get   pods\t-A ", ["get", "pods", "-A"]],
    [`get pods -l 'app in (a, b)'`, ["get", "pods", "-l", "app in (a, b)"]],
    [`get -o jsonpath='{.items[0].metadata.name}'`, ["get", "-o", "jsonpath={.items[0].metadata.name}"]],
    [`annotate pod x note="it's \\"so\\""`, ["annotate", "pod", "x", `note=it's "so"`]],
    [`label pod x a= ''`, ["label", "pod", "x", "a=", ""]],
    [`get pods a\\ b`, ["get", "pods", "a b"]],
    [`patch x -p '{"spec":{"a":1}}'`, ["patch", "x", "-p", '{"spec":{"a":1}}']],
    [`get x -o custom-columns="A:.a|.b;c"`, ["get", "x", "-o", "custom-columns=A:.a|.b;c"]],
  ])("cuts %s", (line, words) => {
    expect(splitWords(line)).toEqual({ words, error: null });
  });

  it("leaves the program's name out", () => {
    expect(kubectlWords("kubectl get pods").words).toEqual(["get", "pods"]);
    expect(kubectlWords("k get pods").words).toEqual(["get", "pods"]);
    expect(kubectlWords("").words).toEqual([]);
  });

  it.each(["get pods | grep x", "get pods > file", "get pods; get nodes", "get pods && x", "get $(x)", "get `x`", "apply < file"])(
    "refuses what only a shell does: %s",
    (line) => {
      expect(splitWords(line).words).toBeNull();
      expect(splitWords(line).error).toMatch(/cannot be done here/);
    },
  );

  it.each(["get 'pods", 'get "pods', "get pods\\"])("says what is not closed: %s", (line) => {
    expect(splitWords(line).words).toBeNull();
  });

  it("knows what wants a terminal", () => {
    for (const line of ["exec -it web -- sh", "exec -i -t web -- sh", "run x --stdin --tty --image=a", "edit deploy web"])
      expect(wantsTerminal(splitWords(line).words ?? [])).toBe(true);
    for (const line of ["exec web -- sh -it", "exec -i web -- sh", "get pods -it", "logs -f web"])
      expect(wantsTerminal(splitWords(line).words ?? [])).toBe(false);
  });
});

describe("completion", () => {
  const kind = { group: "apps", version: "v1", namespaced: true, verbs: [], short: [], subresources: [], kind: "" };
  const kinds = ["deployments", "daemonsets"].map((plural) => ({ ...kind, plural, id: `${plural}.apps` }));

  it("completes verbs and kinds as far as they are clear", () => {
    expect(complete("desc", kinds)).toBe("describe ");
    expect(complete("get dep", kinds)).toBe("get deployments");
    expect(complete("get deployments.", kinds)).toBe("get deployments.apps ");
  });

  it("lets the key pass where there is nothing to say", () => {
    for (const line of ["", "get ", "get d", "get nothing", "logs dep"]) expect(complete(line, kinds)).toBeNull();
  });
});
