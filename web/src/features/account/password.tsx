// Changing my password. All other sessions end.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { profileQuery } from "../../api/queries";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { passwordFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Section } from "../../ui/section";
import { Ago } from "../../ui/time";

export function Password() {
  const { data } = useQuery(profileQuery);
  const [open, setOpen] = useState(false);
  const denied = useWhyNot("me_password");
  const [changed, setChanged] = useState(false);
  return (
    <Section
      title="Password"
      about={
        changed ? (
          <span role="status" className="text-ok">
            Your password is changed. Your other sessions have ended.
          </span>
        ) : data?.has_password === false ? (
          "You log in at an identity provider and have no password here."
        ) : data?.password_set_at ? (
          <>
            Set <Ago at={data.password_set_at} />.
          </>
        ) : (
          "Something long that you use nowhere else."
        )
      }
      action={
        data?.has_password !== false && (
          <Button
            reason={denied}
            onClick={() => {
              setChanged(false);
              setOpen(true);
            }}
          >
            Change…
          </Button>
        )
      }
    >
      {open && <Change username={data?.username ?? ""} onClose={() => setOpen(false)} onChanged={() => setChanged(true)} />}
    </Section>
  );
}

interface Form {
  current: string;
  fresh: string;
  again: string;
}

function Change({ username, onClose, onChanged }: { username: string; onClose: () => void; onChanged: () => void }) {
  const queries = useQueryClient();
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: { current: "", fresh: "", again: "" },
    mode: "onTouched",
  });
  const save = useMutation({
    mutationFn: (form: Form) => ask(api.POST("/api/v1/me/password", { body: { current: form.current, new: form.fresh } })),
    onSuccess: async () => {
      onChanged();
      onClose();
      await Promise.all([queries.invalidateQueries({ queryKey: ["profile"] }), queries.invalidateQueries({ queryKey: ["sessions"] })]);
    },
  });
  return (
    <FormDialog
      title="Change your password"
      description="All your other sessions end."
      verb="Change the password"
      busy={save.isPending}
      failure={save.error}
      onSubmit={handleSubmit((form) => save.mutate(form))}
      onClose={onClose}
    >
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        error={formState.errors.current?.message}
        {...register("current", { required: "Enter your current password." })}
      />
      <NewPasswordField
        label="New password"
        current={watch("fresh")}
        username={username}
        error={formState.errors.fresh?.message}
        {...register("fresh", { validate: (value) => passwordFault(username, value) ?? true })}
      />
      <TextField
        label="New password again"
        type="password"
        autoComplete="new-password"
        error={formState.errors.again?.message}
        {...register("again", { validate: (value, all) => value === all.fresh || "The two differ." })}
      />
    </FormDialog>
  );
}
