import { describe, expect, it } from "vitest";
import { fromAggregated, fromLists, kindFind } from "./discovery";

const pods = { name: "pods", kind: "Pod", namespaced: true, verbs: ["get", "list", "watch"], shortNames: ["po"] };
const deployments = { name: "deployments", kind: "Deployment", namespaced: true, verbs: ["list"], shortNames: ["deploy"] };

describe("kinds of single groups", () => {
  const kinds = fromLists([
    {
      group: "",
      version: "v1",
      list: { groupVersion: "v1", resources: [pods, { ...pods, name: "pods/log" }, { ...pods, name: "pods/exec" }] },
    },
    { group: "apps", version: "v1", list: { groupVersion: "apps/v1", resources: [deployments] } },
    { group: "apps", version: "v1beta1", list: { groupVersion: "apps/v1beta1", resources: [deployments] } },
  ]);

  it("takes the first version, which is the preferred one", () => {
    expect(kinds.map((kind) => `${kind.id} ${kind.version}`)).toEqual(["pods v1", "deployments.apps v1"]);
  });

  it("gathers subresources at their kind", () => {
    expect(kinds[0]?.subresources).toEqual(["log", "exec"]);
  });

  it("finds a kind by any of its names", () => {
    for (const name of ["pods", "po", "Pod"]) expect(kindFind(kinds, name)?.id).toBe("pods");
    for (const name of ["deployments", "deploy", "deployments.apps"]) expect(kindFind(kinds, name)?.id).toBe("deployments.apps");
    expect(kindFind(kinds, "nothing")).toBeUndefined();
  });
});

describe("an aggregated answer", () => {
  it("says the same in one", () => {
    const kinds = fromAggregated({
      kind: "APIGroupDiscoveryList",
      items: [
        {
          metadata: { name: "stable.example.com" },
          versions: [
            {
              version: "v2",
              resources: [
                {
                  resource: "crontabs",
                  responseKind: { kind: "CronTab" },
                  scope: "Namespaced",
                  verbs: ["list", "watch"],
                  shortNames: ["ct"],
                  subresources: [{ subresource: "scale" }],
                },
                { resource: "regions", responseKind: { kind: "Region" }, scope: "Cluster", verbs: ["list"] },
              ],
            },
            { version: "v1", resources: [{ resource: "crontabs", scope: "Namespaced", verbs: ["list"] }] },
          ],
        },
      ],
    });
    expect(kinds.map((kind) => [kind.id, kind.version, kind.namespaced])).toEqual([
      ["crontabs.stable.example.com", "v2", true],
      ["regions.stable.example.com", "v2", false],
    ]);
    expect(kinds[0]).toMatchObject({ kind: "CronTab", short: ["ct"], subresources: ["scale"] });
  });
});
