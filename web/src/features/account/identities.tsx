// My accounts at identity providers: linked from here, unlinked here. Shown where a provider is set up.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Link2, Unlink } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { profileQuery } from "../../api/queries";
import { ssoErrorText } from "../../api/sso-errors";
import type { Identity, ProviderButton } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Row, Section } from "../../ui/section";
import { Failed, Notice } from "../../ui/states";
import { Ago } from "../../ui/time";

export function Identities() {
  const providers = useQuery({ queryKey: ["login-providers"], queryFn: () => ask(api.GET("/api/v1/auth/providers")), staleTime: 60_000 });
  const identities = useQuery({ queryKey: ["identities"], queryFn: () => ask(api.GET("/api/v1/me/identities")) });
  const { sso_error: failure } = useSearch({ strict: false });
  if (identities.isError) return <Failed error={identities.error} what="Your linked accounts could not be read" />;
  const linked = identities.data?.items ?? [];
  const open = (providers.data?.items ?? []).filter((provider) => !linked.some((each) => each.provider === provider.name));
  if (linked.length === 0 && open.length === 0) return null;
  const label = (name: string) => providers.data?.items.find((each) => each.name === name)?.label ?? name;
  return (
    <Section title="Linked accounts" about="Log in with your account at one of these instead of a password.">
      {failure && (
        <Notice tone="bad" className="m-4">
          {ssoErrorText(failure)}
        </Notice>
      )}
      <ul>
        {linked.map((identity) => (
          <Linked key={identity.provider} identity={identity} label={label(identity.provider)} last={linked.length === 1} />
        ))}
        {open.map((provider) => (
          <Unlinked key={provider.name} provider={provider} />
        ))}
      </ul>
    </Section>
  );
}

function Linked({ identity, label, last }: { identity: Identity; label: string; last: boolean }) {
  const queries = useQueryClient();
  const profile = useQuery(profileQuery).data;
  const [asking, setAsking] = useState(false);
  const mayUnlink = useWhyNot("me_identity_unlink");
  return (
    <Row
      icon={<Link2 size={16} aria-hidden />}
      title={label}
      sub={
        <>
          {identity.email ?? identity.subject}, linked <Ago at={identity.linked_at} />
        </>
      }
    >
      <Button
        icon={<Unlink size={14} aria-hidden />}
        reason={mayUnlink ?? (last && profile?.has_password === false ? "It is your only way to log in." : null)}
        onClick={() => setAsking(true)}
      >
        Unlink…
      </Button>
      {asking && (
        <Confirm
          title={`Unlink ${label}?`}
          verb="Unlink"
          onGo={async () => {
            await ask(api.DELETE("/api/v1/me/identities/{provider}", { params: { path: { provider: identity.provider } } }));
            await queries.invalidateQueries({ queryKey: ["identities"] });
          }}
          onClose={() => setAsking(false)}
        >
          You can no longer log in with it, until you link it again. Sessions that began with it end.
        </Confirm>
      )}
    </Row>
  );
}

function Unlinked({ provider }: { provider: ProviderButton }) {
  const mayLink = useWhyNot("me_identity_link");
  // The server may first want to know again who is there; then it says where to go.
  const link = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/v1/me/identities/{provider}/link", {
          params: { path: { provider: provider.name } },
          body: { return_to: "/account?tab=security" },
        }),
      ),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <>
      <Row icon={<Link2 size={16} aria-hidden />} title={provider.label} sub="not linked">
        <Button reason={mayLink} busy={link.isPending} onClick={() => link.mutate()}>
          Link…
        </Button>
      </Row>
      {link.isError && <Failed error={link.error} what={`${provider.label} could not be linked`} />}
    </>
  );
}
