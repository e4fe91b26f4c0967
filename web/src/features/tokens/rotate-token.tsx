// A new secret for a token; the old one works for a while longer, so that nothing breaks in between.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import type { Token } from "../../api/types";
import { durationWords } from "../../ui/duration";
import { SelectField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { TokenSecret } from "./token-secret";

const OVERLAPS = [
  ["0", "At once"],
  ...[3_600, 86_400, 604_800, 2_592_000].map((seconds) => [String(seconds), `In ${durationWords(seconds)}`] as const),
] as const;

export function RotateToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const queries = useQueryClient();
  const { register, handleSubmit } = useForm<{ overlap: string }>({ defaultValues: { overlap: "86400" } });
  const rotate = useMutation({
    mutationFn: ({ overlap }: { overlap: string }) =>
      ask(api.POST("/api/v1/tokens/{id}/rotate", { params: { path: { id: token.id } }, body: { overlap_seconds: Number(overlap) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  if (rotate.data) return <TokenSecret title={`The new secret of ${token.name}`} secret={rotate.data.secret} onClose={onClose} />;
  return (
    <FormDialog
      title={`Rotate ${token.name}?`}
      description="The token gets a new secret, shown once. Put it in place before the old one ends."
      verb="Rotate"
      busy={rotate.isPending}
      failure={rotate.error}
      denial={{ action: "token_rotate", on: { kind: "token", id: token.id, name: token.name } }}
      onSubmit={handleSubmit((form) => rotate.mutate(form))}
      onClose={onClose}
    >
      <SelectField label="The old secret ends" options={OVERLAPS} {...register("overlap")} />
    </FormDialog>
  );
}
