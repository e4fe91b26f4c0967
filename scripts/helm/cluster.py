"""A real API server with its etcd: on free ports of the loopback, in a folder of its own, gone at the end. It has no controllers."""

import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time

import charts

READY_WITHIN = 60


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wait(what, seen, within=READY_WITHIN):
    """Waits until `seen()` is true, and answers it."""
    end = time.monotonic() + within
    while not (found := seen()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {within} s")
        time.sleep(0.1)
    return found


class Program:
    """A program in the background, whose output goes to a file."""

    def __init__(self, arguments, log, env=None):
        self.log = pathlib.Path(log)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([str(part) for part in arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env or {})

    def check(self):
        """Fails, with what it printed, when it has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"{self.process.args[0]} ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")

    def stop(self):
        """Ends it."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Cluster:
    """The server, and who may do everything in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="helm-")
        self.dir = pathlib.Path(self.folder.name)
        self.programs = []
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        """Starts both, and waits until the server is ready."""
        subprocess.run(["openssl", "genrsa", "-out", self.dir / "account.key", "2048"], check=True, capture_output=True)
        self.token = os.urandom(24).hex()
        (self.dir / "tokens.csv").write_text(f'{self.token},admin,1,"system:masters"\n')
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        etcd = [os.environ["KUBE_ETCD"], "--data-dir", self.dir / "etcd", "--listen-client-urls", client, "--advertise-client-urls", client]
        etcd += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, f"--initial-cluster=default={peer}"]
        self.programs.append(Program(etcd, self.dir / "etcd.log"))
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        flags = {
            "etcd-servers": client,
            "secure-port": port,
            "bind-address": "127.0.0.1",
            # Nobody reaches it by this address; without one it looks for a way to the internet.
            "advertise-address": "192.0.2.1",
            "endpoint-reconciler-type": "none",
            "cert-dir": self.dir / "certificates",
            "token-auth-file": self.dir / "tokens.csv",
            "service-account-key-file": self.dir / "account.key",
            "service-account-signing-key-file": self.dir / "account.key",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-cluster-ip-range": "10.0.0.0/24",
            "authorization-mode": "Node,RBAC",
            "profiling": "false",
            # Nobody would take away the mark by which it keeps claims that are in use.
            "disable-admission-plugins": "StorageObjectInUseProtection",
        }
        server = [os.environ["KUBE_APISERVER"], *(f"--{name}={value}" for name, value in flags.items())]
        self.programs.append(Program(server, self.dir / "server.log", {"HOME": str(self.dir)}))
        wait("the API server is ready", self.ready)
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.authority())}}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        }
        self.kubeconfig = self.dir / "kubeconfig.json"
        self.kubeconfig.write_text(json.dumps(config))

    def authority(self):
        """What its certificate is checked by: it makes one by itself."""
        return self.dir / "certificates" / "apiserver.crt"

    def ready(self):
        """Whether it answers that it is."""
        for program in self.programs:
            program.check()
        try:
            return self.authority().exists() and self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        """Ends both and removes what they left."""
        for program in reversed(self.programs):
            program.stop()
        self.folder.cleanup()

    def ask(self, method, path, body=None, token=None, headers=()):
        """Sends a request with a token, the admin's without one; the status and what came. A header's name may come more than once."""
        context = ssl.create_default_context(cafile=str(self.authority()))
        link = http.client.HTTPSConnection(self.url.removeprefix("https://"), context=context, timeout=20)
        data = b"" if body is None else json.dumps(body).encode()
        sent = [("Authorization", f"Bearer {token or self.token}"), ("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        try:
            link.putrequest(method, path)
            for name, value in [*sent, *headers]:
                link.putheader(name, value)
            link.endheaders(data)
            answer = link.getresponse()
            text = answer.read().decode()
        finally:
            link.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def must(self, method, path, body=None):
        """The same as the admin, and it must work."""
        status, answer = self.ask(method, path, body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def helm(self, *arguments, check=True):
        """helm with this cluster."""
        return charts.helm(*arguments, check=check, env={"KUBECONFIG": str(self.kubeconfig)})

    def kubectl(self, *arguments, stdin=None):
        """kubectl as the admin."""
        env = {"HOME": str(self.dir), "KUBECONFIG": str(self.kubeconfig), "PATH": "/usr/bin:/bin"}
        return subprocess.run([os.environ["KUBECTL"], *arguments], env=env, input=stdin, capture_output=True, text=True, check=False)
