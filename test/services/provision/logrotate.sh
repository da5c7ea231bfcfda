#!/usr/bin/env bash
# The real logrotate for the tests: the installed one, else Debian's package, unpacked beside the other services and not installed.
#   logrotate.sh prepare         fetches it where it is missing (once), prints version and program; exit code 77 when this machine can't, with the reason
#   logrotate.sh have            as `prepare`, but fetches nothing: exit code 77 when it is not there
#   logrotate.sh run ARGUMENT…   prepares, then *becomes* logrotate
# PANNIER_SERVICES_DIR: the cache (default .services of the checkout).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PANNIER_SERVICES_DIR:-$here/../../../.services}
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
home=$cache/logrotate
unable() { echo "logrotate.sh: $*" >&2; exit 77; }

# Made beside its place and moved there when whole, under a lock. Of its libraries only libpopt is not on every Debian.
fetch() {
  local making deb
  exec 9> "$cache/logrotate.lock"
  flock 9
  if [ ! -x "$home/usr/sbin/logrotate" ]; then
    for tool in apt-get dpkg-deb; do command -v "$tool" > /dev/null || unable "logrotate is not installed, and there is no $tool to fetch it"; done
    making=$(mktemp -d "$cache/making.XXXXXX")
    (cd "$making" && { apt-get download logrotate libpopt0 || { apt-get update && apt-get download logrotate libpopt0; }; }) > "$cache/logrotate.log" 2>&1 ||
      { rm -rf "$making"; tail -n 5 "$cache/logrotate.log" >&2; unable "apt-get could not fetch logrotate"; }
    for deb in "$making"/*.deb; do dpkg-deb -x "$deb" "$making"; done
    rm -rf "$home"
    mv "$making" "$home"
  fi
  exec 9>&-
}

program=$(PATH=$PATH:/usr/sbin:/sbin command -v logrotate || true)
if [ -z "$program" ]; then
  if [ "${1:-}" != have ]; then fetch; elif [ ! -x "$home/usr/sbin/logrotate" ]; then unable "it is not installed, and was not prepared"; fi
  program=$home/usr/sbin/logrotate
  library=$(dirname "$(find "$home" -name 'libpopt.so.0' | head -n 1)")
  export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

case ${1:-} in
  have | prepare) echo "$("$program" --version 2>&1 | head -n 1) $program" ;;
  run)
    shift
    exec "$program" "$@"
    ;;
  *) echo "logrotate.sh: usage: logrotate.sh have | prepare | run ARGUMENT…" >&2; exit 1 ;;
esac
