// What keeps my account mine: the password, second factors, open sessions, past logins and linked identities.
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import { Failed, SkeletonRows } from "../../ui/states";
import { Identities } from "./identities";
import { Logins } from "./logins";
import { Passkeys } from "./passkeys";
import { Password } from "./password";
import { Sessions } from "./sessions";
import { Totp } from "./totp";

export function SecurityTab() {
  const factor = useQuery({ queryKey: ["second-factor"], queryFn: () => ask(api.GET("/api/v1/me/second-factor")) });
  return (
    <div className="flex flex-col gap-4">
      <Password />
      {factor.isPending && <SkeletonRows rows={3} />}
      {factor.isError && <Failed error={factor.error} what="Your second factors could not be read" onRetry={() => void factor.refetch()} />}
      {factor.data && (
        <>
          <Totp factor={factor.data} />
          <Passkeys passkeys={factor.data.passkeys} />
        </>
      )}
      <Identities />
      <Sessions />
      <Logins />
    </div>
  );
}
