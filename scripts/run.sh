#!/usr/bin/env bash
# A first look: builds everything and starts central plus one agent on this machine. MC_DATA_DIR chooses where its data lies.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$MC_ROOT/scripts/build.sh"
data=${MC_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/mission-control}
say "data is kept in $data; stop with Ctrl-C"
exec "$CARGO_TARGET_DIR/release/mission-control" up --data-dir "$data" "$@"
