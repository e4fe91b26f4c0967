// The link that proves an e-mail address. Opening it is enough, but it is sent only by a press, so that mail scanners do not use it up.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import { queryClient } from "../../api/queries";
import { Button, buttonClass } from "../../ui/button";
import { useTitle } from "../../ui/page";
import { Notice } from "../../ui/states";
import { useLinkSecret } from "./begin";
import { Frame } from "./frame";

export function VerifyPage() {
  useTitle("Verify your e-mail address");
  const token = useLinkSecret("token");
  const verify = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/auth/email/verify", { body: { token } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["profile"] }),
  });
  if (verify.isSuccess) {
    return (
      <Frame title="Your e-mail address is verified" sub="Mail for you goes there from now on.">
        <Link to="/account" className={`${buttonClass("primary")} w-full`}>
          To your account
        </Link>
      </Frame>
    );
  }
  if (!token) {
    return (
      <Frame title="This link is not complete" sub="Open it from the mail again, or have a new one sent from your profile.">
        <Link to="/account" className={`${buttonClass("primary")} w-full`}>
          To your account
        </Link>
      </Frame>
    );
  }
  return (
    <Frame title="Verify your e-mail address" sub="One press, and this address is known to be yours.">
      {verify.isError && (
        <Notice tone="bad" className="mb-4">
          {errorText(verify.error)}
        </Notice>
      )}
      <Button look="primary" className="h-10 w-full" busy={verify.isPending} onClick={() => verify.mutate()}>
        Verify it
      </Button>
    </Frame>
  );
}
