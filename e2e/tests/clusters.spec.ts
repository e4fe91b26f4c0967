// Clusters against a real API server through a real agent: the list, the resource browser, YAML, actions, logs and terminals.
import type { Page } from "@playwright/test";
import { CLUSTER, clusterIn } from "../support/cluster";
import type { House } from "../support/house";
import type { Kube } from "../support/kube";
import { complaints, expect, expectAccessible, loggedIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "clusters" });

let known: Promise<Kube> | null = null;
let kube: Kube;
/** The cluster of this file; the first test watches it come. */
async function furnished(house: House): Promise<void> {
  known ??= clusterIn(house);
  kube = await known;
}
test.afterAll(() => kube?.end());

const resources = (query = "") => `/clusters/${CLUSTER}?tab=resources${query}`;
const grid = (page: Page, name: string) => page.getByRole("grid", { name });
const object = (page: Page, name: string) => page.getByRole("complementary", { name });
const SHOP_PODS = "/api/v1/namespaces/shop/pods";
const WEB = "/apis/apps/v1/namespaces/shop/deployments/web";

test("a cluster appears by itself as soon as its agent is there", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/clusters`);
  await expect(page.getByRole("heading", { name: "No clusters yet" })).toBeVisible();
  await expect(page.getByText("helm install mc-agent")).toBeVisible();
  await expectAccessible(page);
  await furnished(house);
  const row = page.getByRole("row").filter({ hasText: CLUSTER });
  await expect(row).toContainText("Degraded");
  await expect(row).toContainText("1 of 2 nodes not ready");
  await expect(row).toContainText("dev-cluster");
  await page.getByLabel("Search clusters").fill("nothing");
  await expect(page.getByRole("heading", { name: "No cluster matches" })).toBeVisible();
  await page.getByRole("button", { name: "Clear the search" }).click();
  await page.getByRole("link", { name: CLUSTER, exact: true }).click();
  await expect(page.getByRole("list", { name: "Nodes" })).toContainText("worker-1");
  await expect(page.getByRole("list", { name: "Events" })).toContainText("BackOff");
  await expect(page.getByText(`mc clusters use ${CLUSTER}`)).toBeVisible();
});

test("a table of objects is live", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources());
  const pods = grid(page, "Pods");
  await expect(pods.getByRole("row").filter({ hasText: "cart-58c4-w9x2d" })).toContainText("CrashLoopBackOff");
  await kube.pod("shop", "fresh-1");
  await expect(pods).toContainText("fresh-1");
  const state = { waiting: { reason: "ImagePullBackOff" } };
  await kube.patch(`${SHOP_PODS}/fresh-1/status`, {
    status: { containerStatuses: [{ name: "main", ready: false, restartCount: 0, image: "x", imageID: "", state }] },
  });
  await expect(pods.getByRole("row").filter({ hasText: "fresh-1" })).toContainText("ImagePullBackOff");
  await kube.send("DELETE", `${SHOP_PODS}/fresh-1?gracePeriodSeconds=0`);
  await expect(pods).not.toContainText("fresh-1");
});

test("the order is held while somebody points at it", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&ns=billing"));
  const pods = grid(page, "Pods");
  await expect(pods).toContainText("ledger-0");
  await pods.getByText("ledger-0").hover();
  await kube.pod("billing", "audit-0");
  await page.getByRole("button", { name: "1 row came or went, show" }).click();
  await expect(pods).toContainText("audit-0");
});

test("search, namespace, labels and kind are in the address", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources());
  const pods = grid(page, "Pods");
  await expect(pods).toContainText("ledger-0");
  await page.getByRole("button", { name: "Namespace", exact: true }).and(page.locator("[aria-haspopup=dialog]")).click();
  await page.getByRole("radio", { name: "shop" }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/ns=shop/);
  await expect(pods).not.toContainText("ledger-0");
  await page.getByLabel("Label selector").fill("app=web");
  await expect(pods).not.toContainText("cart-58c4");
  await expect(pods.getByRole("row")).toHaveCount(4);
  await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(pods.getByRole("row").nth(1)).toContainText("web-7d9f-zt6hn");
  await page.reload();
  await expect(pods.getByRole("row").nth(1)).toContainText("web-7d9f-zt6hn");
  await page.getByLabel("Label selector").fill("app in (");
  await expect(page.getByText(/unable to parse requirement/)).toBeVisible();
  // A kind that this cluster added itself, by its short name.
  await page.getByLabel("Find a kind").fill("ct");
  await page.getByLabel("Find a kind").press("Enter");
  await expect(page).toHaveURL(/kind=crontabs.stable.example.com/);
  await expect(page.getByRole("heading", { name: /No cron tabs/ }).or(grid(page, "Cron tabs"))).toBeVisible();
  await page.goto(house.url + resources("&kind=crontabs.stable.example.com"));
  await expect(grid(page, "Cron tabs")).toContainText("0 3 * * *");
});

test("the table is worked by keyboard", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&ns=shop"));
  const pods = grid(page, "Pods");
  await expect(pods).toContainText("cart-58c4-6bb8j");
  await pods.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(object(page, "Pod cart-58c4-w9x2d")).toContainText("ContainersNotReady");
  await pods.focus();
  await page.keyboard.press("Escape");
  await expect(object(page, "Pod cart-58c4-w9x2d")).toBeHidden();
  await page.goBack();
  await expect(page).toHaveURL(/ns=shop$/);
});

test("an object's owner is one click away, and its events are there", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&object=shop/web-7d9f-2xk4p"));
  await object(page, "Pod web-7d9f-2xk4p").getByRole("button", { name: "ReplicaSet web-7d9f" }).click();
  await object(page, "ReplicaSet web-7d9f").getByRole("button", { name: "Deployment web" }).click();
  const web = object(page, "Deployment web");
  await expect(web).toContainText("3 of 3 ready");
  await web.getByRole("tab", { name: "Events" }).click();
  await expect(web.getByRole("heading", { name: "No events" })).toBeVisible();
  const { metadata } = await kube.send<{ metadata: { uid: string } }>("GET", WEB);
  await kube.event("shop", { kind: "Deployment", namespace: "shop", name: "web", uid: metadata.uid }, "ScalingReplicaSet", "Scaled up to 3", "Normal");
  await expect(web.getByRole("list", { name: "Events" })).toContainText("Scaled up to 3");
});

test("YAML is edited with a dry run, a diff, and care for others", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&kind=configmaps&object=shop/settings&view=yaml"));
  const panel = object(page, "ConfigMap settings");
  await panel.getByRole("button", { name: "Edit" }).click();
  const text = panel.getByRole("textbox", { name: "YAML of settings" });
  const was = await text.inputValue();
  await text.fill(`${was}broken: [`);
  await expect(panel.getByText(/^Line \d+:/)).toBeVisible();
  await text.fill(was.replace("\ndata:", "\ndata:\n  Bad Key: x"));
  await panel.getByRole("button", { name: "Review the change" }).click();
  await expect(panel.getByRole("alert")).toContainText("Bad Key");
  await text.fill(was.replace("color: blue", "color: green"));
  await panel.getByRole("button", { name: "Review the change" }).click();
  const change = panel.getByRole("region", { name: "What changes in settings" });
  await expect(change).toContainText("color: blue");
  await expect(change).toContainText("color: green");
  await expectAccessible(page);
  const color = async () => (await kube.send<{ data: Record<string, string> }>("GET", "/api/v1/namespaces/shop/configmaps/settings")).data;
  expect((await color()).color).toBe("blue");
  // Somebody else is faster: nothing is overwritten unseen.
  await kube.patch("/api/v1/namespaces/shop/configmaps/settings", { data: { size: "large" } });
  await panel.getByRole("button", { name: "Apply" }).click();
  await expect(panel.getByText(/Somebody changed it/)).toBeVisible();
  await panel.getByRole("button", { name: "Look again" }).click();
  await expect(change).toContainText("size: large");
  await panel.getByRole("button", { name: "Edit further" }).click();
  await text.fill((await text.inputValue()).replace("color: green", "color: green\n  size: large"));
  await panel.getByRole("button", { name: "Review the change" }).click();
  await expect(change).toContainText("removed: color: blue");
  await expect(change).not.toContainText("removed: size");
  await panel.getByRole("button", { name: "Apply" }).click();
  await expect(panel.getByRole("region", { name: "YAML of settings" })).toContainText("color: green");
  expect(await color()).toMatchObject({ color: "green", size: "large" });
  const { metadata } = await kube.send<{ metadata: { managedFields: { manager: string }[] } }>("GET", "/api/v1/namespaces/shop/configmaps/settings");
  expect(metadata.managedFields.map((each) => each.manager)).toContain("mission-control-page");
});

test("scale, restart and delete do what they say", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&kind=deployments.apps&object=shop/web"));
  const web = object(page, "Deployment web");
  await web.getByRole("button", { name: "Scale" }).click();
  await page.getByLabel("Replicas").fill("5");
  await page.getByRole("dialog").getByRole("button", { name: "Scale" }).click();
  await expect(web).toContainText("3 of 5 ready");
  await web.getByRole("button", { name: "Restart" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  const made = await kube.send<{ spec: { replicas: number; template: { metadata: { annotations: Record<string, string> } } } }>("GET", WEB);
  expect(made.spec.replicas).toBe(5);
  expect(made.spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]).toMatch(/^20/);
  await web.getByRole("button", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("1 ReplicaSet: web-7d9f");
  await expect(dialog).toContainText("3 pods: web-7d9f-");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(web).toBeHidden();
  await expect(grid(page, "Deployments")).not.toContainText("web");
  const { items } = (await house.call<{ items: { detail: string; action: string }[] }>("GET", "/admin/audit?limit=50")).body;
  const told = items.filter((each) => each.action === "kube_request").map((each) => each.detail);
  expect(told.some((each) => each.includes("delete") && each.includes("web"))).toBe(true);
});

test("a container's log is followed, and the one before its restart is there", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&object=shop/cart-58c4-w9x2d&view=logs"));
  const log = page.getByRole("log", { name: "Log lines" });
  await expect(log).toContainText("cart-58c4-w9x2d/main listens on 8080");
  await expect(log).toContainText("served request 2");
  await page.getByRole("button", { name: "Previous" }).click();
  await expect(log).toContainText("ran out of memory");
  await expect(page).toHaveURL(/previous=1/);
  await page.goto(house.url + resources("&object=shop/cart-58c4-6bb8j&view=logs"));
  await page.getByLabel("Container").selectOption("proxy");
  await expect(log).toContainText("cart-58c4-6bb8j/proxy listens on 8080");
});

/** What a terminal shows. */
const screen = (page: Page) => page.getByRole("region", { name: "Terminals" }).locator(".xterm-rows:visible");

test("a terminal runs in a container and survives going elsewhere", async ({ admin: page, house }) => {
  await furnished(house);
  const heard = complaints(page);
  await page.goto(house.url + resources("&object=shop/web-7d9f-2xk4p"));
  await object(page, "Pod web-7d9f-2xk4p").getByRole("button", { name: "Terminal", exact: true }).click();
  await expect(screen(page)).toContainText("$");
  await page.keyboard.type("echo sum-$((40+2))\n");
  await expect(screen(page)).toContainText("sum-42");
  // Colours beyond the palette are styles, which the content policy must not refuse.
  await page.keyboard.type("printf '\\033[38;2;200;80;20m%s\\033[0m\\n' true-colour\n");
  const coloured = screen(page).locator("span", { hasText: /^true-colour$/ });
  await expect(coloured).toHaveCSS("color", "rgb(200, 80, 20)");
  await page.keyboard.type("stty size\n");
  await expect(screen(page)).toContainText(/\n?\d+ 1\d\d/);
  await page.getByRole("link", { name: "Agents" }).first().click();
  await expect(page).toHaveURL(/\/agents$/);
  await expect(screen(page)).toContainText("sum-42");
  await expectAccessible(page);
  const grip = page.getByRole("separator", { name: "Height of the terminals" });
  const before = Number(await grip.getAttribute("aria-valuenow"));
  await grip.press("ArrowUp");
  expect(Number(await grip.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
  await page.getByRole("button", { name: "Fold the terminals", exact: true }).click();
  await expect(screen(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Unfold the terminals" }).click();
  await page.keyboard.type("exit 3\n");
  await expect(page.getByText("Ended with exit code 3.")).toBeVisible();
  await page.getByRole("button", { name: "Start again" }).click();
  await page.keyboard.type("echo again-$((1+1))\n");
  await expect(screen(page)).toContainText("again-2");
  await page.getByRole("button", { name: /^Close the terminal/ }).click();
  await expect(page.getByRole("region", { name: "Terminals" })).toHaveCount(0);
  expect(heard).toEqual([]);
});

test("several lines are pasted only after a question", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(house.url + resources("&object=shop/web-7d9f-8vqmc"));
  await object(page, "Pod web-7d9f-8vqmc").getByRole("button", { name: "Terminal", exact: true }).click();
  await expect(screen(page)).toContainText("$");
  const paste = (text: string) =>
    page.locator(".xterm-helper-textarea").evaluate((area, said) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", said);
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  await paste("echo one-$((0+1))");
  await page.keyboard.press("Enter");
  await expect(screen(page)).toContainText("one-1");
  await paste("echo two-$((1+1))\necho three-$((1+2))\n");
  const question = page.getByRole("dialog", { name: "Paste 2 lines?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(screen(page)).not.toContainText("two");
  await paste("echo two-$((1+1))\necho three-$((1+2))\n");
  await question.getByRole("button", { name: "Paste" }).click();
  await expect(screen(page)).toContainText("three-3");
});

test("who may see a part sees that part, and what is forbidden is greyed with the reason", async ({ house, browser }) => {
  await furnished(house);
  const verbs = ["get", "list", "watch"];
  const rules = [{ effect: "allow", actions: ["kube_request"], kubernetes: { clusters: [CLUSTER], namespaces: ["shop"], verbs } }];
  expect((await house.call("POST", "/admin/roles", { name: "shopper", title: "Shopper", rules })).status).toBe(201);
  await house.addUser("sam", "shopper");
  const context = await newVisitor(browser);
  await loggedIn(house, context, "sam");
  const page = await context.newPage();
  await page.goto(house.url + resources());
  const pods = grid(page, "Pods");
  await expect(pods).toContainText("cart-58c4-6bb8j");
  await expect(pods).not.toContainText("ledger-0");
  // Watched in part too.
  await kube.pod("billing", "secret-0");
  await kube.pod("shop", "open-0");
  await expect(pods).toContainText("open-0");
  await expect(pods).not.toContainText("secret-0");
  await pods.getByText("open-0").click();
  const panel = object(page, "Pod open-0");
  for (const name of ["Terminal", "Delete…"]) {
    const button = panel.getByRole("button", { name, exact: true });
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button).toHaveAttribute("aria-description", /./);
    await expect(button).not.toHaveAttribute("aria-description", /Checking/);
  }
  await expectAccessible(page);
  await page.goto(house.url + resources("&kind=nodes"));
  await expect(page.getByRole("heading", { name: /nodes could not be read|No nodes/i })).toBeVisible();
  await context.close();
});

test("an agent that goes away is told at once, and comes back", async ({ admin: page, house }) => {
  await furnished(house);
  await page.goto(`${house.url}/clusters/${CLUSTER}`);
  await expect(page.getByText("Degraded").first()).toBeVisible();
  await house.stopAgent("dev-cluster");
  await expect(page.getByText("Offline").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "The cluster's agent is away" })).toBeVisible();
  await page.goto(house.url + resources());
  await expect(page.getByText(/could not be read/)).toBeVisible();
});
