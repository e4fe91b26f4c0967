// A mail server on loopback that takes whatever is sent and lets a test wait for it.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface Mail {
  to: string;
  /** Headers and body as text, decoded. */
  text: string;
}

function decode(raw: string): string {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const base64 = (text: string) => Buffer.from(text, "base64").toString("utf8");
  const quoted = (text: string) =>
    Buffer.from(
      text.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      "latin1",
    ).toString("utf8");
  // Parts of a multipart mail are decoded one by one.
  const boundary = /boundary="?([^"\r\n;]+)/i.exec(head)?.[1];
  if (boundary) return `${head}\n${body.split(`--${boundary}`).slice(1).map((part) => decode(part.trimStart())).join("\n")}`;
  if (/transfer-encoding:\s*base64/i.test(head)) return `${head}\n${base64(body)}`;
  if (/transfer-encoding:\s*quoted-printable/i.test(head)) return `${head}\n${quoted(body)}`;
  return raw;
}

export class MailServer {
  private readonly mails: Mail[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<MailServer> {
    const server = createServer();
    const mails = new MailServer(server);
    server.on("connection", (socket) => mails.serve(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return mails;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `smtp://127.0.0.1:${address.port}`;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let rest = "";
    let to = "";
    let data: string[] | null = null;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say("220 mail.test ESMTP");
    socket.on("data", (chunk) => {
      rest += chunk.toString("utf8");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data) {
          if (line === ".") {
            this.take({ to, text: decode(data.join("\r\n")) });
            data = null;
            say("250 taken");
          } else data.push(line.startsWith(".") ? line.slice(1) : line);
        } else if (/^EHLO|^HELO/i.test(line)) say("250 mail.test");
        else if (/^RCPT TO:/i.test(line)) {
          to = /<([^>]*)>/.exec(line)?.[1] ?? "";
          say("250 fine");
        } else if (/^DATA/i.test(line)) {
          data = [];
          say("354 go on");
        } else if (/^QUIT/i.test(line)) {
          say("221 bye");
          socket.end();
        } else say("250 fine");
      }
    });
  }

  private take(mail: Mail): void {
    this.mails.push(mail);
    for (const wake of this.waiting) wake();
  }

  /** The first mail to this address that holds such text; waits for it. It is taken out. */
  async next(to: string, holds: RegExp): Promise<Mail> {
    for (;;) {
      const place = this.mails.findIndex((mail) => mail.to === to && holds.test(mail.text));
      const [found] = place >= 0 ? this.mails.splice(place, 1) : [];
      if (found) return found;
      await new Promise<void>((wake) => {
        const once = () => {
          this.waiting.delete(once);
          wake();
        };
        this.waiting.add(once);
      });
    }
  }

  /** The link in the next such mail. */
  async link(to: string, path: string): Promise<string> {
    const pattern = new RegExp(`https://\\S+/${path}#token=[\\w-]+`);
    const mail = await this.next(to, pattern);
    return pattern.exec(mail.text)?.[0] ?? "";
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}
