#!/usr/bin/env bash
# Prints the version of a tag, if it is the one that this revision was given, and the changelog knows it.
# A release under a wrong name cannot be taken back.
#
#   version.sh TAG
set -euo pipefail
cd "$(dirname "$0")/../.."

version=${1#v}
own=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
if [ "v$own" != "$1" ]; then
  printf 'the tag is %s and Cargo.toml says %s\n' "$1" "$own" >&2
  exit 1
fi
if ! grep -q "^## $version\b" CHANGELOG.md; then
  printf 'CHANGELOG.md has no part for %s\n' "$version" >&2
  exit 1
fi
printf '%s\n' "$version"
