// Access for a while: a refusal explained, access requested from it, granted live by somebody else, used, and ended.
import { expect, expectAccessible, loggedIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "approvals" });

test("why not, request, grant, use, end", async ({ admin, house, browser }) => {
  await house.agent("db-1", { script: "while :; do sleep 1; done\n" });
  await house.addUser("wally", "viewer");
  const context = await newVisitor(browser);
  await loggedIn(house, context, "wally");
  const page = await context.newPage();

  // The button is there, does nothing, and says why.
  await page.goto(`${house.url}/agents/db-1`);
  const restart = page.getByRole("button", { name: "Restart", exact: true });
  await expect(restart).toHaveAttribute("aria-disabled", "true");
  // Playwright would wait for a disabled button to be enabled; a person just clicks.
  await restart.click({ force: true });
  await expect(page.getByText("Why not?")).toBeVisible();
  await expect(page.getByRole("list", { name: "What your roles say" })).toContainText("viewer");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Request access" }).click();
  const dialog = page.getByRole("dialog", { name: "Request access" });
  await expect(dialog.getByLabel("Action")).toHaveValue("agent_restart");
  await expect(dialog.getByLabel("On which agent")).toHaveValue("db-1");
  await dialog.getByLabel("Reason").fill("the disk is full");

  // Whoever may decide sees it arrive.
  await admin.goto(`${house.url}/approvals`);
  await expect(admin.getByText("Nothing waits for you")).toBeVisible();
  await dialog.getByRole("button", { name: "Send the request" }).click();
  await expect(page.getByRole("dialog", { name: "Your request is sent" })).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(admin.getByText("the disk is full")).toBeVisible();
  await expect(admin.getByRole("link", { name: /Approvals/ })).toContainText("1");
  await expectAccessible(admin);
  await admin.getByRole("button", { name: "Approve the request of wally" }).click();
  await admin.getByRole("dialog").getByLabel("For").selectOption("900");
  await admin.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(admin.getByText("Nothing waits for you")).toBeVisible();

  // The asker has it at once.
  await page.goto(`${house.url}/approvals`);
  await expect(page.getByText("Granted", { exact: true })).toBeVisible();
  await page.goto(`${house.url}/agents/db-1`);
  await expect(restart).not.toHaveAttribute("aria-disabled", "true");
  await restart.click();
  await page.getByRole("dialog").getByLabel("Reason").fill("as allowed");
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await expect(page.getByRole("dialog")).toBeHidden();

  // Ended early, it holds no more.
  await page.goto(`${house.url}/approvals`);
  await page.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByText("Ended", { exact: true })).toBeVisible();
  await page.goto(`${house.url}/agents/db-1`);
  await expect(restart).toHaveAttribute("aria-disabled", "true");
  await context.close();
});

test("a role is asked for, denied with a reason; another is taken back", async ({ admin, house, browser }) => {
  await house.addUser("xenia", "viewer");
  const context = await newVisitor(browser);
  await loggedIn(house, context, "xenia");
  const page = await context.newPage();
  await page.goto(`${house.url}/approvals`);
  for (const reason of ["to look around", "to look again"]) {
    await page.getByRole("button", { name: "Request access" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Request access" });
    await dialog.getByLabel("Role").selectOption(reason === "to look around" ? "admin" : "operator");
    await dialog.getByLabel("Reason").fill(reason);
    await dialog.getByRole("button", { name: "Send the request" }).click();
    await page.getByRole("button", { name: "Done" }).click();
  }
  await page.getByRole("listitem").filter({ hasText: "to look again" }).getByRole("button", { name: "Take it back" }).click();
  await expect(page.getByText("Taken back")).toBeVisible();
  await admin.goto(`${house.url}/approvals`);
  await admin.getByRole("button", { name: "Deny the request of xenia" }).click();
  await admin.getByRole("dialog").getByLabel("Reason").fill("ask for operator");
  await admin.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
  await expect(page.getByText(/ask for operator/)).toBeVisible();
  await expect(page.getByText("Denied", { exact: true })).toBeVisible();
  await context.close();
});

test("nobody decides their own request", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/approvals`);
  await page.getByRole("button", { name: "Request access" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Request access" });
  await dialog.getByLabel("Role").selectOption("developer");
  await dialog.getByLabel("Reason").fill("to see it as they do");
  await dialog.getByRole("button", { name: "Send the request" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("tab", { name: "Mine" }).click();
  await expect(page).toHaveURL(/tab=mine/);
  const own = page.getByRole("listitem").filter({ hasText: "to see it as they do" });
  await expect(own).toContainText("You ask for");
  await expect(own.getByRole("button", { name: /Approve/ })).toHaveCount(0);
  await page.getByRole("tab", { name: /To decide/ }).click();
  await expect(page.getByText("Nothing waits for you")).toBeVisible();
  const { body } = await house.call<{ items: { id: string; reason: string }[] }>("GET", "/access-requests");
  const id = body.items.find((each) => each.reason === "to see it as they do")?.id;
  const { status } = await house.call("POST", `/access-requests/${id}/approve`, {});
  expect(status).toBe(403);
});

test("a page and a menu that a role may not use say so, and why", async ({ house, browser }) => {
  await house.addUser("yuri", "operator");
  const context = await newVisitor(browser);
  await loggedIn(house, context, "yuri");
  const page = await context.newPage();
  await page.goto(`${house.url}/users`);
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" })).toHaveCount(0);
  await page.getByRole("button", { name: "Why not?" }).click();
  await expect(page.getByRole("list", { name: "What your roles say" })).toContainText("operator says nothing of it");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("list", { name: "What your roles say" })).toBeHidden();
  await page.getByRole("button", { name: "Request access" }).click();
  await expect(page.getByRole("dialog", { name: "Request access" }).getByLabel("Action")).toHaveValue("user_list");

  // The role is taken while a dialog is open: the page learns it at once.
  await page.goto(`${house.url}/agents/db-1`);
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("too late");
  const { body } = await house.call<{ items: { id: string; username: string }[] }>("GET", "/admin/users");
  const id = body.items.find((each) => each.username === "yuri")?.id;
  expect((await house.call("PUT", `/admin/users/${id}/roles`, { role: "viewer" })).status).toBeLessThan(300);
  const go = dialog.getByRole("button", { name: "Restart", exact: true });
  await expect(go).toHaveAttribute("aria-disabled", "true");
  await go.click({ force: true });
  await expect(page.getByRole("list", { name: "What your roles say" })).toContainText("viewer");
  await context.close();
});
