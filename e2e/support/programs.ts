// Where the programs under test lie, and what builds them when nobody says where.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
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

/** When the newest file under this folder was written; 0 when there is none. */
function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Math.max(0, ...files.map((each) => statSync(join(each.parentPath, each.name)).mtimeMs));
}

/**
 * Before the first test: the page, the programs, and the identity provider that single sign-on is tested with are there and up to date.
 * The scripts have built page and programs before they come to these tests, and say so by MC_BIN_DIR.
 */
export default function setUp(): void {
  // Debug programs read the page from its folder.
  if (newest(join(ROOT, "web", "dist")) < newest(join(ROOT, "web", "src"))) {
    if (!existsSync(join(ROOT, "web", "node_modules"))) run("npm", ["ci", "--no-audit", "--no-fund"], join(ROOT, "web"));
    run("npm", ["run", "--silent", "build"], join(ROOT, "web"));
  }
  if (!process.env.MC_BIN_DIR) {
    const bins = PROGRAMS.flatMap((name) => ["--bin", name]);
    run("cargo", ["build", "--locked", "--workspace", ...bins, "--target-dir", join(binDir(), "..")], ROOT);
  }
  const missing = PROGRAMS.filter((name) => !existsSync(join(binDir(), name)));
  if (missing.length > 0) throw new Error(`${binDir()} lacks ${missing.join(" and ")}`);
  // Where it lies is asked again by whoever starts it.
  execFileSync(join(ROOT, "scripts", "peers", "oidc-provider.sh"), { stdio: ["ignore", "ignore", "inherit"] });
}
