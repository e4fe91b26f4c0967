// What the ways of logging in share: how a login goes on, and the secret part of a link.
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { meQuery, queryClient } from "../../api/queries";
import { sessionBegan } from "../../api/session";
import type { LoginAnswer, SecondFactor } from "../../api/types";
import { safeNext } from "../../api/url";

/** The server's answer to a password: in, or asked for more. */
export function wantsMore(answer: LoginAnswer | SecondFactor): answer is SecondFactor {
  return "challenge" in answer;
}

/** Notes the session and goes where the visitor wanted to be. */
export function useBegin(next: string | undefined): (answer: LoginAnswer) => Promise<void> {
  const navigate = useNavigate();
  return async (answer) => {
    sessionBegan(answer);
    queryClient.setQueryData(meQuery.queryKey, answer.user);
    await navigate({ href: safeNext(next), replace: true });
  };
}

/** The secret in a link's fragment. It leaves the address bar at once, so that it is not kept in the history. */
export function useLinkSecret(name: string): string {
  const [secret] = useState(() => new URLSearchParams(location.hash.slice(1)).get(name) ?? "");
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    // The same link opened once more in this window changes nothing but the fragment: it begins anew all the same.
    const again = () => {
      if (new URLSearchParams(location.hash.slice(1)).has(name)) location.reload();
    };
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, [name]);
  return secret;
}
