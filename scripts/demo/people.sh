# shellcheck shell=bash
# The people of the demo and what they did: sourced by demo.sh, which says `mc`, `secret`, `URL`, `DEMO_DIR` and `PASSWORD`.

# person NAME ROLE "DISPLAY NAME": a user with a password of their own, kept in PERSON_PASSWORD.
declare -A PERSON_PASSWORD=()
person() {
  PERSON_PASSWORD[$1]=$(secret)
  printf '%s\n' "${PERSON_PASSWORD[$1]}" |
    mc users add "$1" --role "$2" --display-name "$3" --email "$1@example.org" --password-stdin >/dev/null
}

# as NAME COMMAND…: runs mc logged in as that person, apart from the admin's login.
as() {
  local config=$DEMO_DIR/mc-$1.yaml
  [ -e "$config" ] || printf '%s\n' "${PERSON_PASSWORD[$1]}" |
    MC_CONFIG=$config mc login --server "$URL" --ca-file "$DEMO_DIR/central/ca.pem" --username "$1" --password-stdin >/dev/null
  shift
  MC_CONFIG=$config mc "$@"
}

start_people() {
  person olga operator "Olga Brandt"
  person dana developer "Dana Ito"
  person victor viewer "Victor Hale"
  person sam developer "Sam Okoye"
}

make_roles() {
  mc roles create -f - >/dev/null <<'ROLE'
name: prod-hands
title: Hands on production
description: Restarts and checks production, but not what moves money.
rules:
  - effect: allow
    actions: [agent_restart, agent_check, agent_logs]
    agents: { tags: [prod] }
  - effect: deny
    actions: [agent_restart, agent_kill]
    agents: { tags: ["team:money"] }
ROLE
  mc roles create -f - >/dev/null <<'ROLE'
name: night-watch
title: Night watch
description: Looks at everything at night.
rules:
  - effect: allow
    actions: ["*_list", "*_show", agent_logs]
ROLE
  mc roles assign prod-hands --user dana --for 8h --reason "on call this week" >/dev/null
  mc roles assign night-watch --user victor --reason "the late shift" >/dev/null
}

# quietly COMMAND…: what it says is only worth reading when it fails.
quietly() {
  "$@" >"$DEMO_DIR/said" 2>&1 || {
    cat "$DEMO_DIR/said" >&2
    die "the demo could not do this: $*"
  }
}

make_tokens_and_invites() {
  quietly mc tokens create nightly-report --scope '*_list' --scope '*_show' --output-file "$DEMO_DIR/token-report"
  quietly mc tokens create deployer --service --role operator --scope 'agent_*' --expires 30d --output-file "$DEMO_DIR/token-deployer"
  quietly mc invites create --role developer --email mira@example.org --note "joins the web team"
  quietly mc invites create --role viewer --note "the auditors" --ttl 2d
}

# What people did: some of it refused, some of it waiting for whoever may decide.
make_requests() {
  as victor agents restart payments --reason "it keeps crashing" --yes >/dev/null 2>&1 || true
  as dana agents restart orders --reason "stuck queue" --yes >/dev/null 2>&1 || true
  as dana agents check web-api --reason "before the release" >/dev/null
  as victor approvals request --action agent_restart payments --reason "it keeps crashing, runbook 12" --for 1h >/dev/null
  as sam approvals request --role operator --reason "cover for Olga this afternoon" --for 4h >/dev/null
  printf 'not the password\n' |
    MC_CONFIG=$DEMO_DIR/mc-nobody.yaml mc login --server "$URL" --ca-file "$DEMO_DIR/central/ca.pem" --username sam --password-stdin >/dev/null 2>&1 || true
}
