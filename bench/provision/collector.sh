#!/usr/bin/env bash
# Builds an OpenTelemetry Collector that tails files and ships OTLP/HTTP: FOLDER/collector. A few minutes, once.
#   collector.sh FOLDER   exit code 77 with the reason when it can't
set -euo pipefail
target=$1 core=v0.158.0 contrib=github.com/open-telemetry/opentelemetry-collector-contrib
[ ! -x "$target/collector" ] || exit 0
unable() { echo "collector.sh: $*" >&2; exit 77; }
command -v go > /dev/null || unable 'go is not installed'
mkdir -p "$target" && target=$(cd "$target" && pwd)
cat > "$target/builder.yaml" << YAML
dist: { name: collector, output_path: $target/build }
receivers:
  - gomod: $contrib/receiver/filelogreceiver $core
exporters:
  - gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter $core
processors:
  - gomod: go.opentelemetry.io/collector/processor/batchprocessor $core
extensions:
  - gomod: $contrib/extension/storage/filestorage $core
YAML
export CGO_ENABLED=0
GOBIN=$target GOFLAGS=-mod=mod go install "go.opentelemetry.io/collector/cmd/builder@$core" > "$target/build.log" 2>&1 ||
  unable "the builder did not build: $(tail -n 3 "$target/build.log")"
"$target/builder" --config "$target/builder.yaml" --ldflags='-s -w' >> "$target/build.log" 2>&1 ||
  unable "the collector did not build: $(tail -n 3 "$target/build.log")"
mv "$target/build/collector" "$target/collector"
