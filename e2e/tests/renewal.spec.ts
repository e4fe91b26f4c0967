// Tokens that end by their own time: the page renews without a word while it can, and says so in words when it cannot.
import { ADMIN } from "../support/house";
import { complaints, expect, giveCredentials, logIn, test } from "../support/test";
import type { BrowserContext } from "@playwright/test";

// Long enough for a slow machine to load a page in, short enough to wait for.
test.use({ houseOf: "renewal", houseEnv: { MC_AUTH__ACCESS_LIFE: "12s", MC_AUTH__REFRESH_LIFE: "40s" } });
test.describe.configure({ mode: "serial" });

async function cookie(context: BrowserContext, name: string): Promise<string> {
  return (await context.cookies()).find((each) => each.name === `__Host-mc_${name}`)?.value ?? "";
}

test("an open page renews before its token ends, and stays live on its stream", async ({ page, house }) => {
  const heard = complaints(page);
  const streams: string[] = [];
  page.on("websocket", (socket) => streams.push(socket.url()));
  await logIn(page, house, ADMIN.username);
  await page.goto(`${house.url}/approvals`);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const before = streams.length;
  const renewed = () => page.waitForResponse((answer) => answer.url().endsWith("/api/v1/auth/refresh") && answer.ok());
  await renewed();
  await renewed();
  // The stream that the first token opened was closed at that token's end, and another one took its place.
  await expect.poll(() => streams.length).toBeGreaterThan(before);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await expect(page.getByText("No connection for")).toHaveCount(0);
  await expect(page).toHaveURL(`${house.url}/approvals`);
  expect(heard).toEqual([]);
});

test("an access token that has ended is renewed by the refresh cookie, without a word", async ({ page, context, house }) => {
  await logIn(page, house, ADMIN.username);
  // A closed page renews nothing.
  await page.goto("about:blank");
  await expect.poll(() => cookie(context, "access")).toBe("");
  expect(await cookie(context, "refresh")).not.toBe("");
  await page.goto(`${house.url}/approvals?tab=mine`);
  await expect(page.getByRole("heading", { name: "Approvals" })).toBeVisible();
  await expect(page).toHaveURL(`${house.url}/approvals?tab=mine`);
  expect(await cookie(context, "access")).not.toBe("");

  // The same within an open page: what is asked next is refused, renewed and asked again.
  await context.clearCookies({ name: "__Host-mc_access" });
  await page.getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("list", { name: "Users" })).toContainText(ADMIN.username);
  expect(await cookie(context, "access")).not.toBe("");
});

test("without a good refresh cookie the login page says that the session ended, and leads back", async ({ page, context, house }) => {
  await logIn(page, house, ADMIN.username);
  await page.goto("about:blank");
  await expect.poll(() => cookie(context, "refresh"), { timeout: 90_000 }).toBe("");
  await page.goto(`${house.url}/users?q=ad`);
  await expect(page).toHaveURL(/\/login\?next=\/users%3Fq%3Dad&ended=1$/);
  await expect(page.getByText("Your session has ended. Log in again to go on.")).toBeVisible();
  await expect(page.getByText("You will be back where you were.")).toBeVisible();
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page).toHaveURL(`${house.url}/users?q=ad`);
});

test("who was never here is not told of a session that ended", async ({ page, house }) => {
  await page.goto(`${house.url}/users`);
  await expect(page).toHaveURL(`${house.url}/login?next=/users`);
  await expect(page.getByText("Your session has ended")).toHaveCount(0);
  await giveCredentials(page, house, ADMIN.username);
  await expect(page.getByRole("button", { name: `Account: ${ADMIN.username}` })).toBeVisible();
});
