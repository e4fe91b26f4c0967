"""The container files: hadolint's rules, and what every image of ours must be."""

import os
import re
import subprocess
import unittest

import yaml

from charts import ROOT

FILE = ROOT / "deploy" / "container" / "Dockerfile"
PROGRAMS = {"mission-control", "mc-agent", "mc"}


def stages():
    """The stages by name: where each comes from, and its instructions."""
    text = re.sub(r"\\\n", " ", FILE.read_text())
    found, current = {}, None
    for line in text.splitlines():
        if head := re.match(r"FROM (\S+) AS (\S+)", line):
            current = found.setdefault(head[2], {"from": head[1], "lines": []})
        elif line and not line.startswith("#") and current:
            current["lines"].append(tuple(line.split(None, 1)))
    return found


class Containers(unittest.TestCase):
    def test_hadolint(self):
        done = subprocess.run([os.environ["HADOLINT"], "--no-color", str(FILE)], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_each_program_has_an_image_with_nothing_beside_it(self):
        found = stages()
        self.assertLessEqual(PROGRAMS, found.keys())
        for program in PROGRAMS:
            stage = found[program]
            self.assertEqual(stage["from"], "scratch")
            words = {word for word, _ in stage["lines"]}
            self.assertLessEqual(words, {"COPY", "USER", "ENV", "EXPOSE", "ENTRYPOINT", "CMD"})
            self.assertIn(("USER", "10001:10001"), stage["lines"])
            self.assertIn(("ENTRYPOINT", f'["/usr/local/bin/{program}"]'), stage["lines"])
            copied = [rest for word, rest in stage["lines"] if word == "COPY"]
            self.assertTrue(all(rest.startswith("--from=") for rest in copied), copied)

    def test_nothing_is_downloaded_unchecked(self):
        for name, stage in stages().items():
            self.assertFalse([rest for word, rest in stage["lines"] if word == "ADD"], name)
            for word, rest in stage["lines"]:
                if word == "RUN" and "curl" in rest and "https://" in rest:
                    self.assertIn("sha256sum --check --strict", rest)

    def test_compose_uses_the_same_file(self):
        central = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text())["services"]["central"]
        build = central["build"]
        self.assertEqual((ROOT / "deploy" / "compose" / build["context"] / build["dockerfile"]).resolve(), FILE)
        self.assertIn(build["target"], stages())
        self.assertIs(central["read_only"], True)

    def test_what_is_copied_is_there_and_not_left_out(self):
        kept = {line[1:] for line in (FILE.parent / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
        for name, stage in stages().items():
            for word, rest in stage["lines"]:
                if word == "COPY" and not rest.startswith("--from="):
                    for source in rest.split()[:-1]:
                        self.assertTrue((ROOT / source).exists(), source)
                        self.assertIn(source.split("/")[0], kept, name)


if __name__ == "__main__":
    unittest.main()
