// The pages of clusters in both themes, wide and narrow: axe finds nothing, nothing is wider than the window, nothing complains.
import { CLUSTER, clusterIn } from "../support/cluster";
import type { Kube } from "../support/kube";
import { expectGoodLooks, LOOKS, type View } from "../support/looks";
import { complaints, expect, test } from "../support/test";

test.use({ houseOf: "clusters-looks" });
const at = (query: string) => `/clusters/${CLUSTER}?${query}`;

const VIEWS: readonly View[] = [
  ["clusters", "/clusters", "1 of 2 nodes not ready"],
  ["adding one", "/clusters?new=1", "helm install"],
  ["overview", at(""), "BackOff"],
  ["pods", at("tab=resources"), "cart-58c4-w9x2d"],
  ["custom resources", at("tab=resources&kind=crontabs.stable.example.com"), "nightly"],
  ["nothing there", at("tab=resources&kind=cronjobs.batch"), "No cron jobs"],
  ["a pod", at("tab=resources&object=shop/cart-58c4-w9x2d"), "Conditions"],
  ["a deployment", at("tab=resources&kind=deployments.apps&object=shop/web"), "3 of 3 ready"],
  ["a node", at("tab=resources&kind=nodes&object=worker-1"), "Debian GNU/Linux"],
  ["YAML", at("tab=resources&kind=configmaps&object=shop/settings&view=yaml"), "greeting"],
  ["a log", at("tab=resources&object=shop/cart-58c4-6bb8j&view=logs"), "listens on 8080"],
  ["what is gone", at("tab=resources&object=shop/nobody"), "It is gone"],
  ["console", at("tab=console"), "kubectl in dev"],
  ["no such cluster", "/clusters/none", "There is no cluster none"],
];

let kube: Kube;
test.beforeAll(async ({ house }) => {
  kube = await clusterIn(house);
});
test.afterAll(() => kube?.end());

for (const look of LOOKS) {
  test(`is accessible and fits, ${look.theme}, ${look.width} pixels`, async ({ admin: page, house }) => {
    test.setTimeout(600_000);
    const heard = complaints(page);
    await expectGoodLooks(page, house, look, VIEWS);
    expect(heard).toEqual([]);
  });
}
