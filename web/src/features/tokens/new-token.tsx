// A new token: its name, its scopes, its life; a service token also has roles of its own. Then its secret, once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useRoleOptions } from "../../api/roles";
import type { TokenForm } from "../../api/types";
import { TOKEN_SPANS } from "../../ui/duration";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { PatternField } from "../../ui/pattern-field";
import { ScopeField } from "./scope-field";
import { TokenSecret } from "./token-secret";

interface Form {
  name: string;
  scopes: string[];
  roles: string[];
  seconds: string;
}

export function NewToken({ kind, onClose }: { kind: "personal" | "service"; onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const { register, handleSubmit, watch, setValue, formState } = useForm<Form>({
    defaultValues: { name: "", scopes: ["*"], roles: kind === "service" ? ["viewer"] : [], seconds: "7776000" },
    mode: "onTouched",
  });
  const make = useMutation({
    mutationFn: ({ name, scopes, roles: given, seconds }: Form) => {
      const body: TokenForm = { name: name.trim(), kind, scopes, expires_in_seconds: Number(seconds) };
      if (kind === "service") body.roles = given;
      return ask(api.POST("/api/v1/tokens", { body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  if (make.data) return <TokenSecret title={`The secret of ${make.data.token.name}`} secret={make.data.secret} onClose={onClose} />;
  const [scopes, given] = [watch("scopes"), watch("roles")];
  const missing =
    scopes.length === 0 ? "Choose at least one scope." : kind === "service" && given.length === 0 ? "Give it at least one role." : null;
  return (
    <FormDialog
      title={kind === "service" ? "New service token" : "New token"}
      description={
        kind === "service"
          ? "It belongs to nobody and acts with the roles given here, within its scopes."
          : "It acts as you, within its scopes. Use it for scripts and the command line."
      }
      verb="Make the token"
      wide
      busy={make.isPending}
      failure={make.error}
      reason={missing}
      denial={{ action: kind === "service" ? "token_admin" : "token_create" }}
      onSubmit={handleSubmit((form) => make.mutate(form))}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name"
          autoComplete="off"
          maxLength={64}
          placeholder="deploy script"
          error={formState.errors.name?.message}
          {...register("name", { validate: (value) => value.trim() !== "" || "Give it a name." })}
        />
        <SelectField label="Works for" options={TOKEN_SPANS} {...register("seconds")} />
      </div>
      {kind === "service" && (
        <PatternField
          label="Roles"
          values={given}
          suggestions={roles.map(([name, title]) => ({ value: name, note: title }))}
          onChange={(next) => setValue("roles", next, { shouldDirty: true })}
        />
      )}
      <ScopeField scopes={scopes} onChange={(next) => setValue("scopes", next, { shouldDirty: true })} />
    </FormDialog>
  );
}
