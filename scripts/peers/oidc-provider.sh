#!/usr/bin/env bash
# Installs the OpenID provider that the tests log in with, and the Node it needs, once, and prints where they are:
#   OIDC_NODE=…  OIDC_MODULES=…
# To look at it by hand: `scripts/peers/oidc-provider.sh --run '{"clients": […]}'` starts it and prints `ISSUER=…` (see oidc-provider.mjs).
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs npm and flock.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/peers/npm.sh
source "$here/npm.sh"

provider_version="9.13"

take_turns
install_node
install "oidc-provider-$provider_version" "oidc-provider@$provider_version"
flock -u 9

modules="$peers/oidc-provider-$provider_version/node_modules"
[ -d "$modules/oidc-provider" ] || fail "$modules/oidc-provider is missing: delete $peers/oidc-provider-$provider_version and run this again"

if [ "${1:-}" = --run ]; then
    OIDC_MODULES="$modules" exec "$node" "$here/oidc-provider.mjs" "${2:-}"
fi
echo "OIDC_NODE=$node"
echo "OIDC_MODULES=$modules"
