// Where the programs under test lie, and what builds them when nobody says where.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(fileURLToPath(import.meta.url), "..", "..", "..");
const PROGRAMS = ["mission-control", "mc-agent"];

/** The directory of the programs: MC_BIN_DIR, else where the scripts build to. */
export function binDir(): string {
  if (process.env.MC_BIN_DIR) return resolve(process.env.MC_BIN_DIR);
  const target = process.env.CARGO_TARGET_DIR ?? join(process.env.MC_CACHE ?? join(homedir(), ".cache", "mission-control"), "target");
  return join(resolve(ROOT, target), "debug");
}

/** This environment without what would change the servers of the tests: whoever runs them may have a database or a server of their own. */
export function plainEnv(): Record<string, string> {
  const foreign = /^(MC_|DATABASE_URL$|NATS_URL$)/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined || (foreign.test(name) && name !== "MC_LOG") ? [] : [[name, value]])),
  );
}

function run(program: string, args: string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}

/** Before the first test: the page, the programs, and the identity provider that single sign-on is tested with. Each only if it is missing. */
export default function setUp(): void {
  const missing = () => PROGRAMS.filter((name) => !existsSync(join(binDir(), name)));
  // Debug programs read the page from here; the scripts have built both before they come to these tests.
  if (!existsSync(join(ROOT, "web", "dist", "index.html"))) {
    if (!existsSync(join(ROOT, "web", "node_modules"))) run("npm", ["ci", "--no-audit", "--no-fund"], join(ROOT, "web"));
    run("npm", ["run", "build"], join(ROOT, "web"));
  }
  if (missing().length > 0 && !process.env.MC_BIN_DIR) {
    run("cargo", ["build", "--locked", "--workspace", "--bins", "--target-dir", join(binDir(), "..")], ROOT);
  }
  if (missing().length > 0) throw new Error(`${binDir()} lacks ${missing().join(" and ")}`);
  // Where it lies is asked again by whoever starts it.
  execFileSync(join(ROOT, "scripts", "peers", "oidc-provider.sh"), { stdio: ["ignore", "ignore", "inherit"] });
}
