// A real Kubernetes API server with its etcd, for one test file: the programs that scripts/peers/kubernetes.sh installed, in a temporary
// directory and on free ports. It has no controllers; its one node is a kubelet of our own that has logs and shells (see kubelet.ts).
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, stopProcess } from "./house";
import { Kubelet } from "./kubelet";
import { ROOT } from "./programs";

const ADMIN = "admin";
const AGENT = "mission-control-agent";
export const NODE = "worker-1";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";

interface Credential {
  cert: string;
  key: string;
}

type Json = Record<string, unknown>;

/** Where the programs are; installs them where they are missing, which takes long once. */
function programs(): Record<"KUBE_APISERVER" | "KUBE_ETCD" | "KUBECTL", string> {
  const said = execFileSync(join(ROOT, "scripts", "peers", "kubernetes.sh"), { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return Object.fromEntries(said.trim().split("\n").map((line) => line.split(/=(.*)/).slice(0, 2))) as ReturnType<typeof programs>;
}

export class Kube {
  readonly dir = mkdtempSync(join(tmpdir(), "mc-kube-"));
  private readonly children: ChildProcess[] = [];
  private kubelet: Kubelet | null = null;

  private constructor(readonly port: number) {}

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<Kube> {
    const kube = new Kube(await freePort());
    const { KUBE_APISERVER, KUBE_ETCD } = programs();
    kube.certificates();
    const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    kube.run(KUBE_ETCD, [
      ...["--data-dir", join(kube.dir, "etcd")],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      `--initial-cluster=default=${peer}`,
    ]);
    const file = (name: string) => join(kube.dir, name);
    kube.run(KUBE_APISERVER, [
      `--etcd-servers=${client}`,
      `--secure-port=${kube.port}`,
      ...["--client-ca-file", file("ca.crt"), "--tls-cert-file", file("server.crt"), "--tls-private-key-file", file("server.key")],
      ...["--service-account-key-file", file("server.crt"), "--service-account-signing-key-file", file("server.key")],
      ...["--cert-dir", file("certificates")],
      "--bind-address=127.0.0.1",
      // Nobody reaches it by this address; without one it looks for a way to the internet.
      "--advertise-address=192.0.2.1",
      "--endpoint-reconciler-type=none",
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-cluster-ip-range=10.0.0.0/24",
      // Nobody makes the accounts that pods would need.
      "--disable-admission-plugins=ServiceAccount",
      "--allow-privileged=true",
      "--profiling=false",
    ]);
    await kube.ready();
    await kube.permissions();
    kube.kubelet = await Kubelet.start(kube.credential("server"));
    await kube.node(NODE, kube.kubelet.port);
    return kube;
  }

  private run(program: string, args: string[]): void {
    const log = createWriteStream(join(this.dir, "programs.log"), { flags: "a" });
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { HOME: this.dir } });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.children.push(child);
  }

  /** An authority, the server's certificate, and those by which its clients say who they are. */
  private certificates(): void {
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: this.dir, stdio: ["ignore", "ignore", "pipe"] });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test cluster");
    const issue = (name: string, subject: string, extensions: string) => {
      writeFileSync(join(this.dir, `${name}.ext`), extensions);
      openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
      const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`];
      openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
    };
    issue("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n");
    issue(ADMIN, `/O=system:masters/CN=${ADMIN}`, "extendedKeyUsage=clientAuth\n");
    issue(AGENT, `/CN=${AGENT}`, "extendedKeyUsage=clientAuth\n");
  }

  private credential(name: string): Credential {
    return { cert: readFileSync(join(this.dir, `${name}.crt`), "utf8"), key: readFileSync(join(this.dir, `${name}.key`), "utf8") };
  }

  private async ready(): Promise<void> {
    const limit = Date.now() + 120_000;
    while (Date.now() < limit) {
      if (this.children.some((child) => child.exitCode !== null)) break;
      if (await this.send("GET", "/readyz").then(() => true, () => false)) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the API server is not ready: ${readFileSync(join(this.dir, "programs.log"), "utf8").slice(-4_000)}`);
  }

  /** The agent may only be somebody else and read what it reports; who has one of our roles may do there what the door lets through. */
  private async permissions(): Promise<void> {
    const role = (name: string, rules: Json[]) =>
      this.create(`${RBAC}/clusterroles`, { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules });
    const bind = (name: string, clusterRole: string, subject: Json) =>
      this.create(`${RBAC}/clusterrolebindings`, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", ...subject }],
      });
    await role(AGENT, [
      { apiGroups: [""], resources: ["users", "groups", "serviceaccounts"], verbs: ["impersonate"] },
      { apiGroups: ["authentication.k8s.io"], resources: ["userextras/*"], verbs: ["impersonate"] },
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
      { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets"], verbs: ["get", "list", "watch"] },
    ]);
    await bind(AGENT, AGENT, { kind: "User", name: AGENT });
    await bind("people", "cluster-admin", { kind: "Group", name: "system:authenticated" });
  }

  /** The kubeconfig of the agent. */
  kubeconfig(): string {
    const base64 = (name: string) => readFileSync(join(this.dir, name)).toString("base64");
    const path = join(this.dir, "agent.kubeconfig");
    writeFileSync(
      path,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "test",
        clusters: [{ name: "test", cluster: { server: this.url, "certificate-authority-data": base64("ca.crt") } }],
        users: [{ name: AGENT, user: { "client-certificate-data": base64(`${AGENT}.crt`), "client-key-data": base64(`${AGENT}.key`) } }],
        contexts: [{ name: "test", context: { cluster: "test", user: AGENT } }],
      }),
    );
    return path;
  }

  /** Speaks to the API server itself, as who may do everything. */
  async send<T = Json>(method: string, path: string, body?: unknown, kind = "application/json"): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((done, fail) => {
      const sent = request(
        `${this.url}${path}`,
        { method, rejectUnauthorized: false, ...this.credential(ADMIN), headers: text === undefined ? {} : { "content-type": kind } },
        (response) => {
          let answer = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            answer += part;
          });
          response.on("end", () => {
            if ((response.statusCode ?? 500) >= 400) fail(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
            else done((answer.startsWith("{") ? JSON.parse(answer) : answer) as T);
          });
        },
      );
      sent.on("error", fail);
      sent.end(text);
    });
  }

  create(path: string, object: Json): Promise<Json> {
    return this.send("POST", path, object);
  }

  patch(path: string, change: Json): Promise<Json> {
    return this.send("PATCH", path, change, "application/merge-patch+json");
  }

  async node(name: string, kubeletPort: number, ready = true): Promise<void> {
    await this.create("/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "node-role.kubernetes.io/worker": "" } } });
    const version = "v1.20.2";
    await this.patch(`/api/v1/nodes/${name}/status`, {
      status: {
        conditions: [{ type: "Ready", status: ready ? "True" : "False", reason: ready ? "KubeletReady" : "KubeletNotReady", message: "" }],
        addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
        capacity: { cpu: "4", memory: "8Gi", pods: "110" },
        allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
        daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
        nodeInfo: {
          ...{ kubeletVersion: version, kubeProxyVersion: version, osImage: "Debian GNU/Linux", architecture: "amd64", operatingSystem: "linux" },
          ...{ machineID: "", systemUUID: "", bootID: "", kernelVersion: "", containerRuntimeVersion: "containerd://1.4.3" },
        },
      },
    });
    // Without a node controller nobody takes away the mark that a node is new.
    await this.patch(`/api/v1/nodes/${name}`, { spec: { taints: null } });
  }

  async namespace(name: string): Promise<void> {
    await this.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  /** A pod on our node, as its kubelet would report it. */
  async pod(namespace: string, name: string, more: { labels?: Json; state?: Json; containers?: string[]; owner?: Json; restarts?: number } = {}): Promise<void> {
    const containers = more.containers ?? ["main"];
    const state = more.state ?? { running: { startedAt: new Date().toISOString() } };
    const running = "running" in state;
    await this.create(`/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: more.labels ?? {}, ...(more.owner ? { ownerReferences: [more.owner] } : {}) },
      spec: { nodeName: NODE, containers: containers.map((each) => ({ name: each, image: `registry.test/${each}:1.4.2` })) },
    });
    await this.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      status: {
        phase: running || "waiting" in state ? "Running" : "Succeeded",
        podIP: "10.1.0.7",
        conditions: [
          { type: "Ready", status: running ? "True" : "False", ...(running ? {} : { reason: "ContainersNotReady", message: "containers with unready status: [main]" }) },
          { type: "PodScheduled", status: "True" },
        ],
        containerStatuses: containers.map((each) => ({
          ...{ name: each, ready: running, restartCount: more.restarts ?? 0, image: `registry.test/${each}:1.4.2`, imageID: "", state },
        })),
      },
    });
  }

  /** A deployment that says it has so many ready. */
  async deployment(namespace: string, name: string, replicas: number, ready = replicas): Promise<string> {
    const labels = { app: name };
    const made = await this.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "registry.test/main:1.4.2" }] } },
      },
    });
    await this.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`, {
      status: { observedGeneration: 1, replicas, readyReplicas: ready, availableReplicas: ready, updatedReplicas: replicas },
    });
    return (made.metadata as { uid: string }).uid;
  }

  async event(namespace: string, about: Json, reason: string, message: string, type = "Warning"): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    await this.create(`/api/v1/namespaces/${namespace}/events`, {
      ...{ apiVersion: "v1", kind: "Event", metadata: { generateName: "event-", namespace }, involvedObject: about },
      ...{ reason, message, type, count: 3, firstTimestamp: now, lastTimestamp: now, source: { component: "kubelet" } },
    });
  }

  /** A kind of its own, with two printed columns, and waits until it is served. */
  async kind(group: string, plural: string, kind: string): Promise<void> {
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } } };
    const columns = [{ name: "Schedule", type: "string", jsonPath: ".spec.schedule" }];
    await this.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        ...{ group, scope: "Namespaced", names: { plural, kind, singular: kind.toLowerCase(), shortNames: ["ct"] } },
        versions: [{ name: "v1", served: true, storage: true, schema, additionalPrinterColumns: columns }],
      },
    });
    while (!(await this.send("GET", `/apis/${group}/v1/${plural}`).then(() => true, () => false))) await new Promise((done) => setTimeout(done, 100));
  }

  /** Ends everything and removes every trace. */
  async end(): Promise<void> {
    await this.kubelet?.end();
    for (const child of this.children.reverse()) await stopProcess(child, "SIGTERM");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** What the file of the agent beside it says of the cluster. */
export function kubeAgentConfig(kube: Kube, cluster: string, allow: readonly string[] = ["read", "write", "connect", "kubectl"]): string {
  const { KUBECTL } = programs();
  const at = `[kubernetes]\ncluster = "${cluster}"\nkubeconfig = "${kube.kubeconfig()}"\nkubectl = "${KUBECTL}"\n`;
  return `${at}[allow]\nkubernetes = ${JSON.stringify(allow)}\n`;
}
