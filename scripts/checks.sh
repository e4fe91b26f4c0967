# shellcheck shell=bash
# The quick checks as functions, for check.sh and test.sh. Sourced after lib.sh.

check_scripts() {
  need_commands shellcheck=shellcheck
  mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run)
  shellcheck -x "${scripts[@]}"
}

check_deploy() { scripts/helm.sh; }

check_dependencies() {
  if cargo deny --log-level error fetch db >/dev/null 2>&1; then
    cargo deny --log-level warn check
  else
    say "the advisory database cannot be fetched here: known vulnerabilities are NOT checked, only licences, bans and sources"
    cargo deny --log-level warn check licenses bans sources
  fi
}

check_clippy() { cargo clippy --locked --workspace --all-targets --quiet -- -D warnings; }

check_page() {
  # The generator has packages of its own: it needs an older TypeScript than the page.
  need_npm web/codegen
  (cd web && npm run --silent check && npm run --silent codegen:check)
}

check_e2e() {
  need_npm e2e
  (cd e2e && npm run --silent check --if-present)
}

test_page() { (cd web && npm test --silent); }

# From the quickest to the slowest, so that a typing error is told within seconds.
quick_checks() {
  step "format" cargo fmt --all --check
  step "scripts" check_scripts
  step "charts and container files" check_deploy
  step "dependencies" check_dependencies
  # Clippy compiles the server, which embeds the built page.
  step "build the page" build_page
  step "page: types, lint, generated code" check_page
  step "end-to-end tests: types" check_e2e
  step "page: unit tests" test_page
  step "clippy" check_clippy
}
