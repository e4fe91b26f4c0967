// The pages of the fleet in both themes, wide and narrow: axe finds nothing, nothing is wider than the window, nothing complains.
import { expectGoodLooks, LOOKS, type View } from "../support/looks";
import { complaints, expect, expectAccessible, fillOnce, row, test } from "../support/test";

test.use({ houseOf: "looks" });
// A long file: its tests share the workers, each with a house of its own.
test.describe.configure({ mode: "parallel" });

const VIEWS: readonly View[] = [
  ["overview", "/", "What changed"],
  ["agents", "/agents", "alpha"],
  ["agent", "/agents/alpha", "Owner allows"],
  ["metrics", "/agents/alpha?tab=metrics", "1h"],
  ["logs of an agent", "/agents/alpha?tab=logs", "hello"],
  ["activity", "/agents/alpha?tab=activity", "Agent connect"],
  ["join", "/agents?join=1", "What it looks after"],
  ["logs", "/logs", "ready"],
  ["no such page", "/nowhere", "There is no such page"],
];

test.beforeAll(({ house }) =>
  fillOnce(house, () => house.agent("alpha", { script: "echo hello\nwhile :; do sleep 1; done\n", tags: ["prod"] })),
);

for (const look of LOOKS) {
  test(`is accessible and fits, ${look.theme}, ${look.width} pixels`, async ({ admin: page, house }) => {
    test.setTimeout(600_000);
    const heard = complaints(page);
    await expectGoodLooks(page, house, look, VIEWS);
    if (look.width > 1000) {
      await page.goto(`${house.url}/agents?agent=alpha`);
      await expect(page.getByRole("complementary", { name: "Agent alpha" }).getByText("Linked")).toBeVisible();
      await expectAccessible(page);
    }
    expect(heard).toEqual([]);
  });
}

test("the login page is accessible in both themes", async ({ page, house }) => {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${house.url}/login`);
    await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
    await expectAccessible(page);
  }
});

test("the theme is kept, and the choice beats the system", async ({ admin: page, house }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(house.url);
  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("on a phone one sees what is down and restarts it", async ({ admin: page, house }) => {
  await house.agent("shaky", { script: "exit 1\n" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${house.url}/agents?status=offline,degraded`);
  await expect(row(page, "shaky")).toBeVisible();
  await row(page, "shaky").click();
  await expect(page).toHaveURL(/\/agents\/shaky$/);
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await page.getByLabel("Reason").fill("from the bus");
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText(/Restart/).first()).toBeVisible();
  await page.goto(house.url);
  await expect(page.getByRole("heading", { name: "Needs attention" })).toBeVisible();
  await expect(page.getByRole("link", { name: "shaky" }).first()).toBeVisible();
});
