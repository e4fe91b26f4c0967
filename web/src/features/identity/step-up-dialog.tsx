// The server wants to know again who is there before something weighty. Whoever asked for it waits; giving up leaves things as they are.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import { passkeyFault, passkeyProve, passkeysSupported } from "../../api/webauthn";
import { Button } from "../../ui/button";
import { CODE_LENGTH, CodeField } from "../../ui/code-field";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Failed, Notice, SkeletonRows } from "../../ui/states";

type Way = "password" | "totp" | "recovery" | "passkey";
const NAMES: Record<Way, string> = {
  password: "Use the password",
  totp: "Use the authenticator app",
  recovery: "Use a recovery code",
  passkey: "Use a passkey",
};
const WAYS: readonly Way[] = ["passkey", "totp", "password", "recovery"];

export function StepUpDialog({ onDone }: { onDone: (proved: boolean) => void }) {
  const begin = useQuery({
    queryKey: ["step-up"],
    queryFn: () => ask(api.POST("/api/v1/auth/step-up/begin")),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const usable = WAYS.filter((way) => begin.data?.methods.includes(way) && (way !== "passkey" || passkeysSupported()));
  const [chosen, setChosen] = useState<Way | null>(null);
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  // What needs no device at hand comes first; the others are one press away.
  const way = chosen ?? usable.find((each) => each === "totp" || each === "password") ?? usable[0] ?? "password";
  const prove = useMutation({
    mutationFn: async () => {
      const challenge = begin.data?.challenge ?? undefined;
      if (way === "passkey") {
        const passkey = await passkeyProve(begin.data?.passkey);
        return ask(api.POST("/api/v1/auth/step-up", { body: { passkey, ...(challenge ? { challenge } : {}) } }));
      }
      const body = way === "password" ? { password: text } : way === "totp" ? { code: text } : { recovery_code: text.trim() };
      return ask(api.POST("/api/v1/auth/step-up", { body }));
    },
    onSuccess: () => onDone(true),
    onError: () => setText(""),
  });
  const missing = way === "totp" ? text.length < CODE_LENGTH : way !== "passkey" && text.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!missing && !prove.isPending) prove.mutate();
  };
  return (
    <Dialog
      open
      onClose={() => onDone(false)}
      focus={field}
      title="Is it still you?"
      description="What you are about to do is weighty. Prove once more who you are; it holds for a few minutes."
      footer={
        <>
          <Button onClick={() => onDone(false)}>Leave it</Button>
          <Button
            look="primary"
            type="submit"
            form="step-up"
            busy={prove.isPending}
            reason={missing ? "Fill in the field first." : null}
            icon={way === "passkey" ? <Fingerprint size={15} aria-hidden /> : undefined}
          >
            {way === "passkey" ? "Use the passkey" : "Confirm"}
          </Button>
        </>
      }
    >
      {begin.isPending && <SkeletonRows rows={2} />}
      {begin.isError && <Failed error={begin.error} what="This could not be begun" onRetry={() => void begin.refetch()} />}
      {begin.data && (
        <form id="step-up" onSubmit={submit} className="flex flex-col gap-4" noValidate>
          {prove.isError && <Notice tone="bad">{passkeyFault(prove.error) ?? errorText(prove.error)}</Notice>}
          {way === "totp" && <CodeField ref={field} label="Code of your authenticator app" value={text} onChange={setText} />}
          {(way === "password" || way === "recovery") && (
            <TextField
              ref={field}
              key={way}
              label={way === "password" ? "Your password" : "Recovery code"}
              type={way === "password" ? "password" : "text"}
              autoComplete={way === "password" ? "current-password" : "off"}
              autoFocus
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
          {way === "passkey" && <p className="text-ink2">Your browser asks for the passkey when you press the button.</p>}
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {usable
              .filter((each) => each !== way)
              .map((each) => (
                <button
                  key={each}
                  type="button"
                  className="text-accent hover:underline"
                  onClick={() => {
                    setChosen(each);
                    setText("");
                    prove.reset();
                  }}
                >
                  {NAMES[each]}
                </button>
              ))}
          </div>
        </form>
      )}
    </Dialog>
  );
}
