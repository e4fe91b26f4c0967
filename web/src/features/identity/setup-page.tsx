// The first set-up: the one-time link makes the first admin and leads straight to the overview.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { ApiError, errorText } from "../../api/problem";
import { meQuery, queryClient, setupQuery } from "../../api/queries";
import { sessionBegan } from "../../api/session";
import { Button, buttonClass } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { passwordFault, userNameFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Notice } from "../../ui/states";
import { useLinkSecret } from "./begin";
import { Frame } from "./frame";

interface Form {
  token: string;
  username: string;
  password: string;
  again: string;
}

export function SetupPage() {
  useTitle("Set up");
  const linkToken = useLinkSecret("token");
  const status = useQuery(setupQuery);
  if (status.data && !status.data.needed) {
    return (
      <Frame title="Already set up" sub="This server has its first admin. The set-up link works only once.">
        <Link to="/login" className={`${buttonClass("primary")} w-full`}>
          Log in
        </Link>
      </Frame>
    );
  }
  return <SetupForm linkToken={linkToken} />;
}

function SetupForm({ linkToken }: { linkToken: string }) {
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm<Form>({ defaultValues: { token: linkToken, username: "", password: "", again: "" }, mode: "onTouched" });
  const { register, handleSubmit, watch, formState } = form;
  const password = watch("password");
  const askToken = linkToken === "" || (failure instanceof ApiError && failure.code === "setup_token_wrong");

  const submit = async ({ token, username, password }: Form) => {
    setFailure(null);
    try {
      const answer = await ask(api.POST("/api/v1/setup", { body: { token: token.trim(), username, password } }));
      sessionBegan(answer);
      queryClient.setQueryData(meQuery.queryKey, answer.user);
      queryClient.setQueryData(setupQuery.queryKey, { needed: false });
      await navigate({ to: "/", replace: true });
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <Frame
      title="Welcome"
      sub="Make the first admin of this Mission Control. Everybody else is invited from there."
      foot="The set-up link works once, for the first admin only."
    >
      <form onSubmit={handleSubmit(submit)} className="flex flex-col gap-4" noValidate>
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        {askToken && (
          <TextField
            label="Set-up token"
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
            hint="It is at the end of the link that the server printed when it started."
            error={formState.errors.token?.message}
            {...register("token", { required: "Paste the token of the set-up link." })}
          />
        )}
        <TextField
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!askToken}
          error={formState.errors.username?.message}
          {...register("username", { validate: (name) => userNameFault(name) ?? true })}
        />
        <NewPasswordField
          label="Password"
          current={password}
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
          Make the admin and begin
        </Button>
      </form>
    </Frame>
  );
}
