#!/usr/bin/env bash
# The quick checks: everything that finds a fault without running the programs. `make test` begins with the same.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/checks.sh
source "$MC_ROOT/scripts/checks.sh"

need_rust
need_node
need_cargo_tool cargo-deny
quick_checks
steps_summary
