// Adding or changing an identity provider.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useRoleOptions } from "../../api/roles";
import type { Provider } from "../../api/types";
import { CheckField, SelectField, TextArea, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { PatternField } from "../../ui/pattern-field";
import { bodyOf, type Form, formOf, ISSUER_EXAMPLE, nameFault } from "./provider-form";
import { RoleRules } from "./role-rules";

const KINDS = [
  ["entra", "Microsoft Entra ID"],
  ["keycloak", "Keycloak"],
  ["authentik", "Authentik"],
  ["generic", "Another"],
] as const;
const PROVISIONING = [
  ["link", "must have an account here already"],
  ["create", "get an account, within the seats"],
] as const;
const FACTOR = [
  ["provider", "the provider sees to it"],
  ["proved", "the provider must prove it"],
] as const;
const PLAIN = { autoComplete: "off", autoCapitalize: "none", spellCheck: false } as const;

export function ProviderDialog({ provider, onClose }: { provider?: Provider; onClose: () => void }) {
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const { register, handleSubmit, watch, setValue, formState } = useForm<Form>({ defaultValues: formOf(provider), mode: "onTouched" });
  const { errors } = formState;
  const save = useMutation({
    mutationFn: (form: Form) => {
      const body = bodyOf(form);
      return provider
        ? ask(api.PUT("/api/v1/admin/providers/{name}", { params: { path: { name: provider.name } }, body }))
        : ask(api.POST("/api/v1/admin/providers", { body }));
    },
    onSuccess: async () => {
      onClose();
      await Promise.all(["providers", "login-providers"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  const kind = watch("kind");
  return (
    <FormDialog
      title={provider ? `Edit ${provider.label}` : "Add a provider"}
      verb={provider ? "Save" : "Add"}
      wide
      busy={save.isPending}
      failure={save.error}
      denial={{ action: provider ? "provider_update" : "provider_create" }}
      onSubmit={handleSubmit((form) => save.mutate(form))}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Product" options={KINDS} {...register("kind")} />
        <TextField
          label="Name"
          {...PLAIN}
          className="font-mono"
          readOnly={provider !== undefined}
          hint="In the address to register there; it stays."
          error={errors.name?.message}
          {...register("name", { validate: (value) => nameFault(value.trim()) ?? true })}
        />
        <TextField
          label="Label"
          autoComplete="off"
          placeholder="Company login"
          hint="What its button says."
          error={errors.label?.message}
          {...register("label", { validate: (value) => value.trim() !== "" || "Give it a label." })}
        />
        <TextField
          label="Issuer"
          {...PLAIN}
          placeholder={ISSUER_EXAMPLE[kind]}
          error={errors.issuer?.message}
          {...register("issuer", {
            validate: (value) => /^https?:\/\/.+/.test(value.trim()) || "Its address, as its discovery document says it.",
          })}
        />
        <TextField
          label="Client id"
          {...PLAIN}
          error={errors.client_id?.message}
          {...register("client_id", { validate: (value) => value.trim() !== "" || "What we are called there." })}
        />
        <TextField
          label="Client secret"
          type="password"
          autoComplete="off"
          placeholder={provider?.has_secret ? "stays as it is" : ""}
          {...register("client_secret")}
        />
      </div>
      <SelectField label="People who are unknown here" options={PROVISIONING} {...register("provisioning")} />
      <RoleRules
        rules={watch("rules")}
        groupsClaim={watch("groups_claim")}
        onChange={(rules) => setValue("rules", rules, { shouldDirty: true })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="When no rule fits" options={[["", "they are refused"], ...roles]} {...register("default_role")} />
        <TextField label="Claim with the groups" {...PLAIN} placeholder="groups" {...register("groups_claim")} />
      </div>
      <SelectField label="Where a role needs a second factor" options={FACTOR} {...register("second_factor")} />
      <PatternField
        label="Scopes"
        mono
        hint="Left empty: openid, profile, email, and offline_access where it is offered."
        values={watch("scopes")}
        onChange={(scopes) => setValue("scopes", scopes, { shouldDirty: true })}
      />
      {kind === "entra" && (
        <TextField
          label="Microsoft Graph (may be empty)"
          {...PLAIN}
          placeholder="https://graph.microsoft.com"
          hint="Where the groups of people in very many are asked for; another in a national cloud."
          error={errors.graph_url?.message}
          {...register("graph_url", { validate: (value) => value.trim() === "" || /^https?:\/\/.+/.test(value.trim()) || "An address." })}
        />
      )}
      <TextArea
        label="Certificates to trust beside the system's (PEM, may be empty)"
        rows={2}
        className="font-mono text-xs"
        spellCheck={false}
        {...register("ca_pem")}
      />
      <CheckField label="People can log in by it" {...register("enabled")} />
    </FormDialog>
  );
}
