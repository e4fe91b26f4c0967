// After the password: a code, a recovery code or a passkey; and where a role demands a second factor that is not there yet, its set-up.
import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client";
import { ApiError, errorText } from "../../api/problem";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { passkeyFault, passkeyProve, passkeysSupported } from "../../api/webauthn";
import { Button } from "../../ui/button";
import { CODE_LENGTH, CodeField } from "../../ui/code-field";
import { TextField } from "../../ui/field";
import { Notice } from "../../ui/states";
import { EnrolStep } from "./enrol-step";
import { Frame } from "./frame";

type Way = "totp" | "recovery" | "passkey";
interface Props {
  factor: SecondFactor;
  onDone: (answer: LoginAnswer) => Promise<void>;
  onBack: () => void;
}

const SUB: Record<Way, string> = {
  totp: "Enter the code that your authenticator app shows.",
  recovery: "Enter one of the recovery codes you kept. It works once.",
  passkey: "Prove with your passkey that it is you.",
};
const OTHER: Record<Way, string> = {
  totp: "Use the authenticator app",
  recovery: "Use a recovery code",
  passkey: "Use a passkey",
};

export function SecondStep(props: Props) {
  return props.factor.enrol ? <EnrolStep {...props} /> : <Answer {...props} />;
}

function Answer({ factor, onDone, onBack }: Props) {
  const usable = (["passkey", "totp", "recovery"] as const).filter(
    (way) => factor.methods.includes(way) && (way !== "passkey" || passkeysSupported()),
  );
  const [way, setWay] = useState<Way>(usable.includes("totp") ? "totp" : (usable[0] ?? "totp"));
  const [code, setCode] = useState("");
  const send = useMutation({
    mutationFn: async () => {
      const { challenge } = factor;
      if (way === "passkey") {
        const passkey = await passkeyProve(factor.passkey);
        return ask(api.POST("/api/v1/auth/second-factor", { body: { challenge, passkey } }));
      }
      const body = way === "totp" ? { challenge, code } : { challenge, recovery_code: code.trim() };
      return ask(api.POST("/api/v1/auth/second-factor", { body }));
    },
    onSuccess: onDone,
    onError: () => setCode(""),
  });
  const over = send.error instanceof ApiError && /challenge/.test(send.error.code);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const choose = (next: Way) => {
    setWay(next);
    setCode("");
    send.reset();
  };
  return (
    <Frame title="One more step" sub={SUB[way]}>
      <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {send.isError && <Notice tone="bad">{passkeyFault(send.error) ?? errorText(send.error)}</Notice>}
        {way === "totp" && <CodeField key="totp" label="Code" value={code} onChange={setCode} />}
        {way === "recovery" && (
          <TextField
            label="Recovery code"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            className="font-mono"
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        {over ? (
          <Button look="primary" className="h-10" onClick={onBack}>
            Begin again
          </Button>
        ) : (
          <Button
            type="submit"
            look="primary"
            className="h-10"
            busy={send.isPending}
            icon={way === "passkey" ? <Fingerprint size={16} aria-hidden /> : undefined}
            reason={
              way === "totp" && code.length < CODE_LENGTH
                ? "Enter all six figures."
                : way === "recovery" && !code.trim()
                  ? "Enter a code."
                  : null
            }
          >
            {way === "passkey" ? "Use the passkey" : "Log in"}
          </Button>
        )}
      </form>
      <div className="mt-4 flex flex-col items-center gap-2">
        {usable
          .filter((each) => each !== way)
          .map((each) => (
            <button key={each} type="button" className="text-accent hover:underline" onClick={() => choose(each)}>
              {OTHER[each]}
            </button>
          ))}
        <button type="button" className="text-ink2 hover:underline" onClick={onBack}>
          Back
        </button>
      </div>
    </Frame>
  );
}
