// Setting a user's password.
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import type { User } from "../../api/types";
import { FormDialog } from "../../ui/form-dialog";
import { passwordFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";

export function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const { register, handleSubmit, watch, formState } = useForm<{ password: string }>({
    defaultValues: { password: "" },
    mode: "onTouched",
  });
  const save = useMutation({
    mutationFn: ({ password }: { password: string }) =>
      ask(api.PATCH("/api/v1/admin/users/{id}", { params: { path: { id: user.id } }, body: { password } })),
    onSuccess: onClose,
  });
  return (
    <FormDialog
      title={`Set the password of ${user.username}`}
      description="All of the user's sessions end. A reset link lets them choose by themselves."
      verb="Set the password"
      busy={save.isPending}
      failure={save.error}
      denial={{ action: "user_update", on: { kind: "user", id: user.id, name: user.username } }}
      onSubmit={handleSubmit((form) => save.mutate(form))}
      onClose={onClose}
    >
      <NewPasswordField
        label="New password"
        current={watch("password")}
        username={user.username}
        error={formState.errors.password?.message}
        {...register("password", { validate: (value) => passwordFault(user.username, value) ?? true })}
      />
    </FormDialog>
  );
}
