#!/usr/bin/env bash
# Installs a real OpenClaw gateway and the Node it needs for the tests, once, and prints where they are:
#   OPENCLAW_NODE=…  OPENCLAW_MAIN=…  OPENCLAW_VERSION=…
# With --if-installed it installs nothing and prints nothing unless all of it is there.
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs npm and flock.
set -euo pipefail
# shellcheck source=scripts/peers/npm.sh
source "$(dirname "${BASH_SOURCE[0]}")/npm.sh"

openclaw_version="2026.9.6"

if [ "${1:-}" = --if-installed ]; then
    for folder in "node-$node_version" "openclaw-$openclaw_version"; do
        [ -e "$peers/$folder/.complete" ] || exit 0
    done
fi

take_turns
install_node
install "openclaw-$openclaw_version" "openclaw@$openclaw_version"

main="$peers/openclaw-$openclaw_version/node_modules/openclaw/openclaw.mjs"
[ -f "$main" ] || fail "$main is missing: delete $peers/openclaw-$openclaw_version and run this again"

echo "OPENCLAW_NODE=$node"
echo "OPENCLAW_MAIN=$main"
echo "OPENCLAW_VERSION=$openclaw_version"
