#!/usr/bin/env bash
# log4j2 for the tests, from the jars on Maven Central.
#   log4j2.sh prepare         fetches and compiles test/faults/writers/Log4j2.java (once), prints version and folder; exit code 77 when this machine can't
#   log4j2.sh have            as `prepare`, but fetches nothing: exit code 77 when it was not prepared
#   log4j2.sh run ARGUMENT…   prepares, then *becomes* the writer (same pid)
# PANNIER_SERVICES_DIR: the cache (default .services of the checkout). LOG4J_VERSION: default 2.25.4.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$here/../../faults/writers/Log4j2.java
cache=${PANNIER_SERVICES_DIR:-$here/../../../.services}
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
version=${LOG4J_VERSION:-2.25.4}
home=$cache/log4j2-$version
unable() { echo "log4j2.sh: $*" >&2; exit 77; }
fail() { echo "log4j2.sh: $*" >&2; exit 1; }

fetch() {
  local name
  {
    printf '<project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>log4j2</artifactId>'
    printf '<version>1</version><packaging>pom</packaging><dependencies>'
    for name in log4j-api log4j-core; do
      printf '<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>%s</artifactId><version>%s</version></dependency>' "$name" "$version"
    done
    printf '</dependencies></project>\n'
  } > "$1/pom.xml"
  mvn -q -B -f "$1/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$1/lib" > "$1/fetch.log" 2>&1 ||
    { tail -n 30 "$1/fetch.log" >&2; fail "Maven could not fetch log4j2 $version"; }
}

# Made beside its place and moved there when whole, under a lock: two callers, or one that was interrupted, leave no half of it.
prepare() {
  local tool making
  for tool in mvn javac java; do command -v "$tool" > /dev/null || unable "$tool is not installed"; done
  exec 9> "$cache/log4j2.lock"
  flock 9
  if [ ! -d "$home" ] || [ "$source" -nt "$home/classes/Log4j2.class" ]; then
    making=$(mktemp -d "$cache/making.XXXXXX")
    fetch "$making"
    javac -cp "$making/lib/*" -d "$making/classes" "$source" || fail "the writer does not compile against $version"
    rm -rf "$home"
    mv "$making" "$home"
  fi
  exec 9>&-
}

case ${1:-} in
  have)
    [ -f "$home/classes/Log4j2.class" ] && [ ! "$source" -nt "$home/classes/Log4j2.class" ] && command -v java > /dev/null || unable "it was not prepared"
    ;;
  prepare)
    prepare
    echo "log4j2 $version $home"
    ;;
  run)
    shift
    prepare
    exec java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$home/classes:$home/lib/*" Log4j2 "$@"
    ;;
  *) fail "usage: log4j2.sh have | prepare | run ARGUMENT…" ;;
esac
