#!/usr/bin/env bash
# Installs what building needs, then builds the page and the three programs for use.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_rust
step "build the page" build_page
step "build the programs" build_programs --release
# The command line answers to both names.
ln -sfn mc "$CARGO_TARGET_DIR/release/mk8s"
say "built: $CARGO_TARGET_DIR/release/{mission-control,mc-agent,mc,mk8s}"
