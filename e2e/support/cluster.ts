// A cluster full of things to look at, and the agent that brings it to a house.
import type { House } from "./house";
import { Kube, kubeAgentConfig } from "./kube";

export const CLUSTER = "dev";

/** Starts an API server with some life in it, and an agent beside it; waits until the house knows the cluster. */
export async function clusterIn(house: House, allow?: readonly string[]): Promise<Kube> {
  const kube = await Kube.start();
  await furnish(kube);
  await house.agent("dev-cluster", { config: kubeAgentConfig(kube, CLUSTER, allow), tags: ["dev"] });
  for (;;) {
    const { status, body } = await house.call<{ status: string }>("GET", `/clusters/${CLUSTER}`);
    if (status === 200 && body.status !== "offline" && body.status !== "unreachable") return kube;
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function furnish(kube: Kube): Promise<void> {
  for (const name of ["shop", "billing"]) await kube.namespace(name);
  await kube.node("worker-2", 1, false);
  const uid = await kube.deployment("shop", "web", 3);
  await kube.deployment("shop", "cart", 2, 1);
  await kube.deployment("billing", "ledger", 1);
  const set = await kube.create("/apis/apps/v1/namespaces/shop/replicasets", {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web-7d9f", labels: { app: "web" }, ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid, controller: true }] },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "registry.test/main:1.4.2" }] } },
    },
  });
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-7d9f", uid: (set.metadata as { uid: string }).uid, controller: true };
  for (const end of ["2xk4p", "8vqmc", "zt6hn"]) await kube.pod("shop", `web-7d9f-${end}`, { labels: { app: "web", tier: "front" }, owner });
  await kube.pod("shop", "cart-58c4-6bb8j", { labels: { app: "cart" }, containers: ["main", "proxy"] });
  await kube.pod("shop", "cart-58c4-w9x2d", {
    labels: { app: "cart" },
    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } },
    restarts: 7,
  });
  await kube.pod("billing", "ledger-0", { labels: { app: "ledger" } });
  await kube.event("shop", { kind: "Pod", namespace: "shop", name: "cart-58c4-w9x2d" }, "BackOff", "Back-off restarting failed container main in pod cart-58c4-w9x2d");
  await kube.create("/api/v1/namespaces/shop/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings" },
    data: { "app.yaml": "greeting: hello\nitems:\n  - one\n  - two\n", color: "blue" },
  });
  await kube.create("/api/v1/namespaces/shop/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  });
  await kube.kind("stable.example.com", "crontabs", "CronTab");
  await kube.create("/apis/stable.example.com/v1/namespaces/billing/crontabs", {
    apiVersion: "stable.example.com/v1",
    kind: "CronTab",
    metadata: { name: "nightly" },
    spec: { schedule: "0 3 * * *" },
  });
}
