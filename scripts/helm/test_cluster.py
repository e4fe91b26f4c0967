"""The charts on a real API server: it takes every object, and gives the agent what the chart says and nothing more."""

import copy
import json
import shutil
import unittest

import yaml

from charts import CHARTS, NAMESPACE, RELEASE, merged, of_kind, pod, render, rights, values_file, values_files
from cluster import Cluster, wait

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCOUNT = "dev-mc-agent"


def setUpModule():
    """One server for all of it, with what its controllers would have done."""
    global cluster
    cluster = Cluster()
    unittest.addModuleCleanup(cluster.stop)
    # This build of the server tells its clients no version, and helm would take it for one that is too old.
    shutil.copytree(CHARTS, cluster.dir / "charts")
    for about in (cluster.dir / "charts").glob("*/Chart.yaml"):
        about.write_text("".join(line for line in about.read_text().splitlines(True) if not line.startswith("kubeVersion:")))
    for namespace in (NAMESPACE, "shop"):
        cluster.must("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    # A controller gathers the rules of these roles; there is none.
    for role, parts in (("view", ["view"]), ("edit", ["view", "edit"])):
        found = cluster.must("GET", f"{RBAC}/clusterroles/{role}")
        found["rules"] = [rule for part in parts for rule in cluster.must("GET", f"{RBAC}/clusterroles/system:aggregate-to-{part}")["rules"]]
        cluster.must("PUT", f"{RBAC}/clusterroles/{role}", found)


def install(chart, values, *more):
    """Installs or upgrades a release."""
    return cluster.helm("upgrade", "--install", RELEASE[chart], cluster.dir / "charts" / chart, "--namespace", NAMESPACE, "--values", values, *more)


def uninstall(chart):
    """Takes a release away."""
    cluster.helm("uninstall", RELEASE[chart], "--namespace", NAMESPACE)
    # Volumes outlive a release; here they would be in the way of the next one.
    cluster.kubectl("delete", "persistentvolumeclaims", "--all", "--namespace", NAMESPACE, "--wait=false")


class Accepted(unittest.TestCase):
    def test_the_server_takes_every_object_as_it_is(self):
        for chart in RELEASE:
            for values in values_files(chart):
                with self.subTest(chart=chart, values=values.name):
                    objects = render(chart, values)
                    for budget in of_kind(objects, "PodDisruptionBudget"):
                        # This server is older than policy/v1.
                        budget["apiVersion"] = "policy/v1beta1"
                    self.assertEqual(self.refusal(objects), "")

    def refusal(self, objects):
        done = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "--namespace", NAMESPACE, "--filename=-", stdin=yaml.safe_dump_all(objects))
        return "" if done.returncode == 0 else done.stderr

    def test_what_is_misspelt_would_not_be_taken(self):
        objects = render("mc-agent", values_file("mc-agent", "least"))
        pod(objects)["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
        self.assertIn("readOnlyRootFileSystem", self.refusal(objects))

    def test_releases_come_change_and_go(self):
        for chart in RELEASE:
            for values in values_files(chart):
                with self.subTest(chart=chart, values=values.name):
                    install(chart, values)
            uninstall(chart)

    def test_the_budget_is_of_a_version_that_this_server_has(self):
        install("mission-control", values_file("mission-control", "postgresql"))
        budgets = cluster.must("GET", f"/apis/policy/v1beta1/namespaces/{NAMESPACE}/poddisruptionbudgets")["items"]
        uninstall("mission-control")
        self.assertEqual(len(budgets), 1)

    def test_volumes_outlive_their_release(self):
        claims = f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"
        install("mission-control", values_file("mission-control", "sqlite"))
        cluster.helm("uninstall", RELEASE["mission-control"], "--namespace", NAMESPACE)
        self.assertEqual([claim["metadata"]["name"] for claim in cluster.must("GET", claims)["items"]], ["central-mission-control"])
        # And the next release of that name takes it over, larger if asked.
        install("mission-control", values_file("mission-control", "sqlite"))
        uninstall("mission-control")


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install("mc-agent", values_file("mc-agent", "least"))
        cls.addClassCleanup(uninstall, "mc-agent")
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["https://kubernetes.default.svc"]}}
        answer = cluster.must("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token", request)
        cls.token = answer["status"]["token"]
        # What was stored takes effect a moment later.
        wait("the agent's role takes effect", lambda: cls.asked("GET", "/api/v1/nodes") == 200)
        wait("the roles' bindings take effect", lambda: cls.asked("GET", "/api/v1/secrets", user="olga", groups=["admin"]) == 200)
        cluster.must("POST", "/api/v1/namespaces/shop/secrets", {"metadata": {"name": "card"}})

    @classmethod
    def asked(cls, method, path, body=None, user=None, groups=(), extra=()):
        """What the server says to the agent, asking for somebody with these roles, as the agent does."""
        headers = [("Impersonate-User", user), ("Impersonate-Extra-mission-control%2frequest-id", "0192")] if user else []
        headers += [("Impersonate-Group", group if ":" in group else f"mission-control:{group}") for group in groups]
        headers += [(f"Impersonate-Extra-{key}", "all") for key in extra]
        return cluster.ask(method, path, body, token=cls.token, headers=headers)[0]

    def test_as_itself_it_counts_and_nothing_else(self):
        for path in ("/api/v1/nodes", *(f"/apis/apps/v1/{kind}" for kind in ("deployments", "statefulsets", "daemonsets"))):
            self.assertEqual(self.asked("GET", path), 200, path)
        self.assertEqual(self.asked("GET", "/version"), 200)
        for path in ("/api/v1/secrets", "/api/v1/pods", "/api/v1/configmaps", "/api/v1/nodes/one", "/apis/apps/v1/replicasets", f"{RBAC}/clusterroles"):
            self.assertEqual(self.asked("GET", path), 403, path)
        self.assertEqual(self.asked("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/mc-agent-join"), 403)
        self.assertEqual(self.asked("POST", "/api/v1/namespaces", {"metadata": {"name": "own"}}), 403)
        binding = {"metadata": {"name": "own"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}}
        self.assertEqual(self.asked("POST", f"{RBAC}/clusterrolebindings", binding), 403)

    def test_callers_have_what_their_role_gives(self):
        pods, secrets, nodes = "/api/v1/namespaces/shop/pods", "/api/v1/namespaces/shop/secrets", "/api/v1/nodes"
        for role, path, expected in (
            ("viewer", pods, 200), ("viewer", secrets, 403), ("viewer", nodes, 403),
            ("developer", pods, 200), ("developer", secrets, 200), ("developer", nodes, 403),
            ("operator", pods, 200), ("operator", secrets, 200), ("operator", nodes, 403),
            ("admin", pods, 200), ("admin", secrets, 200), ("admin", nodes, 200),
        ):
            self.assertEqual(self.asked("GET", path, user="olga", groups=[role]), expected, (role, path))
        for role, expected in (("viewer", 403), ("developer", 201), ("operator", 201), ("admin", 201)):
            made = self.asked("POST", "/api/v1/namespaces/shop/configmaps", {"metadata": {"name": role}}, user="olga", groups=[role])
            self.assertEqual(made, expected, role)
        # Several roles have what each has; one that the chart does not name shuts out whoever has it.
        many = "/api/v1/namespaces/shop/configmaps"
        self.assertEqual(self.asked("POST", many, {"metadata": {"name": "two"}}, user="olga", groups=["viewer", "developer"]), 201)
        self.assertEqual(self.asked("GET", many, user="olga", groups=["viewer", "k8s-shop"]), 403)
        # Without a role there is nothing.
        self.assertEqual(self.asked("GET", pods, user="olga"), 403)

    def test_it_may_be_nobody_of_the_systems_groups(self):
        pods = "/api/v1/namespaces/shop/pods"
        for group in ("system:masters", "system:nodes", "system:serviceaccounts", "mission-control:k8s-shop", "somebody:else"):
            self.assertEqual(self.asked("GET", pods, user="olga", groups=[group]), 403, group)
        self.assertEqual(self.asked("GET", pods, user=f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"), 403)
        self.assertEqual(self.asked("GET", pods, user="olga", groups=["viewer"], extra=["scopes"]), 403)
        # The same in the words of the access review.
        for what, expected in (("groups/system:masters", "no"), ("groups/mission-control:viewer", "yes"), ("serviceaccounts/default", "no")):
            resource, name = what.split("/")
            done = cluster.kubectl("auth", "can-i", "impersonate", f"{resource}/{name}", f"--as=system:serviceaccount:{NAMESPACE}:{ACCOUNT}")
            self.assertEqual(done.stdout.strip(), expected, what)

    def test_its_rights_are_the_chart_s_and_everybodys(self):
        """Everything the server says the account may do: nothing has come from elsewhere."""
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "shop"}}
        status, answer = cluster.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review, token=self.token)
        self.assertEqual(status, 201)
        may = rights(answer["status"]["resourceRules"])
        everybodys = {("authorization.k8s.io", f"selfsubject{kind}reviews", "create") for kind in ("access", "rules")}
        self.assertLessEqual(everybodys, may)
        (role,) = [found for found in render("mc-agent", values_file("mc-agent", "least")) if found["kind"] == "ClusterRole"]
        self.assertEqual(may - everybodys, rights(role["rules"]))


class Narrowed(unittest.TestCase):
    def test_users_can_be_named_too(self):
        values = yaml.safe_load(values_file("mc-agent", "least").read_text())
        narrowed = cluster.dir / "narrowed.json"
        narrowed.write_text(json.dumps(merged(copy.deepcopy(values), {"rbac": {"users": ["olga"], "roles": {"admin": None, "k8s-shop": "view"}}})))
        # `null` in values takes a default away: yaml has it, and the merge above does not.
        install("mc-agent", narrowed, "--set-json", "rbac.roles.admin=null")
        self.addCleanup(uninstall, "mc-agent")
        may = lambda what: cluster.kubectl("auth", "can-i", "impersonate", what, f"--as=system:serviceaccount:{NAMESPACE}:{ACCOUNT}").stdout.strip()
        wait("the narrowed role takes effect", lambda: may("users/olga") == "yes")
        self.assertEqual([may("users/piet"), may("users/system:kube-controller-manager")], ["no", "no"])
        self.assertEqual([may("groups/mission-control:admin"), may("groups/mission-control:k8s-shop")], ["no", "yes"])
        bindings = cluster.must("GET", f"{RBAC}/clusterrolebindings")["items"]
        ours = {found["roleRef"]["name"] for found in bindings if found["metadata"]["name"].startswith(f"{NAMESPACE}-")}
        self.assertEqual(ours, {f"{NAMESPACE}-{ACCOUNT}", "view", "edit"})


if __name__ == "__main__":
    unittest.main()
