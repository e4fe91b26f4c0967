// The end of a session, seen from an open page: logged out here and at the provider, ended by the provider, ended by an admin.
import { CLIENT, IdentityProvider } from "../support/sso";
import { expect, expectAccessible, logIn, newVisitor, test } from "../support/test";
import type { House } from "../support/house";
import type { Page } from "@playwright/test";

test.use({ houseOf: "session", houseEnv: { MC_AUTH__OIDC_HTTP_LOOPBACK: "true" } });
test.describe.configure({ mode: "serial" });

const ENDED = "Your session has ended. Log in again to go on.";

let provider: IdentityProvider;

test.beforeAll(async ({ house }) => {
  test.setTimeout(180_000);
  await house.addUser("lena", "viewer");
  provider = await IdentityProvider.start(house, "corp", {
    olga: { email: "olga@example.org", email_verified: true, name: "Olga Ops", preferred_username: "olga", groups: [] },
  });
  const made = await house.call("POST", "/admin/providers", {
    name: "corp",
    label: "Corp login",
    kind: "generic",
    issuer: provider.issuer,
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    scopes: ["openid", "profile", "email", "groups", "offline_access"],
    provisioning: "create",
    default_role: "viewer",
  });
  expect(made.status).toBe(201);
});
test.afterAll(() => provider?.end());

/** Logs Olga in by the provider, on the way to this path. */
async function throughProvider(page: Page, house: House, path: string): Promise<void> {
  await page.goto(house.url + path);
  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await provider.logIn(page, "olga");
  await expect(page).toHaveURL(house.url + path);
  await expect(page.getByRole("button", { name: "Account: olga" })).toBeVisible();
}

async function stillIn(page: Page, house: House): Promise<boolean> {
  return (await page.request.get(`${house.url}/api/v1/auth/me`)).ok();
}

test("logging out leads to the provider's logout, and ends both sessions", async ({ page, house }) => {
  await throughProvider(page, house, "/approvals");
  await page.getByRole("button", { name: "Account: olga" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await provider.logOut(page);
  await expect(page).toHaveURL(/\/login(\?|$)/);
  expect(page.url().startsWith(house.url)).toBe(true);
  // Who leaves by themselves is not told that something ended.
  await expect(page.getByText(ENDED)).toHaveCount(0);
  expect(await stillIn(page, house)).toBe(false);
  await page.goto(`${house.url}/approvals`);
  await expect(page).toHaveURL(`${house.url}/login?next=/approvals`);
  // There nobody is known any more either: it asks for name and password before it sends anybody back.
  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await expect(page.locator('input[name="login"]')).toBeVisible();
});

test("a logout at the provider shows on the open page by itself, and the way back is kept", async ({ page, context, house }) => {
  await throughProvider(page, house, "/agents?q=db");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const elsewhere = await context.newPage();
  await elsewhere.goto(await provider.endSessionPage());
  await provider.logOut(elsewhere);
  // Nobody touches the page.
  await expect(page).toHaveURL(`${house.url}/login?next=/agents%3Fq%3Ddb&ended=1`);
  await expect(page.getByText(ENDED)).toBeVisible();
  await expectAccessible(page);
  expect(await stillIn(page, house)).toBe(false);
  const { body } = await house.call<{ items: { resource: string }[] }>("GET", "/admin/audit?action=backchannel_logout&result=ok");
  expect(body.items.map((entry) => entry.resource)).toEqual(["corp"]);

  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await provider.logIn(page, "olga");
  await expect(page).toHaveURL(`${house.url}/agents?q=db`);
});

test("a session that an admin ends takes every open page to the login", async ({ house, browser }) => {
  const context = await newVisitor(browser);
  const [one, other] = [await context.newPage(), await context.newPage()];
  await logIn(one, house, "lena");
  await one.goto(`${house.url}/approvals`);
  await other.goto(`${house.url}/account?tab=security`);
  for (const page of [one, other]) await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const { body } = await house.call<{ items: { id: string }[] }>("GET", "/admin/users?q=lena");
  expect((await house.call("DELETE", `/admin/users/${body.items[0]?.id}/sessions`)).status).toBeLessThan(300);
  await expect(one).toHaveURL(`${house.url}/login?next=/approvals&ended=1`);
  await expect(other).toHaveURL(/\/login\?next=\/account.*&ended=1$/);
  for (const page of [one, other]) await expect(page.getByText(ENDED)).toBeVisible();
  await one.getByLabel("User name").fill("lena");
  await one.getByLabel("Password", { exact: true }).fill("gently rusted copper kettle");
  await one.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(one).toHaveURL(`${house.url}/approvals`);
  await expect(one.getByText(ENDED)).toHaveCount(0);
  await context.close();
});
