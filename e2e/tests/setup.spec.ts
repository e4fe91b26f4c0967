// The way of a newcomer: the printed link, the first admin, the first agent, its restart, its log, and who did it.
import { join } from "node:path";
import { ADMIN, House } from "../support/house";
import { complaints, expect, test } from "../support/test";

test.describe.configure({ mode: "serial" });

let house: House;
test.beforeAll(async () => {
  house = await House.start();
});
test.afterAll(() => house.end());

test("a visitor without the link cannot make the first admin", async ({ page }) => {
  await page.goto(house.url);
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel("Set-up token").fill("wrong");
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByLabel("Password again").fill(ADMIN.password);
  await page.getByRole("button", { name: "Make the admin" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page).toHaveURL(/\/setup$/);
});

test("the printed link leads through the first admin to the first agent, live", async ({ page }) => {
  const heard = complaints(page);
  await page.goto(house.setupLink);
  // The token does not stay in the address bar.
  await expect(page).toHaveURL(`${house.url}/setup`);
  await page.getByLabel("User name").fill(ADMIN.username);
  const password = page.getByLabel("Password", { exact: true });
  await password.fill("short");
  await expect(page.getByText("7 more to go.")).toBeVisible();
  await password.fill(ADMIN.password);
  await page.getByLabel("Password again").fill("something else");
  await page.getByRole("button", { name: "Make the admin" }).click();
  await expect(page.getByText("The two differ.")).toBeVisible();
  await page.getByLabel("Password again").fill(ADMIN.password);
  await page.getByRole("button", { name: "Make the admin" }).click();

  await expect(page.getByRole("heading", { name: "Nothing to look after yet" })).toBeVisible();
  await page.getByRole("button", { name: "Join the first agent" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Tags they get").fill("prod web");
  await dialog.getByRole("button", { name: "Make the command" }).click();
  const command = await dialog.getByTestId("command-1").innerText();
  const start = await dialog.getByTestId("command-2").innerText();
  expect(command).toMatch(/^mc-agent join --server .* --token \S+ --ca-pin sha256:[0-9a-f]{64} --data-dir \S+$/);
  expect(start).toMatch(/^mc-agent run --data-dir \S+$/);
  await expect(dialog.getByText("Waiting for the agent.")).toBeVisible();

  // The commands as shown, but with this test's own directory and name.
  const data = join(house.dir, "newcomer");
  const words = (text: string) => text.trim().split(/\s+/).slice(1);
  await house.agentTool([...words(command.replace(/--data-dir \S+/, `--data-dir ${data}`)), "--name", "newcomer"]);
  await expect(dialog.getByTestId("arrival")).toContainText("newcomer");
  await expect(dialog.getByTestId("arrival")).toContainText("not started yet");
  house.startAgent("newcomer", words(start.replace(/--data-dir \S+/, `--data-dir ${data}`)));
  await expect(page.getByRole("heading", { name: "The agent has joined" })).toBeVisible();
  await expect(dialog.getByTestId("arrival")).toContainText("Online");
  await dialog.getByRole("link", { name: "Open" }).click();
  await expect(page).toHaveURL(/\/agents\/newcomer$/);
  await expect(page.getByRole("heading", { name: "newcomer", level: 1 })).toBeVisible();
  await expect(page.getByText("prod", { exact: true })).toBeVisible();
  expect(heard).toEqual([]);
});

test("the link works only once", async ({ page }) => {
  await page.goto(house.setupLink);
  await expect(page.getByRole("heading", { name: "Already set up" })).toBeVisible();
});

test("a login leads to the page that was asked for, a wrong password to a clear word", async ({ page }) => {
  await page.goto(`${house.url}/agents?q=new`);
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password", { exact: true }).fill("not this one, no");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page).toHaveURL(/\/agents\?q=new$/);
  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.goto(`${house.url}/agents`);
  await expect(page).toHaveURL(/\/login\?next=/);
});
