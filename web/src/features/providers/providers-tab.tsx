// Identity providers: who may vouch for people here. Each is checked from here, changed and removed.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Fingerprint, Pencil, Plus, Stethoscope, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Provider } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Row, Section } from "../../ui/section";
import { Empty } from "../../ui/states";
import { Chip } from "../../ui/status";
import { CheckDialog } from "./check-dialog";
import { ProviderDialog } from "./provider-dialog";

export const KINDS: Record<Provider["kind"], string> = {
  entra: "Microsoft Entra ID",
  keycloak: "Keycloak",
  authentik: "Authentik",
  generic: "OpenID Connect",
};

export function ProvidersTab() {
  const denied = useWhyNot("provider_list");
  const mayCreate = useWhyNot("provider_create");
  const { new: making } = useSearch({ strict: false });
  const navigate = useNavigate();
  const answer = useQuery({ queryKey: ["providers"], queryFn: () => ask(api.GET("/api/v1/admin/providers")), enabled: !denied });
  if (denied) return <NotAllowed reason={denied} />;
  const open = (wish: boolean) =>
    void navigate({ to: ".", search: (all: Search) => ({ ...all, new: wish ? "1" : undefined }), replace: true });
  const add = (
    <Button look="primary" reason={mayCreate} icon={<Plus size={15} aria-hidden />} onClick={() => open(true)}>
      Add a provider
    </Button>
  );
  return (
    <Section
      title="Identity providers"
      about="People log in there instead of with a password here. Local accounts keep working beside them."
      action={add}
    >
      <Listing
        answer={answer}
        what="The providers"
        rows={2}
        empty={(data) =>
          data.items.length === 0 ? (
            <Empty icon={<Fingerprint size={18} aria-hidden />} title="No provider yet">
              Entra ID, Keycloak, Authentik, or any that speaks OpenID Connect.
            </Empty>
          ) : null
        }
      >
        {(data) => (
          <ul aria-label="Identity providers">
            {data.items.map((provider) => (
              <Item key={provider.name} provider={provider} />
            ))}
          </ul>
        )}
      </Listing>
      {making && <ProviderDialog onClose={() => open(false)} />}
    </Section>
  );
}

function Item({ provider }: { provider: Provider }) {
  const queries = useQueryClient();
  const on = { kind: "provider", id: provider.name, name: provider.name };
  const mayUpdate = useWhyNot("provider_update", on);
  const mayDelete = useWhyNot("provider_delete", on);
  const mayCheck = useWhyNot("provider_check", on);
  const [doing, setDoing] = useState<"edit" | "check" | "delete" | null>(null);
  const close = () => setDoing(null);
  return (
    <Row
      title={
        <>
          {provider.label} <code className="font-mono font-normal text-ink3 text-xs">{provider.name}</code>
          <Chip tone={provider.enabled ? "ok" : "idle"}>{provider.enabled ? "On" : "Off"}</Chip>
        </>
      }
      sub={
        <>
          {KINDS[provider.kind]}, {provider.issuer}
          <br />
          {provider.provisioning === "create" ? "makes accounts for new people" : "only for people who have an account here"}
          {provider.default_role ? `, ${provider.default_role} unless a rule says otherwise` : ", refused unless a rule gives a role"}
        </>
      }
    >
      <Button
        size="sm"
        reason={mayCheck}
        icon={<Stethoscope size={14} aria-hidden />}
        aria-label={`Check ${provider.label}`}
        onClick={() => setDoing("check")}
      >
        Check
      </Button>
      <Button
        size="sm"
        look="ghost"
        reason={mayUpdate}
        aria-label={`Edit ${provider.label}`}
        icon={<Pencil size={14} aria-hidden />}
        onClick={() => setDoing("edit")}
      />
      <Button
        size="sm"
        look="ghost"
        reason={mayDelete}
        aria-label={`Remove ${provider.label}`}
        icon={<Trash2 size={14} aria-hidden />}
        onClick={() => setDoing("delete")}
      />
      {doing === "edit" && <ProviderDialog provider={provider} onClose={close} />}
      {doing === "check" && <CheckDialog provider={provider} onClose={close} />}
      {doing === "delete" && (
        <Confirm
          title={`Remove ${provider.label}?`}
          verb="Remove"
          type={provider.name}
          denial={{ action: "provider_delete", on }}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/providers/{name}", { params: { path: { name: provider.name } } }));
            await Promise.all(["providers", "login-providers"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
          }}
          onClose={close}
        >
          Nobody can log in by it any more. Who has no password here and no other provider is locked out, until an admin gives them a reset
          link.
        </Confirm>
      )}
    </Row>
  );
}
