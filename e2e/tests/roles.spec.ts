// Roles: written as a form with the Cedar text beside it, checked live, given for a while, and asked about in the simulator.
import { expect, expectAccessible, loggedIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "roles" });
test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ house }) => {
  await house.agent("stage-1", { script: "while :; do sleep 1; done\n", tags: ["staging"] });
  await house.agent("prod-1", { script: "while :; do sleep 1; done\n", tags: ["prod"] });
  await house.addUser("rita", "viewer");
});

test("a role is made by the form, checked while it is written", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/roles`);
  await page.getByRole("button", { name: "New role" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Night Shift");
  await page.getByLabel("Title").fill("Stagehands");
  await expect(page.getByText(/Use 1 to 40 of a-z/)).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("stagehands");
  const rule = page.getByRole("listitem", { name: "Rule 1" });
  await rule.getByRole("combobox", { name: "Actions" }).fill("no_such_action,");
  await expect(page.getByText("Cannot be saved yet")).toBeVisible();
  await rule.getByRole("button", { name: "Remove no_such_action" }).click();
  await rule.getByRole("combobox", { name: "Actions" }).fill("agent_restart,");
  await rule.getByText("Agents like…").click();
  await rule.getByRole("combobox", { name: "Tagged" }).fill("staging,");
  await expect(page.getByText("Fits the schema")).toBeVisible();
  await expect(page.getByRole("region", { name: "Cedar text" })).toContainText("agent_restart");
  await expect(page.getByRole("region", { name: "Cedar text" })).toContainText("staging");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Make the role" }).click();
  await expect(page).toHaveURL(/\/roles\/stagehands$/);
  await expect(page.getByRole("heading", { name: "Stagehands", level: 1 })).toBeVisible();
});

test("it is given for a while, and counts on the agents it names only", async ({ admin: page, house, browser }) => {
  await page.goto(`${house.url}/users/rita`);
  await page.getByRole("button", { name: "Give a role…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Role").selectOption("stagehands");
  await dialog.getByLabel("For").selectOption("28800");
  await dialog.getByLabel("Reason").fill("release week");
  await dialog.getByRole("button", { name: "Give it" }).click();
  const given = page.getByRole("list", { name: "Assignments" }).getByRole("listitem");
  await expect(given).toContainText("stagehands");
  await expect(given).toContainText("ends in");

  const context = await newVisitor(browser);
  await loggedIn(house, context, "rita");
  const answer = (name: string) =>
    context.request.post(`${house.url}/api/v1/agents/${name}/actions`, {
      data: { action: "restart", reason: "a test" },
      headers: { origin: house.url },
    });
  expect((await answer("stage-1")).status()).toBe(202);
  expect((await answer("prod-1")).status()).toBe(403);
  await context.close();
  // The refusal is in the trail under the agent's name, which leads to it.
  await page.goto(`${house.url}/`);
  const changed = page.getByRole("listitem").filter({ hasText: "refused: no role allows it" });
  await changed.getByRole("link", { name: "prod-1", exact: true }).click();
  await expect(page).toHaveURL(/\/agents\/prod-1$/);
  await expect(page.getByText("Agent restart by rita")).toBeVisible();
});

test("the simulator says who could, what one could, and what a change would have refused", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/roles?tab=who`);
  await page.getByLabel("Who could", { exact: true }).selectOption("agent_restart");
  await page.getByRole("searchbox", { name: /Name or id of the agent/ }).fill("stage-1");
  const who = page.getByRole("list", { name: "Who could" }).getByRole("listitem");
  await expect(who.filter({ hasText: "rita" })).toContainText("Could");
  await expect(who.filter({ hasText: "rita" })).not.toContainText("Could not");
  await page.getByRole("searchbox", { name: /Name or id of the agent/ }).fill("prod-1");
  await expect(who.filter({ hasText: "rita" })).toContainText("Could not");

  await page.goto(`${house.url}/roles?tab=what&user=rita`);
  const what = page.getByRole("list", { name: "What they could do" }).getByRole("listitem");
  await expect(what.filter({ hasText: "agent_restart" })).toContainText("On some");
  await expect(what.filter({ hasText: "user_list" })).toContainText("No");
  await expectAccessible(page);

  await page.goto(`${house.url}/roles?tab=past&role=stagehands`);
  const past = page.getByRole("list", { name: "Decided otherwise" }).getByRole("listitem");
  await expect(past.filter({ hasText: "stage-1" })).toContainText("Refused then");

  // The same of a change that is not saved.
  await page.goto(`${house.url}/roles/stagehands`);
  await page.getByRole("listitem", { name: "Rule 1" }).getByText("Deny").click();
  await expect(page.getByRole("region", { name: "Cedar text" })).toContainText("forbid");
  await page.getByRole("button", { name: "Try it against the past" }).click();
  await expect(page.getByRole("dialog").getByText("would have been refused")).toBeVisible();
});

test("a saved change counts at once, also for rules about Kubernetes", async ({ admin: page, house, browser }) => {
  await page.goto(`${house.url}/roles/stagehands`);
  const rule = page.getByRole("listitem", { name: "Rule 1" });
  await rule.getByRole("combobox", { name: "Tagged" }).fill("prod,");
  await page.getByRole("button", { name: "Add a rule" }).click();
  const second = page.getByRole("listitem", { name: "Rule 2" });
  await second.getByText("Deny").click();
  await second.getByText("Kubernetes…").click();
  await second.getByRole("combobox", { name: "Actions" }).fill("*,");
  await second.getByRole("combobox", { name: "Namespaces" }).fill("kube-*,");
  await second.getByRole("combobox", { name: "Verbs" }).fill("delete,");
  const cedar = page.getByRole("region", { name: "Cedar text" });
  await expect(cedar).toContainText("kube-*");
  await expect(cedar).toContainText("prod");
  await expect(page.getByText("Fits the schema")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Undo the changes" })).toBeHidden();
  await page.reload();
  await expect(page.getByRole("listitem", { name: "Rule 2" })).toBeVisible();
  const context = await newVisitor(browser);
  await loggedIn(house, context, "rita");
  const answer = await context.request.post(`${house.url}/api/v1/agents/prod-1/actions`, {
    data: { action: "restart", reason: "allowed now" },
    headers: { origin: house.url },
  });
  expect(answer.status()).toBe(202);
  await context.close();
});

test("Cedar is written by hand, its faults are told with their place", async ({ admin: page, house }) => {
  // Nobody begins to write by hand before the server has made the text of the rules.
  let check = () => {};
  const held = new Promise<void>((resolve) => {
    check = resolve;
  });
  await page.route("**/api/v1/admin/roles/check", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${house.url}/roles?new=1&role=stagehands`);
  await page.getByLabel("Name", { exact: true }).fill("by-hand");
  const byHand = page.getByRole("button", { name: "Write by hand" });
  await expect(byHand).toHaveAttribute("aria-disabled", "true");
  check();
  await expect(byHand).not.toHaveAttribute("aria-disabled", "true");
  await byHand.click();
  const text = page.getByRole("textbox", { name: "Cedar text" });
  await expect(text).toHaveValue(/permit/);
  const good = await text.inputValue();
  await text.fill("permit (principal, action, resource");
  await expect(page.getByRole("list", { name: "What is wrong" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Make the role" })).toHaveAttribute("aria-disabled", "true");
  await text.fill(good);
  await expect(page.getByText("Fits the schema")).toBeVisible();
  await page.getByRole("button", { name: "Make the role" }).click();
  await expect(page).toHaveURL(/\/roles\/by-hand$/);
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByLabel("Type by-hand to confirm").fill("by-hand");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/roles$/);
  await expect(page.getByText("by-hand", { exact: true })).toHaveCount(0);
});

test("built-in roles are read, not changed", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/roles/operator`);
  await expect(page.getByText("built in, never changes")).toBeVisible();
  await expect(page.getByRole("button", { name: "Save" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Delete…" })).toHaveCount(0);
  await page.getByRole("button", { name: "Copy to a new role" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("operator-copy");
});
