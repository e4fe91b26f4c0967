// One's own account: profile, appearance, password, sessions and login history.
import { ADMIN } from "../support/house";
import { complaints, expect, giveCredentials, logIn, logOut, newVisitor, test } from "../support/test";

test.use({ houseOf: "account" });
test.describe.configure({ mode: "serial" });

const NEW_PASSWORD = "seven blue teapots whistle";

test("the profile is changed, and the mail's link verifies the address", async ({ page, house, mail }) => {
  await house.addUser("paula", "viewer");
  await logIn(page, house, "paula");
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("menuitem", { name: "Your account" }).click();
  await page.getByLabel("Name shown").fill("Paula Pilot");
  await page.getByLabel("E-mail address").fill("paula@example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Paula Pilot" })).toBeVisible();
  await expect(page.getByText("Not verified")).toBeVisible();
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("A link was sent to paula@example.org.")).toBeVisible();
  await page.goto(await mail.link("paula@example.org", "verify"));
  // The token does not stay in the address bar.
  await expect(page).toHaveURL(`${house.url}/verify`);
  await page.getByRole("button", { name: "Verify it" }).click();
  await page.getByRole("link", { name: "To your account" }).click();
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
  await expect(page.getByText("viewer").first()).toBeVisible();
});

test("the look is applied at once, kept by the server, and there before the first paint", async ({ page, house, browser }) => {
  const heard = complaints(page);
  await page.emulateMedia({ colorScheme: "light" });
  await logIn(page, house, "paula");
  await page.goto(`${house.url}/account?tab=appearance`);
  const html = page.locator("html");
  const kept = () => page.waitForResponse((answer) => answer.url().endsWith("/me/preferences") && answer.request().method() === "PUT");
  for (const [label, attribute, value] of [
    ["Dark", "data-theme", "dark"],
    ["Teal", "data-accent", "teal"],
    ["Off", "data-motion", "off"],
  ] as const) {
    const sent = kept();
    await page.getByText(label, { exact: true }).click();
    await expect(html).toHaveAttribute(attribute, value);
    expect((await sent).status()).toBe(200);
  }
  let sent = kept();
  await page.getByText("Larger", { exact: true }).click();
  await sent;
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
  expect(await size()).toBeGreaterThan(15);
  sent = kept();
  await page.getByText("Square", { exact: true }).click();
  await sent;
  sent = kept();
  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await sent;
  await expect(page.getByText(/Now it is .*(GMT\+9|JST)/)).toBeVisible();
  sent = kept();
  await page.getByText("Folded", { exact: true }).click();
  await sent;
  await expect(page.getByRole("button", { name: "Unfold the menu" })).toBeVisible();

  // Before any script of the page itself has run, the remembered look holds.
  await page.addInitScript(() => {
    document.addEventListener("DOMContentLoaded", () => {
      (window as unknown as { early: string }).early = JSON.stringify(document.documentElement.dataset);
    });
  });
  await page.reload();
  const early = await page.evaluate(() => (window as unknown as { early: string }).early);
  expect(JSON.parse(early)).toMatchObject({ theme: "dark", accent: "teal", motion: "off" });

  // Another browser has it from the server.
  const other = await newVisitor(browser, { colorScheme: "light" });
  const elsewhere = await other.newPage();
  await logIn(elsewhere, house, "paula");
  await expect(elsewhere.locator("html")).toHaveAttribute("data-accent", "teal");
  await expect(elsewhere.locator("html")).toHaveAttribute("data-theme", "dark");
  await other.close();
  expect(heard).toEqual([]);
});

test("an answer of the server that comes late undoes no change", async ({ page, house }) => {
  await logIn(page, house, "paula");
  let asked = () => {};
  let answer = () => {};
  const wasAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/api/v1/me/preferences", async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    asked();
    await held;
    await route.fulfill({ response });
  });
  await page.goto(`${house.url}/account?tab=appearance`);
  await wasAsked;
  const sent = page.waitForResponse((response) => response.url().endsWith("/me/preferences") && response.request().method() === "PUT");
  await page.getByText("Rose", { exact: true }).click();
  await sent;
  const late = page.waitForResponse((response) => response.url().endsWith("/me/preferences") && response.request().method() === "GET");
  answer();
  await (await late).finished();
  // Two frames later the page has done with the answer whatever it does.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await expect(page.locator("html")).toHaveAttribute("data-accent", "rose");
  await page.unrouteAll({ behavior: "wait" });
});

test("a changed password ends the other sessions, and the history shows the logins", async ({ page, house, browser }) => {
  const other = await newVisitor(browser);
  const elsewhere = await other.newPage();
  await logIn(elsewhere, house, "paula");
  await expect(elsewhere.getByRole("button", { name: /^Account:/ })).toBeVisible();

  await logIn(page, house, "paula");
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
  await page.goto(`${house.url}/account?tab=security`);
  await expect(page.getByRole("list", { name: "Your sessions" }).getByRole("listitem").nth(1)).toBeVisible();
  await page.getByRole("button", { name: "Change…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Current password").fill("not this one at all");
  await dialog.getByLabel("New password", { exact: true }).fill("password1234");
  await expect(dialog.getByText(/lists that attackers try|easy to guess/)).toBeVisible();
  await dialog.getByLabel("New password", { exact: true }).fill(NEW_PASSWORD);
  await expect(dialog.getByText(/^(Good|Strong)$/)).toBeVisible();
  await dialog.getByLabel("New password again").fill(NEW_PASSWORD);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Current password").fill(ADMIN.password);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your other sessions have ended.")).toBeVisible();
  await expect(page.getByRole("list", { name: "Your sessions" }).getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("list", { name: "Your logins" }).getByText("Logged in").first()).toBeVisible();

  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/login/);
  await other.close();
  await logOut(page);
  // A wrong try is in the history of whose account it was.
  await giveCredentials(page, house, "paula", "not the password of paula");
  await expect(page.getByRole("alert")).toBeVisible();
  await logIn(page, house, "paula", NEW_PASSWORD);
  await page.goto(`${house.url}/account?tab=security`);
  const logins = page.getByRole("list", { name: "Your logins" }).getByRole("listitem");
  await expect(logins.filter({ hasNotText: "Logged in" }).first()).toContainText(/wrong|failed/i);
  await expect(logins.first()).toContainText("Chromium");
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
});

test("sessions are ended one by one", async ({ page, house, browser }) => {
  const other = await newVisitor(browser);
  const elsewhere = await other.newPage();
  await logIn(elsewhere, house, "paula", NEW_PASSWORD);
  await expect(elsewhere.getByRole("button", { name: /^Account:/ })).toBeVisible();
  await logIn(page, house, "paula", NEW_PASSWORD);
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
  await page.goto(`${house.url}/account?tab=security`);
  const sessions = page.getByRole("list", { name: "Your sessions" }).getByRole("listitem");
  await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
  const before = await sessions.count();
  await sessions.getByRole("button", { name: /^End the session of/ }).first().click();
  await expect(sessions).toHaveCount(before - 1);
  if (before > 2) await page.getByRole("button", { name: "End all others" }).click();
  await expect(sessions).toHaveCount(1);
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/login/);
  await other.close();
});

test("a forgotten password is set anew by the mail's link, once", async ({ page, house, mail }) => {
  await page.goto(`${house.url}/login`);
  await page.getByRole("link", { name: "Forgot it?" }).click();
  await page.getByLabel("E-mail address").fill("paula@example.org");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
  const link = await mail.link("paula@example.org", "reset");
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("a quiet harbour in november");
  await page.getByLabel("New password again").fill("a quiet harbour in november");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("heading", { name: "Your password is set" })).toBeVisible();
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("another harbour in december");
  await page.getByLabel("New password again").fill("another harbour in december");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await logIn(page, house, "paula", "a quiet harbour in november");
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
});
