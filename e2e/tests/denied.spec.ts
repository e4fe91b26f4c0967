// What a role forbids is not hidden but greyed, and says why: every page, as the built-in viewer and as roles that may do only a few things.
import type { Page } from "@playwright/test";
import type { House } from "../support/house";
import { expect, expectAccessible, loggedIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "denied" });

/** Reads everything and changes nothing, not even their own account. */
const AUDITOR = [
  { effect: "allow", actions: ["*_list", "*_show", "agent_*", "event_follow", "token_admin", "user_sessions"] },
  { effect: "deny", actions: ["agent_restart", "agent_kill", "agent_check", "agent_update", "agent_remove"] },
  { effect: "deny", actions: ["me_update", "me_email_verify", "me_password", "me_totp_begin", "me_passkey_begin", "me_preferences_update"] },
];
/** Sees that there are agents, and nothing else. */
const PORTER = [{ effect: "allow", actions: ["agent_list", "agent_show"] }];

/** A page: where it is, what it must grey (among others), and how many of its parts are not for this role at all. */
type Place = readonly [path: string, sign: string, greyed: readonly string[], closed?: number];

const AGENT = ["Restart", "Check", "Kill…"];

const VIEWER_PLACES: readonly Place[] = [
  ["/", "What changed", []],
  ["/agents", "alpha", ["Join an agent"]],
  ["/agents?agent=alpha", "Linked", ["Join an agent", ...AGENT]],
  ["/agents?join=1", "What it looks after", ["Make the command"]],
  ["/agents/alpha", "Owner allows", AGENT],
  ["/agents/alpha?tab=logs", "hello", AGENT],
  ["/logs", "of Mission Control itself", [], 1],
  ["/approvals", "to look around", []],
  ["/users", "Not for your role", [], 1],
  ["/users/vera", "Not for your role", [], 1],
  ["/invites", "Not for your role", [], 1],
  ["/tokens", "Not for your role", [], 1],
  ["/roles", "Watchers", ["New role"]],
  ["/roles?new=1", "Not for your role", [], 1],
  ["/roles?tab=assignments", "Roles given", ["New role", "Give a role…"], 1],
  ["/roles?tab=who", "Not for your role", ["New role"], 1],
  ["/roles?tab=what", "Not for your role", ["New role"], 1],
  ["/roles?tab=past", "Not for your role", ["New role"], 1],
  ["/roles/viewer", "built in, never changes", ["Copy to a new role", "Give a role…"], 1],
  ["/roles/watchers", "Your role (viewer) may not change roles.", ["Copy to a new role", "Delete…", "Save", "Give a role…"], 1],
  ["/audit", "Not for your role", [], 1],
  ["/audit?tab=proof", "Not for your role", [], 1],
  ["/settings", "Not for your role", [], 1],
  ["/settings?tab=sso", "Not for your role", [], 1],
  ["/account", "Name shown", ["Save"]],
  ["/account?tab=appearance", "Accent", []],
  ["/account?tab=security", "Login history", []],
  ["/account?tab=tokens", "No tokens yet", []],
];

const AUDITOR_PLACES: readonly Place[] = [
  ["/", "What changed", []],
  ["/agents/alpha", "Owner allows", AGENT],
  ["/approvals", "asked for nothing", ["Request access"]],
  ["/users", "vera", ["Add a user"]],
  ["/users?new=1", "Their password", ["Add"]],
  ["/users/vera", "Where they are logged in now", ["Give a role…", "Take watchers from vera", "What they could do"]],
  ["/invites", "somebody", ["Invite somebody", "Revoke"]],
  ["/tokens", "looker", ["New service token", "Rotate looker", "Revoke looker"]],
  ["/roles", "Watchers", ["New role"]],
  ["/roles?tab=assignments", "the night shift", ["New role", "Give a role…", "Take watchers from vera"]],
  ["/roles/watchers", "Your role (auditor) may not change roles.", ["Copy to a new role", "Delete…", "Save", "Take watchers from vera"]],
  ["/audit?tab=proof", "Public key", ["Verify the trail"], 2],
  ["/settings", "Your role (auditor) may not change the settings.", ["Seat cap", "Save"]],
  ["/settings?tab=sso", "Corp login", ["Add a provider", "Check Corp login", "Edit Corp login", "Remove Corp login"]],
  ["/account", "Name shown", ["Save", "Request access…"]],
  ["/account?tab=appearance", "may not", ["Dark", "Time zone"]],
  ["/account?tab=security", "Login history", ["Change…", "Set up…", "Add a passkey…"]],
  ["/account?tab=tokens", "No tokens yet", ["New token"]],
];

const PORTER_PLACES: readonly Place[] = [
  ["/", "Not for your role", [], 1],
  ["/agents", "alpha", ["Join an agent"]],
  ["/agents/alpha", "Owner allows", AGENT, 1],
  ["/agents/alpha?tab=metrics", "Not for your role", AGENT, 1],
  ["/agents/alpha?tab=logs", "Not for your role", AGENT, 1],
  ["/agents/alpha?tab=activity", "Not for your role", AGENT, 1],
  ["/approvals", "Not for your role", [], 1],
  ["/roles", "Not for your role", [], 1],
  ["/roles/watchers", "Not for your role", [], 1],
];

async function role(house: House, name: string, rules: unknown): Promise<void> {
  expect((await house.call("POST", "/admin/roles", { name, title: name, rules })).status).toBe(201);
}

test.beforeAll(async ({ house, browser }) => {
  test.setTimeout(180_000);
  await house.agent("alpha", { script: "echo hello\nwhile :; do sleep 1; done\n" });
  await role(house, "watchers", [{ effect: "allow", actions: ["agent_logs"], agents: { tags: ["prod"] } }]);
  await role(house, "auditor", AUDITOR);
  await role(house, "porter", PORTER);
  for (const [name, held] of [
    ["vera", "viewer"],
    ["otto", "auditor"],
    ["petra", "porter"],
  ] as const) {
    await house.addUser(name, held);
  }
  const made = [
    await house.call("POST", "/admin/role-assignments", { role: "watchers", subject_kind: "user", subject: "vera", reason: "the night shift" }),
    await house.call("POST", "/admin/invites", { role: "viewer", note: "somebody" }),
    await house.call("POST", "/tokens", { name: "looker", kind: "personal", scopes: ["*_list"] }),
    await house.call("POST", "/admin/providers", {
      name: "corp",
      label: "Corp login",
      kind: "keycloak",
      issuer: "https://id.example.org/realms/main",
      client_id: "mission-control",
    }),
  ];
  expect(made.map((answer) => answer.status)).toEqual([201, 201, 201, 201]);
  const context = await newVisitor(browser);
  await loggedIn(house, context, "vera");
  const asked = await context.request.post(`${house.url}/api/v1/access-requests`, {
    data: { role: "operator", reason: "to look around", duration_seconds: 3600 },
    headers: { origin: house.url },
  });
  expect(asked.status()).toBe(201);
  await context.close();
});

interface Greyed {
  name: string;
  /** What a screen reader adds to the name: its own description, or that of the form around it. */
  says: string;
  /** Whether the keyboard comes to it, or for the fields of a greyed form to the note over them. */
  reachable: boolean;
}

/** Everything on the page that cannot be used as it stands. */
function greyed(page: Page): Promise<Greyed[]> {
  return page.evaluate(() => {
    const named = (element: Element): string => {
      const label = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels?.[0]?.textContent : null;
      return (element.getAttribute("aria-label") ?? label ?? element.textContent ?? "").trim();
    };
    const described = (element: Element): string => {
      const note = element.getAttribute("aria-describedby")?.split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
      const around = element.closest("fieldset[aria-description]")?.getAttribute("aria-description");
      return element.getAttribute("aria-description") ?? (note?.join(" ") || element.getAttribute("title")) ?? around ?? "";
    };
    const off = [...document.querySelectorAll<HTMLElement>('[aria-disabled="true"], :is(button, input, select, textarea):disabled')];
    return off
      .filter((element) => element.getClientRects().length > 0)
      .map((element) => ({
        name: named(element),
        says: described(element),
        reachable: element.matches(":disabled") ? element.closest("fieldset[aria-description]") !== null : element.tabIndex >= 0,
      }));
  });
}

const WHAT_THEY_SAY = { name: "What your roles say" } as const;

/** Comes by keyboard to each button that a role greys, presses it, and reads why. */
async function pressEach(page: Page): Promise<number> {
  const buttons = page.locator('button[aria-disabled="true"][aria-description$="Press to see why."]:visible, button:visible:text-is("Why not?")');
  const count = await buttons.count();
  for (let at = 0; at < count; at += 1) {
    await buttons.nth(at).focus();
    await expect(buttons.nth(at)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("list", WHAT_THEY_SAY)).not.toBeEmpty();
    // The keyboard is in it: from then on Escape is its own.
    await expect.poll(() => page.evaluate(() => Boolean(document.activeElement?.closest('[role="dialog"]')))).toBe(true);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("list", WHAT_THEY_SAY)).toBeHidden();
  }
  return count;
}

/** Looks at each place; returns how many refusals were asked about. */
async function walk(page: Page, house: House, places: readonly Place[]): Promise<number> {
  let pressed = 0;
  for (const [path, sign, expected, closed = 0] of places) {
    await test.step(path, async () => {
      await page.goto(house.url + path);
      await expect(page.getByText(sign).first()).toBeVisible();
      await expect(page.getByRole("heading", { name: "Not for your role" })).toHaveCount(closed);
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await expect.poll(async () => (await greyed(page)).map((each) => each.name)).toEqual(expect.arrayContaining([...expected]));
      const found = await greyed(page);
      expect(found.filter((each) => each.says === "" || !each.reachable)).toEqual([]);
      pressed += await pressEach(page);
    });
  }
  return pressed;
}

for (const [who, held, places] of [
  ["vera", "viewer", VIEWER_PLACES],
  ["otto", "auditor", AUDITOR_PLACES],
  ["petra", "porter", PORTER_PLACES],
] as const) {
  test(`every page tells who is ${held} what they may not do, and why`, async ({ page, context, house }) => {
    test.setTimeout(600_000);
    await loggedIn(house, context, who);
    expect(await walk(page, house, places)).toBeGreaterThan(places.length);
  });
}

test("menus, keys and the palette say why as well", async ({ page, context, house }) => {
  await loggedIn(house, context, "vera");
  await page.goto(`${house.url}/agents/alpha`);
  // By keyboard alone.
  await page.getByRole("button", { name: "More actions" }).focus();
  await page.keyboard.press("Enter");
  for (const name of [/^Rename, change tags…/, /^Remove…/]) {
    await expect(page.getByRole("menuitem", { name })).toHaveAttribute("title", /Your role \(viewer\) may not/);
  }
  await expect(page.getByRole("menuitem", { name: /^Rename/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", WHAT_THEY_SAY)).toContainText("viewer");
  await page.keyboard.press("Escape");

  // The key that restarts the agent under the cursor.
  await page.goto(`${house.url}/agents`);
  const table = page.getByRole("grid", { name: "Agents" });
  await expect(table).toContainText("alpha");
  await table.focus();
  await page.keyboard.press("r");
  await expect(page.getByRole("list", WHAT_THEY_SAY)).toContainText("viewer");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/restart gw-research/).fill("restart alpha");
  await expect(page.getByRole("option", { name: /Restart alpha/ })).toContainText("not for your role");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", WHAT_THEY_SAY)).toContainText("viewer");
  await expect(page.getByRole("button", { name: "Request access" })).toBeVisible();
});

test("who may not follow changes is told that the page is not live", async ({ page, context, house }) => {
  await loggedIn(house, context, "petra");
  await page.goto(`${house.url}/agents`);
  await expect(page.getByRole("grid", { name: "Agents" })).toContainText("alpha");
  await page.getByRole("button", { name: "Not live" }).click();
  await expect(page.getByRole("list", WHAT_THEY_SAY)).toContainText("porter");
  await expectAccessible(page);
});
