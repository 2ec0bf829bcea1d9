#!/usr/bin/env bash
# Packs one target's program with its manual pages, completions and license.
# The same input gives the same bytes, so that anybody can make an archive anew and compare.
#
#   package.sh VERSION TARGET PROGRAM FOLDER [HOST_PROGRAM]
#
# HOST_PROGRAM is one of the same revision that runs here, where PROGRAM is for another machine.
set -euo pipefail

version=$1 target=$2 program=$3 folder=$4 host=${5:-$3}
root=$(cd "$(dirname "$0")/../.." && pwd)
name=edgegen-v$version-$target

case "$("$host" --version)" in
  "edgegen $version") ;;
  *)
    printf '%s is not version %s\n' "$host" "$version" >&2
    exit 1
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -p "$work/$name/man" "$work/$name/completions" "$folder"
install -m 0755 "$program" "$work/$name/edgegen"
install -m 0644 "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$work/$name/"
"$host" man --dir "$work/$name/man"
"$host" completions bash > "$work/$name/completions/edgegen.bash"
"$host" completions fish > "$work/$name/completions/edgegen.fish"
"$host" completions zsh > "$work/$name/completions/_edgegen"

tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w \
  --mtime="@${SOURCE_DATE_EPOCH:-0}" "$name" | gzip --no-name > "$folder/$name.tar.gz"
