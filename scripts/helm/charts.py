"""The charts, rendered: what the tests beside it share."""

import json
import os
import pathlib
import subprocess
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARTS = ROOT / "deploy" / "helm"
NAMESPACE = "control"
# The release has another name than the chart, so that a name that should come from the release is seen to.
RELEASE = {"mission-control": "central", "mc-agent": "dev"}


def helm(*arguments, check=True, env=None):
    """Runs helm with nothing of this machine's."""
    with tempfile.TemporaryDirectory() as home:
        own = {"HOME": home, "PATH": "/usr/bin:/bin", **(env or {})}
        done = subprocess.run([os.environ["HELM"], *arguments], env=own, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"helm {' '.join(map(str, arguments))}: {done.stderr}{done.stdout}")
    return done


def values_files(chart):
    """The sets of values that the chart is tried with."""
    found = sorted((CHARTS / chart / "ci").glob("*.yaml"))
    assert found, f"{chart} has no values to be tried with"
    return found


def render(chart, values, *more, check=True):
    """The objects of a chart, or, without `check`, what helm said."""
    done = helm("template", RELEASE[chart], CHARTS / chart, "--namespace", NAMESPACE, "--values", values, *more, check=check)
    if not check:
        return done
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def refused(chart, changes):
    """What helm says when the least values are given with these changes; None when it takes them."""
    least = yaml.safe_load(values_file(chart, "sqlite" if chart == "mission-control" else "least").read_text())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(merged(least, changes), file)
        file.flush()
        done = render(chart, file.name, check=False)
    return done.stderr if done.returncode else None


def merged(base, changes):
    """`base` with `changes` laid over it; None takes a key away."""
    if not isinstance(base, dict) or not isinstance(changes, dict):
        return changes
    result = {**base, **{key: merged(base.get(key), value) for key, value in changes.items()}}
    return {key: value for key, value in result.items() if key not in changes or changes[key] is not None}


def values_file(chart, name):
    """One set of values."""
    return CHARTS / chart / "ci" / f"{name}.yaml"


def of_kind(objects, kind):
    """The objects of one kind."""
    return [found for found in objects if found["kind"] == kind]


def only(objects, kind):
    """The one object of a kind."""
    (found,) = of_kind(objects, kind)
    return found


def pod(objects):
    """The specification of the one pod."""
    return only(objects, "StatefulSet")["spec"]["template"]["spec"]


def containers(spec):
    """All containers of a pod."""
    return spec.get("initContainers", []) + spec["containers"]


def rights(rules):
    """What RBAC's rules give: API group, resource, verb."""
    return {(group, resource, verb) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]}
