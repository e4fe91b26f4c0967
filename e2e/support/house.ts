// A real server with real agents, for one test file. Everything lives in a temporary directory and on free ports.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binDir, plainEnv } from "./programs";

export const ADMIN = { username: "ada", password: "gently rusted copper kettle" };

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

export interface Answer<T> {
  status: number;
  body: T;
}

export class House {
  readonly dir = mkdtempSync(join(tmpdir(), "mc-e2e-"));
  readonly httpsPort: number;
  readonly agentPort: number;
  private server: ChildProcess | null = null;
  private readonly agents = new Map<string, ChildProcess>();
  private readonly env: Record<string, string>;
  private token = "";
  setupLink = "";

  private constructor(httpsPort: number, agentPort: number, env: Record<string, string>) {
    this.httpsPort = httpsPort;
    this.agentPort = agentPort;
    this.env = env;
  }

  /** The address people use: a name, because passkeys belong to names. */
  get url(): string {
    return `https://localhost:${this.httpsPort}`;
  }

  /** The certificate of the authority that the server made for itself. */
  get caFile(): string {
    return join(this.dir, "central", "ca.pem");
  }

  /** A server that waits for its first admin; `env` is added to its environment. */
  static async start(env: Record<string, string> = {}): Promise<House> {
    const house = new House(await freePort(), await freePort(), env);
    await house.startServer();
    return house;
  }

  /** A server with its first admin. */
  static async ready(env: Record<string, string> = {}): Promise<House> {
    const house = await House.start(env);
    const token = new URL(house.setupLink).hash.replace("#token=", "");
    const { body } = await house.call<{ access_token: string }>("POST", "/setup", { token, ...ADMIN });
    house.token = body.access_token;
    return house;
  }

  async startServer(): Promise<void> {
    const log = createWriteStream(join(this.dir, "server.log"), { flags: "a" });
    const server = spawn(
      join(binDir(), "mission-control"),
      [
        "serve",
        ...["--data-dir", join(this.dir, "central")],
        ...["--listen", `127.0.0.1:${this.httpsPort}`],
        ...["--agent-listen", `127.0.0.1:${this.agentPort}`],
        ...["--public-url", this.url],
      ],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...plainEnv(), ...this.env } },
    );
    this.server = server;
    server.stderr?.pipe(log, { end: false });
    let said = "";
    await new Promise<void>((done, fail) => {
      server.on("exit", () => fail(new Error(`the server ended: ${readFileSync(join(this.dir, "server.log"), "utf8")}${said}`)));
      const hear = (data: Buffer) => {
        said += data.toString();
        this.setupLink = /https:\S+\/setup#token=\S+/.exec(said)?.[0] ?? this.setupLink;
        const ready = /Mission Control is ready/.test(said);
        // The link is printed right after the word "ready"; a server that has users prints none.
        if (ready && (this.setupLink || this.token)) done();
      };
      server.stdout?.on("data", hear);
      server.stderr?.on("data", hear);
    });
  }

  async stopServer(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.server?.removeAllListeners("exit");
    if (this.server) await stopProcess(this.server, signal);
  }

  /** Runs SQL in the server's own database, behind its back. */
  async sql(text: string): Promise<void> {
    const script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=30); db.executescript(sys.argv[2]); db.close()";
    const child = spawn("python3", ["-c", script, join(this.dir, "central", "mission-control.db"), text], { stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error("the database did not take it");
  }

  /** Calls the API as the admin. */
  async call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((done, fail) => {
      const request = httpsRequest(
        `https://127.0.0.1:${this.httpsPort}/api/v1${path}`,
        {
          method,
          rejectUnauthorized: false,
          headers: {
            ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
            ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
          },
        },
        (response) => {
          let answer = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            answer += part;
          });
          response.on("end", () => done({ status: response.statusCode ?? 0, body: (answer ? JSON.parse(answer) : undefined) as T }));
        },
      );
      request.on("error", fail);
      request.end(text);
    });
  }

  async addUser(username: string, role: string, more: { email?: string } = {}): Promise<void> {
    const { status } = await this.call("POST", "/admin/users", { username, role, password: ADMIN.password, ...more });
    if (status !== 201) throw new Error(`the user ${username} could not be made: ${status}`);
  }

  /** Runs `mc-agent` with these arguments to its end. */
  async agentTool(args: string[]): Promise<void> {
    const child = spawn(join(binDir(), "mc-agent"), args, { stdio: ["ignore", "ignore", "pipe"], env: plainEnv() });
    let said = "";
    child.stderr.on("data", (data: Buffer) => {
      said += data.toString();
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`mc-agent ${args[0]} ended with ${code}: ${said}`);
  }

  /** Starts `mc-agent run` and leaves it running. */
  startAgent(name: string, args: string[]): void {
    const log = createWriteStream(join(this.dir, `${name}.log`), { flags: "a" });
    const child = spawn(join(binDir(), "mc-agent"), args, { stdio: ["ignore", "pipe", "pipe"], env: plainEnv() });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.agents.set(name, child);
  }

  /** Joins and starts an agent; with a script it supervises `sh SCRIPT`; `config` goes into its file as it is. */
  async agent(name: string, options: { script?: string; tags?: string[]; restart?: string; config?: string } = {}): Promise<void> {
    const { body } = await this.call<{ token: string; ca_pin: string; server: string }>("POST", "/join-tokens", { tags: options.tags ?? [] });
    const home = join(this.dir, "agents", name);
    mkdirSync(home, { recursive: true });
    const data = join(home, "data");
    await this.agentTool(["join", "--server", body.server, "--token", body.token, "--ca-pin", body.ca_pin, "--data-dir", data, "--name", name]);
    const config = join(home, "agent.toml");
    let text = `name = "${name}"\n`;
    if (options.script !== undefined) {
      const script = join(home, "workload.sh");
      writeFileSync(script, options.script);
      text += `[workload]\nkind = "command"\ncommand = ["sh", "${script}"]\nstop_timeout = "2s"\n`;
    }
    writeFileSync(config, text + (options.config ?? ""));
    this.startAgent(name, ["run", "--data-dir", data, "--config", config]);
  }

  async stopAgent(name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.agents.get(name);
    if (child) await stopProcess(child, signal);
  }

  /** Ends everything and removes every trace. */
  async end(): Promise<void> {
    await Promise.all([...this.agents.values()].map((child) => stopProcess(child, "SIGTERM")));
    await this.stopServer();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
