// Passkeys: the server's options and the browser's answers as JSON. Byte strings travel as base64url.
import type { CredentialJson } from "./types";

/** Whether this browser can use passkeys here: they belong to names, never to addresses of machines. */
export function passkeysSupported(): boolean {
  if (/^[\d.]+$|:/.test(location.hostname)) return false;
  return typeof PublicKeyCredential !== "undefined" && typeof navigator.credentials?.get === "function";
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer): string {
  let plain = "";
  for (const byte of new Uint8Array(bytes)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

interface Descriptor {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

function descriptors(list: Descriptor[] | undefined): PublicKeyCredentialDescriptor[] | undefined {
  return list?.map((each) => ({ ...each, id: bytesOf(each.id) }));
}

/** Options come bare or within `publicKey`, as the two common libraries write them. */
function bare<T>(options: unknown): T {
  const outer = options as { publicKey?: T };
  return outer.publicKey ?? (options as T);
}

type GetJson = Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> & {
  challenge: string;
  allowCredentials?: Descriptor[];
};

/** Has the browser prove a passkey; the answer is what the server takes. */
export async function passkeyProve(options: unknown): Promise<CredentialJson> {
  const json = bare<GetJson>(options);
  const allowCredentials = descriptors(json.allowCredentials);
  const credential = await navigator.credentials.get({
    publicKey: {
      ...json,
      challenge: bytesOf(json.challenge),
      ...(allowCredentials ? { allowCredentials } : {}),
    } as PublicKeyCredentialRequestOptions,
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("No passkey was used.");
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    extensions: credential.getClientExtensionResults(),
    response: {
      authenticatorData: textOf(response.authenticatorData),
      clientDataJSON: textOf(response.clientDataJSON),
      signature: textOf(response.signature),
      userHandle: response.userHandle ? textOf(response.userHandle) : null,
    },
  } as unknown as CredentialJson;
}

type CreateJson = Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> & {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
};

/** Has the browser make a passkey; the answer is what the server takes. */
export async function passkeyMake(options: unknown): Promise<CredentialJson> {
  const json = bare<CreateJson>(options);
  const excludeCredentials = descriptors(json.excludeCredentials);
  const credential = await navigator.credentials.create({
    publicKey: {
      ...json,
      challenge: bytesOf(json.challenge),
      user: { ...json.user, id: bytesOf(json.user.id) },
      ...(excludeCredentials ? { excludeCredentials } : {}),
    } as PublicKeyCredentialCreationOptions,
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("No passkey was made.");
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    extensions: credential.getClientExtensionResults(),
    response: {
      attestationObject: textOf(response.attestationObject),
      clientDataJSON: textOf(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  } as unknown as CredentialJson;
}

/** What a refusal of the browser means, in words. */
export function passkeyFault(error: unknown): string | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "No passkey was used: it was cancelled or took too long.";
  if (error.name === "InvalidStateError") return "This passkey is already known here.";
  if (error.name === "SecurityError") return "Passkeys do not work under this address. Open the page by the name its certificate is for.";
  return "The browser refused the passkey.";
}
