#!/usr/bin/env bash
# The main job on real input: an order service with a database is replaced ten times under traffic, once by a release that
# never becomes ready. One release has modules, which are replaced inside its process under the same traffic. At the end every
# request, order and sale is accounted for. Ends by itself; leaves nothing running.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

need_commands curl:curl jq:jq sqlite3:sqlite3 uuidgen:uuid-runtime
"$repository/eng/build.sh"
need_dotnet

midstream="$repository/artifacts/midstream/midstream"
apps="$repository/artifacts/apps"
modules="$repository/artifacts/modules"
work=$(mktemp --directory)
export MIDSTREAM_STATE="$work/state" Shop__Database="$work/shop.db" Shop__ModuleData="$work/modules"
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

# Sells tea through the modules, one piece or a dozen after another, until the file "sold-out" appears; keeps each receipt's cents.
sell() {
  local quantity=1 receipt
  while [ ! -e "$work/sold-out" ]; do
    receipt=$(curl --silent --fail --header 'Content-Type: application/json' \
      --data "{\"customer\":\"demo\",\"sku\":\"tea\",\"quantity\":$quantity}" "$url/pricing/sales") || true
    if ! jq --exit-status --raw-output '.cents' <<< "$receipt" >> "$work/sold" 2> /dev/null; then echo "$receipt" >> "$work/not-sold"; fi
    quantity=$((13 - quantity))
  done
}

# swap MODULE VERSION  replaces a module inside the process that serves, and keeps a row for the table.
swap() {
  local begun=${EPOCHREALTIME/./} outcome
  "$midstream" module deploy "$modules/$1-$2" --json > "$work/result" 2> "$work/phases" || true
  outcome=$(jq --raw-output '.outcome // .code' "$work/result")
  jq --raw-output 'select(.reason) | "  " + .reason' "$work/result"
  printf '  %-12s %-4s %-10s %s\n' "$1" "$2" "$outcome" \
    "$(jq --raw-output '[.modules[]? | .endings[]? | "generation \(.generation) \(.outcome)"] | join(", ")' "$work/result")"
  echo "$1 $2 $outcome $(((${EPOCHREALTIME/./} - begun) / 1000))_ms" >> "$work/swaps"
}

# Up one version after the other, and back, while tea is sold.
swap_modules() {
  printf '\n%s\n' "modules, inside the process that serves"
  touch "$work/sold" "$work/not-sold" "$work/swaps"
  sell &
  local seller=$! version
  pids+=("$seller")
  for version in v2 v3 v2 v1; do
    swap pricing "$version"
    swap promotions "$version"
  done
  touch "$work/sold-out"
  wait "$seller" || true
  curl --silent --fail "$url/pricing/totals/tea" > "$work/total"
  curl --silent --fail "$url/promotions/customers/demo" > "$work/points"
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

show_modules() {
  heading "Modules, replaced inside the process"
  swapped=$(grep --count ' committed ' "$work/swaps" || true)
  not_swapped=$(($(wc -l < "$work/swaps") - swapped))
  sold=$(wc -l < "$work/sold")
  not_sold=$(wc -l < "$work/not-sold")
  cents=$(awk '{ cents += $1 } END { print cents + 0 }' "$work/sold")
  points=$(awk '{ points += int($1 / 100) } END { print points + 0 }' "$work/sold")
  printf 'swaps %s, not swapped %s; sales %s, not sold %s\n' "$swapped" "$not_swapped" "$sold" "$not_sold"
  printf 'receipts      %8s sales  %8s cents  %8s points\n' "$sold" "$cents" "$points"
  printf 'in the state  %8s sales  %8s cents  %8s points\n' \
    "$(jq .count "$work/total")" "$(jq .cents "$work/total")" "$(jq .points "$work/points")"
}

# Whether the modules kept all that was given to them.
modules_are_whole() {
  [ "$not_swapped" -eq 0 ] && [ "$not_sold" -eq 0 ] && [ "$(jq .count "$work/total")" = "$sold" ] &&
    [ "$(jq .cents "$work/total")" = "$cents" ] && [ "$(jq .points "$work/points")" = "$points" ]
}

verdict() {
  heading "Verdict"
  local lost
  lost=$(jq '.lost + .wrong + .connections.unannounced_closes + (.connections.opened_at_beginning - .connections.survived)' "$work/proof.json")
  if [ "$lost" -eq 0 ] && [ "$refused" -eq 0 ] && [ "$missing" -eq 0 ] && [ "$found" -eq "$accepted" ] &&
    modules_are_whole; then
    echo "nothing was lost"
  else
    echo "something was lost: see above"
    jq '.failures' "$work/proof.json"
    head "$work/not-accepted" "$work/not-sold"
    exit 1
  fi
}

write_configuration
make_broken_release
heading "Starting the shop"
start_service
start_traffic
heading "Replacing it under traffic"
for number in 1 2; do
  deploy $((2 * number - 1)) shop-v2 "$apps/samples-shop-v2"
  deploy $((2 * number)) shop-v1 "$apps/samples-shop-v1"
done
deploy 5 shop-modular "$apps/samples-shop-modular-Host"
swap_modules
deploy 6 shop-v1 "$apps/samples-shop-v1"
for number in 4 5; do
  deploy $((2 * number - 1)) shop-v2 "$apps/samples-shop-v2"
  deploy $((2 * number)) shop-v1 "$apps/samples-shop-v1"
done
deploy 11 broken "$work/broken"
stop_traffic
show_deployments
show_proof
show_orders
show_modules
verdict
"$midstream" stop
