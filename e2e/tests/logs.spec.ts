// Logs, metrics and the server's own log.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "../support/test";

test.use({ houseOf: "logs" });

test.describe.configure({ mode: "serial" });

/** A line for the workload to say: it reads them from a pipe that this test writes to. */
let say: (line: string) => Promise<void>;

test.beforeAll(async ({ house }) => {
  const pipe = join(house.dir, "say");
  execFileSync("mkfifo", [pipe]);
  // Opened for both ways, so that the workload never sees an end.
  await house.agent("talker", { script: `exec 3<>"${pipe}"\necho ready\nwhile read -r line <&3; do echo "$line"; done\n` });
  say = (line) => appendFile(pipe, `${line}\n`);
});

test("follows what is written, filters and pauses", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/talker?tab=logs`);
  const log = page.getByRole("log");
  await expect(log).toContainText("ready");
  await say("order 41 shipped");
  await say("ERROR order 42 lost");
  await expect(log).toContainText("order 41 shipped");
  await expect(log).toContainText("order 42 lost");

  await page.getByRole("button", { name: "Pause" }).click();
  await say("order 43 shipped");
  await expect(page.getByRole("button", { name: /1 new line/ })).toBeVisible();
  await expect(log).not.toContainText("order 43");
  await page.getByRole("button", { name: "Follow" }).click();
  await expect(log).toContainText("order 43 shipped");

  await page.getByLabel("Filter lines").fill("order 42");
  await expect(page).toHaveURL(/q=order/);
  await expect(log).toContainText("order 42 lost");
  await expect(log).not.toContainText("order 41");
  await say("order 42 found again");
  await expect(log).toContainText("order 42 found again");
});

test("keeps up with a flood", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/talker?tab=logs`);
  const log = page.getByRole("log");
  await expect(log).toContainText("ready");
  const lines = Array.from({ length: 5_000 }, (_, place) => `flood ${place}`).join("\n");
  await say(lines);
  await expect(log).toContainText("flood 4999");
  // Only what is in sight exists.
  expect(await log.locator("[data-index]").count()).toBeLessThan(200);
});

test("downloads the log as text", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/talker?tab=logs&q=order`);
  await expect(page.getByRole("log")).toContainText("order 41");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as text" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  expect(text).toContain("order 41 shipped");
  expect(text).not.toContain("flood");
});

test("goes to a time and back to the end", async ({ admin: page, house }) => {
  const at = new Date(Date.now() - 3_600_000).toISOString();
  await page.goto(`${house.url}/agents/talker?tab=logs&at=${at}`);
  await expect(page.getByText("An earlier time")).toBeVisible();
  await expect(page.getByRole("log")).toContainText("ready");
  await page.getByRole("button", { name: "Follow" }).click();
  await expect(page).not.toHaveURL(/at=/);
  await say("still here");
  await expect(page.getByRole("log")).toContainText("still here");
});

test("draws the figures of the machine", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/agents/talker?tab=metrics`);
  // The first figures come with the agent's first report.
  await expect(page.getByRole("figure", { name: /^CPU: / })).toBeVisible({ timeout: 45_000 });
  await expect(page.getByRole("figure", { name: /^Memory: / })).toBeVisible();
  await page.getByRole("button", { name: "6h" }).click();
  await expect(page).toHaveURL(/range=6h/);
});

test("shows the server's own log the same way", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/logs`);
  await expect(page.getByRole("log")).toContainText("ready");
});
