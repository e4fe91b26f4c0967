// A page that is left open: it says when the server is away and goes on by itself when it is back.
import { expect, row, test } from "../support/test";

test.use({ houseOf: "resume" });

test("says that the connection is lost, resumes, and catches up", async ({ admin: page, house }) => {
  await house.agent("alpha");
  await page.goto(`${house.url}/agents`);
  await expect(row(page, "alpha")).toContainText("Online");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await house.stopServer("SIGKILL");
  await expect(page.getByRole("button", { name: /Reconnecting/ })).toBeVisible();
  await expect(page.getByText("No connection for")).toBeVisible();
  await expect(row(page, "alpha")).toBeVisible();
  await house.startServer();
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("No connection for")).toBeHidden();
  await house.agent("beta");
  await expect(row(page, "beta")).toContainText("Online");
  await expect(row(page, "alpha")).toContainText("Online", { timeout: 45_000 });
});
