// Adding a user, and setting a user's password.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEventHandler, type ReactNode, useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { Role, User } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { SelectField, TextField } from "../../ui/field";
import { passwordFault, userNameFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Notice } from "../../ui/states";

const ROLE_OPTIONS = [
  ["viewer", "Viewer: reads"],
  ["developer", "Developer: also restarts and checks agents"],
  ["operator", "Operator: also acts on agents"],
  ["admin", "Admin: everything"],
] as const;

interface FrameProps {
  title: string;
  description: string;
  verb: string;
  busy: boolean;
  failure: unknown;
  onSubmit: FormEventHandler<HTMLFormElement>;
  onGo: () => void;
  onClose: () => void;
  children: ReactNode;
}

function FormDialog({ title, description, verb, busy, failure, onSubmit, onGo, onClose, children }: FrameProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={onGo}>
            {verb}
          </Button>
        </>
      }
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4" noValidate>
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        {children}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

interface NewUser {
  username: string;
  password: string;
  role: Role;
}

export function AddUser({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, watch, formState } = useForm<NewUser>({
    defaultValues: { username: "", password: "", role: "operator" },
    mode: "onTouched",
  });
  const submit = handleSubmit(async (body) => {
    setFailure(null);
    try {
      await ask(api.POST("/api/v1/admin/users", { body }));
      await queries.invalidateQueries({ queryKey: ["users"] });
      onClose();
    } catch (error) {
      setFailure(error);
    }
  });
  return (
    <FormDialog
      title="Add a user"
      description="They can log in at once. Tell them the password over a safe way."
      verb="Add"
      busy={formState.isSubmitting}
      failure={failure}
      onSubmit={submit}
      onGo={() => void submit()}
      onClose={onClose}
    >
      <TextField
        label="User name"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={formState.errors.username?.message}
        {...register("username", { validate: (name) => userNameFault(name) ?? true })}
      />
      <SelectField label="Role" options={ROLE_OPTIONS} {...register("role")} />
      <NewPasswordField
        label="Password"
        current={watch("password")}
        error={formState.errors.password?.message}
        {...register("password", { validate: (value, all) => passwordFault(all.username, value) ?? true })}
      />
    </FormDialog>
  );
}

export function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, watch, formState } = useForm<{ password: string }>({
    defaultValues: { password: "" },
    mode: "onTouched",
  });
  const submit = handleSubmit(async ({ password }) => {
    setFailure(null);
    try {
      await ask(api.PATCH("/api/v1/admin/users/{id}", { params: { path: { id: user.id } }, body: { password } }));
      onClose();
    } catch (error) {
      setFailure(error);
    }
  });
  return (
    <FormDialog
      title={`Set the password of ${user.username}`}
      description="All of the user's sessions end."
      verb="Set the password"
      busy={formState.isSubmitting}
      failure={failure}
      onSubmit={submit}
      onGo={() => void submit()}
      onClose={onClose}
    >
      <NewPasswordField
        label="New password"
        current={watch("password")}
        error={formState.errors.password?.message}
        {...register("password", { validate: (value) => passwordFault(user.username, value) ?? true })}
      />
    </FormDialog>
  );
}
