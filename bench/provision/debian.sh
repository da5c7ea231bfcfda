#!/usr/bin/env bash
# Unpacks Debian packages, with what this machine lacks of their dependencies, without installing anything.
#   debian.sh FOLDER PACKAGE…   FOLDER/usr/sbin, FOLDER/usr/lib, …; FOLDER/versions lists what is in it. Exit code 77 with the reason when it can't.
set -euo pipefail
target=$1
shift
[ ! -f "$target/versions" ] || exit 0
unable() { echo "debian.sh: $*" >&2; exit 77; }
command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || unable "this is no Debian: there is no apt-get"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Installed packages count as there: the pretended installation names only what is missing.
missing() { apt-get install --simulate --no-install-recommends "$@" 2> "$work/error" | awk '/^Inst/ { print $2 }'; }
names=$(missing "$@") || { apt-get update > "$work/update" 2>&1 && names=$(missing "$@"); } || unable "$(head -n 3 "$work/error")"
# A package that is installed already is unpacked all the same, so that FOLDER is whole.
names=$(printf '%s\n' $names "$@" | sort -u)
# apt's own user, to which it drops its rights, has to be able to write there.
mkdir "$work/packages"
chmod 777 "$work" "$work/packages"
# shellcheck disable=SC2086
(cd "$work/packages" && apt-get download $names) > "$work/log" 2>&1 || unable "$(tail -n 3 "$work/log")"
mkdir -p "$work/root"
for package in "$work"/packages/*.deb; do
  dpkg-deb --extract "$package" "$work/root"
  dpkg-deb --show --showformat '${Package} ${Version}\n' "$package" >> "$work/root/versions"
done
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$work/root" "$target"
chmod 755 "$target"
