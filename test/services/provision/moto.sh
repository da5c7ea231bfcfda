#!/usr/bin/env bash
# moto, a fake of the AWS APIs (CloudWatch Logs among them), for the tests, from the Python package index.
#   moto.sh prepare       makes the virtual environment (once), prints its folder
#   moto.sh serve PORT    prepares, then *becomes* the server (same pid) on 127.0.0.1:PORT, log on stdout
# A fake checks less than AWS does: test/support/cloudwatch-strict.ts stands in front of it with the limits it does not know.
# PANNIER_SERVICES_DIR: the cache (default .services of the checkout). MOTO_VERSION: default 5.2.5.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PANNIER_SERVICES_DIR:-$here/../../../.services}
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
version=${MOTO_VERSION:-5.2.5}
home=$cache/moto-$version
fail() { echo "moto.sh: $*" >&2; exit 1; }

# A virtual environment cannot be moved: a mark, made last, says that it is whole.
prepare() {
  exec 9> "$cache/moto.lock"
  flock 9
  if [ ! -f "$home/complete" ]; then
    command -v python3 > /dev/null || fail "python3 is not installed"
    rm -rf "$home"
    python3 -m venv "$home" || fail "no virtual environment could be made"
    # The extra "server" would bring 180 MB that these services do not need.
    "$home/bin/pip" install -q --disable-pip-version-check "moto==$version" flask flask-cors > "$home/fetch.log" 2>&1 ||
      { tail -n 20 "$home/fetch.log" >&2; fail "pip could not fetch moto $version"; }
    touch "$home/complete"
  fi
  exec 9>&-
}

case ${1:-} in
  prepare)
    prepare
    echo "moto $version $home"
    ;;
  serve)
    [ $# -eq 2 ] || fail "usage: moto.sh serve PORT"
    prepare
    exec "$home/bin/python" "$home/bin/moto_server" -H 127.0.0.1 -p "$2" 2>&1
    ;;
  *) fail "usage: moto.sh prepare | serve PORT" ;;
esac
