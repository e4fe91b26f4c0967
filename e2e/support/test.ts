// What the test files share: one house a file, a page that is logged in, and the guard that nothing is said on the console.
import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { ADMIN, House } from "./house";

export { expect };

/** Cookies of each user of each house: the server limits how often one may log in. */
const sessions = new Map<string, Awaited<ReturnType<BrowserContext["storageState"]>>>();

export async function loggedIn(house: House, context: BrowserContext, username: string): Promise<void> {
  const key = `${house.url} ${username}`;
  const known = sessions.get(key);
  if (known) {
    await context.addCookies(known.cookies);
    return;
  }
  const answer = await context.request.post(`${house.url}/api/v1/auth/login`, {
    data: { username, password: ADMIN.password },
    headers: { origin: house.url },
  });
  expect(answer.status()).toBe(200);
  sessions.set(key, await context.storageState());
}

/** A file that says `test.use({ houseOf: "…" })` with a word of its own gets a house of its own. */
export const test = base.extend<{ admin: Page }, { houseOf: string; house: House }>({
  houseOf: ["", { option: true, scope: "worker" }],
  house: [
    async ({ houseOf }, use) => {
      if (!houseOf) throw new Error('say test.use({ houseOf: "…" }) first');
      const house = await House.ready();
      await use(house);
      await house.end();
    },
    { scope: "worker" },
  ],
  admin: async ({ page, context, house }, use) => {
    await loggedIn(house, context, ADMIN.username);
    await use(page);
  },
});

/** Fails when axe finds anything on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((each) => `${each.id}: ${each.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`).join("\n  ")}`);
  expect(found).toEqual([]);
}

/** Collects what the page complains of on its console: script errors and refusals of the content policy. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    // A failed request is written there by the browser itself and is often what a test wants.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) heard.push(message.text());
  });
  return heard;
}

/** A row of the agents list. */
export function row(page: Page, name: string) {
  return page.getByRole("row").filter({ hasText: name });
}
