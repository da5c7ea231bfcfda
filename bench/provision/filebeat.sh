#!/usr/bin/env bash
# Builds Filebeat from its Go module: FOLDER/filebeat. Several minutes, once.
#   filebeat.sh FOLDER   exit code 77 with the reason when it can't
set -euo pipefail
target=$1 module=github.com/elastic/beats/v7 version=v7.17.29
[ ! -x "$target/filebeat" ] || exit 0
unable() { echo "filebeat.sh: $*" >&2; exit 77; }
command -v go > /dev/null || unable 'go is not installed'
mkdir -p "$target" && target=$(cd "$target" && pwd)
export GOFLAGS='-mod=mod -buildvcs=false' CGO_ENABLED=0
source=$(go mod download -json "$module@$version" 2> "$target/build.log" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
[ -n "$source" ] || unable "no module: $(tail -n 3 "$target/build.log")"
# `go install` refuses a module that replaces others, so a module of our own repeats its requirements and replacements.
mkdir -p "$target/wrapper"
sed "s|^module .*|module wrapper|" "$source/go.mod" > "$target/wrapper/go.mod"
cp "$source/go.sum" "$target/wrapper/go.sum"
(
  cd "$target/wrapper"
  go mod edit -require="$module@$version"
  printf 'package wrapper\n\nimport _ "%s/filebeat/cmd"\n' "$module" > wrapper.go
  go build -ldflags='-s -w' -o "$target/filebeat" "$module/filebeat"
) >> "$target/build.log" 2>&1 || unable "it did not build: $(tail -n 3 "$target/build.log")"
