// Who is logged in, and keeping it so: access tokens are renewed before they end and once more when one is refused.
//
// Renewal rotates the refresh token, so only one page of this browser may do it at a time: a lock shared by all tabs sees to it.
import type { LoginAnswer } from "./types";

const EXPIRES_KEY = "mc.expires_at";
const RENEWED_KEY = "mc.renewed_at";
/** Set while this browser is logged in: tells a session that ended from somebody who has none. */
const HERE_KEY = "mc.logged_in";

type Listener = () => void;
const endListeners = new Set<Listener>();
let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: Promise<boolean> | null = null;
/** The same in this tab, where there is no storage, or another tab was the first to learn of the end. */
let here = false;
let over = false;

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
  const was = here || read(HERE_KEY) > 0;
  sessionForget();
  over = was;
  for (const listener of endListeners) listener();
}

/** Notes that the server knows who is here: a login at an identity provider comes back without any other word. */
export function sessionSeen(): void {
  here = true;
  over = false;
  write(HERE_KEY, 1);
  sessionWatch();
}

/** What the login view is told: where to go afterwards, and whether a session has just ended. */
export function loginSearch(href: string): { next?: string; ended?: string } {
  return { ...(href === "/" ? {} : { next: href }), ...(over ? { ended: "1" } : {}) };
}

/** Notes a login or a renewal, and plans the next renewal. */
export function sessionBegan(answer: Pick<LoginAnswer, "expires_in">): void {
  const now = Date.now();
  write(RENEWED_KEY, now);
  write(EXPIRES_KEY, now + answer.expires_in * 1000);
  sessionSeen();
}

/** Forgets the session on this side, after a logout. */
export function sessionForget(): void {
  clearTimeout(timer);
  here = false;
  write(HERE_KEY, null);
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
