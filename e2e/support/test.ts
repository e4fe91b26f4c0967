// What the test files share: one house a file, a page that is logged in, and the guard that nothing is said on the console.
import { test as base, type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { ADMIN, House } from "./house";
import { MailServer } from "./mail";

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

/** Fills in the login form; a second factor may be asked for then. */
export async function giveCredentials(page: Page, house: House, username: string, password = ADMIN.password): Promise<void> {
  await page.goto(`${house.url}/login`);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** Logs in by the form, all the way. */
export async function logIn(page: Page, house: House, username: string, password = ADMIN.password): Promise<void> {
  await giveCredentials(page, house, username, password);
  await expect(page.getByRole("button", { name: `Account: ${username}` })).toBeVisible();
}

/** Logs out by the menu. */
export async function logOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login/);
}

let visitors = 0;

/** Headers of somebody with an address of their own: the server limits how often one address may try to log in. */
function somebody(): Record<string, string> {
  visitors += 1;
  return { "x-forwarded-for": `10.${process.pid % 200}.${Math.floor(visitors / 250)}.${(visitors % 250) + 1}` };
}

/** Another browser, elsewhere. */
export async function newVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ ignoreHTTPSErrors: true, extraHTTPHeaders: somebody(), ...options });
}

/** A file that says `test.use({ houseOf: "…" })` with a word of its own gets a house of its own. */
export const test = base.extend<{ admin: Page }, { houseOf: string; houseEnv: Record<string, string>; house: House; mail: MailServer }>({
  houseOf: ["", { option: true, scope: "worker" }],
  houseEnv: [{}, { option: true, scope: "worker" }],
  mail: [
    async ({}, use) => {
      const mail = await MailServer.start();
      await use(mail);
      await mail.end();
    },
    { scope: "worker" },
  ],
  house: [
    async ({ houseOf, houseEnv, mail }, use) => {
      if (!houseOf) throw new Error('say test.use({ houseOf: "…" }) first');
      const house = await House.ready({ MC_HTTP__TRUSTED_PROXIES: "127.0.0.1", MC_SMTP_URL: mail.url, MC_MAIL__FROM: "mission-control@example.org", ...houseEnv });
      await use(house);
      await house.end();
    },
    { scope: "worker" },
  ],
  extraHTTPHeaders: async ({}, use) => use(somebody()),
  admin: async ({ page, context, house }, use) => {
    await loggedIn(house, context, ADMIN.username);
    await use(page);
  },
});

const filled = new WeakMap<House, Promise<void>>();

/** Fills a house once: where the tests of a file run side by side, `beforeAll` comes again for each that meets the same house. */
export function fillOnce(house: House, fill: () => Promise<void>): Promise<void> {
  const known = filled.get(house) ?? fill();
  filled.set(house, known);
  return known;
}

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
