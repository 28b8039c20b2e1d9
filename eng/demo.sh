#!/usr/bin/env bash
# The main job on real input: an order service with a database is replaced ten times under traffic, once by a release that
# never becomes ready, and at the end every request and every order is accounted for. Ends by itself; leaves nothing running.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

need_commands curl:curl jq:jq sqlite3:sqlite3 uuidgen:uuid-runtime
"$repository/eng/build.sh"
need_dotnet

midstream="$repository/artifacts/midstream/midstream"
apps="$repository/artifacts/apps"
work=$(mktemp --directory)
export MIDSTREAM_STATE="$work/state" Shop__Database="$work/shop.db"
pids=()

# Ends every process that was started here, by its id, however the script ends.
clean_up() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2> /dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

heading() { printf '\n\033[1m%s\033[0m\n' "$*"; }

write_configuration() {
  cat > "$work/midstream.json" << 'JSON'
{
  "name": "shop",
  "listen": ["http://127.0.0.1:0"],
  "ready": { "timeout_ms": 5000 },
  "health": { "path": "/healthz" },
  "warm_up": ["/", "/orders?limit=5", "/price-rules", "/export?lines=1"],
  "probation": { "duration_ms": 500 }
}
JSON
}

# A release that starts and never becomes ready.
make_broken_release() {
  cp -r "$apps/tests-TestApps-Misbehaving" "$work/broken"
  echo hang-at-start > "$work/broken/misbehave"
}

start_service() {
  "$midstream" run "$apps/samples-shop-v1" --config "$work/midstream.json" > "$work/workers.log" 2> "$work/supervisor.log" &
  local supervisor=$!
  pids+=("$supervisor")
  until grep ' serves http' "$work/supervisor.log"; do
    kill -0 "$supervisor" 2> /dev/null || { cat "$work/supervisor.log"; die "the shop did not start"; }
    sleep 0.1
  done
  url=$("$midstream" status --json | jq --raw-output '.status.listeners[0]')
}

# Places orders one after another until the file "enough" appears, and writes down each one that was accepted. Never retries.
place_orders() {
  local id code
  while [ ! -e "$work/enough" ]; do
    id=$(uuidgen)
    code=$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'Content-Type: application/json' \
      --data "{\"orderId\":\"$id\",\"customer\":\"demo\",\"lines\":[{\"sku\":\"tea\",\"quantity\":12,\"unitPrice\":3.5}]}" "$url/orders") || true
    if [ "$code" = 201 ]; then echo "$id" >> "$work/accepted"; else echo "$id $code" >> "$work/not-accepted"; fi
  done
}

start_traffic() {
  touch "$work/accepted" "$work/not-accepted"
  place_orders &
  orders_pid=$!
  "$midstream" prove "$url" --duration 10m --upload-path /upload --download-path "/export?lines=20&delayMs=50" \
    --expect-status 200 --connections-must-survive --json > "$work/proof.json" 2> "$work/proof.log" &
  prove_pid=$!
  pids+=("$orders_pid" "$prove_pid")
}

# deploy NUMBER NAME FOLDER  deploys, and keeps a row for the table.
deploy() {
  local number=$1 name=$2 folder=$3 result
  printf '\n%s\n' "deployment $number: $name"
  "$midstream" deploy "$folder" --json 2> "$work/phases" > "$work/result" || true
  jq --raw-output '[.elapsed_ms, .phase, .detail // ""] | @tsv' "$work/phases" |
    while IFS=$'\t' read -r elapsed phase detail; do
      printf '  %6s ms  %-10s %s\n' "$elapsed" "$phase" "${detail#"$repository/"}"
    done
  result=$(jq --raw-output '[.outcome, (if .replaced_in_ms then "\(.replaced_in_ms)_ms" else "-" end), (.connections.moved // "-" | tostring)] | join(" ")' "$work/result")
  jq --raw-output 'select(.reason) | "  " + .reason' "$work/result"
  echo "$number $name $result" >> "$work/table"
}

stop_traffic() {
  touch "$work/enough"
  wait "$orders_pid" || true
  kill "$prove_pid"
  wait "$prove_pid" || true
}

show_deployments() {
  heading "Deployments"
  printf '%-4s %-14s %-12s %14s %20s\n' no. release outcome 'replaced in' 'connections moved'
  while read -r number name outcome ms moved; do
    printf '%-4s %-14s %-12s %14s %20s\n' "$number" "$name" "$outcome" "${ms/_/ }" "$moved"
  done < "$work/table"
}

show_proof() {
  heading "Traffic, as the clients saw it"
  jq --raw-output '
    "requests                                  \(.requests)",
    "lost or wrong                             \(.lost + .wrong)",
    "connections closed without announcement   \(.connections.unannounced_closes)",
    "keep-alive connections kept               \(.connections.survived) of \(.connections.opened_at_beginning)",
    "latency p50, p99, p99.9                   \(.latency | [.p50_ms, .p99_ms, .p999_ms] | map("\(. * 10 | round / 10) ms") | join(", "))",
    "releases that answered                    \(.releases | map(.name) | join(", "))"' "$work/proof.json"
}

show_orders() {
  heading "Orders"
  accepted=$(wc -l < "$work/accepted")
  refused=$(wc -l < "$work/not-accepted")
  found=$(sqlite3 "$work/shop.db" 'select count(*) from orders')
  missing=$(sort "$work/accepted" | comm -23 - <(sqlite3 "$work/shop.db" 'select lower(order_id) from orders' | sort) | wc -l)
  printf 'accepted %s, not accepted %s, found in the database %s, missing %s\n' "$accepted" "$refused" "$found" "$missing"
}

verdict() {
  heading "Verdict"
  local lost
  lost=$(jq '.lost + .wrong + .connections.unannounced_closes + (.connections.opened_at_beginning - .connections.survived)' "$work/proof.json")
  if [ "$lost" -eq 0 ] && [ "$refused" -eq 0 ] && [ "$missing" -eq 0 ] && [ "$found" -eq "$accepted" ]; then
    echo "nothing was lost"
  else
    echo "something was lost: see above"
    jq '.failures' "$work/proof.json"
    head "$work/not-accepted"
    exit 1
  fi
}

write_configuration
make_broken_release
heading "Starting the shop"
start_service
start_traffic
heading "Replacing it under traffic"
for number in 1 2 3 4 5; do
  deploy $((2 * number - 1)) shop-v2 "$apps/samples-shop-v2"
  deploy $((2 * number)) shop-v1 "$apps/samples-shop-v1"
done
deploy 11 broken "$work/broken"
stop_traffic
show_deployments
show_proof
show_orders
verdict
"$midstream" stop
