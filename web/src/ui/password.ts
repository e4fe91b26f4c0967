// What the server asks of names and passwords, said before it has to refuse them; and a rough word for how good a password is.

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

export interface Strength {
  /** 0 (nothing) to 4. */
  level: 0 | 1 | 2 | 3 | 4;
  word: string;
}

/** Guesses the work of guessing: how many kinds of characters, how many of them, less for runs and repeats. */
export function strength(password: string): Strength {
  if (password === "") return { level: 0, word: "" };
  let pool = 0;
  if (/[a-z]/.test(password)) pool += 26;
  if (/[A-Z]/.test(password)) pool += 26;
  if (/[0-9]/.test(password)) pool += 10;
  if (/[^a-zA-Z0-9]/.test(password)) pool += 30;
  let worth = 0;
  let before = Number.NaN;
  for (const char of password) {
    const code = char.codePointAt(0) ?? 0;
    worth += Math.abs(code - before) <= 1 ? 0.3 : 1;
    before = code;
  }
  const variety = Math.min(1, (new Set(password).size * 1.6) / password.length);
  const bits = worth * variety * Math.log2(Math.max(pool, 2));
  if (bits < 40) return { level: 1, word: "Easy to guess" };
  if (bits < 60) return { level: 2, word: "Fair" };
  if (bits < 80) return { level: 3, word: "Good" };
  return { level: 4, word: "Strong" };
}
