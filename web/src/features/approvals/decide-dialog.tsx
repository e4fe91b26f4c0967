// Granting or denying a request. A grant can be shorter than what was asked; a denial says why.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import type { AccessRequest } from "../../api/types";
import { ACCESS_SPANS, durationWords } from "../../ui/duration";
import { SelectField, TextArea } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { wishWords } from "./words";

interface Form {
  reason: string;
  seconds: string;
}

interface Props {
  request: AccessRequest;
  verdict: "approve" | "deny";
  onClose: () => void;
}

export function DecideDialog({ request, verdict, onClose }: Props) {
  const queries = useQueryClient();
  const approve = verdict === "approve";
  const { register, handleSubmit, formState } = useForm<Form>({
    defaultValues: { reason: "", seconds: String(request.duration_seconds) },
    mode: "onTouched",
  });
  const params = { path: { id: request.id } };
  const decide = useMutation({
    mutationFn: ({ reason, seconds }: Form) => {
      const why = reason.trim();
      if (!approve) return ask(api.POST("/api/v1/access-requests/{id}/deny", { params, body: { reason: why } }));
      const body = { duration_seconds: Number(seconds), ...(why ? { reason: why } : {}) };
      return ask(api.POST("/api/v1/access-requests/{id}/approve", { params, body }));
    },
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["access-requests"] }),
  });
  const asked = [String(request.duration_seconds), durationWords(request.duration_seconds)] as const;
  const shorter = ACCESS_SPANS.filter(([seconds]) => Number(seconds) < request.duration_seconds);
  return (
    <FormDialog
      title={
        approve ? `Grant ${request.requester.username} ${wishWords(request)}?` : `Deny ${request.requester.username} ${wishWords(request)}?`
      }
      description={`“${request.reason}”`}
      verb={approve ? "Approve" : "Deny"}
      busy={decide.isPending}
      failure={decide.error}
      denial={{ action: `access_request_${verdict}`, on: { kind: "access_request", id: request.id, name: wishWords(request) } }}
      onSubmit={handleSubmit((form) => decide.mutate(form))}
      onClose={onClose}
    >
      {approve && <SelectField label="For" hint="It ends by itself." options={[...shorter, asked]} {...register("seconds")} />}
      <TextArea
        label={approve ? "Word to them (may be empty)" : "Reason"}
        hint="Kept in the audit trail."
        rows={2}
        maxLength={500}
        error={formState.errors.reason?.message}
        {...register("reason", { validate: (value) => approve || value.trim() !== "" || "Say why." })}
      />
    </FormDialog>
  );
}
