// The program and the machine that a `User-Agent` names, as people say them; and how somebody logged in.

const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bHeadlessChrome\/|\bChromium\//, "Chromium"],
  [/\bChrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const MACHINES: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMacintosh\b|\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/** `Firefox on Linux`; any other program by its own name, `mc 0.1.0`. */
export function deviceWords(agent: string): string {
  if (agent === "") return "Unknown device";
  const find = (list: typeof PROGRAMS) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const program = find(PROGRAMS) ?? (agent.split(/[\s(]/)[0] ?? agent).replace("/", " ");
  const machine = find(MACHINES);
  return machine ? `${program} on ${machine}` : program;
}

export type DeviceKind = "phone" | "browser" | "program";

export function deviceKind(agent: string): DeviceKind {
  if (/iPhone|iPad|Android/.test(agent)) return "phone";
  return /Mozilla\//.test(agent) ? "browser" : "program";
}

/** `password`, `passkey`, or the identity provider: `oidc:corp` is `corp`. */
export function methodWords(method: string): string {
  if (method === "setup") return "the set-up link";
  if (method === "invite") return "an invite";
  return method.replace(/^oidc:/, "").replaceAll("_", " ");
}
