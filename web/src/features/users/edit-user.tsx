// A user's shown name, address and own role.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { reasonText, useMe, useWhyNot } from "../../api/me";
import { useRoleOptions } from "../../api/roles";
import type { User } from "../../api/types";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";

interface Form {
  display_name: string;
  email: string;
  role: string;
}

export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const own = useMe()?.id === user.id;
  const mayGive = useWhyNot("user_set_role", { kind: "user", id: user.id, name: user.username });
  const { register, handleSubmit, formState } = useForm<Form>({
    defaultValues: { display_name: user.display_name, email: user.email ?? "", role: user.role },
    mode: "onTouched",
  });
  const save = useMutation({
    mutationFn: async ({ display_name, email, role }: Form) => {
      const params = { path: { id: user.id } };
      if (display_name.trim() !== user.display_name || email.trim() !== (user.email ?? "")) {
        const body = { display_name: display_name.trim(), email: email.trim() };
        await ask(api.PATCH("/api/v1/admin/users/{id}", { params, body }));
      }
      if (role !== user.role) await ask(api.PUT("/api/v1/admin/users/{id}/roles", { params, body: { role } }));
    },
    onSuccess: onClose,
    onSettled: () => Promise.all(["users", "user"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  return (
    <FormDialog
      title={`Edit ${user.username}`}
      verb="Save"
      busy={save.isPending}
      failure={save.error}
      denial={{ action: "user_update", on: { kind: "user", id: user.id, name: user.username } }}
      reason={formState.isDirty ? null : "Nothing has changed."}
      onSubmit={handleSubmit((form) => save.mutate(form))}
      onClose={onClose}
    >
      <TextField label="Name shown" autoComplete="off" maxLength={80} placeholder={user.username} {...register("display_name")} />
      <TextField
        label="E-mail address"
        type="email"
        autoComplete="off"
        hint={user.email_verified ? "Verified. A changed one is not." : "Not verified."}
        error={formState.errors.email?.message}
        {...register("email", { validate: (value) => value === "" || /.@./.test(value) || "This is no e-mail address." })}
      />
      <SelectField
        label="Role"
        options={roles.some(([name]) => name === user.role) ? roles : [...roles, [user.role, user.role]]}
        disabled={own || Boolean(mayGive)}
        hint={
          own
            ? "You cannot change your own role. Ask another admin."
            : (reasonText(mayGive) ?? "The role they always have; further ones are given below their name.")
        }
        {...register("role")}
      />
    </FormDialog>
  );
}
