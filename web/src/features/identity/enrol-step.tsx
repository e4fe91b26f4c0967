// A role demands a second factor and there is none yet: it is set up now, before the page opens.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { Button } from "../../ui/button";
import { CODE_LENGTH } from "../../ui/code-field";
import { RecoveryCodes } from "../../ui/recovery-codes";
import { Failed, Notice, SkeletonRows } from "../../ui/states";
import { TotpSetup } from "../../ui/totp-setup";
import { Frame } from "./frame";

interface Props {
  factor: SecondFactor;
  onDone: (answer: LoginAnswer) => Promise<void>;
  onBack: () => void;
}

export function EnrolStep({ factor, onDone, onBack }: Props) {
  const { challenge } = factor;
  const [code, setCode] = useState("");
  const enrolment = useQuery({
    queryKey: ["enrol", challenge],
    queryFn: () => ask(api.POST("/api/v1/auth/second-factor/enrol", { body: { challenge } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const confirm = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/auth/second-factor", { body: { challenge, code } })),
    onSuccess: (answer) => {
      // Without codes to show there is nothing to stay for.
      if (!answer.recovery_codes?.length) void onDone(answer);
    },
    onError: () => setCode(""),
  });
  const codes = confirm.data?.recovery_codes;
  if (confirm.data && codes?.length) {
    const answer = confirm.data;
    return (
      <Frame title="Your recovery codes" sub="For the day your authenticator app is not at hand.">
        <RecoveryCodes codes={codes} />
        <Button look="primary" className="mt-5 h-10 w-full" onClick={() => void onDone(answer)}>
          I have kept them, go on
        </Button>
      </Frame>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.length === CODE_LENGTH && !confirm.isPending) confirm.mutate();
  };
  return (
    <Frame title="Set up a second step" sub="Your role asks for a second factor at every login. It takes a minute.">
      {enrolment.isPending && <SkeletonRows rows={3} />}
      {enrolment.isError && <Failed error={enrolment.error} what="The set-up could not begin" />}
      {enrolment.data && (
        <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
          {confirm.isError && <Notice tone="bad">{errorText(confirm.error)}</Notice>}
          <TotpSetup enrolment={enrolment.data} code={code} onCode={setCode} />
          <Button
            type="submit"
            look="primary"
            className="h-10"
            busy={confirm.isPending}
            reason={code.length < CODE_LENGTH ? "Enter all six figures." : null}
          >
            Confirm and log in
          </Button>
        </form>
      )}
      <button type="button" className="mt-4 w-full text-center text-ink2 hover:underline" onClick={onBack}>
        Back
      </button>
    </Frame>
  );
}
