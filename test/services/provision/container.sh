#!/usr/bin/env bash
# Builds and runs the real image without a container engine or an image registry: buildah, podman and runc, from Debian's packages.
#   container.sh prepare                 installs them and makes the base images (once); exit code 77 when this machine can't, with the reason
#   container.sh build TAG [ARGUMENT…]   builds the Dockerfile of this checkout, ARGUMENT…: of `buildah bud`
#   container.sh run ARGUMENT…           becomes `podman run` with what this kind of machine needs
#   container.sh podman ARGUMENT…        becomes podman, on the same images
#   container.sh cgroup2 LIMIT COMMAND…  becomes COMMAND, before whose eyes stands a cgroup v2 with that memory.max
#   container.sh node24                  prints where the bases' Node is
#   container.sh arm64 [NAME=VALUE…] ARGUMENT…  becomes an arm64 Node, emulated, with these variables alone
# The bases hold what the Dockerfile needs of the official image, made of Node 24 (npm's package of its program) and of this machine's own
# libraries and npm, under the same name; and, named localhost/no-shell, a Node at the place where distroless images have it, and nothing else.
# PANNIER_SERVICES_DIR: the cache (default .services of the checkout). NODE24_VERSION: default the newest 24.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../../.." && pwd)
cache=${PANNIER_SERVICES_DIR:-$project/.services}/container
mkdir -p "$cache" && cache=$(cd "$cache" && pwd)
base=localhost/node:24-bookworm-slim bare=localhost/no-shell:24
unable() { echo "container.sh: $*" >&2; exit 77; }
fail() { echo "container.sh: $*" >&2; exit 1; }

export BUILDAH_ISOLATION=chroot
# podman wants a short path for what lasts only as long as the machine runs.
stores=(--root "$cache/store" --runroot "/run/pannier-$(printf %s "$cache" | cksum | cut -d' ' -f1)")
# runc, because crun refuses a machine that has both versions of cgroups; no systemd is asked for anything.
engine=(podman "${stores[@]}" --runtime runc --cgroup-manager cgroupfs --events-backend none)

install_packages() {
  local missing=() name
  for name in "$@"; do dpkg -s "$name" > /dev/null 2>&1 || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get > /dev/null || unable "these are missing, and there is no apt-get to install them: ${missing[*]}"
  { apt-get install -y --no-install-recommends "${missing[@]}" || { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; }; } \
    > "$cache/apt.log" 2>&1 || { tail -n 5 "$cache/apt.log" >&2; unable "apt-get could not install ${missing[*]}"; }
}

# Node 24 of an architecture (x64, arm64): npm's package of it, in a folder of its own.
node24() {
  local arch=$1 folder=$cache/node-$1
  if [ ! -x "$folder/bin/node" ]; then
    rm -rf "$folder" "$folder.making"
    mkdir -p "$folder.making"
    # --force: the program of another architecture is wanted as it is.
    npm install --prefix "$folder.making" --force --ignore-scripts --no-audit --no-fund --loglevel=error \
      "node-linux-$arch@${NODE24_VERSION:-24}" > "$cache/npm.log" 2>&1 || { tail -n 5 "$cache/npm.log" >&2; fail "npm could not fetch Node 24 for $arch"; }
    mv "$folder.making/node_modules/node-linux-$arch" "$folder"
    rm -rf "$folder.making"
  fi
  echo "$folder/bin/node"
}

# Copies a program to a place below $rootfs, with the libraries it is linked to.
put() {
  mkdir -p "$(dirname "$rootfs$2")"
  cp -L "$1" "$rootfs$2"
  { ldd "$1" 2> /dev/null || true; } | grep -oE '/[^ )]+' | while read -r library; do
    mkdir -p "$rootfs${library%/*}"
    cp -Lu "$library" "$rootfs$library"
  done
}

commit() {
  local name=$1 path=$2 container
  container=$(buildah "${stores[@]}" from scratch)
  buildah "${stores[@]}" copy -q "$container" "$rootfs" / > /dev/null
  buildah "${stores[@]}" config --env "PATH=$path" --cmd node "$container"
  buildah "${stores[@]}" commit -q --rm "$container" "$name" > /dev/null
  rm -rf "$rootfs"
}

make_base() {
  local program=$1 tool
  rootfs=$(mktemp -d "$cache/rootfs.XXXXXX")
  chmod 0755 "$rootfs"
  mkdir -p "$rootfs"/{bin,etc,proc,dev,sys,tmp,var/lib,root,usr/local/etc,usr/local/bin}
  chmod 1777 "$rootfs/tmp"
  ln -s ../bin "$rootfs/usr/bin"
  put "$program" /usr/local/bin/node
  for tool in sh env mkdir chmod; do put "$(readlink -f "$(type -P $tool)")" "/bin/$tool"; done
  local npm
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$rootfs/usr/local/lib/node_modules"
  cp -rL "$npm" "$rootfs/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$rootfs/usr/local/bin/npm"
  # npm in the build goes where npm on this machine goes, and trusts whom it trusts.
  npm config get registry | sed 's/^/registry=/' > "$rootfs/usr/local/etc/npmrc"
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    cp -L "$NODE_EXTRA_CA_CERTS" "$rootfs/usr/local/etc/ca.crt"
    echo 'cafile=/usr/local/etc/ca.crt' >> "$rootfs/usr/local/etc/npmrc"
  fi
  cp -L /etc/resolv.conf "$rootfs/etc/resolv.conf" 2> /dev/null || true
  commit "$base" /usr/local/bin:/bin
}

make_bare() {
  rootfs=$(mktemp -d "$cache/rootfs.XXXXXX")
  chmod 0755 "$rootfs"
  mkdir -p "$rootfs"/{etc,proc,dev,sys,var/lib}
  put "$1" /nodejs/bin/node
  commit "$bare" /usr/local/bin:/usr/bin:/bin
}

# Under a lock: two callers, or one that was interrupted, leave no half of it.
prepare() {
  [ "$(id -u)" = 0 ] || unable "only root can set memory limits and file systems up here"
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) unable "no Node 24 for $(uname -m)" ;; esac
  exec 9> "$cache.lock"
  flock 9
  install_packages buildah podman runc
  local program
  program=$(node24 "$arch")
  rm -rf "$cache"/rootfs.*
  buildah "${stores[@]}" inspect --type image "$base" > /dev/null 2>&1 || make_base "$program"
  buildah "${stores[@]}" inspect --type image "$bare" > /dev/null 2>&1 || make_bare "$program"
  exec 9>&-
}

case ${1:-} in
  prepare) prepare ;;
  build)
    [ $# -ge 2 ] || fail "usage: container.sh build TAG [ARGUMENT…]"
    tag=$2
    shift 2
    prepare
    mkdir -p "$cache/npm"
    # What builds of other days left; a build takes from the last one what has not changed.
    "${engine[@]}" image prune --force --filter until=24h > /dev/null 2>&1 || true
    # Docker's format has HEALTHCHECK. What npm fetched is kept from build to build, outside of the image.
    buildah "${stores[@]}" bud --pull=never --layers --format docker --network host --volume "$cache/npm:/root/.npm" "$@" -t "$tag" "$project" \
      > "$cache/build.log" 2>&1 || { tail -n 30 "$cache/build.log" >&2; fail "the image could not be built"; }
    ;;
  run)
    shift
    # The limits must stay below the caller's own, which root may not be allowed to raise; health checks are run by the test.
    exec "${engine[@]}" run --pull=never --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --no-healthcheck --log-driver k8s-file "$@"
    ;;
  podman)
    shift
    exec "${engine[@]}" "$@"
    ;;
  cgroup2)
    [ $# -ge 3 ] || fail "usage: container.sh cgroup2 LIMIT COMMAND…"
    shift
    # Mounts of its own, over what the kernel shows; the pid stays the same through every exec.
    # shellcheck disable=SC2016
    exec unshare --mount bash -euc '
      limit=$1; shift
      mount -t tmpfs none /sys/fs/cgroup
      printf "0::/\n" > /sys/fs/cgroup/self
      mount --bind /sys/fs/cgroup/self "/proc/$$/cgroup"
      echo memory > /sys/fs/cgroup/cgroup.controllers
      echo "$limit" > /sys/fs/cgroup/memory.max
      echo max > /sys/fs/cgroup/memory.high
      exec "$@"' cgroup2 "$@"
    ;;
  node24) prepare && node24 "$arch" ;;
  arm64)
    shift
    install_packages qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross
    program=$(node24 arm64)
    variables=()
    while [[ ${1:-} == *=* && $1 != -* ]]; do
      variables+=("$1")
      shift
    done
    exec env -i "PATH=$PATH" "${variables[@]}" qemu-aarch64-static -L /usr/aarch64-linux-gnu "$program" "$@"
    ;;
  *) fail "usage: container.sh prepare | build TAG … | run … | podman … | cgroup2 LIMIT COMMAND… | node24 | arm64 …" ;;
esac
