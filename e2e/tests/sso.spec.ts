// Single sign-on against a real OpenID provider: set up in the page, logged in by, linked with a password, refused in words.
import { ADMIN } from "../support/house";
import { CLIENT, IdentityProvider } from "../support/sso";
import { expect, expectAccessible, logIn, logOut, newVisitor, test } from "../support/test";

// The provider of the tests speaks without TLS.
test.use({ houseOf: "sso", houseEnv: { MC_AUTH__OIDC_HTTP_LOOPBACK: "true" } });
test.describe.configure({ mode: "serial" });

let provider: IdentityProvider;

test.beforeAll(async ({ house }) => {
  test.setTimeout(180_000);
  await house.addUser("lena", "viewer", { email: "lena@example.org" });
  provider = await IdentityProvider.start(house, "corp", {
    olga: { email: "olga@example.org", email_verified: true, name: "Olga Ops", preferred_username: "olga", groups: ["ops-berlin"] },
    lena: { email: "lena@example.org", email_verified: true, name: "Lena", preferred_username: "lena", groups: [] },
    nils: { email: "nils@example.org", email_verified: true, name: "Nils", preferred_username: "nils", groups: ["strangers"] },
  });
});
test.afterAll(() => provider?.end());

test("a provider is added and checked in the page", async ({ admin: page, house }) => {
  await page.goto(`${house.url}/settings?tab=sso`);
  await expect(page.getByText("No provider yet")).toBeVisible();
  await page.getByRole("button", { name: "Add a provider" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("corp");
  await dialog.getByLabel("Label").fill("Corp login");
  await dialog.getByLabel("Issuer").fill(provider.issuer);
  await dialog.getByLabel("Client id").fill(CLIENT.id);
  await dialog.getByLabel("Client secret").fill(CLIENT.secret);
  await dialog.getByLabel("People who are unknown here").selectOption("create");
  await dialog.getByRole("button", { name: "Add a rule" }).click();
  await dialog.getByLabel("Value of rule 1").fill("ops-*");
  await dialog.getByLabel("Role of rule 1").selectOption("operator");
  await dialog.getByRole("combobox", { name: "Scopes" }).fill("openid,profile,email,groups,offline_access,");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Check Corp login" }).click();
  await expect(page.getByText("It answers as it should.")).toBeVisible();
  await expect(page.getByText(`${house.url}/api/v1/auth/oidc/corp/callback`)).toBeVisible();
});

test("somebody new logs in by it and has the role of their group", async ({ page, house }) => {
  await page.goto(`${house.url}/agents?q=x`);
  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await provider.logIn(page, "olga");
  await expect(page).toHaveURL(`${house.url}/agents?q=x`);
  await page.getByRole("button", { name: /^Account:/ }).click();
  await expect(page.getByText("operator", { exact: true })).toBeVisible();
  await page.getByRole("menuitem", { name: "Your account" }).click();
  await page.getByRole("tab", { name: "Security" }).click();
  await expect(page.getByText("Corp login")).toBeVisible();
});

test("whose groups give no role is told so", async ({ page, house }) => {
  await page.goto(`${house.url}/login`);
  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await provider.logIn(page, "nils");
  await expect(page).toHaveURL(/\/login\?error=no_role/);
  await expect(page.getByRole("alert")).toContainText("None of your groups gives you a role here");
});

test("a known address is linked only with its password, and unlinked again", async ({ page, house, mail }) => {
  // Lena's address counts once it is verified.
  await logIn(page, house, "lena");
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeVisible();
  await page.goto(`${house.url}/account`);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.goto(await mail.link("lena@example.org", "verify"));
  await page.getByRole("button", { name: "Verify it" }).click();
  await page.getByRole("link", { name: "To your account" }).click();
  await logOut(page);

  await page.getByRole("link", { name: "Log in with Corp login" }).click();
  await provider.logIn(page, "lena");
  await expect(page).toHaveURL(`${house.url}/login/link`);
  await page.getByLabel("Password", { exact: true }).fill("not the password of lena");
  await page.getByRole("button", { name: "Link and log in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Link and log in" }).click();
  await expect(page.getByRole("button", { name: "Account: lena" })).toBeVisible();
  await page.goto(`${house.url}/account?tab=security`);
  await page.getByRole("button", { name: "Unlink…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Unlink" }).click();
  // The session that began there has ended with it.
  await expect(page).toHaveURL(/\/login/);
  await logIn(page, house, "lena");
  await page.goto(`${house.url}/account?tab=security`);
  await expect(page.getByRole("button", { name: "Link…" })).toBeVisible();
});

test("a provider that does not answer keeps nobody with a password out", async ({ admin: page, house, browser }) => {
  const wrong = await newVisitor(browser);
  const away = await wrong.newPage();
  await page.goto(`${house.url}/settings?tab=sso`);
  await page.getByRole("button", { name: "Edit Corp login" }).click();
  const dialog = page.getByRole("dialog");
  // Nothing listens on the discard port.
  await dialog.getByLabel("Issuer").fill("http://127.0.0.1:9");
  await dialog.getByLabel("Label").fill("Old corp");
  await dialog.getByRole("button", { name: "Save" }).click();
  // The secret that one issuer gave is not sent to another.
  await expect(dialog.getByRole("alert")).toContainText("give the client secret again");
  await dialog.getByLabel("Client secret").fill("the-secret-of-the-other-issuer");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Check Old corp" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toBeVisible();
  await away.goto(`${house.url}/login`);
  await away.getByRole("link", { name: "Log in with Old corp" }).click();
  await expect(away.getByRole("alert")).toContainText("The provider does not answer");
  await logIn(away, house, "lena");
  await wrong.close();

  await page.goto(`${house.url}/settings?tab=sso`);
  await page.getByRole("button", { name: "Remove Old corp" }).click();
  await page.getByLabel("Type corp to confirm").fill("corp");
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("No provider yet")).toBeVisible();
});
