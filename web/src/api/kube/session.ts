// One interactive program at the other end of a WebSocket: a shell in a container (through the door) or kubectl with a terminal (through
// the API). Both speak the same channels.
import { CHANNEL, CHANNEL_PROTOCOLS, type Ending, ending, frameSize, frameText, unframe } from "./channels";
import { doorPath, doorToken, tokenProtocol } from "./door";
import { objectPath } from "./paths";

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };

/** Characters typed before the other end is there; what is more is lost. */
const WAITING_MAX = 4096;

/** What a terminal runs. */
export type Program =
  | { kind: "pod"; cluster: string; namespace: string; pod: string; container: string; command: readonly string[] }
  | { kind: "kubectl"; cluster: string; command: readonly string[] };

export interface Hearing {
  onOpen: () => void;
  onData: (data: Uint8Array) => void;
  /** The program has ended, or the connection is lost (`null`). Said once. */
  onEnd: (how: Ending | null) => void;
}

async function socketOf(program: Program, columns: number, rows: number): Promise<WebSocket> {
  const origin = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}`;
  const params = new URLSearchParams();
  for (const word of program.command) params.append("command", word);
  params.set("tty", "true");
  if (program.kind === "kubectl") {
    params.set("cols", String(columns));
    params.set("rows", String(rows));
    return new WebSocket(`${origin}/api/v1/clusters/${encodeURIComponent(program.cluster)}/exec?${params}`);
  }
  if (program.container) params.set("container", program.container);
  for (const stream of ["stdin", "stdout"]) params.set(stream, "true");
  const path = objectPath(PODS, { namespace: program.namespace, name: program.pod }, "exec");
  const token = tokenProtocol(await doorToken(program.cluster));
  return new WebSocket(`${origin}${doorPath(program.cluster, path)}?${params}`, [...CHANNEL_PROTOCOLS, token]);
}

export class Session {
  private socket: WebSocket | null = null;
  private over = false;
  private waiting = "";
  private size: readonly [number, number] = [80, 24];
  private readonly hearing: Hearing;

  constructor(program: Program, columns: number, rows: number, hearing: Hearing) {
    this.hearing = hearing;
    this.size = [columns, rows];
    socketOf(program, columns, rows).then(
      (socket) => this.take(socket),
      (error: unknown) => this.end({ code: null, text: error instanceof Error ? error.message : "It could not be opened." }),
    );
  }

  private take(socket: WebSocket): void {
    if (this.over) {
      socket.close();
      return;
    }
    let opened = false;
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      this.hearing.onOpen();
      socket.send(frameSize(...this.size));
      if (this.waiting) socket.send(frameText(CHANNEL.stdin, this.waiting));
      this.waiting = "";
    };
    socket.onmessage = (event) => {
      // The API server's oldest protocol sends text; ours are binary only.
      const piece = event.data instanceof ArrayBuffer ? unframe(event.data) : null;
      if (!piece) return;
      if (piece.channel === CHANNEL.stdout || piece.channel === CHANNEL.stderr) this.hearing.onData(piece.data);
      else if (piece.channel === CHANNEL.end) this.end(ending(piece.data));
    };
    socket.onclose = (event) => {
      if (!opened) this.end({ code: null, text: event.reason || "The terminal was refused, or the cluster cannot be reached." });
      else this.end(event.code === 1000 ? { code: null, text: event.reason || "It was closed at the other end." } : null);
    };
  }

  private end(how: Ending | null): void {
    if (this.over) return;
    this.over = true;
    this.socket?.close();
    this.hearing.onEnd(how);
  }

  /** What is typed before the other end is there waits for it, as in any terminal. */
  send(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(frameText(CHANNEL.stdin, text));
    else if (!this.over && this.waiting.length + text.length <= WAITING_MAX) this.waiting += text;
  }

  resize(columns: number, rows: number): void {
    this.size = [columns, rows];
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(frameSize(columns, rows));
  }

  /** Ends it from this side; nothing is said any more. */
  close(): void {
    this.over = true;
    this.socket?.close();
  }
}
