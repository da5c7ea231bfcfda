#!/usr/bin/env bash
# A real Elasticsearch for the tests, from the jars on Maven Central.
#   elasticsearch.sh prepare                            fetches and compiles what is missing (once), prints version and folder
#   elasticsearch.sh serve PORT DATA [setting=value …]  prepares, then *becomes* the server (same pid): 127.0.0.1:PORT, log on stdout
# The caller waits for GET /_cluster/health and ends the server by its pid; DATA outlives it.
# PANNIER_SERVICES_DIR: the cache (default .services of the checkout). ES_VERSION: default 9.5.3 with a JDK >= 21, else 8.19.21 (JDK >= 17).
# ES_HEAP: default 512m.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PANNIER_SERVICES_DIR:-$here/../../../.services}
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
fail() { echo "elasticsearch.sh: $*" >&2; exit 1; }

# Home of a JDK (with javac) of at least major version $1: JAVA_HOME, else what lies beside the java on the PATH.
jdk_at_least() {
  local home major beside=/nonexistent
  if command -v java > /dev/null; then beside=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"); fi
  for home in "${JAVA_HOME:-}" "$beside"/*; do
    [ -n "$home" ] && [ -x "$home/bin/javac" ] || continue
    major=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    if [ "${major:-0}" -ge "$1" ]; then echo "$home"; return; fi
  done
  return 1
}

version=${ES_VERSION:-}
if [ -z "$version" ]; then if jdk_at_least 21 > /dev/null; then version=9.5.3; else version=8.19.21; fi; fi
case $version in 8.*) least=17 ;; *) least=21 ;; esac
jdk=$(jdk_at_least "$least") || fail "Elasticsearch $version needs a JDK of at least version $least (set JAVA_HOME)"
home=$cache/elasticsearch-$version

fetch() {
  local target=$1
  {
    printf '<project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>elasticsearch</artifactId>'
    printf '<version>1</version><packaging>pom</packaging><dependencies>'
    printf '<dependency><groupId>org.elasticsearch</groupId><artifactId>elasticsearch</artifactId><version>%s</version></dependency>' "$version"
    printf '<dependency><groupId>org.elasticsearch.plugin</groupId><artifactId>transport-netty4</artifactId><version>%s</version></dependency>' "$version"
    printf '</dependencies></project>\n'
  } > "$target/pom.xml"
  mvn -q -B -f "$target/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$target/lib" > "$target/fetch.log" 2>&1 ||
    { tail -n 30 "$target/fetch.log" >&2; fail "Maven could not fetch Elasticsearch $version"; }
}

# A module of the server is a folder with its jars and its descriptor. Without its module name it loads from the class path.
make_module() {
  local target=$1 module=$1/modules/transport-netty4
  mkdir -p "$module"
  mv "$target"/lib/transport-netty4-*.jar "$target"/lib/netty-*.jar "$module/"
  (cd "$target" && "$jdk/bin/jar" xf "$module"/transport-netty4-*.jar META-INF/es-plugins)
  grep -v '^modulename' "$target/META-INF/es-plugins/transport-netty4/plugin-descriptor.properties" > "$module/plugin-descriptor.properties"
}

configure() {
  mkdir -p "$1/config"
  : > "$1/config/elasticsearch.yml"
  cat > "$1/config/log4j2.properties" << 'CONF'
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %-5p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
CONF
}

# Made beside its place and moved there when whole, under a lock: two callers, or one that was interrupted, leave no half of it.
prepare() {
  exec 9> "$cache/elasticsearch.lock"
  flock 9
  if [ ! -d "$home" ] || [ "$here/Launch.java" -nt "$home/classes/Launch.class" ]; then
    command -v mvn > /dev/null || fail "mvn is not installed"
    local making
    making=$(mktemp -d "$cache/making.XXXXXX")
    fetch "$making"
    make_module "$making"
    configure "$making"
    "$jdk/bin/javac" -cp "$making/lib/*" -d "$making/classes" "$here/Launch.java" || fail "the launcher does not compile against $version"
    rm -rf "$home"
    mv "$making" "$home"
  fi
  exec 9>&-
}

case ${1:-} in
  prepare)
    prepare
    echo "elasticsearch $version $home"
    ;;
  serve)
    [ $# -ge 3 ] || fail "usage: elasticsearch.sh serve PORT DATA [setting=value …]"
    port=$2 data=$3
    shift 3
    prepare
    mkdir -p "$data" && data=$(cd "$data" && pwd)
    cd "$home"
    exec "$jdk/bin/java" "-Xms${ES_HEAP:-512m}" "-Xmx${ES_HEAP:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
      --add-modules=jdk.incubator.vector "-Des.path.home=$home" -cp 'classes:lib/*' Launch "$home" "$data" \
      discovery.type=single-node network.host=127.0.0.1 "http.port=$port" transport.port=0 cluster.name=test node.name=test-node \
      node.roles=master,data,ingest cluster.routing.allocation.disk.threshold_enabled=false "$@" 2>&1
    ;;
  *) fail "usage: elasticsearch.sh prepare | serve PORT DATA [setting=value …]" ;;
esac
