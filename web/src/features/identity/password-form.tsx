// User name and password.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { ApiError, errorText } from "../../api/problem";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Notice } from "../../ui/states";
import { useSecondsUntil } from "../../ui/time";
import { wantsMore } from "./begin";

interface Form {
  username: string;
  password: string;
}

interface Props {
  onDone: (answer: LoginAnswer) => Promise<void>;
  onMore: (factor: SecondFactor) => void;
}

export function PasswordForm({ onDone, onMore }: Props) {
  const { register, handleSubmit, resetField, setFocus, formState } = useForm<Form>();
  const [failure, setFailure] = useState<unknown>(null);
  const [waitUntil, setWaitUntil] = useState<number | null>(null);
  const wait = useSecondsUntil(waitUntil);

  const submit = async (form: Form) => {
    setFailure(null);
    try {
      const body = { username: form.username.trim(), password: form.password };
      const answer = (await ask(api.POST("/api/v1/auth/login", { body }))) as LoginAnswer | SecondFactor;
      if (wantsMore(answer)) onMore(answer);
      else await onDone(answer);
    } catch (error) {
      setFailure(error);
      if (error instanceof ApiError && error.retryAfter) setWaitUntil(Date.now() + error.retryAfter * 1000);
      resetField("password");
      setFocus("password");
    }
  };

  return (
    <form onSubmit={handleSubmit(submit)} className="flex flex-col gap-4" noValidate>
      {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
      <TextField
        label="User name"
        autoComplete="username webauthn"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        error={formState.errors.username?.message}
        {...register("username", { required: "Enter your user name." })}
      />
      <div className="relative">
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          error={formState.errors.password?.message}
          {...register("password", { required: "Enter your password." })}
        />
        <Link to="/forgot" className="absolute top-0 right-0 text-accent hover:underline">
          Forgot it?
        </Link>
      </div>
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
  );
}
