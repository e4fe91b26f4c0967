#!/usr/bin/env bash
# Checks of the charts in deploy/helm and of the container files:
#   scripts/helm.sh            what needs no server: lint, rendered facts, what the schemas refuse, container files
#   scripts/helm.sh --server   installs the charts on a real API server and asks it what the agent may; starts the programs in $MC_BIN_DIR with
#                              the arguments and configuration of the rendered pods
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_python() {
  need_commands python3=python3 openssl=openssl
  python3 -c 'import yaml' 2>/dev/null || need_packages python3-yaml
  python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
}

peer() {
  local found
  found=$("$MC_ROOT/scripts/peers/$1" "${@:2}")
  while IFS='=' read -r name value; do export "$name=$value"; done <<<"$found"
}

tests() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=scripts/helm python3 -m unittest --quiet "$@"; }

need_python
case ${1:-} in
  "")
    peer kubernetes.sh --clients
    peer hadolint.sh
    tests test_charts test_containers
    ;;
  --server)
    : "${MC_BIN_DIR:?say where mission-control and mc-agent are}"
    peer kubernetes.sh
    tests test_cluster test_programs
    ;;
  *) die "usage: scripts/helm.sh [--server]" ;;
esac
