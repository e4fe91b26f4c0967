// Users and invites: made, changed, locked out, let in again, deleted.
import { ADMIN } from "../support/house";
import { expect, expectAccessible, logIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "users" });
test.describe.configure({ mode: "serial" });

test("a user is added, found, edited and given another role", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/users`);
  await page.getByRole("button", { name: "Add a user" }).click();
  await expect(page).toHaveURL(/new=1/);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("User name").fill("grace");
  await dialog.getByLabel("E-mail").fill("grace@example.org");
  await dialog.getByLabel("Role").selectOption("viewer");
  await dialog.getByLabel("Password", { exact: true }).fill("password1234");
  await expect(dialog.getByText(/lists that attackers try|easy to guess/)).toBeVisible();
  await dialog.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("link", { name: "grace" })).toBeVisible();

  await page.getByRole("searchbox", { name: "Search users" }).fill("nobody like this");
  await expect(page.getByText("No user matches")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search users" }).fill("grac");
  await expect(page).toHaveURL(/q=grac/);
  await expect(page.getByRole("listitem").filter({ hasText: "ada" })).toHaveCount(0);
  await page.getByRole("link", { name: "grace" }).click();
  await expect(page).toHaveURL(/\/users\/grace$/);
  await page.getByRole("button", { name: "More for grace" }).click();
  await page.getByRole("menuitem", { name: "Edit…" }).click();
  await page.getByLabel("Name shown").fill("Grace Hopper");
  await page.getByLabel("Role").selectOption("operator");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByText("grace, operator")).toBeVisible();
  await expectAccessible(page);
});

test("a reset link sets a password, once", async ({ admin: page, house, browser }) => {
  await page.goto(`${house.url}/users/grace`);
  await page.getByRole("button", { name: "More for grace" }).click();
  await page.getByRole("menuitem", { name: "Make a reset link…" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByTestId("secret").innerText();
  expect(link).toContain("/reset#token=");
  const context = await newVisitor(browser);
  const theirs = await context.newPage();
  await theirs.goto(link);
  await theirs.getByLabel("New password", { exact: true }).fill("nine orange lanterns drift");
  await theirs.getByLabel("New password again").fill("nine orange lanterns drift");
  await theirs.getByRole("button", { name: "Set the password" }).click();
  await expect(theirs.getByRole("heading", { name: "Your password is set" })).toBeVisible();
  await logIn(theirs, house, "grace", "nine orange lanterns drift");
  await expect(theirs.getByRole("button", { name: /^Account:/ })).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();

  // The session is seen, and a disabled user is out at once.
  await page.reload();
  await expect(page.getByRole("list", { name: "Sessions of grace" }).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: "More for grace" }).click();
  await page.getByRole("menuitem", { name: "Disable…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled", { exact: true })).toBeVisible();
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/login/);
  await page.goto(`${house.url}/users?status=disabled`);
  await expect(page.getByRole("link", { name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByRole("link", { name: "ada" })).toHaveCount(0);
  await page.getByRole("button", { name: "More for grace" }).click();
  await page.getByRole("menuitem", { name: "Enable…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("No user matches")).toBeVisible();
  await context.close();
});

test("an invite makes an account, once; a sent one reaches its mailbox", async ({ admin: page, house, browser, mail }) => {
  await page.goto(`${house.url}/invites`);
  await expect(page.getByText("Nobody is invited yet")).toBeVisible();
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  await page.getByLabel("As", { exact: true }).selectOption("developer");
  await page.getByLabel("E-mail address").fill("linus@example.org");
  await page.getByLabel("Send the link there").check();
  await page.getByLabel("Note").fill("kernel team");
  await page.getByRole("button", { name: "Make the invite" }).click();
  const shown = await page.getByTestId("secret").innerText();
  const sent = await mail.link("linus@example.org", "invite");
  expect(sent).toBe(shown);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("linus@example.org")).toBeVisible();

  const context = await newVisitor(browser);
  const theirs = await context.newPage();
  await theirs.goto(sent);
  await expect(theirs).toHaveURL(`${house.url}/invite`);
  await expect(theirs.getByText("invites you as")).toContainText("developer");
  await expectAccessible(theirs);
  await theirs.getByLabel("User name").fill("linus");
  await theirs.getByLabel("Your name").fill("Linus");
  await theirs.getByLabel("Password", { exact: true }).fill("eleven penguins on the ice");
  await theirs.getByLabel("Password again").fill("eleven penguins on the ice");
  await theirs.getByRole("button", { name: "Make my account" }).click();
  await expect(theirs.getByRole("button", { name: "Account: linus" })).toBeVisible();
  await theirs.context().clearCookies();
  await theirs.goto("about:blank");
  await theirs.goto(sent);
  await expect(theirs.getByRole("heading", { name: "This invite does not work" })).toBeVisible();
  await context.close();

  await page.reload();
  await expect(page.getByText(/used by linus/)).toBeVisible();
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  await page.getByRole("button", { name: "Make the invite" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Revoked", { exact: true })).toBeVisible();
});

test("an admin sets a password, which ends the sessions, and ends them alone too", async ({ admin: page, house, browser }) => {
  const context = await newVisitor(browser);
  const theirs = await context.newPage();
  await logIn(theirs, house, "grace", "nine orange lanterns drift");
  await page.goto(`${house.url}/users/grace`);
  const more = async (name: string) => {
    await page.getByRole("button", { name: "More for grace" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await more("Set a password…");
  await page.getByRole("dialog").getByLabel("New password", { exact: true }).fill("four quiet tractors at dawn");
  await page.getByRole("dialog").getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/login/);
  await logIn(theirs, house, "grace", "four quiet tractors at dawn");
  await page.reload();
  await expect(page.getByText("Last active")).toBeVisible();
  await expect(page.getByText("Joined")).toBeVisible();
  await more("End all sessions…");
  await page.getByRole("dialog").getByRole("button", { name: "End them" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/login/);
  await context.close();
});

test("a deleted user is gone, and what they did stays", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/users/linus`);
  await page.getByRole("button", { name: "More for linus" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const go = page.getByRole("dialog").getByRole("button", { name: "Delete" });
  await expect(go).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Type linus to confirm").fill("linus");
  await go.click();
  await expect(page).toHaveURL(/\/users$/);
  await expect(page.getByRole("link", { name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Linus" })).toHaveCount(0);
  await page.goto(`${house.url}/audit?q=linus`);
  await expect(page.getByText("User delete")).toBeVisible();
});

test("the seats are counted and capped", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/settings`);
  await expect(page.getByText(/\d used/)).toBeVisible();
  await page.getByLabel("Seat cap").fill("two");
  await expect(page.getByText("A number from 1 on, or nothing.")).toBeVisible();
  const used = Number((await page.getByText(/\d+ used/).innerText()).split(" ")[0]);
  await page.getByLabel("Seat cap").fill(String(used));
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(`${used} of ${used} used`)).toBeVisible();
  await page.goto(`${house.url}/users?new=1`);
  await page.getByLabel("User name").fill("toomany");
  await page.getByRole("dialog").getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText(/seat/i);
});
