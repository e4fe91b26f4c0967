// A real OpenID provider beside the server: npm's oidc-provider, installed and started by scripts/peers/oidc-provider.sh.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

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

  /** Starts one that knows these people and sends browsers back to `server`. */
  static async start(server: string, provider: string, accounts: Record<string, Account>): Promise<IdentityProvider> {
    const said = execFileSync(join(peers, "oidc-provider.sh"), { encoding: "utf8" });
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(said)?.[1] ?? "";
    const client = {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: [`${server}/api/v1/auth/oidc/${provider}/callback`],
      post_logout_redirect_uris: [`${server}/login`],
      grant_types: ["authorization_code", "refresh_token"],
    };
    const child = spawn(value("OIDC_NODE"), [join(peers, "oidc-provider.mjs"), JSON.stringify({ clients: [client], accounts })], {
      env: { ...process.env, OIDC_MODULES: value("OIDC_MODULES") },
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

  async end(): Promise<void> {
    this.child.removeAllListeners("exit");
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }
}
