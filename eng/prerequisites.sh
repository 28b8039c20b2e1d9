# Sourced by the other scripts: finds what a build or a test needs and installs what the machine lacks.
# Nothing is touched on a machine that has everything. What is done is said.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Build nodes would outlive the script and hold its files.
export MSBUILDDISABLENODEREUSE=1

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "eng: $*" >&2; }

die() {
  say "$*"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  command -v apt-get > /dev/null || die "missing: $*. Install them by this system's package manager and run this again."
  say "installing from this system's packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" > /dev/null
}

# need_commands command:package...  installs the packages of those commands that are not there.
need_commands() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%:*}" > /dev/null || missing+=("${pair##*:}")
  done
  if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
}

# Native AOT links with the C compiler against the C library.
need_linker() {
  if ! printf '#include <stdio.h>\nint main(void) { return 0; }\n' | gcc -x c -o /dev/null - 2> /dev/null; then
    install_packages gcc libc6-dev
  fi
}

# The SDK that global.json names: the system's own if it has it, else one in .dotnet/ that nothing else sees.
need_dotnet() {
  cd "$repository"
  if dotnet --version > /dev/null 2>&1; then return; fi

  export DOTNET_ROOT="$repository/.dotnet" PATH="$repository/.dotnet:$PATH"
  # The SDK refuses to start without ICU; a build needs no culture's rules.
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  if dotnet --version > /dev/null 2>&1; then return; fi

  need_commands curl:curl
  say "installing the .NET SDK of global.json into .dotnet/"
  mkdir -p .dotnet
  curl --fail --silent --show-error --location --retry 3 https://dot.net/v1/dotnet-install.sh --output .dotnet/dotnet-install.sh
  bash .dotnet/dotnet-install.sh --jsonfile global.json --install-dir .dotnet --no-path > /dev/null
  dotnet --version > /dev/null || die "the .NET SDK of global.json does not start; see above."
}
