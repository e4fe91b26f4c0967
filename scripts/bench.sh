#!/usr/bin/env bash
# Measures the release programs and prints figures beside their budgets; writes bench-results/<commit>.json. Arguments go to mc-bench.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_rust
step "build the page" build_page
step "build the programs" build_programs --bin mc-bench --release
bin_dir=$CARGO_TARGET_DIR/release
# Each simulated agent is a socket on both sides.
ulimit -n "$(ulimit -Hn)"
exec "$bin_dir/mc-bench" all --bin-dir "$bin_dir" --out bench-results "$@"
