// What can be done with an object. What the role forbids is greyed and says so: the gate was asked about all of it at once.
import { Maximize, RotateCw, SquareTerminal, Trash2 } from "lucide-react";
import { useState } from "react";
import { useChecks, wish } from "../../api/kube/check";
import { FIELD_MANAGER, kubeSend } from "../../api/kube/door";
import { objectPath } from "../../api/kube/paths";
import type { Kind, KubeObject } from "../../api/kube/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Menu, MenuItem } from "../../ui/menu";
import { DeleteDialog } from "./delete-dialog";
import { containersOf, openShell, useExecReason } from "./pod-containers";
import { refOf } from "./resource-table";
import { ScaleDialog } from "./scale-dialog";

const RESTARTABLE = new Set(["deployments.apps", "statefulsets.apps", "daemonsets.apps"]);
export const MERGE = "application/merge-patch+json";

interface Props {
  cluster: string;
  kinds: readonly Kind[];
  kind: Kind;
  object: KubeObject;
  onGone: () => void;
}

/** Has the pods of a workload replaced one after the other: what `kubectl rollout restart` does. */
function restart(cluster: string, kind: Kind, object: KubeObject): Promise<unknown> {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const path = `${objectPath(kind, refOf(object))}?fieldManager=${FIELD_MANAGER}`;
  return kubeSend(cluster, "PATCH", path, { spec: { template: { metadata: { annotations } } } }, MERGE);
}

export function ObjectActions({ cluster, kinds, kind, object, onGone }: Props) {
  const ref = refOf(object);
  const [asked, setAsked] = useState<"scale" | "restart" | "delete" | null>(null);
  const [noPatch, noScale, noDelete] = useChecks(cluster, [
    wish("patch", kind, ref),
    wish("patch", kind, ref, "scale"),
    wish("delete", kind, ref),
  ]);
  const close = () => setAsked(null);
  return (
    <div className="flex flex-wrap gap-2">
      {kind.id === "pods" && <ShellButton cluster={cluster} pod={object} />}
      {kind.subresources.includes("scale") && (
        <Button size="sm" reason={noScale} icon={<Maximize size={14} aria-hidden />} onClick={() => setAsked("scale")}>
          Scale
        </Button>
      )}
      {RESTARTABLE.has(kind.id) && (
        <Button size="sm" reason={noPatch} icon={<RotateCw size={14} aria-hidden />} onClick={() => setAsked("restart")}>
          Restart
        </Button>
      )}
      {kind.verbs.includes("delete") && (
        <Button
          size="sm"
          look="danger"
          reason={object.metadata.deletionTimestamp ? "It is being deleted already." : noDelete}
          icon={<Trash2 size={14} aria-hidden />}
          onClick={() => setAsked("delete")}
        >
          Delete…
        </Button>
      )}
      {asked === "scale" && <ScaleDialog cluster={cluster} kind={kind} object={object} onClose={close} />}
      {asked === "restart" && (
        <Confirm title={`Restart ${ref.name}?`} verb="Restart" calm onGo={() => restart(cluster, kind, object)} onClose={close}>
          Its pods are replaced one after the other, as its update strategy says. With the strategy Recreate, or a single replica, it is
          away for a moment.
        </Confirm>
      )}
      {asked === "delete" && <DeleteDialog cluster={cluster} kinds={kinds} kind={kind} object={object} onClose={close} onGone={onGone} />}
    </div>
  );
}

function ShellButton({ cluster, pod }: { cluster: string; pod: KubeObject }) {
  const reason = useExecReason(cluster, pod);
  const containers = containersOf(pod).filter((each) => !each.init);
  const icon = <SquareTerminal size={14} aria-hidden />;
  if (reason || containers.length < 2) {
    return (
      <Button size="sm" reason={reason} icon={icon} onClick={() => openShell(cluster, pod, containers[0]?.name ?? "")}>
        Terminal
      </Button>
    );
  }
  return (
    <Menu
      align="start"
      trigger={
        <Button size="sm" icon={icon}>
          Terminal
        </Button>
      }
    >
      {containers.map((each) => (
        <MenuItem key={each.name} icon={icon} onClick={() => openShell(cluster, pod, each.name)}>
          {each.name}
        </MenuItem>
      ))}
    </Menu>
  );
}
