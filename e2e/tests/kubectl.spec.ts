// kubectl on the page: the console, what it refuses, and a terminal for what wants one.
import type { Page } from "@playwright/test";
import { CLUSTER, clusterIn } from "../support/cluster";
import type { House } from "../support/house";
import { type Kube, kubeAgentConfig } from "../support/kube";
import { complaints, expect, expectAccessible, test } from "../support/test";

test.use({ houseOf: "kubectl" });

let known: Promise<Kube> | null = null;
let kube: Kube;
async function furnished(house: House): Promise<void> {
  known ??= clusterIn(house);
  kube = await known;
}
test.afterAll(() => kube?.end());

const console_ = (cluster = CLUSTER) => `/clusters/${cluster}?tab=console`;
const prompt = (page: Page) => page.getByRole("textbox", { name: "kubectl" });
const ran = (page: Page, line: string) => page.getByRole("article", { name: `kubectl ${line}` });

async function run(page: Page, line: string): Promise<void> {
  await prompt(page).fill(line);
  await prompt(page).press("Enter");
}

test("a command's output and exit code come", async ({ admin: page, house }) => {
  await furnished(house);
  const heard = complaints(page);
  await page.goto(house.url + console_());
  await expect(prompt(page)).toBeFocused();
  await run(page, "kubectl get pods -n shop -l 'app in (cart)'");
  const pods = ran(page, "get pods -n shop -l 'app in (cart)'");
  await expect(pods).toContainText("cart-58c4-6bb8j");
  await expect(pods).not.toContainText("web-7d9f");
  await expect(pods).toContainText("exit code 0");
  await run(page, "get pod nobody -n shop");
  await expect(ran(page, "get pod nobody -n shop")).toContainText("not found");
  await expect(ran(page, "get pod nobody -n shop")).toContainText("exit code 1");
  await expectAccessible(page);
  // Elsewhere and back: nothing is lost.
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByRole("tab", { name: "Console" }).click();
  await expect(pods).toContainText("cart-58c4-6bb8j");
  expect(heard).toEqual([]);
});

test("the prompt completes, remembers, and refuses what is no kubectl", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + console_());
  await prompt(page).pressSequentially("get namesp");
  await prompt(page).press("Tab");
  await expect(prompt(page)).toHaveValue("get namespaces ");
  await prompt(page).press("Enter");
  await expect(ran(page, "get namespaces")).toContainText("billing");
  await prompt(page).press("ArrowUp");
  await expect(prompt(page)).toHaveValue("get namespaces");
  await run(page, "get pods | grep x");
  await expect(page.getByRole("alert")).toContainText("Pipes cannot be done here");
  await expect(prompt(page)).toHaveValue("get pods | grep x");
});

test("what runs on is cancelled", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + console_());
  await run(page, "get pods -n shop --watch");
  const watch = ran(page, "get pods -n shop --watch");
  await expect(watch).toContainText("cart-58c4-6bb8j");
  await kube.pod("shop", "late-0");
  await expect(watch).toContainText("late-0");
  await watch.getByRole("button", { name: "Cancel" }).click();
  await expect(watch).toContainText("Cancelled.");
});

/** Opens a shell from the console, has it do a sum, and ends it with this code. */
async function shell(page: Page, word: string, code: number): Promise<void> {
  await run(page, "exec -it -n shop web-7d9f-2xk4p -- sh");
  const screen = page.getByRole("region", { name: "Terminals" }).locator(".xterm-rows:visible");
  await expect(screen).toContainText("$");
  await page.keyboard.type(`echo ${word}-$((40+2))\n`);
  await expect(screen).toContainText(`${word}-42`);
  await page.keyboard.type(`exit ${code}\n`);
  await expect(page.getByText(`Ended with exit code ${code}.`)).toBeVisible();
}

test("what wants a terminal gets one", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + console_());
  await shell(page, "sum", 4);
});

test("what was done in a terminal is recorded and played", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + console_());
  await shell(page, "played", 5);
  await page.getByRole("tab", { name: "Sessions" }).click();
  const first = page.getByRole("list", { name: "Recorded sessions" }).getByRole("listitem").first();
  await expect(first).toContainText("in shop / web-7d9f-2xk4p");
  await expect(first).not.toContainText("Running", { timeout: 30_000 });
  await first.getByRole("link").click();
  await expect(page.getByText("exit code 5", { exact: true })).toBeVisible();
  const recorded = page.getByRole("region", { name: "Screen of the recording" }).locator(".xterm-rows");
  await expect(recorded).toContainText("played-42");
  await expect(page.getByRole("button", { name: "Again", exact: true })).toBeVisible();
  await expectAccessible(page);
  // To its beginning, where nothing was said yet, and once more.
  await page.getByRole("slider", { name: "Moment" }).press("Home");
  await expect(recorded).not.toContainText("played-42");
  await page.getByRole("combobox", { name: "Speed" }).selectOption("8");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(recorded).toContainText("played-42");
  await page.getByRole("link", { name: "its entries" }).click();
  await expect(page.getByRole("button", { name: /Done: Recording end ada/ })).toBeVisible();

  await page.goto(`${house.url}/clusters/${CLUSTER}?tab=sessions&user=nobody`);
  await expect(page.getByText("No sessions of nobody")).toBeVisible();
});

test("an agent that does not run kubectl says so", async ({ admin: page, house }) => {
  await furnished(house);
  await house.agent("reader", { config: kubeAgentConfig(kube, "plain", ["read"]) });
  await page.goto(house.url + console_("plain"));
  await expect(prompt(page)).toBeVisible();
  await run(page, "get pods");
  await expect(ran(page, "get pods")).toContainText(/not allow|"kubectl" is not in/);
});
