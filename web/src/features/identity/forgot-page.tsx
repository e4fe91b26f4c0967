// Asking for a link that sets a new password. The answer is the same whether or not the address is known.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MailCheck } from "lucide-react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import { Button, buttonClass } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { Notice } from "../../ui/states";
import { Frame } from "./frame";

export function ForgotPage() {
  useTitle("Forgot the password");
  const { register, handleSubmit, formState, getValues } = useForm<{ email: string }>();
  const send = useMutation({
    mutationFn: ({ email }: { email: string }) => ask(api.POST("/api/v1/auth/password/forgot", { body: { email: email.trim() } })),
  });
  if (send.data && !send.data.mail) {
    return (
      <Frame title="This server sends no mail" sub="An admin can give you a link that sets a new password.">
        <Link to="/login" className={`${buttonClass("primary")} w-full`}>
          Back to the login
        </Link>
      </Frame>
    );
  }
  if (send.isSuccess) {
    return (
      <Frame
        title="Look into your mail"
        sub={`If ${getValues("email")} is known here, a link is on its way. It works once, for 30 minutes.`}
      >
        <div className="mb-5 grid place-items-center rounded-lg bg-accent-soft py-6 text-accent">
          <MailCheck size={30} aria-hidden />
        </div>
        <Link to="/login" className={`${buttonClass()} w-full`}>
          Back to the login
        </Link>
      </Frame>
    );
  }
  return (
    <Frame title="Forgot your password?" sub="Enter your e-mail address, and a link to set a new one is sent there.">
      <form onSubmit={handleSubmit((form) => send.mutate(form))} className="flex flex-col gap-4" noValidate>
        {send.isError && <Notice tone="bad">{errorText(send.error)}</Notice>}
        <TextField
          label="E-mail address"
          type="email"
          autoComplete="email"
          autoFocus
          error={formState.errors.email?.message}
          {...register("email", { validate: (value) => /.@./.test(value) || "Enter your e-mail address." })}
        />
        <Button type="submit" look="primary" className="h-10" busy={send.isPending}>
          Send the link
        </Button>
        <Link to="/login" className="text-center text-ink2 hover:underline">
          Back
        </Link>
      </form>
      <p className="mt-4 text-ink3 text-xs">No e-mail address in your profile? An admin can give you a link.</p>
    </Frame>
  );
}
