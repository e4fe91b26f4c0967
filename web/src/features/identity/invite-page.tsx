// An invite's link: it says who invites as what, and makes the account.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { Button, buttonClass } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { passwordFault, userNameFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Notice, SkeletonRows } from "../../ui/states";
import { Ago } from "../../ui/time";
import { useBegin, useLinkSecret, wantsMore } from "./begin";
import { Frame } from "./frame";
import { SecondStep } from "./second-step";

interface Form {
  username: string;
  display_name: string;
  password: string;
  again: string;
}

export function InvitePage() {
  useTitle("Invitation");
  const token = useLinkSecret("token");
  const look = useQuery({
    queryKey: ["invite-look"],
    queryFn: () => ask(api.POST("/api/v1/auth/invite/look", { body: { token } })),
    enabled: token !== "",
    retry: false,
    gcTime: 0,
  });
  if (token === "" || look.isError) {
    return (
      <Frame
        title="This invite does not work"
        sub={look.isError ? errorText(look.error) : "The link is not complete. Open it again from where you got it."}
      >
        <Link to="/login" className={`${buttonClass("primary")} w-full`}>
          To the login
        </Link>
      </Frame>
    );
  }
  if (look.isPending) {
    return (
      <Frame title="Welcome" sub="Looking at your invite…">
        <SkeletonRows rows={3} />
      </Frame>
    );
  }
  return (
    <Accept
      token={token}
      sub={
        <>
          <b className="font-semibold text-ink">{look.data.invited_by}</b> invites you as{" "}
          <b className="font-semibold text-ink">{look.data.role}</b>. The invite ends <Ago at={look.data.expires_at} />.
        </>
      }
    />
  );
}

function Accept({ token, sub }: { token: string; sub: React.ReactNode }) {
  const begin = useBegin(undefined);
  const [failure, setFailure] = useState<unknown>(null);
  const [factor, setFactor] = useState<SecondFactor | null>(null);
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: { username: "", display_name: "", password: "", again: "" },
    mode: "onTouched",
  });
  const submit = handleSubmit(async ({ username, display_name, password }) => {
    setFailure(null);
    try {
      const body = { token, username, password, ...(display_name.trim() ? { display_name: display_name.trim() } : {}) };
      const answer = (await ask(api.POST("/api/v1/auth/invite/accept", { body }))) as LoginAnswer | SecondFactor;
      if (wantsMore(answer)) setFactor(answer);
      else await begin(answer);
    } catch (error) {
      setFailure(error);
    }
  });
  if (factor) return <SecondStep factor={factor} onDone={begin} onBack={() => setFactor(null)} />;
  return (
    <Frame title="Welcome" sub={sub}>
      <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        <TextField
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          error={formState.errors.username?.message}
          {...register("username", { validate: (name) => userNameFault(name) ?? true })}
        />
        <TextField label="Your name (may be empty)" autoComplete="name" maxLength={80} {...register("display_name")} />
        <NewPasswordField
          label="Password"
          current={watch("password")}
          username={watch("username")}
          error={formState.errors.password?.message}
          {...register("password", { validate: (value, all) => passwordFault(all.username, value) ?? true })}
        />
        <TextField
          label="Password again"
          type="password"
          autoComplete="new-password"
          error={formState.errors.again?.message}
          {...register("again", { validate: (value, all) => value === all.password || "The two differ." })}
        />
        <Button type="submit" look="primary" className="mt-1 h-10" busy={formState.isSubmitting}>
          Make my account
        </Button>
      </form>
    </Frame>
  );
}
