#!/usr/bin/env bash
# A server with a dozen lively agents on this machine, to look at. Everything lies in a temporary folder and ends with Ctrl-C.
# MC_BIN_DIR: programs to use instead of the newest built ones. MC_DEMO_PORT: the page's port. MC_DEMO_PASSWORD: the admin's password.
# Where the tests have installed OpenClaw already, a real gateway is among them (1 GB of memory): MC_DEMO_OPENCLAW=no leaves it out.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/demo/people.sh
source "$MC_ROOT/scripts/demo/people.sh"

need_commands python3=python3 curl=curl

find_programs() {
  local choice
  if [ -n "${MC_BIN_DIR:-}" ]; then return; fi
  # Release programs if there are any, as people would run them.
  for choice in release debug; do
    if [ -x "$CARGO_TARGET_DIR/$choice/mission-control" ] && [ -x "$CARGO_TARGET_DIR/$choice/mc-agent" ] && [ -x "$CARGO_TARGET_DIR/$choice/mc" ]; then
      MC_BIN_DIR=$CARGO_TARGET_DIR/$choice
      return
    fi
  done
  "$MC_ROOT/scripts/build.sh"
  MC_BIN_DIR=$CARGO_TARGET_DIR/release
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST: FIRST, or the next one nobody listens on.
free_port() {
  local port=$1
  until port_is_free "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

SERVER_PID=
declare -A AGENT_PIDS=()
demo_stop() {
  trap - EXIT INT TERM
  say "stopping the agents and the server"
  local pids=("${AGENT_PIDS[@]}")
  [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
  [ ${#pids[@]} -eq 0 ] || wait "${pids[@]}" 2>/dev/null || true
  if [ -n "$SERVER_PID" ]; then
    kill -TERM "$SERVER_PID" 2>/dev/null || true
    wait "$SERVER_PID" 2>/dev/null || true
  fi
  rm -rf "$DEMO_DIR"
}

add_admin() { printf '%s\n' "$PASSWORD" | "$MC_BIN_DIR/mission-control" user add --data-dir "$DEMO_DIR/central" --username "$USER_NAME" --role admin --password-stdin >/dev/null; }

mc() { "$MC_BIN_DIR/mc" "$@"; }

start_server() {
  local port agent_port
  port=$(free_port "${MC_DEMO_PORT:-8443}")
  agent_port=$(free_port $((port + 1)))
  URL=https://localhost:$port
  SERVER=localhost:$agent_port
  add_admin
  "$MC_BIN_DIR/mission-control" serve --data-dir "$DEMO_DIR/central" --listen "127.0.0.1:$port" --agent-listen "127.0.0.1:$agent_port" \
    >"$DEMO_DIR/central.log" 2>&1 </dev/null &
  SERVER_PID=$!
  until curl -fs --cacert "$DEMO_DIR/central/ca.pem" "$URL/readyz" >/dev/null 2>&1; do
    kill -0 "$SERVER_PID" 2>/dev/null || {
      cat "$DEMO_DIR/central.log" >&2
      die "the server ended: its log is above"
    }
    sleep 0.2
  done
  printf '%s\n' "$PASSWORD" | mc login --server "$URL" --ca-file "$DEMO_DIR/central/ca.pem" --username "$USER_NAME" --password-stdin >/dev/null
}

get_join_token() {
  local answer
  answer=$(mc agents join-token --ttl 1h --uses 50 -o json)
  TOKEN=$(python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])' <<<"$answer")
  PIN=$(python3 -c 'import json,sys; print(json.load(sys.stdin)["ca_pin"])' <<<"$answer")
}

# agent NAME "TAGS" [COMMAND…]: joins and runs one; without a command it reports the machine only. Lines on stdin go to its configuration.
agent() {
  local name=$1 tags=$2 dir=$DEMO_DIR/agents/$1 tag
  local tag_arguments=()
  shift 2
  mkdir -p "$dir"
  for tag in $tags; do tag_arguments+=(--tag "$tag"); done
  # By the environment: an argument would show in the list of processes.
  MC_JOIN_TOKEN=$TOKEN "$MC_BIN_DIR/mc-agent" join --server "$SERVER" --ca-pin "$PIN" --data-dir "$dir/data" --name "$name" "${tag_arguments[@]}" >"$dir/log" 2>&1 ||
    { cat "$dir/log" >&2; die "agent $name cannot join: its log is above"; }
  {
    printf 'name = "%s"\n' "$name"
    if [ $# -gt 0 ]; then
      printf '[workload]\nkind = "command"\nstop_timeout = "5s"\ndir = "%s"\ncommand = [' "$MC_ROOT/scripts/demo"
      printf '"%s", ' "$@"
      printf ']\n'
    fi
    cat
  } >"$dir/agent.toml"
  "$MC_BIN_DIR/mc-agent" run --data-dir "$dir/data" --config "$dir/agent.toml" >>"$dir/log" 2>&1 </dev/null &
  AGENT_PIDS[$name]=$!
}

# wait_for NAME STATUS: until the server says so.
wait_for() {
  local tries=0
  until [ "$(mc agents show "$1" -o json | python3 -c 'import json,sys; print(json.load(sys.stdin)["status"])')" = "$2" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 150 ] || die "agent $1 does not become $2: see $DEMO_DIR/agents/$1/log"
    sleep 0.2
  done
}

start_agents() {
  local events=$DEMO_DIR/orders-events.jsonl
  agent web-frontend "prod team:web" python3 web.py 4 </dev/null
  agent web-api "prod team:web" python3 web.py 8 </dev/null
  agent staging-web "staging team:web" python3 web.py 0.5 </dev/null
  agent payments "prod team:money" sh crash.sh </dev/null
  agent search-index "prod team:search" sh slow_start.sh </dev/null
  agent image-cache "prod team:web" python3 sawtooth.py </dev/null
  agent report-builder "prod team:money" python3 bursts.py </dev/null
  agent event-collector "prod team:data" python3 events.py </dev/null
  # Its lines go to a file, which the agent follows.
  agent orders "prod team:money" python3 events.py <<<"$(printf 'env = { EVENTS_FILE = "%s" }\n[[logs]]\npath = "%s"\nformat = "json"\n' "$events" "$events")"
  agent mail-relay "prod team:ops" sh ticker.sh mail-relay 4 </dev/null
  agent batch-nightly "prod team:data" sh ticker.sh batch-nightly 3 </dev/null
  agent build-host "ci team:ops" </dev/null
  agent laptop-dana "laptop" </dev/null
  agent edge-camera "edge site:harbour" </dev/null
}

# start_gateway: a real OpenClaw gateway, started by its agent, with a model that echoes. It takes half a minute to be ready; nobody waits.
start_gateway() {
  local answer node main port model_port dir=$DEMO_DIR/agents/gw-research name
  [ "${MC_DEMO_OPENCLAW:-yes}" = yes ] || return 0
  answer=$("$MC_ROOT/scripts/peers/openclaw.sh" --if-installed)
  [ -n "$answer" ] || return 0
  node=$(sed -n 's/^OPENCLAW_NODE=//p' <<<"$answer")
  main=$(sed -n 's/^OPENCLAW_MAIN=//p' <<<"$answer")
  for name in state home tmp workspace; do mkdir -p "$dir/$name"; done
  port=$(free_port 18789)
  model_port=$(free_port 18999)
  "$node" "$MC_ROOT/scripts/peers/fake-provider.mjs" "$model_port" >"$dir/model.log" 2>&1 </dev/null &
  AGENT_PIDS[model]=$!
  (
    umask 077
    cat >"$dir/state/openclaw.json" <<CONFIG
{ "gateway": { "mode": "local", "port": $port, "bind": "loopback", "auth": { "mode": "token", "token": "$(secret)" } },
  "logging": { "file": "$dir/state/logs/gateway.log" },
  "agents": { "defaults": { "workspace": "$dir/workspace", "model": { "primary": "echo/echo-1" } } },
  "models": { "mode": "replace", "providers": { "echo": { "baseUrl": "http://127.0.0.1:$model_port/v1", "apiKey": "none", "api": "openai-completions",
    "models": [ { "id": "echo-1", "name": "Echo 1", "input": ["text"], "contextWindow": 128000, "maxTokens": 4096 } ] } } } }
CONFIG
  )
  agent gw-research "prod team:research" <<WORKLOAD
[workload]
kind = "openclaw"
state_dir = "$dir/state"
command = ["$node", "$main", "gateway", "run"]
stop_timeout = "2s"
[workload.env]
PATH = "$(dirname "$node"):$PATH"
HOME = "$dir/home"
TMPDIR = "$dir/tmp"
OPENCLAW_CONFIG_PATH = "$dir/state/openclaw.json"
OPENCLAW_DISABLE_BONJOUR = "1"
OPENCLAW_EXEC_SHELL_SNAPSHOT = "0"
OPENCLAW_SKIP_CHANNELS = "1"
WORKLOAD
}

# Some things have already happened when the page is opened.
make_history() {
  local name
  for name in web-frontend web-api mail-relay batch-nightly laptop-dana edge-camera; do wait_for "$name" online; done
  mc agents restart mail-relay --reason "new relay certificate" --yes >/dev/null
  mc agents check web-api --reason "after the deploy" >/dev/null
  mc agents kill batch-nightly --reason "paused until the ledger is back" --yes >/dev/null
  kill -TERM "${AGENT_PIDS[laptop-dana]}"
  wait "${AGENT_PIDS[laptop-dana]}" || true
  kill -KILL "${AGENT_PIDS[edge-camera]}"
  wait "${AGENT_PIDS[edge-camera]}" 2>/dev/null || true
  unset 'AGENT_PIDS[laptop-dana]' 'AGENT_PIDS[edge-camera]'
}

find_programs
DEMO_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mission-control-demo.XXXXXX")
USER_NAME="admin"
PASSWORD=${MC_DEMO_PASSWORD:-$(secret)}
# Its own login: the demo does not touch the one of whoever runs it.
export MC_CONFIG=$DEMO_DIR/mc.yaml
trap demo_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_server
get_join_token
start_people
say "starting the agents"
start_agents
make_history
make_roles
make_tokens_and_invites
make_requests
start_gateway
cat <<ANSWER

  page      $URL   (its certificate is from $DEMO_DIR/central/ca.pem)
  user      $USER_NAME
  password  $PASSWORD
  programs  $MC_BIN_DIR
  logs      $DEMO_DIR/central.log and $DEMO_DIR/agents/*/log

  Ctrl-C stops everything and removes the folder.
ANSWER
wait "$SERVER_PID"
