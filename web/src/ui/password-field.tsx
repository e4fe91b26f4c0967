// A field for a new password: what is still missing, and how good it is.
import type { InputHTMLAttributes, Ref } from "react";
import { cx } from "./cx";
import { TextField } from "./field";
import { PASSWORD_MIN, strength } from "./password";

const BAR = ["", "bg-bad-mark", "bg-warn-mark", "bg-ok-mark", "bg-ok-mark"];

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  error?: string | undefined;
  /** What is in the field now. */
  current: string;
  ref?: Ref<HTMLInputElement>;
}

export function NewPasswordField({ current, error, ...rest }: Props) {
  const { level, word } = strength(current);
  const missing = PASSWORD_MIN - [...current].length;
  const hint =
    current === ""
      ? `At least ${PASSWORD_MIN} characters. A few unrelated words make a good one.`
      : missing > 0
        ? `${missing} more to go.`
        : word;
  return (
    <div>
      <TextField {...rest} type="password" autoComplete="new-password" error={error} hint={<span aria-live="polite">{hint}</span>} />
      <div aria-hidden="true" className="mt-1.5 grid grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((step) => (
          <i key={step} className={cx("h-1 rounded-full transition-colors", missing <= 0 && step <= level ? BAR[level] : "bg-line")} />
        ))}
      </div>
    </div>
  );
}
