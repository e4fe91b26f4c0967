// Writes src/api/schema.d.ts from openapi.json, which a test of the server keeps true to the code.
// It lives apart because openapi-typescript needs the compiler API that TypeScript 7 no longer has.
// With --check nothing is written: it fails when the committed file is stale.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "src", "api", "schema.d.ts");

if (!existsSync(join(here, "node_modules", "openapi-typescript"))) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" });
}
const { default: openapiTS, astToString } = await import("openapi-typescript");
const ast = await openapiTS(pathToFileURL(join(here, "..", "openapi.json")), { defaultNonNullable: false });
const text = `// Made by \`npm run codegen\` from openapi.json; edit the server instead.\n\n${astToString(ast)}`;

if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.d.ts is stale: run `npm run codegen` in web/ and commit the result");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
