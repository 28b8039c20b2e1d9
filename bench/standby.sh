#!/usr/bin/env bash
# How long a replacement takes with a worker that waits and without one, and what the idle supervisor costs. On this machine's
# loopback alone; the two sides of each comparison take turns in one run. Ends by itself, in about two minutes with 15 rounds.
#
#   bench/standby.sh [ROUNDS]      at least 1, default 15; needs what eng/build.sh lays out, and jq
set -euo pipefail
# Else what runs in the background does not hear SIGINT, by which a prover is told to report.
set -m
source "$(dirname "$0")/../eng/prerequisites.sh"

rounds=${1:-15}
idle_s=30
clients=20
midstream="$repository/artifacts/midstream/midstream"
application="$repository/artifacts/apps/tests-TestApps-Echo"
[ -x "$midstream" ] && [ -d "$application" ] || die "artifacts/ is not there: run the build first."
need_commands jq:jq
need_dotnet

work=$(mktemp --directory)
export MIDSTREAM_STATE="$work/state"
pids=()

# Ends every process that was started here, by its id, however the script ends.
clean_up() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2> /dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

# The same application under another id.
make_release() {
  cp -r "$application" "$work/$1"
  echo "$1" > "$work/$1/release.txt"
}

status() { "$midstream" status --name "$1" --json; }

# A service with idle clients that keep their connections: NAME true|false
start_service() {
  printf '{ "name": "%s", "listen": ["http://127.0.0.1:0"], "workers": { "standby": %s }, "health": { "path": "/healthz" },
    "warm_up": ["/"], "probation": { "duration_ms": 0 } }' "$1" "$2" > "$work/$1.json"
  "$midstream" run "$work/first" --config "$work/$1.json" --name "$1" > /dev/null 2> "$work/$1.log" &
  pids+=($!)
  until grep -q ' serves ' "$work/$1.log"; do
    kill -0 "${pids[-1]}" || { cat "$work/$1.log" >&2; die "the service does not start"; }
    sleep 0.05
  done
  local url
  url=$(status "$1" | jq -r '.status.listeners[0]')
  "$midstream" prove "$url" --clients thinking=$clients --think thinking=500-1500ms --duration 30m --quiet \
    --connections-must-survive --json > "$work/$1.proof" 2> /dev/null &
  pids+=($!)
  provers+=($!)
}

await_standby() {
  until status "$1" | jq -e '.status.operation == null and .status.reserve.workers[0].state == "waiting"' > /dev/null; do
    sleep 0.05
  done
}

# Runs an operation and prints how long the replacement took, in milliseconds: NAME COMMAND...
replaced() {
  local service=$1
  shift
  "$midstream" "$@" --name "$service" --json 2> /dev/null | jq -e '.replaced_in_ms'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# Prints one comparison: WHAT WITHOUT-FILE WITH-FILE
compare() {
  local without with
  without=$(median < "$2")
  with=$(median < "$3")
  awk -v what="$1" -v a="$without" -v b="$with" -v n="$rounds" \
    -v spread="$(sort -n "$3" | sed -n '1p;$p' | paste -sd- -)" \
    'BEGIN { printf "| %s | %s | %s (%s) | %.1f | %d |\n", what, a, b, spread, a / b, n }'
}

# The time from exec to the first answer, in milliseconds, and the part of it that is the supervisor's own: until it has bound its
# socket and begins to start the worker.
time_start() {
  local began port
  port=$(shuf -i 20000-29999 -n 1)
  began=$(date +%s%N)
  "$midstream" run "$work/first" --name "start$1" --listen "http://127.0.0.1:$port" > /dev/null 2> "$work/start.log" &
  local pid=$!
  pids+=("$pid")
  until { exec 9<> "/dev/tcp/127.0.0.1/$port"; } 2> /dev/null; do :; done
  echo $((($(date +%s%N) - began) / 1000000)) >> "$work/bound"
  printf 'GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n' >&9
  read -r -u 9 _
  echo $((($(date +%s%N) - began) / 1000000)) >> "$work/answered"
  exec 9<&-
  kill "$pid"
  wait "$pid" || true
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

provers=()
make_release first
for round in 1 2; do make_release "cold$round"; make_release "warm$round"; done
start_service plain false
start_service standby true
await_standby standby

for round in $(seq "$rounds"); do
  replaced plain reload >> "$work/reload.without"
  await_standby standby
  replaced standby reload >> "$work/reload.with"
  which=$((round % 2 + 1))
  replaced plain deploy "$work/cold$which" >> "$work/deploy.without"
  "$midstream" prepare "$work/warm$which" --name plain --json > /dev/null 2>&1
  replaced plain deploy "$work/warm$which" >> "$work/deploy.with"
done
load=$(cut -d' ' -f1 /proc/loadavg)
for round in $(seq 5); do time_start "$round"; done

for prover in "${provers[@]}"; do kill -INT "$prover"; wait "$prover" || true; done
lost=$(jq -s 'map(.lost + .wrong) | add' "$work/plain.proof" "$work/standby.proof")
closed=$(jq -s 'map(.connections.opened - .connections.survived) | add' "$work/plain.proof" "$work/standby.proof")

supervisor=$(status plain | jq .status.supervisor.pid)
sleep 20
before=$(cpu_ticks "$supervisor")
sleep "$idle_s"
ticks=$(($(cpu_ticks "$supervisor") - before))

printf '%s, %s cores, Linux %s, load average %s; %s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
  "$(uname -r | cut -d- -f1)" "$load" "$("$midstream" --version)"
printf '| replacement of one worker, %d idle clients | without, ms | with, ms (least-most) | ratio | each |\n' "$clients"
printf '|---|---|---|---|---|\n'
compare '`reload`, with a standby' "$work/reload.without" "$work/reload.with"
compare '`deploy`, prepared' "$work/deploy.without" "$work/deploy.with"
printf '\nrequests lost or wrong: %s; connections closed: %s\n\n' "$lost" "$closed"
printf '| the supervisor | |\n|---|---|\n'
awk -v rounds="$rounds" '/^VmRSS/ { all = $2 } /^RssAnon/ { own = $2 } /^RssFile/ { file = $2 }
  END { printf "| resident memory, idle, after %d replacements | %.1f MB: %.1f MB of its own, %.1f MB of program files |\n",
    3 * rounds, all * 1.024e-3, own * 1.024e-3, file * 1.024e-3 }' "/proc/$supervisor/status"
awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" -v s="$idle_s" \
  'BEGIN { printf "| CPU, idle with one worker that reports each second | %.2f %% of a core over %d s |\n", 100 * ticks / hz / s, s }'
printf '| exec to bound socket, median of 5 | %s ms |\n' "$(median < "$work/bound")"
printf '| exec to first answer, the start of .NET included, median of 5 | %s ms |\n' "$(median < "$work/answered")"
