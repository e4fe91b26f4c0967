// Logging in by a passkey alone: no name, no password.
import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { LoginAnswer } from "../../api/types";
import { passkeyFault, passkeyProve, passkeysSupported } from "../../api/webauthn";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/states";

export function PasskeyButton({ onDone }: { onDone: (answer: LoginAnswer) => Promise<void> }) {
  const login = useMutation({
    mutationFn: async () => {
      const { challenge, options } = await ask(api.POST("/api/v1/auth/passkey/begin"));
      const credential = await passkeyProve(options);
      return ask(api.POST("/api/v1/auth/passkey/finish", { body: { challenge, credential } }));
    },
    onSuccess: onDone,
  });
  if (!passkeysSupported()) return null;
  return (
    <>
      <Button className="h-10" icon={<Fingerprint size={16} aria-hidden />} busy={login.isPending} onClick={() => login.mutate()}>
        Log in with a passkey
      </Button>
      {login.isError && <Notice tone="bad">{passkeyFault(login.error) ?? errorText(login.error)}</Notice>}
    </>
  );
}
