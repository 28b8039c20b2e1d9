#!/usr/bin/env bash
# Measures Midstream beside other systems, in one run and with the same clients. bench/README.md says what and how.
#   eng/bench.sh                      everything: about 45 minutes on a machine that does nothing else
#   eng/bench.sh upgrades [options]   what clients lose while each system is upgraded
#   eng/bench.sh steady [options]     throughput and latency beside plain Kestrel while nothing is replaced
#   eng/bench.sh modules [options]    what modules cost, and what is met while they are replaced
# The result is printed and kept in bench/runs/. Installs the other systems from Debian's packages, without starting them.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

# Their packages would start them as services, on ports that may be taken: policy-rc.d(8) forbids it while they are installed.
install_without_starting() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    need_commands "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null
  as_root chmod 755 "$policy"
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  need_commands "$@"
  as_root rm -f "$policy"
  trap - EXIT
}

# The commit that is measured; what differs from it is said.
commit() {
  local id
  id=$(git -C "$repository" rev-parse --short=10 HEAD)
  if [ -n "$(git -C "$repository" status --porcelain -- src bench ':!bench/runs')" ]; then id+="-changed"; fi
  echo "$id"
}

bench() {
  dotnet "$repository/bench/Midstream.Bench/bin/Release/net10.0/Midstream.Bench.dll" "$@" --repository "$repository" \
    --commit "$measured" --command "eng/bench.sh $*"
}

# Modules are compared with no other system.
systems=(nginx:nginx-light haproxy:haproxy caddy:caddy gunicorn:gunicorn puma:puma wrk:wrk)
if [ "${1:-}" = modules ]; then systems=(wrk:wrk); fi

PATH=$PATH:/usr/sbin
for system in "${systems[@]}"; do
  if ! command -v "${system%%:*}" > /dev/null; then install_without_starting "${systems[@]}"; fi
done
"$repository/eng/build.sh"
need_dotnet

measured=$(commit)
if [ $# -gt 0 ]; then
  bench "$@"
else
  bench upgrades
  bench steady
  bench modules
fi
