// The list and the actions: what happens elsewhere shows without a reload, what is done here comes back where it was clicked.
import { ADMIN } from "../support/house";
import { complaints, expect, loggedIn, row, test } from "../support/test";

test.use({ houseOf: "agents" });

test.describe.configure({ mode: "serial" });

const STEADY = "echo started\nwhile :; do sleep 1; done\n";
/** Restarts well the first time only. */
const BROKEN = 'echo "no database" >&2\nexit 3\n';

test.beforeAll(async ({ house }) => {
  await house.agent("alpha", { script: STEADY, tags: ["prod"] });
  await house.agent("beta", { script: STEADY, tags: ["prod", "edge"] });
  await house.agent("gamma", { tags: ["dev"] });
  await house.addUser("vera", "viewer");
});

test("shows agents as they come, change and go, without a reload", async ({ admin: page, house }) => {
  const heard = complaints(page);
  await page.goto(`${house.url}/agents`);
  for (const name of ["alpha", "beta", "gamma"]) await expect(row(page, name)).toContainText("Online");
  await house.agent("delta", { script: STEADY });
  await expect(row(page, "delta")).toContainText("Online");
  await house.stopAgent("delta", "SIGTERM");
  await expect(row(page, "delta")).toContainText("Offline");
  await expect(row(page, "delta")).toContainText("said goodbye");
  await house.agent("broken", { script: BROKEN });
  await expect(row(page, "broken")).toContainText(/Backing off|Crash loop/);
  expect(heard).toEqual([]);
});

test("keeps search, facets and order in the URL, and Back works", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents`);
  await expect(row(page, "alpha")).toBeVisible();
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByLabel(/^edge/).check();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/tag=edge/);
  await expect(row(page, "beta")).toBeVisible();
  await expect(row(page, "alpha")).toBeHidden();
  await page.reload();
  await expect(row(page, "beta")).toBeVisible();
  await expect(row(page, "alpha")).toBeHidden();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByLabel("Search agents").fill("gam");
  await expect(page).toHaveURL(/q=gam/);
  await expect(row(page, "alpha")).toBeHidden();
  await row(page, "gamma").click();
  await expect(page.getByRole("complementary", { name: "Agent gamma" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("complementary", { name: "Agent gamma" })).toBeHidden();
});

test("restarts a workload with a reason, and says so where it was clicked", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents?agent=alpha`);
  const panel = page.getByRole("complementary", { name: "Agent alpha" });
  await expect(panel.getByText("Linked")).toBeVisible();
  await panel.getByRole("button", { name: "Restart", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("list", { name: "Agents it touches" })).toContainText("alpha");
  const confirm = dialog.getByRole("button", { name: "Restart", exact: true });
  await expect(confirm).toHaveAttribute("aria-disabled", "true");
  await dialog.getByLabel("Reason").fill("after the change of config");
  await confirm.click();
  await expect(dialog).toBeHidden();
  await expect(panel.getByText("Restarted", { exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Actions" })).toContainText("Restarted alpha");
  await expect(panel.getByText("“after the change of config”").first()).toBeVisible();
});

test("an agent's own page acts before the whole list has come", async ({ admin: page, house }) => {
  // The list is on its way for as long as this test lasts.
  await page.route(/\/api\/v1\/agents\?/, () => undefined);
  await page.goto(`${house.url}/agents/beta`);
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Restart beta?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("the audit says who did it and why", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/audit?action=agent_restart`);
  const entry = page.getByRole("button", { name: /Agent restart.*alpha/ }).first();
  await expect(entry).toContainText(ADMIN.username);
  await entry.click();
  await expect(page.getByText("after the change of config", { exact: true })).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
});

test("checks at once, and kills only after a confirmation", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/beta`);
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("Checked", { exact: true }).first()).toBeVisible();
  await page.getByRole("button", { name: "Kill…" }).click();
  await page.getByLabel("Reason").fill("runaway");
  await page.getByRole("dialog").getByRole("button", { name: "Kill" }).click();
  await expect(page.getByText("Killed", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 }).locator("..")).toContainText("Stopped");
});

test("acts on many at once, lists what was refused", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents`);
  await expect(row(page, "alpha")).toBeVisible();
  const grid = page.getByRole("grid", { name: "Agents" });
  await grid.focus();
  await page.keyboard.press("Control+a");
  await expect(page.getByText("5 selected")).toBeVisible();
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("all of them");
  const go = dialog.getByRole("button", { name: "Restart 5" });
  await expect(go).toHaveAttribute("aria-disabled", "true");
  await dialog.getByLabel("Type 5 to confirm").fill("5");
  await go.click();
  // delta said goodbye: it cannot be asked.
  await expect(dialog.getByRole("listitem").filter({ hasText: "delta" })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await expect(row(page, "beta")).toContainText(/Restarted|Online/);
});

test("works by keyboard alone", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents`);
  await expect(row(page, "alpha")).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByLabel("Search agents")).toBeFocused();
  await page.getByRole("grid", { name: "Agents" }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Agent beta" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/agents\/beta$/);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/An agent, a cluster/).fill("restart alp");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("Restart alpha?");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("heading", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("a viewer sees why a button does nothing", async ({ page, context, house }) => {
  await loggedIn(house, context, "vera");
  await page.goto(`${house.url}/agents/alpha`);
  const restart = page.getByRole("button", { name: "Restart", exact: true });
  await expect(restart).toHaveAttribute("aria-disabled", "true");
  await restart.hover();
  await expect(page.getByText("Your role (viewer) may not restart agents.")).toBeVisible();
  await restart.click({ force: true });
  await expect(page.getByRole("dialog")).toBeHidden();
  const rail = page.getByRole("navigation", { name: "Main" }).first();
  await expect(rail.getByRole("link", { name: "Agents" })).toBeVisible();
  for (const name of ["Users", "Audit", "Logs"]) await expect(rail.getByRole("link", { name })).toBeHidden();
  await page.goto(`${house.url}/audit`);
  await expect(page.getByText("Not for your role")).toBeVisible();
});

test("renames, tags and removes an agent", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/gamma`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /Rename/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("alpha");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("gamma-2");
  await page.getByLabel("Tags").fill("lab");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/agents\/gamma-2$/);
  await expect(page.getByText("lab", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("retired");
  await page.getByLabel("Type gamma-2 to confirm").fill("gamma-2");
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page).toHaveURL(/\/agents$/);
  await expect(row(page, "alpha")).toBeVisible();
  await expect(row(page, "gamma-2")).toBeHidden();
});
