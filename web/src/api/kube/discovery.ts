// Which kinds of objects a cluster has: in two answers where the API server can (1.26 and later), else group by group.
import { kubeJson } from "./door";
import { groupPath } from "./paths";
import type { Kind } from "./types";

const AGGREGATED = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat("application/json")
  .join(",");
/** Questions at once where each group is asked. */
const AT_ONCE = 8;

interface DiscoveredResource {
  resource: string;
  responseKind?: { kind?: string };
  scope: string;
  verbs: string[];
  shortNames?: string[];
  subresources?: { subresource: string }[];
}

interface GroupDiscovery {
  kind: "APIGroupDiscoveryList";
  items: { metadata?: { name?: string }; versions: { version: string; resources?: DiscoveredResource[]; freshness?: string }[] }[];
}

interface GroupList {
  kind: "APIGroupList";
  groups: { name: string; versions: { groupVersion: string; version: string }[]; preferredVersion?: { version: string } }[];
}

interface Versions {
  kind: "APIVersions";
  versions: string[];
}

export interface ResourceList {
  groupVersion: string;
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[]; shortNames?: string[] }[];
}

export function kindId(plural: string, group: string): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** The kinds of an aggregated answer; of each, the version that comes first, which is the preferred one. */
export function fromAggregated(list: GroupDiscovery): Kind[] {
  const found = new Map<string, Kind>();
  for (const group of list.items) {
    const name = group.metadata?.name ?? "";
    for (const { version, resources } of group.versions) {
      for (const each of resources ?? []) {
        const id = kindId(each.resource, name);
        if (found.has(id)) continue;
        found.set(id, {
          id,
          group: name,
          version,
          plural: each.resource,
          kind: each.responseKind?.kind ?? each.resource,
          namespaced: each.scope === "Namespaced",
          verbs: each.verbs,
          short: each.shortNames ?? [],
          subresources: (each.subresources ?? []).map((sub) => sub.subresource),
        });
      }
    }
  }
  return [...found.values()];
}

/** The kinds of the answers of single groups, given in order of preference. */
export function fromLists(lists: readonly { group: string; version: string; list: ResourceList }[]): Kind[] {
  const found = new Map<string, Kind>();
  for (const { group, version, list } of lists) {
    const subs = new Map<string, string[]>();
    for (const { name } of list.resources) {
      const [plural = "", sub] = name.split("/");
      if (sub) subs.set(plural, [...(subs.get(plural) ?? []), sub]);
    }
    for (const each of list.resources) {
      if (each.name.includes("/")) continue;
      const id = kindId(each.name, group);
      if (found.has(id)) continue;
      found.set(id, {
        id,
        group,
        version,
        plural: each.name,
        kind: each.kind,
        namespaced: each.namespaced,
        verbs: each.verbs,
        short: each.shortNames ?? [],
        subresources: subs.get(each.name) ?? [],
      });
    }
  }
  return [...found.values()];
}

async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const run = async () => {
    for (let place = next++; place < items.length; place = next++) {
      const item = items[place];
      if (item !== undefined) answers[place] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return answers;
}

async function oneByOne(cluster: string, core: Versions, groups: GroupList): Promise<Kind[]> {
  const wanted = core.versions.map((version) => ({ group: "", version }));
  for (const group of groups.groups) {
    const first = group.preferredVersion?.version;
    const versions = group.versions.map((each) => each.version);
    for (const version of [...versions].sort((a, b) => Number(b === first) - Number(a === first)))
      wanted.push({ group: group.name, version });
  }
  const lists = await each(wanted, async ({ group, version }) => {
    // One group whose own server is away must not hide all others.
    const list = await kubeJson<ResourceList>(cluster, groupPath({ group, version })).catch(() => null);
    return list ? { group, version, list } : null;
  });
  return fromLists(lists.filter((list) => list !== null));
}

/** Every kind that can be listed, by name. */
export async function discover(cluster: string): Promise<Kind[]> {
  const headers = { accept: AGGREGATED };
  const [core, groups] = await Promise.all([
    kubeJson<GroupDiscovery | Versions>(cluster, "/api", { headers }),
    kubeJson<GroupDiscovery | GroupList>(cluster, "/apis", { headers }),
  ]);
  const aggregated = core.kind === "APIGroupDiscoveryList" && groups.kind === "APIGroupDiscoveryList";
  const kinds = aggregated
    ? [...fromAggregated(core as GroupDiscovery), ...fromAggregated(groups as GroupDiscovery)]
    : await oneByOne(cluster, core as Versions, groups as GroupList);
  return kinds.filter((kind) => kind.verbs.includes("list")).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The kind that a name means: `pods`, `po`, `Pod`, `deployments.apps`, `deploy`. */
export function kindFind(kinds: readonly Kind[], name: string): Kind | undefined {
  const low = name.toLowerCase();
  return (
    kinds.find((kind) => kind.id === low) ??
    kinds.find((kind) => kind.plural === low || kind.kind.toLowerCase() === low || kind.short.includes(low))
  );
}

/** The kind of an object by what the object says of itself. */
export function kindOf(kinds: readonly Kind[], group: string, kind: string): Kind | undefined {
  return kinds.find((each) => each.group === group && each.kind === kind);
}
