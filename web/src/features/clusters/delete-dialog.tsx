// The question before an object is deleted: what goes with it, and how. The door writes down who did it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { kindFind } from "../../api/kube/discovery";
import { kubeJson, kubeSend } from "../../api/kube/door";
import { listPath, objectPath } from "../../api/kube/paths";
import type { Kind, KubeObject, Ref } from "../../api/kube/types";
import { Confirm } from "../../ui/confirm";
import { SelectField } from "../../ui/field";
import { plural } from "../../ui/format";
import { Skeleton } from "../../ui/states";
import { refOf } from "./resource-table";

const OPTIONS = [
  ["Background", "Delete it at once, what it owns after it"],
  ["Foreground", "Delete what it owns first"],
  ["Orphan", "Leave what it owns"],
] as const;
/** Which kinds may hold what an object owns. */
const OWNED: Record<string, readonly string[]> = {
  "deployments.apps": ["replicasets.apps", "pods"],
  "statefulsets.apps": ["pods"],
  "daemonsets.apps": ["pods"],
  "replicasets.apps": ["pods"],
  "jobs.batch": ["pods"],
  "cronjobs.batch": ["jobs.batch", "pods"],
};
/** What a namespace's end takes with it, as far as it is told beforehand. */
const INSIDE = ["deployments.apps", "statefulsets.apps", "daemonsets.apps", "pods", "services", "persistentvolumeclaims", "secrets"];
const NAMED_MOST = 8;

interface Touched {
  kind: Kind;
  names: string[];
}

/** The objects that go with it: for a namespace all in it, else those that it owns, and those that they own. */
async function touched(cluster: string, kinds: readonly Kind[], kind: Kind, object: KubeObject): Promise<Touched[]> {
  const space = kind.id === "namespaces";
  const namespace = space ? object.metadata.name : (object.metadata.namespace ?? "");
  const owners = new Set([object.metadata.uid]);
  const found: Touched[] = [];
  for (const id of space ? INSIDE : (OWNED[kind.id] ?? [])) {
    const each = kindFind(kinds, id);
    if (!each) continue;
    const list = await kubeJson<{ items: KubeObject[] }>(cluster, `${listPath(each, namespace)}?limit=500`);
    const mine = space ? list.items : list.items.filter((item) => item.metadata.ownerReferences?.some((owner) => owners.has(owner.uid)));
    for (const item of mine) owners.add(item.metadata.uid);
    if (mine.length > 0) found.push({ kind: each, names: mine.map((item) => item.metadata.name) });
  }
  return found;
}

function remove(cluster: string, kind: Kind, ref: Ref, object: KubeObject, propagationPolicy: string): Promise<unknown> {
  // Another object of the same name, made in the meantime, is not what was looked at.
  const preconditions = { uid: object.metadata.uid };
  return kubeSend(cluster, "DELETE", objectPath(kind, ref), { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy, preconditions });
}

interface Props {
  cluster: string;
  kinds: readonly Kind[];
  kind: Kind;
  object: KubeObject;
  onClose: () => void;
  onGone: () => void;
}

export function DeleteDialog({ cluster, kinds, kind, object, onClose, onGone }: Props) {
  const ref = refOf(object);
  const [policy, setPolicy] = useState<string>("Background");
  const wide = kind.id === "namespaces" || kind.plural === "customresourcedefinitions";
  const owns = kind.id in OWNED;
  const list = useQuery({
    queryKey: ["kube-touched", cluster, object.metadata.uid],
    queryFn: () => touched(cluster, kinds, kind, object),
    enabled: owns || wide,
    staleTime: 0,
  });
  return (
    <Confirm
      title={`Delete ${kind.kind} ${ref.name}?`}
      verb="Delete"
      {...(wide ? { type: ref.name } : {})}
      onGo={async () => {
        await remove(cluster, kind, ref, object, policy);
        onGone();
      }}
      onClose={onClose}
    >
      <div className="flex flex-col gap-4">
        <p>
          {wide ? "Everything in it is deleted with it, for good." : "It cannot be brought back."}
          {object.metadata.ownerReferences?.some((owner) => owner.controller) && " Its owner will most likely make another in its place."}
        </p>
        {(owns || wide) && list.isPending && <Skeleton className="h-10" />}
        {list.error && <p className="text-warn">What goes with it could not be read: {list.error.message}</p>}
        {list.data && list.data.length > 0 && policy !== "Orphan" && (
          <div>
            <div className="mb-1 font-medium text-ink">With it go</div>
            <ul className="max-h-48 overflow-y-auto rounded-lg border border-line px-3 py-1.5">
              {list.data.map((each) => (
                <li key={each.kind.id} className="py-0.5">
                  <span className="font-medium text-ink">{plural(each.names.length, each.kind.kind, each.kind.plural)}</span>
                  <span className="break-all text-xs">
                    : {each.names.slice(0, NAMED_MOST).join(", ")}
                    {each.names.length > NAMED_MOST && " and more"}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {owns && <SelectField label="What it owns" options={OPTIONS} value={policy} onChange={(event) => setPolicy(event.target.value)} />}
      </div>
    </Confirm>
  );
}
