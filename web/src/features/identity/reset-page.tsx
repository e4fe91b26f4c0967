// Setting a new password by the link that was sent or handed over.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import { Button, buttonClass } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useTitle } from "../../ui/page";
import { passwordFault } from "../../ui/password";
import { NewPasswordField } from "../../ui/password-field";
import { Notice } from "../../ui/states";
import { useLinkSecret } from "./begin";
import { Frame } from "./frame";

interface Form {
  password: string;
  again: string;
}

export function ResetPage() {
  useTitle("New password");
  const token = useLinkSecret("token");
  const { register, handleSubmit, watch, formState } = useForm<Form>({ defaultValues: { password: "", again: "" }, mode: "onTouched" });
  const reset = useMutation({
    mutationFn: ({ password }: Form) => ask(api.POST("/api/v1/auth/password/reset", { body: { token, password } })),
  });
  if (reset.isSuccess) {
    return (
      <Frame title="Your password is set" sub="All sessions that were open have ended.">
        <Link to="/login" className={`${buttonClass("primary")} w-full`}>
          Log in
        </Link>
      </Frame>
    );
  }
  if (!token) {
    return (
      <Frame title="This link is not complete" sub="Open it from the mail again, or ask for a new one.">
        <Link to="/forgot" className={`${buttonClass("primary")} w-full`}>
          Ask for a new link
        </Link>
      </Frame>
    );
  }
  return (
    <Frame title="Set a new password" sub="All sessions that are open end.">
      <form onSubmit={handleSubmit((form) => reset.mutate(form))} className="flex flex-col gap-4" noValidate>
        {reset.isError && (
          <Notice tone="bad">
            {errorText(reset.error)}{" "}
            <Link to="/forgot" className="font-semibold underline underline-offset-2">
              Ask for a new link
            </Link>
          </Notice>
        )}
        <NewPasswordField
          label="New password"
          current={watch("password")}
          autoFocus
          error={formState.errors.password?.message}
          {...register("password", { validate: (value) => passwordFault("", value) ?? true })}
        />
        <TextField
          label="New password again"
          type="password"
          autoComplete="new-password"
          error={formState.errors.again?.message}
          {...register("again", { validate: (value, all) => value === all.password || "The two differ." })}
        />
        <Button type="submit" look="primary" className="mt-1 h-10" busy={reset.isPending}>
          Set the password
        </Button>
      </form>
    </Frame>
  );
}
