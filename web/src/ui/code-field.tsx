// The field for six figures of an authenticator app.
import type { Ref } from "react";
import { TextField } from "./field";

export const CODE_LENGTH = 6;

interface Props {
  label: string;
  value: string;
  onChange: (code: string) => void;
  error?: string | undefined;
  hint?: string;
  ref?: Ref<HTMLInputElement>;
}

export function CodeField({ label, value, onChange, error, hint, ref }: Props) {
  return (
    <TextField
      {...(ref ? { ref } : {})}
      label={label}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]*"
      maxLength={CODE_LENGTH + 1}
      placeholder="000000"
      value={value}
      error={error}
      hint={hint}
      autoFocus
      onChange={(event) => onChange(event.target.value.replace(/\D/g, "").slice(0, CODE_LENGTH))}
      className="text-center font-mono !text-xl tracking-[0.3em] !h-12"
    />
  );
}
