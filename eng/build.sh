#!/usr/bin/env bash
# Builds everything (Release) and lays out the product in artifacts/midstream/:
#   midstream           the program, Native AOT
#   midstream.dbg       its symbols
#   hosting/            what it injects into ASP.NET Core workers
#   roots/              what it looks into workers with, on request
# in artifacts/apps/ the applications that the demo, the tests and the bench deploy,
# and in artifacts/modules/ the packages of the modules that they put into them.
set -euo pipefail
source "$(dirname "$0")/prerequisites.sh"

product="$repository/artifacts/midstream"

runtime_identifier() {
  case "$(uname -m)" in
    x86_64) echo linux-x64 ;;
    aarch64) echo linux-arm64 ;;
    *) die "$(uname -m) is not a supported architecture: x86_64 and aarch64 are." ;;
  esac
}

build_solution() {
  say "building the solution"
  dotnet restore Midstream.slnx --locked-mode --verbosity quiet
  dotnet build Midstream.slnx --no-restore --configuration Release --verbosity quiet --nologo -clp:NoSummary
}

# The solution's restore has checked the lock files. Another one with a runtime identifier would ask for it of every library too.
publish_program() {
  say "publishing midstream for $1"
  dotnet publish src/Midstream.Cli --no-restore --configuration Release --runtime "$1" --output "$product" --verbosity quiet \
    -p:PublishDocumentationFiles=false
  # The libraries are inside the program, and their symbols in midstream.dbg.
  rm -f "$product"/*.pdb
}

publish_hosting() {
  dotnet publish src/Midstream.Hosting --no-restore --configuration Release --runtime "$1" --no-self-contained \
    --output "$product/hosting" --verbosity quiet -p:PublishDocumentationFiles=false
}

# What `midstream module explain --attach` runs.
publish_roots() {
  dotnet publish src/Midstream.Roots --no-restore --configuration Release --runtime "$1" --no-self-contained \
    --output "$product/roots" --verbosity quiet -p:PublishDocumentationFiles=false
}

# Applications as their users publish them: what the demo, the functional tests and the bench deploy.
publish_applications() {
  say "publishing the applications that tests, demo and bench deploy"
  local project
  for project in samples/shop/v1 samples/shop/v2 samples/shop/modular/Host tests/TestApps/Echo tests/TestApps/TemplateWeb \
    tests/TestApps/SystemdWeb tests/TestApps/Misbehaving tests/TestApps/SlimWeb tests/TestApps/Counting tests/TestApps/Movable \
    tests/TestApps/Rpc tests/TestApps/Modular tests/TestModules/Fickle \
    bench/apps/Hello bench/apps/ModuleHost; do
    dotnet publish "$project" --no-build --configuration Release --output "artifacts/apps/${project//\//-}" --verbosity quiet \
      -p:PublishDocumentationFiles=false
  done
}

publish_modules() {
  say "publishing the modules of the shop and of the bench"
  local project module
  for project in samples/shop/modular/p*/v*; do
    module=${project#samples/shop/modular/}
    publish_module "$project" "${module//\//-}"
  done
  for project in bench/modules/*/*.csproj; do
    module=$(basename "$project" .csproj)
    publish_module "$project" "bench-$module"
  done
}

publish_module() {
  dotnet publish "$1" --no-build --configuration Release --output "artifacts/modules/$2" --verbosity quiet \
    -p:PublishDocumentationFiles=false -p:DebugType=none
}

need_commands curl:curl
need_linker
need_dotnet

cd "$repository"
rid=$(runtime_identifier)
build_solution
rm -rf "$product" artifacts/apps artifacts/modules
publish_program "$rid"
publish_hosting "$rid"
publish_roots "$rid"
publish_applications
publish_modules
say "built artifacts/midstream/midstream"
