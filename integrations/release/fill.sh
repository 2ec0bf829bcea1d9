#!/usr/bin/env bash
# Fills the krew manifest and the Homebrew formula with a version and the checksums of its files.
# A checksum that is typed by hand is one that nobody compared.
#
#   fill.sh VERSION SHA256SUMS FOLDER
set -euo pipefail

version=$1 sums=$2 folder=$3
root=$(cd "$(dirname "$0")/../.." && pwd)

sum() {
  local found
  found=$(awk -v name="edgegen-v$version-$1-unknown-linux-musl.tar.gz" '$2 == name { print $1 }' "$sums")
  if ! [[ $found =~ ^[0-9a-f]{64}$ ]]; then
    printf '%s has not one checksum for %s\n' "$sums" "$1" >&2
    exit 1
  fi
  printf '%s' "$found"
}
x86_64=$(sum x86_64)
aarch64=$(sum aarch64)

mkdir -p "$folder"
for template in krew/edgegen.yaml homebrew/edgegen.rb; do
  to=$folder/$(basename "$template")
  sed -e "s/@VERSION@/$version/g" -e "s/@SHA256_X86_64@/$x86_64/g" -e "s/@SHA256_AARCH64@/$aarch64/g" \
    "$root/integrations/$template" > "$to"
  if grep -n '@[A-Z0-9_]*@' "$to" >&2; then
    printf '%s has places that nothing fills\n' "$template" >&2
    exit 1
  fi
done
