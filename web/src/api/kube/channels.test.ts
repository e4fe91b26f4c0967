import { describe, expect, it } from "vitest";
import { CHANNEL, ending, frameSize, frameText, unframe } from "./channels";
import { tokenProtocol } from "./door";
import { apiVersionParse, listPath, objectPath, refParse, refText } from "./paths";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe("channels", () => {
  it("puts the channel before what is said, and takes it off again", () => {
    const sent = frameText(CHANNEL.stdin, "ls -l ✓\n");
    expect(sent[0]).toBe(0);
    const back = unframe(sent.buffer);
    expect(back?.channel).toBe(0);
    expect(new TextDecoder().decode(back?.data)).toBe("ls -l ✓\n");
    expect(unframe(new ArrayBuffer(0))).toBeNull();
  });

  it("says a size as the protocol wants it", () => {
    const size = frameSize(120, 40);
    expect(size[0]).toBe(4);
    expect(JSON.parse(new TextDecoder().decode(size.subarray(1)))).toEqual({ Width: 120, Height: 40 });
  });

  it("reads how a program ended, of either side", () => {
    expect(ending(bytes({ status: "Success" }))).toEqual({ code: 0, text: "" });
    const failed = { status: "Failure", message: "exit status 3", details: { causes: [{ reason: "ExitCode", message: "3" }] } };
    expect(ending(bytes(failed))).toEqual({ code: 3, text: "exit status 3" });
    expect(ending(bytes({ status: "Failure", message: "no such container" }))).toEqual({ code: null, text: "no such container" });
    expect(ending(bytes({ exit_code: 2 }))).toEqual({ code: 2, text: "" });
    expect(ending(bytes({ error: "the agent went away" }))).toEqual({ code: null, text: "the agent went away" });
    expect(ending(new TextEncoder().encode("plain words")).text).toBe("plain words");
  });

  it("carries a token as a protocol without padding", () => {
    expect(tokenProtocol("secret")).toBe("base64url.bearer.authorization.k8s.io.c2VjcmV0");
    expect(tokenProtocol("a?>~")).not.toMatch(/[+/=]/);
  });
});

describe("addresses", () => {
  const pods = { group: "", version: "v1", plural: "pods", namespaced: true };
  const nodes = { group: "", version: "v1", plural: "nodes", namespaced: false };
  const deployments = { group: "apps", version: "v1", plural: "deployments", namespaced: true };

  it("are those of the API server", () => {
    expect(listPath(pods, "")).toBe("/api/v1/pods");
    expect(listPath(deployments, "shop")).toBe("/apis/apps/v1/namespaces/shop/deployments");
    expect(listPath(nodes, "shop")).toBe("/api/v1/nodes");
    expect(objectPath(deployments, { namespace: "shop", name: "web" }, "scale")).toBe(
      "/apis/apps/v1/namespaces/shop/deployments/web/scale",
    );
    // What is no name of an object can still stand in a URL that somebody was sent.
    expect(objectPath(pods, { namespace: "a", name: "../../secrets" })).toBe("/api/v1/namespaces/a/pods/..%2F..%2Fsecrets");
  });

  it("are written and read back", () => {
    for (const ref of [
      { namespace: "shop", name: "web" },
      { namespace: "", name: "node-1" },
    ])
      expect(refParse(refText(ref))).toEqual(ref);
    expect(apiVersionParse("apps/v1")).toEqual({ group: "apps", version: "v1" });
    expect(apiVersionParse("v1")).toEqual({ group: "", version: "v1" });
  });
});
