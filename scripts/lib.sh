# shellcheck shell=bash
# Shared by the scripts beside it: what to say, what to install, where things lie. Sourced, never run.

set -euo pipefail

MC_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export MC_CACHE=${MC_CACHE:-$HOME/.cache/mission-control}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$MC_CACHE/target}
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
cd "$MC_ROOT"

# The oldest Node the page's tools run on, and the one that is installed when there is none.
NODE_OLDEST=20
NODE_INSTALL=24

say() {
  if [ -t 2 ]; then
    printf '\033[1m· %s\033[0m\n' "$*" >&2
  else
    printf '· %s\n' "$*" >&2
  fi
}
die() {
  printf '%s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# step NAME COMMAND…: runs it, says how long it took, and ends the script when it fails.
STEP_TIMES=()
step() {
  local name=$1 began=$SECONDS code=0
  shift
  say "$name"
  # Not `if "$@"`: inside a condition bash ignores `set -e`, and a function that fails half-way would pass.
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  if [ "$code" -ne 0 ]; then
    die "$name failed after $((SECONDS - began)) s (exit code $code)"
  fi
  STEP_TIMES+=("$(printf '%5d s  %s' $((SECONDS - began)) "$name")")
}
steps_summary() {
  say "all steps passed"
  printf '%s\n' "${STEP_TIMES[@]}" >&2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo: as root, run: $*"
  fi
}

# need_packages PACKAGE…: installs what dpkg does not have. Outside Debian and Ubuntu it says what to install instead.
need_packages() {
  local missing=() package
  have dpkg-query || die "not Debian or Ubuntu: install what corresponds to these packages yourself, then say MC_SKIP_PACKAGES=1: $*"
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# packages COMMAND=PACKAGE…: a command that is there from elsewhere is as good as its package.
need_commands() {
  local wanted=() pair
  [ -n "${MC_SKIP_PACKAGES:-}" ] && return
  for pair in "$@"; do
    have "${pair%%=*}" || wanted+=("${pair#*=}")
  done
  [ ${#wanted[@]} -eq 0 ] || need_packages "${wanted[@]}"
}

# at_least WANTED GIVEN: whether version GIVEN is WANTED or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

rust_oldest() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$MC_ROOT/Cargo.toml" | head -n 1; }

need_rust() {
  local oldest
  oldest=$(rust_oldest)
  need_commands cc=build-essential curl=curl
  if ! have cargo; then
    [ -e /etc/ssl/certs/ca-certificates.crt ] || need_packages ca-certificates
    say "installing Rust by rustup (into ~/.cargo and ~/.rustup)"
    local installer
    installer=$(mktemp)
    curl --proto '=https' --tlsv1.2 -fsS --retry 2 -o "$installer" https://sh.rustup.rs ||
      die "cannot fetch rustup from https://sh.rustup.rs: install Rust $oldest or newer by hand (https://www.rust-lang.org/tools/install), then run this again"
    sh "$installer" -y --profile minimal -c rustfmt -c clippy >&2 || die "rustup could not install Rust: its reason is above"
    rm -f "$installer"
  fi
  if ! at_least "$oldest" "$(cargo --version | cut -d' ' -f2)"; then
    have rustup || die "cargo is $(cargo --version | cut -d' ' -f2), and $oldest or newer is needed: update your Rust, or install rustup"
    say "updating Rust to $oldest or newer by rustup"
    rustup update stable >&2 || die "rustup could not update Rust to $oldest: its reason is above"
  fi
}

node_is_new_enough() { have node && at_least "$NODE_OLDEST" "$(node --version | tr -d v)"; }

need_node() {
  local own=$MC_CACHE/node arch
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) arch=unknown ;;
  esac
  # A Node of our own from an earlier run.
  if ! node_is_new_enough && [ -x "$own/node_modules/node-linux-$arch/bin/node" ]; then
    export PATH="$own/node_modules/.bin:$own/node_modules/node-linux-$arch/bin:$PATH"
  fi
  if node_is_new_enough && have npm; then return; fi
  [ "$arch" != unknown ] || die "install Node $NODE_OLDEST or newer with npm: there is no ready-made one for $(uname -m)"
  # Debian's Node may be too old for the page, but its npm can fetch a newer one.
  need_commands node=nodejs npm=npm
  if ! node_is_new_enough; then
    say "installing Node $NODE_INSTALL into $own"
    mkdir -p "$own"
    npm install --prefix "$own" --no-audit --no-fund --silent "node-linux-$arch@$NODE_INSTALL" npm@11
    export PATH="$own/node_modules/.bin:$own/node_modules/node-linux-$arch/bin:$PATH"
  fi
  node_is_new_enough || die "Node $NODE_OLDEST or newer is needed, and $(node --version 2>/dev/null || echo none) was found"
}

# need_npm FOLDER: npm ci, only when the lock file changed since the last time.
need_npm() {
  local folder=$1 stamp now
  stamp=$folder/node_modules/.installed-from
  now=$(cat "$folder/package-lock.json" "$folder/package.json" | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$now" ]; then
    say "installing npm packages of $folder/"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
    printf '%s\n' "$now" >"$stamp"
  fi
}

# need_cargo_tool NAME: a cargo subcommand, built once and kept in ~/.cargo/bin.
need_cargo_tool() {
  have "$1" && return
  say "installing $1 with cargo (once; it takes some minutes)"
  # Its own target folder: the tool's dependencies have nothing to do with ours.
  env -u CARGO_TARGET_DIR cargo install --locked --quiet "$1"
}

# The page is embedded into the server, so it is built before it.
build_page() {
  need_node
  need_npm web
  (cd web && npm run --silent build)
}

# The workspace is always named whole: with -p cargo would choose other features for the dependencies and build them again.
build_programs() {
  cargo build --locked --workspace --bin mission-control --bin mc-agent --bin mc "$@"
}
