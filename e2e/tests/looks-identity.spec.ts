// The pages of identity in both themes, wide and narrow.
import type { Browser } from "@playwright/test";
import type { House } from "../support/house";
import { expectGoodLooks, LOOKS, type View } from "../support/looks";
import { complaints, expect, fillOnce, loggedIn, newVisitor, test } from "../support/test";

test.use({ houseOf: "looks-identity" });
// The longest file: its looks share the workers, each with a house of its own.
test.describe.configure({ mode: "parallel" });

const PUBLIC: readonly View[] = [
  ["login", "/login", "Forgot it?"],
  ["a failed login at a provider", "/login?error=seats_full", "All seats are taken"],
  ["forgot", "/forgot", "Forgot your password?"],
  ["reset", "/reset#token=mcp_none", "Set a new password"],
  ["invite", "/invite#token=mci_none", "This invite does not work"],
  ["verify", "/verify#token=none", "Verify your e-mail address"],
  ["link", "/login/link#ticket=none", "Is this you?"],
];

const VIEWS: readonly View[] = [
  ["profile", "/account", "Name shown"],
  ["appearance", "/account?tab=appearance", "Accent"],
  ["security", "/account?tab=security", "Logged in"],
  ["own tokens", "/account?tab=tokens", "looker"],
  ["new token", "/account?tab=tokens&new=1", "Works for"],
  ["users", "/users", "vera"],
  ["new user", "/users?new=1", "Their password"],
  ["user", "/users/vera", "Further roles"],
  ["invites", "/invites", "open invite"],
  ["new invite", "/invites?new=1", "Works for"],
  ["tokens", "/tokens", "looker"],
  ["new service token", "/tokens?new=1", "Or exactly these"],
  ["roles", "/roles", "Watchers"],
  ["assignments", "/roles?tab=assignments", "the night shift"],
  ["who could", "/roles?tab=who&action=user_list", "Could"],
  ["what could they", "/roles?tab=what&user=vera", "On all"],
  ["what would change", "/roles?tab=past&role=watchers", "looked at"],
  ["role", "/roles/watchers", "Fits the schema"],
  ["new role", "/roles?new=1", "Add a rule"],
  ["built-in role", "/roles/viewer", "built in, never changes"],
  ["approvals", "/approvals", "to look around"],
  ["settings", "/settings", "Seat cap"],
  ["providers", "/settings?tab=sso", "Corp login"],
  ["new provider", "/settings?tab=sso&new=1", "Client secret"],
  ["audit", "/audit", "Export"],
  ["proof", "/audit?tab=proof", "Public key"],
];

async function fill(house: House, browser: Browser): Promise<void> {
  await house.addUser("vera", "viewer");
  const made = [
    await house.call("POST", "/admin/roles", {
      name: "watchers",
      title: "Watchers",
      rules: [{ effect: "allow", actions: ["agent_logs"], agents: { tags: ["prod"] } }],
    }),
    await house.call("POST", "/admin/role-assignments", {
      role: "watchers",
      subject_kind: "user",
      subject: "vera",
      expires_in_seconds: 3600,
      reason: "the night shift",
    }),
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
  expect(made.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201]);
  const context = await newVisitor(browser);
  await loggedIn(house, context, "vera");
  const asked = await context.request.post(`${house.url}/api/v1/access-requests`, {
    data: { role: "operator", reason: "to look around", duration_seconds: 3600 },
    headers: { origin: house.url },
  });
  expect(asked.status()).toBe(201);
  await context.close();
}

test.beforeAll(({ house, browser }) => fillOnce(house, () => fill(house, browser)));

for (const look of LOOKS) {
  test(`identity is accessible and fits, ${look.theme}, ${look.width} pixels`, async ({ page, context, house }) => {
    test.setTimeout(900_000);
    const heard = complaints(page);
    await expectGoodLooks(page, house, look, PUBLIC);
    await loggedIn(house, context, "ada");
    await expectGoodLooks(page, house, look, VIEWS);
    expect(heard).toEqual([]);
  });
}
