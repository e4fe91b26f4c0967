// The second factor: an authenticator app, recovery codes, passkeys, a role that demands one, and step-up.
import type { Page } from "@playwright/test";
import { ADMIN } from "../support/house";
import { virtualAuthenticator } from "../support/passkey";
import { expect, giveCredentials, logIn, logOut, test } from "../support/test";
import { Authenticator } from "../support/totp";

test.use({ houseOf: "factor" });
test.describe.configure({ mode: "serial" });

let app: Authenticator;
let recovery: string[] = [];

async function inside(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
}

test("an authenticator app is set up with its codes", async ({ page, house }) => {
  await house.addUser("tilly", "operator");
  await logIn(page, house, "tilly");
  await inside(page);
  await page.goto(`${house.url}/account?tab=security`);
  await page.getByRole("button", { name: "Set up…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("img", { name: /QR code/ })).toBeVisible();
  app = new Authenticator(await dialog.getByTestId("totp-secret").innerText());
  await dialog.getByLabel("Code that the app shows").fill("000000");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Code that the app shows").fill(app.code());
  await dialog.getByRole("button", { name: "Confirm" }).click();
  const codes = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(codes.first()).toBeVisible();
  recovery = await codes.allInnerTexts();
  expect(recovery.length).toBeGreaterThanOrEqual(8);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText(`${recovery.length} codes left.`)).toBeVisible();
});

test("the next login asks for a code, or a recovery code that works once", async ({ page, house }) => {
  await giveCredentials(page, house, "tilly");
  await expect(page.getByRole("heading", { name: "One more step" })).toBeVisible();
  await page.getByLabel("Code", { exact: true }).fill("123456");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Code", { exact: true }).fill(app.code());
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await inside(page);
  await logOut(page);

  const [code = ""] = recovery;
  await giveCredentials(page, house, "tilly");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(code);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await inside(page);
  await page.goto(`${house.url}/account?tab=security`);
  await expect(page.getByText(`${recovery.length - 1} codes left.`)).toBeVisible();
  await logOut(page);
  await giveCredentials(page, house, "tilly");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(code);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
});

test("a passkey is added, is a second factor, and logs in alone", async ({ page, house }) => {
  await virtualAuthenticator(page);
  await giveCredentials(page, house, "tilly");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(recovery[1] ?? "");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await inside(page);
  await page.goto(`${house.url}/account?tab=security`);
  await page.getByRole("button", { name: "Add a passkey…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Test key");
  await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("button", { name: "Rename Test key" })).toBeVisible();
  await page.getByRole("button", { name: "Rename Test key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Blue key");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("button", { name: "Rename Blue key" })).toBeVisible();
  await logOut(page);

  await giveCredentials(page, house, "tilly");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByRole("button", { name: "Use the passkey" }).click();
  await inside(page);
  await logOut(page);

  await page.getByRole("button", { name: "Log in with a passkey" }).click();
  await inside(page);
  await page.goto(`${house.url}/account?tab=security`);
  await page.getByRole("button", { name: "Remove Blue key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("No passkeys yet")).toBeVisible();
});

test("a role that demands a second factor leads through its set-up at the login", async ({ page, house }) => {
  await house.addUser("newton", "developer");
  const { status } = await house.call("PUT", "/admin/settings", { seat_cap: null, require_second_factor: ["developer"], step_up: [] });
  expect(status).toBe(200);
  await giveCredentials(page, house, "newton");
  await expect(page.getByRole("heading", { name: "Set up a second step" })).toBeVisible();
  const own = new Authenticator(await page.getByTestId("totp-secret").innerText());
  await page.getByLabel("Code that the app shows").fill(own.code());
  await page.getByRole("button", { name: "Confirm and log in" }).click();
  await expect(page.getByRole("list", { name: "Recovery codes" })).toBeVisible();
  await page.getByRole("button", { name: "I have kept them, go on" }).click();
  await inside(page);
  // It is the only one, and the role demands one.
  await page.goto(`${house.url}/account?tab=security`);
  await expect(page.getByRole("button", { name: "Remove…" })).toHaveAttribute("aria-disabled", "true");
});

test("what can hurt asks again who is there, and then goes on", async ({ page, house }) => {
  await house.addUser("vic", "viewer");
  // A step-up that just happened at the login would do; an admin whose login is old is asked.
  await logIn(page, house, ADMIN.username);
  await inside(page);
  await page.goto(`${house.url}/settings`);
  await page.getByRole("group", { name: "Roles that step up" }).getByLabel("Admin").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Not saved yet.")).toBeHidden();
  let answered = false;
  // The server's clock cannot be turned from here: its first refusal is made to come early.
  await page.route("**/api/v1/admin/users/*", async (route) => {
    if (answered || route.request().method() !== "DELETE") return route.continue();
    answered = true;
    await route.fulfill({ status: 403, contentType: "application/problem+json", json: { code: "step_up_required", title: "Step up", status: 403 } });
  });
  await page.goto(`${house.url}/users/vic`);
  await page.getByRole("button", { name: "More for vic" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByLabel("Type vic to confirm").fill("vic");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Is it still you?" });
  await dialog.getByLabel("Your password").fill("wrong, surely wrong");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Your password").fill(ADMIN.password);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/\/users$/);
  await expect(page.getByRole("link", { name: "vic", exact: true })).toBeHidden();
});

test("an admin resets a second factor that was lost", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/users/tilly`);
  await expect(page.getByText("set up", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "More for tilly" }).click();
  await page.getByRole("menuitem", { name: "Reset the second factor…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("none", { exact: true })).toBeVisible();
});
