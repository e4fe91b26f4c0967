// The frames of Kubernetes' streaming protocols (`v4.channel.k8s.io`, `v5.channel.k8s.io`): the first byte of each message is its channel.
import type { Status } from "./types";

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, end: 3, size: 4, close: 255 } as const;

export const CHANNEL_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export function frame(channel: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(data.length + 1);
  whole[0] = channel;
  whole.set(data, 1);
  return whole;
}

export function frameText(channel: number, text: string): Uint8Array<ArrayBuffer> {
  return frame(channel, new TextEncoder().encode(text));
}

export function frameSize(columns: number, rows: number): Uint8Array<ArrayBuffer> {
  return frameText(CHANNEL.size, JSON.stringify({ Width: columns, Height: rows }));
}

/** The channel and what it carries; `null` for an empty message, which says nothing. */
export function unframe(message: ArrayBuffer): { channel: number; data: Uint8Array<ArrayBuffer> } | null {
  if (message.byteLength === 0) return null;
  const whole = new Uint8Array(message);
  return { channel: whole[0] ?? 0, data: whole.subarray(1) };
}

/** How a program ended. `code` is null where it did not run to its end; `text` says why. */
export interface Ending {
  code: number | null;
  text: string;
}

/** What came on channel 3: a Kubernetes `Status` from the door, or our own `{"exit_code":0}`. */
export function ending(data: Uint8Array): Ending {
  const text = new TextDecoder().decode(data);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return { code: null, text: text.trim() };
  }
  if (typeof said !== "object" || said === null) return { code: null, text };
  if ("exit_code" in said && typeof said.exit_code === "number") return { code: said.exit_code, text: "" };
  if ("error" in said && typeof said.error === "string") return { code: null, text: said.error };
  const status = said as Status;
  if (status.status === "Success") return { code: 0, text: "" };
  const cause = status.details?.causes?.find((each) => each.reason === "ExitCode")?.message;
  const code = cause === undefined ? Number.NaN : Number(cause);
  return Number.isInteger(code) ? { code, text: status.message ?? "" } : { code: null, text: status.message ?? "It ended without a word." };
}
