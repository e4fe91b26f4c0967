// Browser tests against the real programs: each file starts its own server and agents on free ports in a temporary directory.
// `npm run e2e` needs nothing set. MC_BIN_DIR names a directory with other programs than the newest built ones; CHROMIUM another browser.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/programs.ts",
  // Nothing is waited for by time: these bound what hangs, on a machine that is busy with other things too.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  // Two files at a time, each with a server of its own: the machine that builds has two cores.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  outputDir: "results",
  use: {
    ignoreHTTPSErrors: true,
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        // The server's own certificate must count as good: passkeys are refused where it does not.
        "--ignore-certificate-errors",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
