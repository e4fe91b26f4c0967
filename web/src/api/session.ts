// Who is logged in, and keeping it so: access tokens are renewed before they end and once more when one is refused.
//
// Renewal rotates the refresh token, so only one page of this browser may do it at a time: a lock shared by all tabs sees to it.
import type { LoginAnswer } from "./types";

const EXPIRES_KEY = "mc.expires_at";
const RENEWED_KEY = "mc.renewed_at";

type Listener = () => void;
const endListeners = new Set<Listener>();
let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: Promise<boolean> | null = null;

function read(key: string): number {
  try {
    return Number(localStorage.getItem(key)) || 0;
  } catch {
    return 0;
  }
}

function write(key: string, value: number | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, String(value));
  } catch {
    // Without storage each tab renews by itself; the server's grace for two at once covers that.
  }
}

/** Called when the session is over and cannot be renewed. */
export function onSessionEnd(listener: Listener): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

function ended(): void {
  clearTimeout(timer);
  write(EXPIRES_KEY, null);
  for (const listener of endListeners) listener();
}

/** Notes a login or a renewal, and plans the next renewal. */
export function sessionBegan(answer: Pick<LoginAnswer, "expires_in">): void {
  const now = Date.now();
  write(RENEWED_KEY, now);
  write(EXPIRES_KEY, now + answer.expires_in * 1000);
  sessionWatch();
}

/** Forgets the session on this side, after a logout. */
export function sessionForget(): void {
  clearTimeout(timer);
  write(EXPIRES_KEY, null);
}

/** Plans the renewal of the session that is under way: at nine tenths of its token's life, at the latest a minute before its end. */
export function sessionWatch(): void {
  clearTimeout(timer);
  const expires = read(EXPIRES_KEY);
  if (expires === 0) return;
  const life = expires - read(RENEWED_KEY);
  const margin = Math.min(60_000, Math.max(5_000, life / 10));
  const wait = Math.min(Math.max(expires - margin - Date.now(), 1_000), 2 ** 31 - 1);
  timer = setTimeout(() => void renew(Date.now()), wait);
}

async function askForRenewal(): Promise<boolean> {
  let response: Response;
  try {
    response = await fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
  } catch {
    // The server is away: the session may well live on. Whoever asked sees the failure of its own request.
    timer = setTimeout(() => void renew(Date.now()), 10_000);
    return false;
  }
  if (response.ok) {
    sessionBegan((await response.json()) as LoginAnswer);
    return true;
  }
  if (response.status === 401 || response.status === 403) ended();
  else timer = setTimeout(() => void renew(Date.now()), 10_000);
  return false;
}

/**
 * Renews the session unless another tab did so after `since` (the time at which the refused request was sent).
 * True means: try again.
 */
export function renew(since: number): Promise<boolean> {
  underWay ??= withLock(async () => {
    if (read(RENEWED_KEY) > since) {
      sessionWatch();
      return true;
    }
    return askForRenewal();
  }).finally(() => {
    underWay = null;
  });
  return underWay;
}

function withLock<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== "undefined" && navigator.locks) return navigator.locks.request("mc-renew", work) as Promise<T>;
  return work();
}
