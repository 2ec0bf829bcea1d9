#!/usr/bin/env bash
# The hook edgegen-render: renders, and fails when an overlay is new, because pre-commit sees only files that git knows.
# Changed overlays need no word here: pre-commit itself fails when a hook changes a file.
set -euo pipefail

out=overlays
previous=
for argument in "$@"; do
  case "$previous" in
    -o | --out) out=$argument ;;
  esac
  case "$argument" in
    --out=*) out=${argument#--out=} ;;
  esac
  previous=$argument
done

edgegen render "$@"

new=$(git ls-files --others --exclude-standard -- "$out")
if [ -n "$new" ]; then
  printf 'new overlays; add them to the commit:\n%s\n' "$new" >&2
  exit 1
fi
