#!/usr/bin/env bash
# Fetches one released edgegen, checks it against the release's checksums, and puts it into a folder.
# For every pipeline that has a shell; the GitHub Action calls it too.
#
#   install.sh VERSION FOLDER          # 0.1.0 or v0.1.0
#
# EDGEGEN_RELEASES: where releases are (default: those of the repository), so that a mirror can stand in.
set -euo pipefail

fail() {
  printf 'edgegen: %s\n' "$*" >&2
  exit 1
}

[ $# = 2 ] || fail "usage: install.sh VERSION FOLDER"
version=${1#v} folder=$2
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
  fail "\`$1\` is no version of a release; write one such as 0.1.0"
releases=${EDGEGEN_RELEASES:-https://github.com/edgegen/edgegen/releases/download}

case "$(uname -s)/$(uname -m)" in
  Linux/x86_64) target=x86_64-unknown-linux-musl ;;
  Linux/aarch64 | Linux/arm64) target=aarch64-unknown-linux-musl ;;
  *) fail "no release for $(uname -s) on $(uname -m); build it with cargo and give its path" ;;
esac
name=edgegen-v$version-$target

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
for file in "$name.tar.gz" SHA256SUMS; do
  curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$releases/v$version/$file" ||
    fail "cannot fetch $releases/v$version/$file"
done

# The one line of this file, whole; a file without a line is as bad as one with another sum.
(cd "$work" && awk -v name="$name.tar.gz" '$2 == name' SHA256SUMS > expected && [ -s expected ]) ||
  fail "SHA256SUMS of v$version has no line for $name.tar.gz"
(cd "$work" && sha256sum --check --strict --quiet expected >&2) ||
  fail "$name.tar.gz is not what v$version was released with; nothing was installed"

tar -xzf "$work/$name.tar.gz" -C "$work" "$name/edgegen"
mkdir -p "$folder"
install -m 0755 "$work/$name/edgegen" "$folder/edgegen"
printf 'edgegen %s, checked, is in %s\n' "$version" "$folder" >&2
