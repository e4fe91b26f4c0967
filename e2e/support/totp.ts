// The codes of an authenticator app (RFC 6238: SHA-1, six figures, half a minute).
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

function decode(secret: string): Buffer {
  let bits = "";
  for (const char of secret.replaceAll(/[\s=]/g, "").toUpperCase()) bits += ALPHABET.indexOf(char).toString(2).padStart(5, "0");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

function codeOf(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", decode(secret)).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An app with one secret. The server takes each code once, so every call gives a code that was not given before. */
export class Authenticator {
  private last = 0;

  constructor(private readonly secret: string) {}

  code(): string {
    // One step ahead is within what a server allows a clock to be off; one behind might have ended until it arrives.
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / STEP_MS));
    return codeOf(this.secret, this.last);
  }
}
