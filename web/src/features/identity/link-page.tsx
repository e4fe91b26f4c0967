// The end of a first login at an identity provider whose e-mail address belongs to a local user: the password proves that it is the
// same person, and from then on the two are linked.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { Button, buttonClass } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { Notice } from "../../ui/states";
import { useBegin, useLinkSecret, wantsMore } from "./begin";
import { Frame } from "./frame";
import { SecondStep } from "./second-step";

export function LinkPage() {
  useTitle("Link your account");
  const ticket = useLinkSecret("ticket");
  const begin = useBegin(undefined);
  const [factor, setFactor] = useState<SecondFactor | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, resetField, formState } = useForm<{ password: string }>();
  const submit = handleSubmit(async ({ password }) => {
    setFailure(null);
    try {
      const answer = (await ask(api.POST("/api/v1/auth/oidc/link", { body: { ticket, password } }))) as LoginAnswer | SecondFactor;
      if (wantsMore(answer)) setFactor(answer);
      else await begin(answer);
    } catch (error) {
      setFailure(error);
      resetField("password");
    }
  });
  if (factor) return <SecondStep factor={factor} onDone={begin} onBack={() => setFactor(null)} />;
  if (!ticket) {
    return (
      <Frame title="Nothing to link" sub="This page is reached from a login at an identity provider.">
        <Link to="/login" className={`${buttonClass("primary")} w-full`}>
          To the login
        </Link>
      </Frame>
    );
  }
  return (
    <Frame
      title="Is this you?"
      sub="A user with your e-mail address already exists here. Confirm with that user's password, and next time the provider's login is enough."
    >
      <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          autoFocus
          error={formState.errors.password?.message}
          {...register("password", { required: "Enter your password." })}
        />
        <Button type="submit" look="primary" className="h-10" busy={formState.isSubmitting}>
          Link and log in
        </Button>
        <Link to="/login" className="text-center text-ink2 hover:underline">
          No, to the login
        </Link>
      </form>
    </Frame>
  );
}
