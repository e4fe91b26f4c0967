import { describe, expect, it } from "vitest";
import { KubeError } from "./door";
import type { KubeObject, Table } from "./types";
import { type ListDeps, LiveList, reduce, type WatchEvent } from "./watch";

function object(name: string, version: string): KubeObject {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: version } };
}

function table(...objects: KubeObject[]): Table {
  return { kind: "Table", metadata: {}, rows: objects.map((each) => ({ cells: [each.metadata.name], object: each })) };
}

const event = (type: WatchEvent["type"], ...objects: KubeObject[]): WatchEvent => ({ type, object: table(...objects) });

describe("a batch of a watch", () => {
  it("keeps the last word about each object", () => {
    const change = reduce([event("ADDED", object("a", "5")), event("MODIFIED", object("a", "6")), event("ADDED", object("b", "7"))]);
    expect([...change.upserts.keys()]).toEqual(["uid-a", "uid-b"]);
    expect(change.upserts.get("uid-a")?.object.metadata.resourceVersion).toBe("6");
    expect(change.resourceVersion).toBe("7");
  });

  it("takes away what was deleted, and back what came again", () => {
    const gone = reduce([event("ADDED", object("a", "5")), event("DELETED", object("a", "6"))]);
    expect(gone.upserts.size).toBe(0);
    expect([...gone.removals]).toEqual(["uid-a"]);
    const back = reduce([event("DELETED", object("a", "6")), event("ADDED", object("a", "7"))]);
    expect(back.removals.size).toBe(0);
    expect(back.upserts.size).toBe(1);
  });

  it("moves its place by bookmarks without a row", () => {
    const change = reduce([event("BOOKMARK", object("", "99"))]);
    expect(change.resourceVersion).toBe("99");
    expect(change.upserts.size).toBe(0);
  });

  it("tells a forgotten place from a failure, and reads nothing behind either", () => {
    const status = (code: number): WatchEvent => ({ type: "ERROR", object: { kind: "Status", code } });
    const expired = reduce([event("ADDED", object("a", "5")), status(410), event("ADDED", object("b", "6"))]);
    expect(expired.expired).toBe(true);
    expect([...expired.upserts.keys()]).toEqual(["uid-a"]);
    expect(reduce([status(500)]).failure?.code).toBe(500);
  });

  it("reads whole objects where the server makes no tables", () => {
    const change = reduce([{ type: "ADDED", object: { ...object("a", "3"), kind: "Thing" } }]);
    expect(change.upserts.get("uid-a")?.cells[0]).toBe("a");
    expect(change.resourceVersion).toBe("3");
  });
});

function listed(version: string, ...objects: KubeObject[]): Table {
  return { ...table(...objects), metadata: { resourceVersion: version }, columnDefinitions: [] };
}

/** A stream that says these events and ends. */
function stream(...events: WatchEvent[]): Response {
  return new Response(events.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

/** A list over scripted answers; `done` resolves when the script is at its end. */
function scripted(lists: Table[], watches: (Response | Error)[]) {
  const asked: string[] = [];
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  const deps: ListDeps = {
    json: (async (_cluster: string, path: string) => {
      asked.push(path);
      return lists.shift();
    }) as ListDeps["json"],
    fetch: async (_cluster, path) => {
      asked.push(path);
      const next = watches.shift();
      if (next === undefined) {
        end();
        return new Promise<Response>(() => undefined);
      }
      if (next instanceof Error) throw next;
      return next;
    },
    random: () => 0,
  };
  return { list: new LiveList({ cluster: "dev", path: "/api/v1/pods", labels: "app=web", watchable: true }, deps), asked, done };
}

const names = (list: LiveList) => [...list.rows.values()].map((row) => row.object.metadata.name).sort();

describe("a live list", () => {
  it("reads page by page, then watches from there", async () => {
    const first = listed("10", object("a", "1"));
    first.metadata.continue = "more";
    const { list, asked, done } = scripted([first, listed("10", object("b", "2"))], [stream(event("ADDED", object("c", "11")))]);
    list.start();
    await done;
    expect(names(list)).toEqual(["a", "b", "c"]);
    expect(asked[0]).toContain("labelSelector=app%3Dweb");
    expect(asked[1]).toContain("continue=more");
    expect(asked[2]).toContain("resourceVersion=10");
    // It goes on where it stopped.
    expect(asked[3]).toContain("resourceVersion=11");
    expect(list.snapshot().phase).toBe("live");
    list.stop();
  });

  it("reads anew when its place is forgotten, and drops what is gone", async () => {
    const expired: WatchEvent = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };
    const { list, asked, done } = scripted(
      [listed("10", object("a", "1"), object("b", "2")), listed("20", object("b", "2"))],
      [stream(expired)],
    );
    list.start();
    await done;
    expect(names(list)).toEqual(["b"]);
    expect(asked.filter((path) => path.includes("limit="))).toHaveLength(2);
    list.stop();
  });

  it("keeps its rows through a loss, and says that it waits", async () => {
    const { list, done } = scripted(
      [listed("10", object("a", "1"))],
      [new Error("the network is away"), stream(event("DELETED", object("a", "12")))],
    );
    const phases: string[] = [];
    list.subscribe(() => phases.push(list.snapshot().phase));
    list.start();
    await done;
    expect(phases).toContain("waiting");
    expect(names(list)).toEqual([]);
    list.stop();
  });

  it("stops at a refusal", async () => {
    const refused = new KubeError({ message: "pods is forbidden" }, 403);
    const { list } = scripted([listed("10")], [refused]);
    await new Promise<void>((resolve) => {
      list.subscribe(() => list.snapshot().phase === "failed" && resolve());
      list.start();
    });
    expect(list.snapshot().error?.message).toBe("pods is forbidden");
  });
});
