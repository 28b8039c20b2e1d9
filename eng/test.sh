#!/usr/bin/env bash
# Builds, runs every test, and closes with one line: N passed, N failed[, N skipped].
# Arguments, if any, choose what runs: eng/test.sh Core.Tests FunctionalTests/Traffic
# What runs is cut into parts: each test project, and each folder of the functional tests, which wait for processes most of the
# time. Two lanes take one part after the other; what a part has said is shown when it ends.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

results="$repository/artifacts/tests"
# A test that hangs must not hang the whole run: no part comes near this.
longest=25m
lanes=()
temporary=()
# Hundreds of workers are started and live for seconds: code that first counts what would pay off costs a sixth of their processor
# time, and what it would find is not what is tested.
export DOTNET_TieredPGO=0

# Whatever ends this script ends what it has started, and leaves nothing behind. What a part has left when its lane has ended is
# still in the lane's process group.
clean_up() {
  local lane
  echo ${#parts[@]} > "$results/taken"
  for lane in ${lanes[@]+"${lanes[@]}"}; do kill -TERM -- "-$lane" 2> /dev/null || true; done
  for lane in ${lanes[@]+"${lanes[@]}"}; do wait "$lane" 2> /dev/null || true; done
  for lane in ${lanes[@]+"${lanes[@]}"}; do kill -KILL -- "-$lane" 2> /dev/null || true; done
  rm -rf ${temporary[@]+"${temporary[@]}"} || true
}

# name_of PART  prints what its results are called.
name_of() {
  local name=${1#tests/}
  name=${name%/*.csproj}
  echo "${name//\//.}"
}

# run_part PART  leaves NAME.trx, NAME.log and NAME.status, the exit code.
run_part() {
  local part=$1 project=$1 filter=() name status=0
  name=$(name_of "$part")
  if [ -d "$part" ]; then
    project=$(dirname "$part")
    filter=(--filter "FullyQualifiedName~$name.")
  fi
  timeout --foreground --kill-after 30s "$longest" dotnet test "$project" --no-build --configuration Release --nologo \
    ${filter[@]+"${filter[@]}"} --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
    --logger "console;verbosity=minimal" > "$results/$name.log" 2>&1 < /dev/null || status=$?
  # Cut off: what it has started is in this lane's process group.
  if [ "$status" -ge 124 ]; then kill -TERM 0; fi
  say "$name"
  cat "$results/$name.log"
  echo "$status" > "$results/$name.status"
}

# take_part  prints the next part that no lane has taken; fails when there is none.
take_part() {
  local taken
  exec 9> "$results/taken.lock"
  flock 9
  taken=$(cat "$results/taken" 2> /dev/null || echo 0)
  [ "$taken" -lt ${#parts[@]} ] || return 1
  echo $((taken + 1)) > "$results/taken"
  echo "${parts[taken]}"
}

# begin_lane  in a process group of its own, and with temporary files of its own: some tests look at what others leave there, and
# some have another user come to them.
begin_lane() {
  local folder
  folder=$(mktemp --directory)
  chmod 1777 "$folder"
  temporary+=("$folder")
  set -m
  (
    export TMPDIR=$folder
    # Its parts are ended by this signal, and it goes on to the next; it ends when there is none.
    trap : TERM
    while part=$(take_part); do run_part "$part"; done
  ) &
  set +m
  lanes+=($!)
}

# count NAME FILE  prints one counter of a .trx file.
count() { grep --only-matching --max-count 1 " $1=\"[0-9]*\"" "$2" | head -n 1 | tr --complement --delete '0-9'; }

passed=0
failed=0
skipped=0
broken=()

# add_up PART  counts what its tests came to.
add_up() {
  local name status project_failed=0
  name=$(name_of "$1")
  status=$(cat "$results/$name.status" 2> /dev/null || echo "none")
  if [ -f "$results/$name.trx" ]; then
    local counters="$results/$name.counters"
    grep '<Counters ' "$results/$name.trx" > "$counters"
    project_failed=$(count failed "$counters")
    passed=$((passed + $(count passed "$counters")))
    failed=$((failed + project_failed))
    skipped=$((skipped + $(count total "$counters") - $(count executed "$counters")))
    rm "$counters"
  fi
  # A run that broke off without a failed test is a failure all the same.
  if [ "$status" != 0 ] && [ "$project_failed" -eq 0 ]; then broken+=("$name (exit code $status)"); fi
}

# tell_failures PART  prints each of its tests that failed, and what was wrong, without the way there.
tell_failures() {
  awk '/^  Failed / { say = 1; lines = 0 } /^  Stack Trace:/ { say = 0 } say && lines++ < 40 { print substr($0, 1, 2000) }' \
    "$results/$(name_of "$1").log" 2> /dev/null || true
}

# add_parts PART...  those that the arguments choose.
add_parts() {
  local part pattern
  for part in "$@"; do
    for pattern in ${patterns[@]+"${patterns[@]}"}; do
      if [[ $part == *"$pattern"* ]]; then
        parts+=("$part")
        break
      fi
    done
  done
}

# Programs the tests deploy, ask, or are judged by, each from this system's packages.
need_commands node:nodejs python3:python3 gunicorn:gunicorn sqlite3:sqlite3 promtool:prometheus logrotate:logrotate curl:curl \
  openssl:openssl nginx:nginx-light chromium-headless-shell:chromium-headless-shell \
  systemd-analyze:systemd prlimit:util-linux nghttp:nghttp2-client h2load:nghttp2-client
"$repository/eng/build.sh"
need_dotnet

cd "$repository"
rm -rf "$results"
mkdir -p "$results"

# The longest first, so that the lanes end at about the same time.
patterns=("${@:-}")
parts=()
functional=tests/Midstream.FunctionalTests
add_parts "$functional"/{Traffic,FaultMatrix,Succession}
for folder in "$functional"/[A-Z]*/; do
  case "$folder" in
    */Traffic/ | */FaultMatrix/ | */Succession/) ;;
    *) add_parts "${folder%/}" ;;
  esac
done
for project in tests/*Tests/*.csproj; do
  case "$project" in
    "$functional"/*) ;;
    *) add_parts "$project" ;;
  esac
done

trap clean_up EXIT
begin_lane
begin_lane
for lane in "${lanes[@]}"; do wait "$lane" || true; done

for part in ${parts[@]+"${parts[@]}"}; do add_up "$part"; done
for name in ${broken[@]+"${broken[@]}"}; do
  say "$name broke off; what it said is above"
  failed=$((failed + 1))
done

# What failed is said once more at the end: a run's log is long, and its last lines are what is kept of it.
for part in ${parts[@]+"${parts[@]}"}; do tell_failures "$part"; done
if [ $((passed + failed)) -eq 0 ]; then say "no test ran"; fi
summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary+=", $skipped skipped"; fi
echo "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
