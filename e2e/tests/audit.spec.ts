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
  const entry = page.getByRole("button", { name: /Agent check/ }).first();
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

test("the trail is verified in words, with its checkpoints and key", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/audit`);
  await page.getByRole("link", { name: "Verify" }).click();
  await page.getByRole("button", { name: "Verify the trail" }).click();
  await expect(page.getByText("The trail is whole")).toBeVisible();
  await expect(page.getByText("BEGIN PUBLIC KEY")).toBeVisible();
  await expect(page.getByRole("list", { name: "Checkpoints" }).or(page.getByText("No checkpoint yet"))).toBeVisible();
  await expectAccessible(page);
});
