#!/usr/bin/env bash
# Installs a real SMTP server (aiosmtpd) for the tests, once, and prints the Python that has it: SMTP_PYTHON=…
# Runs side by side wait for each other. Nothing outside the cache directory is touched. Needs python3 with venv, and flock.
set -euo pipefail

version="1.4.6"

fail() {
    echo "smtp.sh: $*" >&2
    exit 1
}

peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
command -v python3 >/dev/null || fail "python3 is missing: install it (Debian: apt install python3 python3-venv)"
command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"

mkdir -p "$peers"
exec 9>"$peers/smtp.lock"
flock 9

target="$peers/aiosmtpd-$version"
if [ ! -e "$target/.complete" ]; then
    echo "smtp.sh: installing aiosmtpd $version into $target (once)" >&2
    rm -rf "$target"
    log="$peers/aiosmtpd-$version.log"
    # A virtual environment knows where it lives: it is made in place, and counts only when it is whole.
    if ! { python3 -m venv "$target" && "$target/bin/pip" install --disable-pip-version-check --quiet "aiosmtpd==$version"; } >"$log" 2>&1 9>&-; then
        tail -n 20 "$log" >&2
        rm -rf "$target"
        fail "aiosmtpd could not be installed (the whole output: $log)"
    fi
    touch "$target/.complete"
fi

echo "SMTP_PYTHON=$target/bin/python"
