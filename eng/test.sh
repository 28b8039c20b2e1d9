#!/usr/bin/env bash
# Builds, runs every test project, and closes with one line: N passed, N failed[, N skipped].
# Arguments, if any, choose the projects: eng/test.sh Core.Tests RepoTests
# The functional tests, which wait for processes most of the time, run beside the others, one project after the other each; what a
# project has said is shown when it ends.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

results="$repository/artifacts/tests"
# A test that hangs must not hang the whole run: no project comes near this.
longest=38m
lanes=()
temporary=()

# Whatever ends this script ends what it has started, and leaves nothing behind.
clean_up() {
  local pid
  for pid in ${lanes[@]+"${lanes[@]}"}; do kill -TERM -- "-$pid" 2> /dev/null || true; done
  for pid in ${lanes[@]+"${lanes[@]}"}; do wait "$pid" 2> /dev/null || true; done
  rm -rf ${temporary[@]+"${temporary[@]}"}
}

# run_project PROJECT  leaves NAME.trx, NAME.log and NAME.status, the exit code.
run_project() {
  local project=$1 name status=0
  name=$(basename "$project" .csproj)
  timeout --foreground --kill-after 30s "$longest" dotnet test "$project" --no-build --configuration Release --nologo \
    --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
    > "$results/$name.log" 2>&1 < /dev/null || status=$?
  say "$name"
  cat "$results/$name.log"
  echo "$status" > "$results/$name.status"
}

# begin_lane PROJECT...  one after the other, in a process group of their own, and with temporary files of their own: some tests
# look at what others leave there, and some have another user come to them.
begin_lane() {
  local folder project
  folder=$(mktemp --directory)
  chmod 1777 "$folder"
  temporary+=("$folder")
  set -m
  (
    export TMPDIR=$folder
    for project in "$@"; do run_project "$project"; done
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

# add_up PROJECT  counts what its tests came to.
add_up() {
  local name status project_failed=0
  name=$(basename "$1" .csproj)
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

chosen() {
  local project=$1 pattern
  shift
  [ $# -eq 0 ] && return 0
  for pattern in "$@"; do [[ $project == *"$pattern"* ]] && return 0; done
  return 1
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

functional=()
others=()
for project in tests/*Tests/*.csproj; do
  if ! chosen "$project" "$@"; then continue; fi
  case "$project" in
    *FunctionalTests*) functional+=("$project") ;;
    *) others+=("$project") ;;
  esac
done

trap clean_up EXIT
begin_lane ${functional[@]+"${functional[@]}"}
begin_lane ${others[@]+"${others[@]}"}
for lane in "${lanes[@]}"; do wait "$lane" || true; done
lanes=()

for project in ${functional[@]+"${functional[@]}"} ${others[@]+"${others[@]}"}; do add_up "$project"; done
for name in ${broken[@]+"${broken[@]}"}; do
  say "$name broke off; what it said is above"
  failed=$((failed + 1))
done

if [ $((passed + failed)) -eq 0 ]; then say "no test ran"; fi
summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary+=", $skipped skipped"; fi
echo "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
