// The audit trail: filtered in the address, live, one request's entries together, and proved whole.
import { expect, expectAccessible, row, test } from "../support/test";

test.use({ houseOf: "audit" });

test("entries come live, are filtered by the address, and belong together by their request", async ({ admin: page, house }) => {
  await house.agent("alpha", { script: "while :; do sleep 1; done\n" });
  await page.goto(`${house.url}/agents`);
  await expect(row(page, "alpha")).toBeVisible();
  await page.goto(`${house.url}/audit?action=agent_check`);
  await expect(page.getByText("No entry matches")).toBeVisible();
  await house.call("POST", "/agents/alpha/actions", { action: "check", reason: "from the test" });
  const entry = page.getByRole("region", { name: /Audit trail/ }).getByRole("button", { name: /Agent check/ }).first();
  await expect(entry).toBeVisible();
  await entry.click();
  await expect(page.getByRole("list", { name: "Entries of this request" }).getByRole("listitem").nth(1)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Show alone" }).click();
  await expect(page).toHaveURL(/q=/);
  const export_ = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /NDJSON/ }).click();
  expect((await export_).suggestedFilename()).toMatch(/ndjson$/);
});

test("the filters are the address, and what an entry says narrows further", async ({ admin: page, house }) => {
  await house.call("POST", "/admin/users", { username: "ada", role: "viewer", password: "no second one of this name" });
  await house.addUser("olive", "viewer");
  await page.goto(`${house.url}/audit`);
  const entries = page.getByRole("region", { name: /Audit trail/ }).getByRole("listitem");
  await page.getByRole("button", { name: "What", exact: true }).click();
  // A long list scrolls inside its popup.
  const popup = page.getByRole("dialog", { name: "What" });
  await expect(popup.getByRole("radio").last()).not.toBeInViewport();
  expect(await popup.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(0);
  await popup.getByRole("radio").last().scrollIntoViewIfNeeded();
  await expect(popup.getByRole("radio").last()).toBeInViewport();
  await page.getByRole("textbox", { name: "Find in What" }).fill("user create");
  await page.getByRole("radio", { name: "User create" }).check();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/action=user_create/);
  await expect(entries.first()).toContainText("olive");
  await page.getByRole("button", { name: "When", exact: true }).click();
  await page.getByRole("radio", { name: "The last hour" }).check();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/range=1h/);
  await page.getByRole("searchbox", { name: "Search the audit trail" }).fill("olive");
  await expect(page).toHaveURL(/q=olive/);
  await expect(entries).toHaveCount(1);

  // The same address shows the same again; an entry tells the rest and narrows to its actor.
  await page.reload();
  await expect(entries).toHaveCount(1);
  await entries.getByRole("button").first().click();
  await expect(entries.getByText("127.0.0.1").or(entries.getByText(/^10\./)).first()).toBeVisible();
  await page.getByRole("button", { name: "Only by ada" }).click();
  await expect(page).toHaveURL(/actor=ada/);
  await page.getByRole("button", { name: "Clear Who: ada" }).click();
  await expect(page).not.toHaveURL(/actor=/);

  await page.goto(`${house.url}/audit?result=denied&q=nothing+like+this`);
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await expect(entries.first()).toBeVisible();
});

test("the trail is verified in words, with its checkpoints and key", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/audit`);
  await page.getByRole("link", { name: "Verify" }).click();
  await page.getByRole("button", { name: "Verify the trail" }).click();
  await expect(page.getByText("The trail is whole")).toBeVisible();
  await expect(page.getByText("BEGIN PUBLIC KEY")).toBeVisible();
  await expect(page.getByRole("list", { name: "Checkpoints" }).or(page.getByText("No checkpoint yet"))).toBeVisible();
  await expectAccessible(page);
});

test("a changed entry is found, and the page says which", async ({ admin: page, house }) => {
  await house.addUser("mallory", "viewer");
  await page.goto(`${house.url}/audit?tab=proof`);
  await page.getByRole("button", { name: "Verify the trail" }).click();
  await expect(page.getByText("The trail is whole")).toBeVisible();
  await house.sql("DROP TRIGGER audit_update; UPDATE audit SET actor_name = 'nobody' WHERE action = 'user_create' AND resource_name = 'mallory';");
  await page.getByRole("button", { name: "Verify again" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("An entry was changed");
  await expect(alert.getByText("First bad")).toBeVisible();
  await expectAccessible(page);
});
