// Logging in. Afterwards the page goes where the visitor wanted to be.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { ApiError, errorText } from "../../api/problem";
import { meQuery, queryClient } from "../../api/queries";
import { sessionBegan } from "../../api/session";
import { safeNext } from "../../api/url";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { Notice } from "../../ui/states";
import { useSecondsUntil } from "../../ui/time";
import { Frame } from "./frame";

interface Form {
  username: string;
  password: string;
}

export function LoginPage() {
  useTitle("Log in");
  const { next } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { register, handleSubmit, resetField, setFocus, formState } = useForm<Form>();
  const [failure, setFailure] = useState<unknown>(null);
  const [waitUntil, setWaitUntil] = useState<number | null>(null);
  const wait = useSecondsUntil(waitUntil);

  const submit = async (form: Form) => {
    setFailure(null);
    try {
      const answer = await ask(api.POST("/api/v1/auth/login", { body: { username: form.username.trim(), password: form.password } }));
      sessionBegan(answer);
      queryClient.setQueryData(meQuery.queryKey, answer.user);
      await navigate({ href: safeNext(next), replace: true });
    } catch (error) {
      setFailure(error);
      if (error instanceof ApiError && error.retryAfter) setWaitUntil(Date.now() + error.retryAfter * 1000);
      resetField("password");
      setFocus("password");
    }
  };

  return (
    <Frame title="Log in" sub={next ? "You will be taken to the page you asked for." : "to see your agents and act on them."}>
      <form onSubmit={handleSubmit(submit)} className="flex flex-col gap-4" noValidate>
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        <TextField
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          error={formState.errors.username?.message}
          {...register("username", { required: "Enter your user name." })}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          error={formState.errors.password?.message}
          {...register("password", { required: "Enter your password." })}
        />
        <Button
          type="submit"
          look="primary"
          className="mt-1 h-10"
          busy={formState.isSubmitting}
          reason={wait > 0 ? `Too many tries. Wait ${wait} s.` : null}
        >
          {wait > 0 ? `Wait ${wait} s` : "Log in"}
        </Button>
      </form>
    </Frame>
  );
}
