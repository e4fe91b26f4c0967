"""What the charts render: lint, Pod Security, rights, ports, and what the schemas refuse."""

import json
import re
import unittest

import yaml

from charts import CHARTS, NAMESPACE, RELEASE, ROOT, containers, helm, of_kind, only, pod, refused, render, rights, values_file, values_files

# What Pod Security's profile `restricted` admits.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
BUILT_IN_ROLES = ["viewer", "developer", "operator", "admin"]


def everything():
    """Every chart with every set of values."""
    return [(chart, values) for chart in RELEASE for values in values_files(chart)]


def config_keys():
    """Keys by section of docs/configuration.md, commented ones too."""
    text = (ROOT / "docs" / "configuration.md").read_text().split("```toml\n")[1].split("```")[0]
    found, section = {}, None
    for line in text.splitlines():
        if head := re.match(r"\[(\w+)\]", line):
            section = found.setdefault(head[1], set())
        elif key := re.match(r"#?(\w+) = ", line):
            section.add(key[1])
    return found


class Rendered(unittest.TestCase):
    def test_lint(self):
        for chart, values in everything():
            with self.subTest(chart=chart, values=values.name):
                helm("lint", "--strict", CHARTS / chart, "--values", values)

    def test_what_must_be_said_is_asked_for(self):
        for chart, words in (("mission-control", "publicUrl"), ("mc-agent", "cluster")):
            done = helm("template", "x", CHARTS / chart, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)

    def test_pods_meet_pod_security_restricted(self):
        for chart, values in everything():
            with self.subTest(chart=chart, values=values.name):
                spec = pod(render(chart, values))
                for flag in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
                    self.assertNotIn(flag, spec)
                whole = spec["securityContext"]
                self.assertIs(whole["runAsNonRoot"], True)
                self.assertGreaterEqual(whole["runAsUser"], 10000)
                self.assertEqual(whole["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertFalse({"sysctls", "supplementalGroups"} & whole.keys())
                for volume in spec["volumes"]:
                    self.assertEqual(len(volume), 2, volume)
                    self.assertLessEqual(volume.keys() - {"name"}, VOLUMES)
                for container in containers(spec):
                    own = container["securityContext"]
                    self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                    self.assertIs(own["allowPrivilegeEscalation"], False)
                    self.assertIs(own["privileged"], False)
                    self.assertIs(own["readOnlyRootFilesystem"], True)
                    self.assertIs(own["runAsNonRoot"], True)
                    self.assertNotIn("runAsUser", own)
                    self.assertIn("memory", container["resources"]["limits"])
                    self.assertFalse([port for port in container.get("ports", []) if "hostPort" in port])
                    # With a root that cannot be written to, these must be somewhere.
                    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
                    self.assertLessEqual({"/data", "/tmp"}, mounted)

    def test_everything_is_of_its_release_and_namespace(self):
        for chart, values in everything():
            for found in render(chart, values):
                labels = found["metadata"]["labels"]
                self.assertEqual(labels["app.kubernetes.io/instance"], RELEASE[chart])
                self.assertEqual(labels["app.kubernetes.io/version"], self.version())

    def test_the_charts_are_of_this_version(self):
        for chart in RELEASE:
            about = yaml.safe_load((CHARTS / chart / "Chart.yaml").read_text())
            self.assertEqual(about["appVersion"], self.version())

    def version(self):
        return re.search(r'\[workspace\.package\]\nversion = "(.*)"', (ROOT / "Cargo.toml").read_text())[1]

    def test_selectors_find_the_pod(self):
        for chart, values in everything():
            objects = render(chart, values)
            labels = only(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
            selectors = [only(objects, "StatefulSet")["spec"]["selector"]["matchLabels"]]
            selectors += [service["spec"]["selector"] for service in of_kind(objects, "Service")]
            for kind, key in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
                selectors += [found["spec"][key]["matchLabels"] for found in of_kind(objects, kind)]
            for selector in selectors:
                self.assertTrue(selector and selector.items() <= labels.items(), selector)

    def test_every_value_is_explained(self):
        for chart in RELEASE:
            schema = json.loads((CHARTS / chart / "values.schema.json").read_text())
            table = [line for line in (CHARTS / chart / "README.md").read_text().splitlines() if line.startswith("|")]
            explained = set(re.findall(r"`(\w+)", "".join(line.split("|")[1] for line in table)))
            self.assertEqual(schema["properties"].keys() - {"global"}, explained)
            defaults = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())
            self.assertEqual(defaults.keys(), explained)

    def test_no_secret_is_made_or_shown(self):
        for chart, values in everything():
            self.assertFalse(of_kind(render(chart, values), "Secret"))


class Central(unittest.TestCase):
    chart = "mission-control"

    def render(self, values):
        return render(self.chart, values_file(self.chart, values))

    def environment(self, objects):
        return {entry["name"]: entry for entry in pod(objects)["containers"][0]["env"]}

    def test_the_least_is_sqlite_without_any_secret(self):
        objects = self.render("sqlite")
        self.assertEqual(set(self.environment(objects)), {"MC_DATA_DIR", "MC_CONFIG_FILE"})
        self.assertFalse([volume for volume in pod(objects)["volumes"] if "secret" in volume])
        self.assertEqual(only(objects, "PersistentVolumeClaim")["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        self.assertFalse(of_kind(objects, "Ingress") + of_kind(objects, "PodDisruptionBudget"))

    def test_secrets_come_by_reference(self):
        objects = self.render("postgresql")
        given = self.environment(objects)
        for name, secret in (("DATABASE_URL", "database"), ("MC_SMTP_URL", "mail"), ("MC_SEAL_KEY", "keys")):
            self.assertEqual(given[name]["valueFrom"]["secretKeyRef"]["name"], f"mission-control-{secret}")
        self.assertEqual(only(objects, "StatefulSet")["spec"]["replicas"], 1)
        text = only(objects, "ConfigMap")["data"]["mission-control.toml"]
        mounts = {mount["mountPath"] for mount in pod(objects)["containers"][0]["volumeMounts"]}
        for file in re.findall(r'"(/etc/[^"]+)/[^/"]+"', text):
            self.assertIn(file, mounts)

    def test_nobody_asks_the_api_server(self):
        for values in values_files(self.chart):
            objects = render(self.chart, values)
            self.assertIs(pod(objects)["automountServiceAccountToken"], False)
            self.assertFalse([found for found in objects if found["apiVersion"].startswith("rbac")])
            for account in of_kind(objects, "ServiceAccount"):
                self.assertIs(account["automountServiceAccountToken"], False)

    def test_only_two_ports_are_open(self):
        for values in ("sqlite", "postgresql", "ingress"):
            objects = self.render(values)
            policy = only(objects, "NetworkPolicy")["spec"]
            self.assertEqual(policy["policyTypes"], ["Ingress", "Egress"])
            self.assertEqual([rule["ports"] for rule in policy["ingress"]], [[{"port": port, "protocol": "TCP"}] for port in (8443, 8444)])
            ports = [port["containerPort"] for port in pod(objects)["containers"][0]["ports"]]
            self.assertEqual(ports, [8443, 8444])

    def out(self, values):
        rules = only(self.render(values), "NetworkPolicy")["spec"]["egress"]
        return {port["port"] for rule in rules for port in rule["ports"]}

    def test_only_what_is_used_is_open_outwards(self):
        self.assertEqual(self.out("sqlite"), {53, 443})
        self.assertEqual(self.out("postgresql"), {53, 443, 5432, 465, 587})
        self.assertEqual(self.out("ingress"), {53})

    def test_services_lead_to_ports_that_are_there(self):
        for values in values_files(self.chart):
            objects = render(self.chart, values)
            names = {port["name"] for port in pod(objects)["containers"][0]["ports"]}
            services = of_kind(objects, "Service")
            self.assertEqual({service["spec"]["ports"][0]["targetPort"] for service in services}, names)
            for ingress in of_kind(objects, "Ingress"):
                backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
                (service,) = [service for service in services if service["metadata"]["name"] == backend["name"]]
                self.assertEqual(service["spec"]["ports"][0]["name"], backend["port"]["name"])

    def test_probes_ask_over_https(self):
        container = pod(self.render("sqlite"))["containers"][0]
        asked = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
        self.assertEqual({probe["scheme"] for probe in asked.values()}, {"HTTPS"})
        self.assertEqual(asked["livenessProbe"]["path"], "/healthz")
        self.assertEqual(asked["readinessProbe"]["path"], "/readyz")

    def test_another_configuration_is_another_pod(self):
        def mark(*more):
            objects = render(self.chart, values_file(self.chart, "sqlite"), *more)
            return only(objects, "StatefulSet")["spec"]["template"]["metadata"]["annotations"]["checksum/config"]

        self.assertEqual(mark(), mark())
        self.assertNotEqual(mark(), mark("--set", "config.log.filter=debug"))

    def test_what_is_off_is_not_there(self):
        objects = self.render("bare")
        self.assertEqual({found["kind"] for found in objects}, {"ConfigMap", "Service", "StatefulSet"})
        self.assertEqual(only(objects, "StatefulSet")["spec"]["replicas"], 0)
        self.assertEqual(pod(objects)["serviceAccountName"], "default")

    def test_the_budget_is_of_the_version_that_the_server_has(self):
        file = values_file(self.chart, "postgresql")
        self.assertEqual(only(render(self.chart, file), "PodDisruptionBudget")["apiVersion"], "policy/v1")

    def test_the_schema_knows_the_programs_keys(self):
        """Every documented key is the schema's, or decided by the chart, or a secret; and the schema has no other."""
        schema = json.loads((CHARTS / self.chart / "values.schema.json").read_text())
        sections = schema["properties"]["config"]["properties"]
        elsewhere = {
            "http": {"listen", "public_url", "tls_cert", "tls_key", "redirect"},
            "agents": {"listen", "address"},
            "database": {"url"},
            "auth": {"jwt_key_file", "seal_key"},
            "audit": {"mirror_webhook"},
            "mail": {"smtp_url", "smtp_url_file"},
        }
        for section, documented in config_keys().items():
            known = set(sections.get(section, {}).get("properties", {}))
            self.assertEqual(documented - elsewhere.get(section, set()), known, section)

    def test_what_the_schema_refuses(self):
        self.assertIsNone(refused(self.chart, {}))
        for changes in (
            {"publicUrl": "http://mission.example.com"},
            {"publicUrl": 8443},
            {"publicUrl": None},
            {"replicas": 2},
            {"replicas": "1"},
            {"replica": 1},
            {"config": {"http": {"listen": "0.0.0.0:1"}}},
            {"config": {"database": {"url": "postgres://u:p@h/d"}}},
            {"config": {"mail": {"smtp_url": "smtp://u:p@h"}}},
            {"config": {"agents": {"heartbeat": 30}}},
            {"config": {"log": {"format": "xml"}}},
            {"secrets": {"database": {"url": "postgres://u:p@h/d"}}},
            {"secrets": {"database": {"existingSecret": "Bad Name"}}},
            {"service": {"people": {"type": "ExternalName"}}},
            {"service": {"people": {"port": 0}}},
            {"persistence": {"size": "lots"}},
            {"persistence": {"enabled": "yes"}},
            {"image": {"digest": "latest"}},
            {"extraVolumes": [{"name": "host", "hostPath": {"path": "/"}}]},
            {"networkPolicy": {"peopleFrom": [{"ip": "192.0.2.1"}]}},
            {"podSecurityContext": {"runAsUser": 0}},
        ):
            with self.subTest(changes=changes):
                self.assertIsNotNone(refused(self.chart, changes))


class Agent(unittest.TestCase):
    chart = "mc-agent"

    def render(self, values):
        return render(self.chart, values_file(self.chart, values))

    def test_its_own_rights_are_to_be_somebody_else_and_to_count(self):
        for values in ("least", "full"):
            rules = only(self.render(values), "ClusterRole")["rules"]
            for rule in rules:
                self.assertEqual(rule.keys() - {"resourceNames"}, {"apiGroups", "resources", "verbs"})
                self.assertNotIn("*", json.dumps(rule))
            self.assertEqual(
                rights(rules),
                {("", "users", "impersonate"), ("", "groups", "impersonate")}
                | {("authentication.k8s.io", "userextras/mission-control/request-id", "impersonate"), ("", "nodes", "list")}
                | {("apps", kind, "list") for kind in ("deployments", "statefulsets", "daemonsets")},
            )

    def groups(self, values):
        rules = only(self.render(values), "ClusterRole")["rules"]
        (rule,) = [rule for rule in rules if rule["resources"] == ["groups"]]
        return set(rule["resourceNames"])

    def test_groups_are_named_one_by_one(self):
        self.assertEqual(self.groups("least"), {f"mission-control:{role}" for role in BUILT_IN_ROLES})
        roles = ("viewer", "developer", "operator", "k8s-prod")
        self.assertEqual(self.groups("full"), {f"mission-control:{role}" for role in roles} | {"auditors"})

    def test_the_reports_and_the_names_are_the_programs_own(self):
        source = (ROOT / "crates" / "agent" / "src" / "capabilities" / "cluster.rs").read_text()
        read = set(re.findall(r'"/api(?:s/apps)?/v1/(\w+)"', source))
        rules = only(self.render("least"), "ClusterRole")["rules"]
        self.assertEqual(read, {resource for rule in rules if rule["verbs"] == ["list"] for resource in rule["resources"]})
        door = (ROOT / "crates" / "app" / "src" / "kube" / "door.rs").read_text()
        self.assertIn('GROUP_PREFIX: &str = "mission-control:"', door)
        self.assertIn('CORRELATION: &str = "mission-control/request-id"', door)
        roles = (ROOT / "crates" / "domain" / "src" / "role.rs").read_text()
        self.assertEqual(re.findall(r'Self::\w+ => "(\w+)"', roles), BUILT_IN_ROLES)

    def bound(self, values):
        bindings = of_kind(self.render(values), "ClusterRoleBinding")
        return {(subject["kind"], subject["name"], binding["roleRef"]["name"]) for binding in bindings for subject in binding["subjects"]}

    def test_bindings(self):
        own = ("ServiceAccount", "dev-mc-agent", f"{NAMESPACE}-dev-mc-agent")
        group = lambda role, bound: ("Group", f"mission-control:{role}", bound)
        self.assertEqual(
            self.bound("least"),
            {own, group("viewer", "view"), group("developer", "edit"), group("operator", "edit"), group("admin", "cluster-admin")},
        )
        self.assertEqual(self.bound("full"), {own, group("viewer", "view"), group("developer", "edit"), group("k8s-prod", "view")})
        self.assertEqual(self.bound("bare"), set())

    def test_nothing_comes_in(self):
        for values in ("least", "full"):
            policy = only(self.render(values), "NetworkPolicy")["spec"]
            self.assertIn("Ingress", policy["policyTypes"])
            self.assertNotIn("ingress", policy)
        for values in values_files(self.chart):
            objects = render(self.chart, values)
            self.assertFalse(of_kind(objects, "Service") + of_kind(objects, "Ingress"))
            self.assertFalse([container for container in containers(pod(objects)) if "ports" in container])

    def out(self, values):
        rules = only(self.render(values), "NetworkPolicy")["spec"]["egress"]
        return [[port["port"] for port in rule["ports"]] for rule in rules]

    def test_out_go_names_the_api_server_and_central(self):
        self.assertEqual(self.out("least"), [[53, 53], [443, 6443], [8444]])
        self.assertEqual(self.out("full"), [[53, 53], [6443], [30844]])
        rules = only(self.render("full"), "NetworkPolicy")["spec"]["egress"]
        self.assertTrue(all("to" in rule for rule in rules))

    def test_the_token_is_joinings_only_and_may_go(self):
        for values in values_files(self.chart):
            spec = pod(render(self.chart, values))
            (volume,) = [volume for volume in spec["volumes"] if volume["name"] == "join"]
            self.assertIs(volume["secret"]["optional"], True)
            (joining,), (running,) = spec["initContainers"], spec["containers"]
            self.assertIn("--unless-joined", joining["args"])
            self.assertIn("join", [mount["name"] for mount in joining["volumeMounts"]])
            self.assertNotIn("join", [mount["name"] for mount in running["volumeMounts"]])

    def test_what_the_schema_refuses(self):
        self.assertIsNone(refused(self.chart, {}))
        for changes in (
            {"cluster": "Dev Cluster"},
            {"cluster": None},
            {"central": {"server": "mission.example.com"}},
            {"central": {"caPin": "sha256:abc"}},
            {"central": {"token": "mcjt_x"}},
            {"join": {"token": "mcjt_x"}},
            {"allow": {"kubernetes": ["everything"]}},
            {"allow": {"shell": True}},
            {"allow": {"actions": "check"}},
            {"rbac": {"extraGroups": ["system:masters"]}},
            {"rbac": {"users": ["system:kube-controller-manager"]}},
            {"rbac": {"roles": {"Admin": "view"}}},
            {"rbac": {"roles": {"admin": True}}},
            {"rbac": {"rules": []}},
            {"spool": {"maxMb": 0}},
            {"persistence": {"enabled": False}},
            {"replicas": 2},
            {"networkPolicy": {"apiServerPorts": ["https"]}},
        ):
            with self.subTest(changes=changes):
                self.assertIsNotNone(refused(self.chart, changes))


if __name__ == "__main__":
    unittest.main()
