#!/usr/bin/env bash
# Every test there is, quick ones first. Installs what they need. Arguments go to nextest: `scripts/test.sh -E 'package(mc-store)'`.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/checks.sh
source "$MC_ROOT/scripts/checks.sh"
# shellcheck source=scripts/postgres.sh
source "$MC_ROOT/scripts/postgres.sh"

export MC_BIN_DIR=$CARGO_TARGET_DIR/debug

install_everything() {
  need_commands git=git python3=python3 flock=util-linux chromium=chromium pebble=pebble pebble-challtestsrv=pebble
  need_postgres
  need_cargo_tool cargo-nextest
  need_cargo_tool cargo-deny
  # Now and not within the test that uses it: an installation has its own time.
  scripts/peers/openclaw.sh >/dev/null
  scripts/peers/smtp.sh >/dev/null
  scripts/peers/oidc-provider.sh >/dev/null
  scripts/peers/kubernetes.sh >/dev/null
}

# Programs and test binaries in one go, with the features that the tests will ask for: nothing is compiled twice.
build_tests() { cargo build --locked --workspace --all-targets; }

run_tests() { cargo nextest run --locked --workspace --all-targets "$@"; }

run_charts() { scripts/helm.sh --server; }

run_end_to_end() { (cd e2e && npm run --silent e2e); }

need_rust
need_node
step "install what the tests need" install_everything
quick_checks
step "build programs and tests" build_tests
trap postgres_stop EXIT
postgres_start
step "unit and integration tests" run_tests "$@"
step "charts on a real API server" run_charts
step "end-to-end tests in the browser" run_end_to_end
steps_summary
