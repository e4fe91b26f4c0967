// The form of an identity provider: what its fields hold, and what is sent.
import type { Provider, ProviderForm } from "../../api/types";

export interface Form {
  name: string;
  label: string;
  kind: Provider["kind"];
  issuer: string;
  client_id: string;
  client_secret: string;
  scopes: string[];
  groups_claim: string;
  rules: { claim: string; value: string; role: string }[];
  default_role: string;
  provisioning: "create" | "link";
  second_factor: "provider" | "proved";
  ca_pem: string;
  graph_url: string;
  enabled: boolean;
}

export function formOf(provider?: Provider): Form {
  return {
    name: provider?.name ?? "",
    label: provider?.label ?? "",
    kind: provider?.kind ?? "generic",
    issuer: provider?.issuer ?? "",
    client_id: provider?.client_id ?? "",
    client_secret: "",
    scopes: provider?.scopes ?? [],
    groups_claim: provider?.groups_claim ?? "groups",
    rules: provider?.role_rules.map((rule) => ({ claim: rule.claim ?? "", value: rule.value, role: rule.role })) ?? [],
    default_role: provider?.default_role ?? "",
    provisioning: provider?.provisioning ?? "link",
    second_factor: provider?.second_factor ?? "provider",
    ca_pem: provider?.ca_pem ?? "",
    graph_url: provider?.graph_url ?? "",
    enabled: provider?.enabled ?? true,
  };
}

export function bodyOf(form: Form): ProviderForm {
  const secret = form.client_secret.trim();
  const graph = form.kind === "entra" ? form.graph_url.trim() : "";
  return {
    name: form.name.trim(),
    label: form.label.trim(),
    kind: form.kind,
    issuer: form.issuer.trim(),
    client_id: form.client_id.trim(),
    // A secret that is left out stays as it is.
    ...(secret ? { client_secret: secret } : {}),
    ...(form.scopes.length > 0 ? { scopes: form.scopes } : {}),
    groups_claim: form.groups_claim.trim() || "groups",
    role_rules: form.rules.map(({ claim, value, role }) => ({
      value: value.trim(),
      role,
      ...(claim.trim() ? { claim: claim.trim() } : {}),
    })),
    ...(form.default_role ? { default_role: form.default_role } : {}),
    provisioning: form.provisioning,
    second_factor: form.second_factor,
    // What a form leaves empty is taken away.
    ca_pem: form.ca_pem.trim() || null,
    graph_url: graph || null,
    enabled: form.enabled,
  };
}

const NAME = /^[a-z0-9-]{1,30}$/;

export function nameFault(name: string): string | null {
  return NAME.test(name) ? null : "Use 1 to 30 of a-z, 0-9 and '-'.";
}

/** What the issuer looks like for each product. */
export const ISSUER_EXAMPLE: Record<Provider["kind"], string> = {
  entra: "https://login.microsoftonline.com/TENANT-ID/v2.0",
  keycloak: "https://keycloak.example.com/realms/REALM",
  authentik: "https://authentik.example.com/application/o/SLUG/",
  generic: "https://id.example.com",
};
