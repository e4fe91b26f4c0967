// A field for a new password: what is still missing, and how good the server finds it. The server knows the common and the breached ones;
// it is asked when the typing rests.
import { type InputHTMLAttributes, type Ref, useEffect, useState } from "react";
import { api, ask } from "../api/client";
import type { PasswordVerdict } from "../api/types";
import { cx } from "./cx";
import { TextField } from "./field";
import { PASSWORD_MIN, STRENGTH } from "./password";

const BAR = ["bg-bad-mark", "bg-bad-mark", "bg-warn-mark", "bg-ok-mark", "bg-ok-mark"];
const REST_MS = 300;

/** The server's opinion of what is in the field; nothing while it is typed, too short, or the server cannot be asked. */
function useVerdict(password: string, username: string): PasswordVerdict | undefined {
  const [known, setKnown] = useState<{ password: string; verdict: PasswordVerdict } | null>(null);
  useEffect(() => {
    setKnown(null);
    if ([...password].length < PASSWORD_MIN) return;
    const end = new AbortController();
    const timer = setTimeout(() => {
      const body = { password, ...(username ? { username } : {}) };
      ask(api.POST("/api/v1/auth/password/judge", { body, signal: end.signal })).then(
        (verdict) => setKnown({ password, verdict }),
        // Saving tells what is wrong; the meter only stays empty.
        () => undefined,
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [password, username]);
  return known?.password === password ? known.verdict : undefined;
}

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  error?: string | undefined;
  /** What is in the field now. */
  current: string;
  /** Whose password it will be. */
  username?: string;
  ref?: Ref<HTMLInputElement>;
}

function verdictText({ problem, text, score }: PasswordVerdict): string {
  return (problem && text) || STRENGTH[score] || "";
}

export function NewPasswordField({ current, error, username = "", ...rest }: Props) {
  const verdict = useVerdict(current, username);
  const missing = PASSWORD_MIN - [...current].length;
  let hint = `At least ${PASSWORD_MIN} characters. A few unrelated words make a good one.`;
  if (current !== "") {
    if (missing > 0) hint = `${missing} more to go.`;
    else hint = verdict ? verdictText(verdict) : "…";
  }
  const steps = missing <= 0 && verdict ? (verdict.problem ? 1 : Math.max(1, verdict.score)) : 0;
  return (
    <div>
      <TextField {...rest} type="password" autoComplete="new-password" error={error} hint={<span aria-live="polite">{hint}</span>} />
      <div aria-hidden="true" className="mt-1.5 grid grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((step) => (
          <i
            key={step}
            className={cx(
              "h-1 rounded-full transition-colors",
              step <= steps ? BAR[verdict?.problem ? 0 : (verdict?.score ?? 0)] : "bg-line",
            )}
          />
        ))}
      </div>
    </div>
  );
}
