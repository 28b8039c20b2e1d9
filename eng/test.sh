#!/usr/bin/env bash
# Builds, runs every test project one after the other, and closes with one line: N passed, N failed[, N skipped].
# Arguments, if any, choose the projects: eng/test.sh Core.Tests RepoTests
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

results="$repository/artifacts/tests"
# A test that hangs must not hang the whole run: no project comes near this.
longest=38m

passed=0
failed=0
skipped=0
broken=()

# count NAME FILE  prints one counter of a .trx file.
count() { grep --only-matching --max-count 1 " $1=\"[0-9]*\"" "$2" | head -n 1 | tr --complement --delete '0-9'; }

run_project() {
  local project=$1 name report status=0
  name=$(basename "$project" .csproj)
  report="$results/$name.trx"
  say "$name"

  timeout --kill-after 30s "$longest" dotnet test "$project" --no-build --configuration Release --nologo \
    --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" || status=$?

  local project_failed=0
  if [ -f "$report" ]; then
    local counters="$results/$name.counters"
    grep '<Counters ' "$report" > "$counters"
    project_failed=$(count failed "$counters")
    passed=$((passed + $(count passed "$counters")))
    failed=$((failed + project_failed))
    skipped=$((skipped + $(count total "$counters") - $(count executed "$counters")))
    rm "$counters"
  fi
  # A run that broke off without a failed test is a failure all the same.
  if [ "$status" -ne 0 ] && [ "$project_failed" -eq 0 ]; then broken+=("$name (exit code $status)"); fi
}

chosen() {
  local project=$1 pattern
  shift
  [ $# -eq 0 ] && return 0
  for pattern in "$@"; do [[ $project == *"$pattern"* ]] && return 0; done
  return 1
}

# Programs the tests deploy, ask, or are judged by, each from this system's packages.
need_commands node:nodejs gunicorn:gunicorn sqlite3:sqlite3 promtool:prometheus logrotate:logrotate curl:curl \
  openssl:openssl nginx:nginx-light chromium-headless-shell:chromium-headless-shell \
  systemd-analyze:systemd prlimit:util-linux nghttp:nghttp2-client h2load:nghttp2-client
"$repository/eng/build.sh"
need_dotnet

cd "$repository"
rm -rf "$results"
mkdir -p "$results"
for project in tests/*Tests/*.csproj; do
  if chosen "$project" "$@"; then run_project "$project"; fi
done

for name in ${broken[@]+"${broken[@]}"}; do
  say "$name broke off; what it said is above"
  failed=$((failed + 1))
done

if [ $((passed + failed)) -eq 0 ]; then say "no test ran"; fi
summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary+=", $skipped skipped"; fi
echo "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
