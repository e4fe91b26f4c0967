// Tokens: made, shown once, used, rotated with an overlap, revoked at once.
import { request as httpsRequest } from "node:https";
import { expect, expectAccessible, test } from "../support/test";

test.use({ houseOf: "tokens" });

/** The status of a call with a token. */
async function statusOf(port: number, path: string, secret: string): Promise<number> {
  return new Promise((done, fail) => {
    const options = { rejectUnauthorized: false, headers: { authorization: `Bearer ${secret}` } };
    httpsRequest(`https://127.0.0.1:${port}/api/v1${path}`, options, (answer) => {
      answer.resume();
      answer.on("end", () => done(answer.statusCode ?? 0));
    })
      .on("error", fail)
      .end();
  });
}

test("a personal token is shown once, works within its scopes, is rotated and revoked", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/account?tab=tokens`);
  await expect(page.getByText("No tokens yet")).toBeVisible();
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("reader");
  await dialog.getByText("Read only").click();
  await dialog.getByRole("button", { name: "Make the token" }).click();
  const first = await page.getByTestId("secret").innerText();
  expect(first).toMatch(/^mct_/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText(first)).toHaveCount(0);
  expect(await statusOf(house.httpsPort, "/agents", first)).toBe(200);
  expect(await statusOf(house.httpsPort, "/logs", first)).toBe(403);

  await page.getByRole("button", { name: "Rotate reader" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rotate", exact: true }).click();
  const second = await page.getByTestId("secret").innerText();
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect(second).not.toBe(first);
  expect(await statusOf(house.httpsPort, "/agents", first)).toBe(200);
  expect(await statusOf(house.httpsPort, "/agents", second)).toBe(200);
  await expect(page.getByText(/old secret ends/)).toBeVisible();

  await page.getByRole("button", { name: "Revoke reader" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Revoked", { exact: true })).toBeVisible();
  expect(await statusOf(house.httpsPort, "/agents", second)).toBe(401);
});

test("a service token has roles of its own and is found among all", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/tokens`);
  await page.getByRole("button", { name: "New service token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("deployer");
  await dialog.getByRole("combobox", { name: "Roles" }).fill("oper");
  await dialog.getByRole("option", { name: /operator/ }).click();
  await dialog.getByRole("button", { name: "Make the token" }).click();
  const secret = await page.getByTestId("secret").innerText();
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect(await statusOf(house.httpsPort, "/agents", secret)).toBe(200);
  expect(await statusOf(house.httpsPort, "/admin/users", secret)).toBe(403);
  await page.getByRole("searchbox", { name: "Search tokens" }).fill("deploy");
  await expect(page).toHaveURL(/q=deploy/);
  const row = page.getByRole("list", { name: "Tokens" }).getByRole("listitem");
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("service token");
  await page.getByRole("button", { name: "Uses of deployer" }).click();
  await expect(page.getByRole("dialog").getByText("Last used")).toBeVisible();
});
