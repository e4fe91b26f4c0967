// Unit tests run in plain Node: what needs a browser is tested in e2e/ against the real server.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
