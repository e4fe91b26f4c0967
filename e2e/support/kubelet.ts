// As much of a kubelet as the API server needs for logs and shells: `/containerLogs/…`, which a test writes, and `/exec/…`, which runs a
// program of this machine with a terminal of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Runs a program with a terminal; the third channel sets its size. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.environ["PS1"] = "$ "
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    ready, _, _ = select.select([0, 3, fd], [], [])
    if fd in ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if 3 in ready:
        columns, rows = os.read(3, 64).decode().split("\\n")[0].split(" ")
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        os.write(fd, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

function frame(opcode: number, data: Buffer): Buffer {
  const head =
    data.length < 126 ? Buffer.from([0x80 | opcode, data.length]) : Buffer.from([0x80 | opcode, 126, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

/** Cuts what a client sends into messages; a test's messages fit into one frame each. */
class Frames {
  private rest = Buffer.alloc(0);

  push(data: Buffer): { opcode: number; data: Buffer }[] {
    this.rest = Buffer.concat([this.rest, data]);
    const found: { opcode: number; data: Buffer }[] = [];
    for (let one = this.take(); one; one = this.take()) found.push(one);
    return found;
  }

  private take(): { opcode: number; data: Buffer } | null {
    if (this.rest.length < 2) return null;
    let size = this.rest.readUInt8(1) & 127;
    let at = 2;
    if (size === 126) {
      if (this.rest.length < 4) return null;
      size = this.rest.readUInt16BE(2);
      at = 4;
    }
    if (this.rest.length < at + 4 + size) return null;
    const mask = this.rest.subarray(at, at + 4);
    const data = Buffer.from(this.rest.subarray(at + 4, at + 4 + size).map((byte, place) => byte ^ (mask[place % 4] ?? 0)));
    const opcode = this.rest.readUInt8(0) & 15;
    this.rest = this.rest.subarray(at + 4 + size);
    return { opcode, data };
  }
}

export class Kubelet {
  private readonly open = new Set<Duplex>();
  private readonly children = new Set<ChildProcess>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(credential: { cert: string; key: string }): Promise<Kubelet> {
    const server = createServer(credential);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const kubelet = new Kubelet(server, address.port);
    server.on("connection", (socket) => {
      kubelet.open.add(socket);
      socket.on("close", () => kubelet.open.delete(socket));
    });
    server.on("request", (request, response) => kubelet.logs(request, response));
    server.on("upgrade", (request, socket) => kubelet.exec(request, socket));
    return kubelet;
  }

  /** Lines with their times; a followed log then says one more a second. */
  private logs(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "https://kubelet");
    const [, what, , pod, container] = url.pathname.split("/");
    if (what !== "containerLogs") {
      response.writeHead(404).end();
      return;
    }
    const stamp = (text: string) => (url.searchParams.get("timestamps") === "true" ? `${new Date().toISOString()} ${text}\n` : `${text}\n`);
    response.writeHead(200, { "content-type": "text/plain" });
    if (url.searchParams.get("previous") === "true") {
      response.end(stamp(`panic: ${pod} ran out of memory`));
      return;
    }
    response.write(stamp(`${pod}/${container} listens on 8080`));
    response.write(stamp("WARN cache is cold"));
    if (url.searchParams.get("follow") !== "true") {
      response.end();
      return;
    }
    let served = 0;
    const timer = setInterval(() => {
      served += 1;
      response.write(stamp(`served request ${served}`));
    }, 1_000);
    response.on("close", () => clearInterval(timer));
  }

  private exec(request: IncomingMessage, socket: Duplex): void {
    const url = new URL(request.url ?? "/", "https://kubelet");
    const command = url.searchParams.getAll("command");
    // kubectl offers the fifth version alone, the page both: they differ in how an end of input is said, which nobody here says.
    const protocol = String(request.headers["sec-websocket-protocol"] ?? "").split(",")[0]?.trim();
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${GUID}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    const say = (channel: number, data: Buffer) => {
      // Pieces fit into the frames that this knows to write.
      for (let at = 0; at < data.length; at += 32_000) socket.write(frame(2, Buffer.concat([Buffer.from([channel]), data.subarray(at, at + 32_000)])));
    };
    const child = spawn("python3", ["-c", PTY, ...command], { stdio: ["pipe", "pipe", "inherit", "pipe"] });
    this.children.add(child);
    const sizes = child.stdio[3] as NodeJS.WritableStream;
    child.stdout?.on("data", (data: Buffer) => say(1, data));
    child.on("exit", (code) => {
      this.children.delete(child);
      const status = code ? failure(code) : { status: "Success" };
      say(3, Buffer.from(JSON.stringify({ metadata: {}, ...status })));
      socket.end(frame(8, Buffer.from([3, 232])));
    });
    const frames = new Frames();
    socket.on("data", (data: Buffer) => {
      for (const { opcode, data: message } of frames.push(data)) {
        if (opcode === 8) child.kill();
        if (opcode === 9) socket.write(frame(10, message));
        if (opcode !== 2) continue;
        const body = message.subarray(1);
        if (message[0] === 0) child.stdin?.write(body);
        if (message[0] === 4) {
          const size = JSON.parse(body.toString()) as { Width: number; Height: number };
          sizes.write(`${size.Width} ${size.Height}\n`);
        }
      }
    });
    socket.on("error", () => child.kill());
    socket.on("close", () => child.kill());
  }

  async end(): Promise<void> {
    for (const child of this.children) child.kill();
    for (const socket of this.open) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}

function failure(code: number) {
  const message = `command terminated with non-zero exit code: exit status ${code}`;
  return { status: "Failure", message, reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: String(code) }] } };
}
