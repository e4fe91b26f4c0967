// Adding a user: with a link by which they choose their own password, or with a first password.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useRoleOptions } from "../../api/roles";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { passwordFault, userNameFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Secret } from "../../ui/secret";
import { Ago } from "../../ui/time";

interface Form {
  username: string;
  display_name: string;
  email: string;
  role: string;
  way: "password" | "link";
  password: string;
}

const WAYS = [
  ["password", "Choose a first password for them"],
  ["link", "Make a link by which they choose it"],
] as const;

function bodyOf({ username, display_name, email, role, way, password }: Form) {
  return {
    username,
    role,
    ...(way === "link" ? { invite: true } : { password }),
    ...(display_name.trim() ? { display_name: display_name.trim() } : {}),
    ...(email.trim() ? { email: email.trim() } : {}),
  };
}

export function AddUser({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: { username: "", display_name: "", email: "", password: "", role: "operator", way: "password" },
    mode: "onTouched",
  });
  const add = useMutation({
    mutationFn: (form: Form) => ask(api.POST("/api/v1/admin/users", { body: bodyOf(form) })),
    onSuccess: async (answer) => {
      if (!answer.link) onClose();
      await queries.invalidateQueries({ queryKey: ["users"] });
    },
  });
  const link = add.data?.link;
  if (link) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={`${add.data?.username} is added`}
        description="Hand this link over in a safe way. It sets the password, once."
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Secret text={link.url} label="Link to set the password" note="It is shown only now." />
        <p className="mt-3 text-ink2">
          It ends <Ago at={link.expires_at} />.
        </p>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title="Add a user"
      description="An account with a name that you choose. An invite lets them choose it too."
      verb="Add"
      busy={add.isPending}
      failure={add.error}
      denial={{ action: "user_create" }}
      onSubmit={handleSubmit((form) => add.mutate(form))}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="User name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={formState.errors.username?.message}
          {...register("username", { validate: (name) => userNameFault(name) ?? true })}
        />
        <SelectField label="Role" options={roles} {...register("role")} />
        <TextField label="Name shown (may be empty)" autoComplete="off" maxLength={80} {...register("display_name")} />
        <TextField
          label="E-mail (may be empty)"
          type="email"
          autoComplete="off"
          error={formState.errors.email?.message}
          {...register("email", { validate: (value) => value === "" || /.@./.test(value) || "This is no e-mail address." })}
        />
      </div>
      <SelectField label="Their password" options={WAYS} {...register("way")} />
      {watch("way") === "password" && (
        <NewPasswordField
          label="Password"
          current={watch("password")}
          username={watch("username")}
          error={formState.errors.password?.message}
          {...register("password", { validate: (value, all) => all.way === "link" || (passwordFault(all.username, value) ?? true) })}
        />
      )}
    </FormDialog>
  );
}
