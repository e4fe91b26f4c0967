// A real OpenID provider beside the server: npm's oidc-provider, installed and started by scripts/peers/oidc-provider.sh.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { House } from "./house";

const peers = join(fileURLToPath(import.meta.url), "..", "..", "..", "scripts", "peers");

export const CLIENT = { id: "mission-control", secret: "a-client-secret-for-tests-only-0123456789" };

export interface Account {
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
  groups?: string[];
}

export class IdentityProvider {
  private constructor(
    private readonly child: ChildProcess,
    readonly issuer: string,
  ) {}

  /** Starts one that knows these people and sends browsers back to the house. */
  static async start(house: House, provider: string, accounts: Record<string, Account>): Promise<IdentityProvider> {
    const route = (end: string) => `${house.url}/api/v1/auth/oidc/${provider}/${end}`;
    const said = execFileSync(join(peers, "oidc-provider.sh"), { encoding: "utf8" });
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(said)?.[1] ?? "";
    const client = {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: [route("callback")],
      post_logout_redirect_uris: [`${house.url}/login`],
      backchannel_logout_uri: route("backchannel-logout"),
      backchannel_logout_session_required: true,
      grant_types: ["authorization_code", "refresh_token"],
    };
    const child = spawn(value("OIDC_NODE"), [join(peers, "oidc-provider.mjs"), JSON.stringify({ clients: [client], accounts })], {
      // It posts its logout tokens to the server, whose certificate comes from the server's own authority.
      env: { ...process.env, OIDC_MODULES: value("OIDC_MODULES"), NODE_EXTRA_CA_CERTS: house.caFile },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const issuer = await new Promise<string>((done, fail) => {
      let text = "";
      child.on("exit", () => fail(new Error(`the provider ended: ${text}`)));
      // It warns at length that it is only for tests; that is worth reading when it fails.
      child.stderr?.on("data", (data: Buffer) => {
        text += data.toString();
      });
      child.stdout?.on("data", (data: Buffer) => {
        text += data.toString();
        const found = /ISSUER=(\S+)/.exec(text)?.[1];
        if (found) done(found);
      });
    });
    return new IdentityProvider(child, issuer);
  }

  /** Fills in the provider's own pages: who one is, and that this site may know it. */
  async logIn(page: Page, name: string): Promise<void> {
    await page.waitForURL((url) => url.href.startsWith(this.issuer));
    const login = page.locator('input[name="login"]');
    if (await login.isVisible()) {
      await login.fill(name);
      await page.locator('input[name="password"]').fill("anything");
      await page.locator('button[type="submit"]').click();
    }
    await page.getByRole("button", { name: /continue/i }).click();
    await page.waitForURL((url) => !url.href.startsWith(this.issuer));
  }

  /** Where one ends the session at the provider itself. */
  async endSessionPage(): Promise<string> {
    const answer = await fetch(`${this.issuer}/.well-known/openid-configuration`);
    const { end_session_endpoint } = (await answer.json()) as { end_session_endpoint: string };
    return end_session_endpoint;
  }

  /** Says yes on the provider's page that asks whether its session is to end. */
  async logOut(page: Page): Promise<void> {
    await page.waitForURL((url) => url.href.startsWith(this.issuer));
    await page.getByRole("button", { name: /yes/i }).click();
  }

  async end(): Promise<void> {
    this.child.removeAllListeners("exit");
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }
}
