// How many replicas a workload is to have, set by its `scale`.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FIELD_MANAGER, kubeJson, kubeSend } from "../../api/kube/door";
import { objectPath } from "../../api/kube/paths";
import type { Kind, KubeObject } from "../../api/kube/types";
import { TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { plural } from "../../ui/format";
import { MERGE } from "./object-actions";
import { refOf } from "./resource-table";

const MOST = 10_000;

interface Scale {
  spec?: { replicas?: number };
}

interface Props {
  cluster: string;
  kind: Kind;
  object: KubeObject;
  onClose: () => void;
}

export function ScaleDialog({ cluster, kind, object, onClose }: Props) {
  const ref = refOf(object);
  const path = objectPath(kind, ref, "scale");
  const now = useQuery({ queryKey: ["kube-scale", cluster, path], queryFn: () => kubeJson<Scale>(cluster, path), staleTime: 0 });
  const is = now.data?.spec?.replicas;
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (is === undefined ? "" : String(is));
  const wanted = /^\d+$/.test(shown) && Number(shown) <= MOST ? Number(shown) : null;
  const go = useMutation({
    mutationFn: (replicas: number) => kubeSend(cluster, "PATCH", `${path}?fieldManager=${FIELD_MANAGER}`, { spec: { replicas } }, MERGE),
    onSuccess: onClose,
  });
  const same = wanted !== null && wanted === is;
  return (
    <FormDialog
      title={`Scale ${ref.name}`}
      description={is === undefined ? undefined : `It is to have ${plural(is, "replica")} now.`}
      verb={wanted === 0 ? "Stop all replicas" : "Scale"}
      busy={go.isPending}
      failure={go.error ?? now.error}
      reason={wanted === null ? "Say how many." : same ? "That is what it has." : null}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== null && !same) go.mutate(wanted);
      }}
      onClose={onClose}
    >
      <TextField
        label="Replicas"
        inputMode="numeric"
        autoFocus
        value={shown}
        error={shown !== "" && wanted === null ? `A whole number up to ${MOST}.` : undefined}
        hint={wanted === 0 ? "With none it serves nobody." : undefined}
        onChange={(event) => setText(event.target.value.trim())}
      />
    </FormDialog>
  );
}
