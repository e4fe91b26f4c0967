// Logging in: by password and what comes after it, by passkey, or at an identity provider.
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ssoErrorText } from "../../api/sso-errors";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { useTitle } from "../../ui/page";
import { Notice } from "../../ui/states";
import { useBegin } from "./begin";
import { Frame } from "./frame";
import { PasskeyButton } from "./passkey-button";
import { PasswordForm } from "./password-form";
import { SecondStep } from "./second-step";
import { providersQuery, SsoButtons } from "./sso-buttons";

export function LoginPage() {
  useTitle("Log in");
  const { next, error, ended } = useSearch({ strict: false });
  const begin = useBegin(next);
  const [factor, setFactor] = useState<SecondFactor | null>(null);
  if (factor) return <SecondStep factor={factor} onDone={begin} onBack={() => setFactor(null)} />;
  return <Ways next={next} error={error} ended={ended !== undefined} onDone={begin} onMore={setFactor} />;
}

function subline(next: string | undefined, ended: boolean): string {
  if (!next) return "to see your agents and act on them.";
  return ended ? "You will be back where you were." : "You will be taken to the page you asked for.";
}

interface WaysProps {
  next: string | undefined;
  error: string | undefined;
  ended: boolean;
  onDone: (answer: LoginAnswer) => Promise<void>;
  onMore: (factor: SecondFactor) => void;
}

function Ways({ next, error, ended, onDone, onMore }: WaysProps) {
  const providers = useQuery(providersQuery).data?.items ?? [];
  return (
    <Frame title="Log in" sub={subline(next, ended)}>
      {error && (
        <Notice tone="bad" className="mb-4">
          {ssoErrorText(error)}
        </Notice>
      )}
      {ended && !error && (
        <Notice tone="info" className="mb-4">
          Your session has ended. Log in again to go on.
        </Notice>
      )}
      <PasswordForm onDone={onDone} onMore={onMore} />
      <div className="mt-5 flex items-center gap-3 text-ink3 text-xs">
        <span className="h-px flex-1 bg-line" /> or <span className="h-px flex-1 bg-line" />
      </div>
      <div className="mt-4 flex flex-col gap-2.5">
        <SsoButtons providers={providers} next={next} />
        <PasskeyButton onDone={onDone} />
      </div>
    </Frame>
  );
}
