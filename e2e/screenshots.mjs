// Takes the pictures of docs/images from a server full of life, such as the one `make demo` starts.
//   MC_URL=https://127.0.0.1:8443 MC_USER=demo MC_PASSWORD=… node screenshots.mjs [DIRECTORY]
// Further: CHROMIUM (the browser), MC_AGENT (the agent whose page is shown; else one that runs something), MC_VIEWS (only these pictures, such
// as "agents-light,role-dark": the README shows agents-light, docs/roles.md role-light, docs/audit.md audit-light).
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const url = process.env.MC_URL ?? "https://127.0.0.1:8443";
const username = process.env.MC_USER;
const password = process.env.MC_PASSWORD;
if (!username || !password) {
  console.error("set MC_USER and MC_PASSWORD (and MC_URL) to a login of the server to photograph");
  process.exit(2);
}
const target = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "images");
mkdirSync(target, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const first = await browser.newContext({ ignoreHTTPSErrors: true });
const login = await first.request.post(`${url}/api/v1/auth/login`, { data: { username, password }, headers: { origin: url } });
if (!login.ok()) {
  console.error(`the login failed: ${await login.text()}`);
  process.exit(1);
}
const list = await (await first.request.get(`${url}/api/v1/agents?limit=100&status=online`)).json();
const agent = process.env.MC_AGENT ?? (list.items.find((each) => each.kind !== "host") ?? list.items[0])?.name;
// A role that people made says more than a built-in one.
const roles = await (await first.request.get(`${url}/api/v1/admin/roles`)).json();
const role = (roles.items.findLast((each) => !each.built_in) ?? roles.items[0])?.name;
const storageState = await first.storageState();

// Name, path, and a text that says that the view is there.
const views = [
  ["overview", "/", "What changed"],
  ["agents", agent ? `/agents?agent=${agent}` : "/agents", agent ?? "Agents"],
  ["attention", "/agents?status=offline,degraded", "Status: Offline, Degraded"],
  ["agent", `/agents/${agent}`, "Owner allows"],
  ["metrics", `/agents/${agent}?tab=metrics`, "CPU"],
  ["logs", `/agents/${agent}?tab=logs`, "Following"],
  ["join", "/agents?join=1", "What it looks after"],
  ["server-logs", "/logs", "Following"],
  ["audit", "/audit", "Export"],
  ["audit-proof", "/audit?tab=proof", "Public key"],
  ["users", "/users", "Add a user"],
  ["roles", "/roles", "New role"],
  ["role", `/roles/${role}`, "Fits the schema"],
  ["approvals", "/approvals", "Request access"],
  ["appearance", "/account?tab=appearance", "Accent"],
  ["security", "/account?tab=security", "Login history"],
  ["settings", "/settings", "Seat cap"],
];

const wanted = process.env.MC_VIEWS?.split(",");

for (const [width, height, suffix] of [
  [1440, 900, ""],
  [390, 844, "-narrow"],
]) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState, viewport: { width, height }, colorScheme, reducedMotion: "reduce", deviceScaleFactor: 2 });
    const page = await context.newPage();
    for (const [name, path, sign] of views) {
      if (wanted && !wanted.includes(`${name}${suffix}-${colorScheme}`)) continue;
      await page.goto(url + path);
      await page.getByText(sign).first().waitFor();
      // Figures, lines and charts come after the frame of a view.
      await page.waitForLoadState("networkidle").catch(() => undefined);
      await page.waitForTimeout(700);
      await page.screenshot({ path: join(target, `${name}${suffix}-${colorScheme}.png`) });
    }
    await context.close();
  }
}
await browser.close();
