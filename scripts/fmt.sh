#!/usr/bin/env bash
# Formats what the checks look at.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_rust
cargo fmt --all
need_node
need_npm web
(cd web && npm run --silent format --if-present)
