"""The programs, started with the arguments and the configuration of the rendered pods: central, an agent that joins it, and joins again."""

import json
import os
import pathlib
import re
import ssl
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from charts import merged, only, pod, render, values_file, values_files
from cluster import Program, free_port, wait

import yaml

BIN = pathlib.Path(os.environ["MC_BIN_DIR"])
PASSWORD = "violet harbour sings 47 times"


def run(program, *arguments, stdin=None):
    """Runs a program of ours to its end, with nothing of this machine's."""
    return subprocess.run([BIN / program, *map(str, arguments)], env={}, input=stdin, capture_output=True, text=True, check=False, timeout=60)


class Pod:
    """A rendered pod with its folders somewhere else: arguments and configuration as they are, but for these and the ports."""

    def __init__(self, objects, folder, **ports):
        self.spec = pod(objects)
        self.dir = pathlib.Path(folder)
        ((name, text),) = only(objects, "ConfigMap")["data"].items()
        for port, here in ports.items():
            text = text.replace(f'"0.0.0.0:{port[1:]}"', f'"127.0.0.1:{here}"')
        (self.dir / "data").mkdir(mode=0o700)
        self.config = self.dir / name
        self.config.write_text(text)

    def arguments(self, container):
        """A container's arguments."""
        given = [re.sub(r"=/data$", f"={self.dir / 'data'}", text) for text in container["args"]]
        given = [re.sub(r"^--config=.*", f"--config={self.config}", text) for text in given]
        return [re.sub(r"^--token-file=.*", f"--token-file={self.dir / 'token'}", text) for text in given]


class Central:
    """Central as its chart starts it."""

    def __init__(self, folder):
        people, agents = free_port(), free_port()
        least = yaml.safe_load(values_file("mission-control", "sqlite").read_text())
        values = pathlib.Path(folder) / "values.json"
        values.write_text(json.dumps(merged(least, {"publicUrl": f"https://localhost:{people}", "agentAddress": f"localhost:{agents}"})))
        self.pod = Pod(render("mission-control", values), folder, _8443=people, _8444=agents)
        self.url = f"https://localhost:{people}"
        (container,) = self.pod.spec["containers"]
        self.probe = container["readinessProbe"]["httpGet"]["path"]
        self.program = Program([BIN / "mission-control", *self.pod.arguments(container)], self.pod.dir / "log")
        self.token = None

    def ready(self):
        """What the pod's probe asks."""
        self.program.check()
        try:
            return (self.pod.dir / "data" / "ca.pem").exists() and self.ask("GET", self.probe)["status"] == "ok"
        except (urllib.error.URLError, ssl.SSLError):
            return False

    def ask(self, method, path, body=None):
        """Sends a request, as the admin once there is one."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        request = urllib.request.Request(self.url + path, data=None if body is None else json.dumps(body).encode(), method=method, headers=headers)
        context = ssl.create_default_context(cafile=str(self.pod.dir / "data" / "ca.pem"))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        with opener.open(request, timeout=20) as answer:
            return json.load(answer)


class Programs(unittest.TestCase):
    def folder(self):
        made = tempfile.TemporaryDirectory(prefix="helm-")
        self.addCleanup(made.cleanup)
        return made.name

    def test_central_takes_every_rendered_configuration(self):
        for values in values_files("mission-control"):
            with self.subTest(values=values.name):
                folder = self.folder()
                rendered = Pod(render("mission-control", values), folder)
                # The program reads this file when it checks.
                authority = "/etc/mission-control/mail/ca.pem"
                rendered.config.write_text(rendered.config.read_text().replace(authority, os.devnull))
                done = run("mission-control", "config", "check", "--data-dir", folder, "--config", rendered.config)
                self.assertEqual((done.returncode, done.stdout.strip()), (0, "the configuration is valid"), done.stderr)

    def test_the_agent_takes_every_rendered_configuration(self):
        for values in values_files("mc-agent"):
            with self.subTest(values=values.name):
                folder = self.folder()
                done = run("mc-agent", "check", "--data-dir", folder, "--config", Pod(render("mc-agent", values), folder).config)
                self.assertRegex(done.stdout, r"(?m)^ok +configuration ", done.stdout + done.stderr)

    def test_an_agent_joins_once_and_is_online(self):
        central = Central(self.folder())
        self.addCleanup(central.program.stop)
        wait("central is ready", central.ready)
        place = ["--data-dir", central.pod.dir / "data", "--config", central.pod.config]
        done = run("mission-control", "user", "add", *place, "--username", "olga", "--role", "admin", "--password-stdin", stdin=PASSWORD)
        self.assertEqual(done.returncode, 0, done.stderr)
        central.token = central.ask("POST", "/api/v1/auth/login", {"username": "olga", "password": PASSWORD})["access_token"]
        made = central.ask("POST", "/api/v1/join-tokens", {"tags": []})

        folder = pathlib.Path(self.folder())
        values = folder / "values.json"
        least = yaml.safe_load(values_file("mc-agent", "least").read_text())
        values.write_text(json.dumps(merged(least, {"central": {"server": made["server"], "caPin": made["ca_pin"]}, "join": {"tags": ["test"]}})))
        agent = Pod(render("mc-agent", values), folder)
        (joining,), (running,) = agent.spec["initContainers"], agent.spec["containers"]
        # Without a token there is no agent, and it says why.
        done = run("mc-agent", *agent.arguments(joining))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot read the token", done.stderr)
        (agent.dir / "token").write_text(made["token"])
        done = run("mc-agent", *agent.arguments(joining))
        self.assertEqual(done.returncode, 0, done.stderr)
        # The next start: the token is used up, and its Secret may be gone.
        (agent.dir / "token").unlink()
        done = run("mc-agent", *agent.arguments(joining))
        self.assertEqual(done.returncode, 0, done.stderr)

        program = Program([BIN / "mc-agent", *agent.arguments(running)], agent.dir / "log")
        self.addCleanup(program.stop)

        def online():
            program.check()
            return [found for found in central.ask("GET", "/api/v1/agents")["items"] if found["status"] == "online"]

        (found,) = wait("the agent is online", online)
        self.assertEqual((found["name"], found["tags"]), ("dev", ["test"]))


if __name__ == "__main__":
    unittest.main()
