// A new invite; then its link, shown once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useRoleOptions } from "../../api/roles";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { INVITE_SPANS } from "../../ui/duration";
import { CheckField, SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { Secret } from "../../ui/secret";
import { Ago } from "../../ui/time";

interface Form {
  role: string;
  email: string;
  note: string;
  seconds: string;
  send: boolean;
}

export function NewInvite({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: { role: "viewer", email: "", note: "", seconds: "604800", send: false },
    mode: "onTouched",
  });
  const make = useMutation({
    mutationFn: ({ role, email, note, seconds, send }: Form) => {
      const mail = email.trim();
      const body = {
        role,
        ttl_seconds: Number(seconds),
        ...(note.trim() ? { note: note.trim() } : {}),
        ...(mail ? { email: mail, send } : {}),
      };
      return ask(api.POST("/api/v1/admin/invites", { body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["invites"] }),
  });
  if (make.data) {
    const { invite, url } = make.data;
    return (
      <Dialog
        open
        onClose={onClose}
        title="The invite is ready"
        description={make.variables?.send && invite.email ? `It was sent to ${invite.email}.` : "Hand this link over in a safe way."}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Secret text={url} label="Invite link" note="It is shown only now." />
        <p className="mt-3 text-ink2">
          It makes one account as {invite.role} and ends <Ago at={invite.expires_at} />.
        </p>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title="Invite somebody"
      description="The link works once. Who opens it chooses a user name and a password."
      verb="Make the invite"
      busy={make.isPending}
      failure={make.error}
      denial={{ action: "invite_create" }}
      onSubmit={handleSubmit((form) => make.mutate(form))}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="As" options={roles} {...register("role")} />
        <SelectField label="Works for" options={INVITE_SPANS} {...register("seconds")} />
      </div>
      <TextField
        label="E-mail address (may be empty)"
        type="email"
        autoComplete="off"
        hint="It becomes theirs, and counts as verified when they come by the sent link."
        error={formState.errors.email?.message}
        {...register("email", { validate: (value) => value === "" || /.@./.test(value) || "This is no e-mail address." })}
      />
      {watch("email").trim() !== "" && <CheckField label="Send the link there" {...register("send")} />}
      <TextField label="Note (may be empty)" autoComplete="off" maxLength={200} placeholder="For whom, why" {...register("note")} />
    </FormDialog>
  );
}
