// What the server asks of names and passwords, said before it has to refuse them.

export const PASSWORD_MIN = 12;
const PASSWORD_MAX_BYTES = 72;
const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

export function userNameFault(name: string): string | null {
  if (name === "") return "Choose a user name.";
  return NAME.test(name) ? null : "Use 1 to 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.";
}

export function passwordFault(name: string, password: string): string | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return `Use at least ${PASSWORD_MIN} characters.`;
  if (new TextEncoder().encode(password).length > PASSWORD_MAX_BYTES) return `Use at most ${PASSWORD_MAX_BYTES} bytes.`;
  if (new Set(password).size === 1) return "Do not repeat one character.";
  if (name.length >= 3 && password.toLowerCase().includes(name.toLowerCase())) return "Do not use the user name in it.";
  return null;
}

/** The server's score from 0 to 4 in words. */
export const STRENGTH = ["Easy to guess", "Weak", "Fair", "Good", "Strong"] as const;
