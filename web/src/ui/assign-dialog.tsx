// Giving a role to a user, a service token or a group, with an end and a reason.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../api/client";
import { useRoleOptions } from "../api/roles";
import { ASSIGNMENT_SPANS } from "./duration";
import { SelectField, TextArea, TextField } from "./field";
import { FormDialog } from "./form-dialog";

export interface Subject {
  kind: "user" | "token" | "group";
  id: string;
  name: string;
}

interface Form {
  role: string;
  kind: Subject["kind"];
  subject: string;
  seconds: string;
  reason: string;
}

const KINDS = [
  ["user", "A user"],
  ["token", "A service token"],
  ["group", "A group of an identity provider"],
] as const;
const WHO: Record<Subject["kind"], string> = {
  user: "User name",
  token: "The token's id",
  group: "The group, as the provider names it",
};

export function AssignDialog({ subject, role, onClose }: { subject?: Subject; role?: string; onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: { role: role ?? "operator", kind: subject?.kind ?? "user", subject: subject?.id ?? "", seconds: "", reason: "" },
    mode: "onTouched",
  });
  const give = useMutation({
    mutationFn: (form: Form) =>
      ask(
        api.POST("/api/v1/admin/role-assignments", {
          body: {
            role: form.role,
            subject_kind: form.kind,
            subject: form.subject.trim(),
            reason: form.reason.trim(),
            ...(form.seconds ? { expires_in_seconds: Number(form.seconds) } : {}),
          },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await Promise.all(["assignments", "roles"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <FormDialog
      title={subject ? `Give ${subject.name} a role` : role ? `Give the role ${role}` : "Give a role"}
      verb="Give it"
      busy={give.isPending}
      failure={give.error}
      denial={{ action: "assignment_create" }}
      onSubmit={handleSubmit((form) => give.mutate(form))}
      onClose={onClose}
    >
      {!role && <SelectField label="Role" options={roles} {...register("role")} />}
      {!subject && (
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label="To" options={KINDS} {...register("kind")} />
          <TextField
            label={WHO[watch("kind")]}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={formState.errors.subject?.message}
            {...register("subject", { required: "Say who." })}
          />
        </div>
      )}
      <SelectField label="For" options={ASSIGNMENT_SPANS} {...register("seconds")} />
      <TextArea
        label="Reason"
        hint="Kept in the audit trail."
        rows={2}
        maxLength={500}
        error={formState.errors.reason?.message}
        {...register("reason", { validate: (value) => value.trim() !== "" || "Give a reason." })}
      />
    </FormDialog>
  );
}
